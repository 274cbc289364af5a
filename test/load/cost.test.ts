import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';

import { embeddedCandidates } from '../../bench/lookups/candidates.ts';
import { fillBenchStore, USER } from '../../bench/lookups/store.ts';
import { compare, pairedRatio } from '../../bench/measure.ts';
import { writeSpread } from '../../bench/measure/statistics.ts';
import { temporaryFolder } from '../support/test-app.ts';

const LEADS = 10_000;
const PAIRS = { rounds: 5, seconds: 0.4, warmUpSeconds: 1 } as const;

/**
 * CPU time of a lookup, times that of a server which only reads a query, runs one statement and writes JSON: 1.3 is asked
 * (docs/performance.md). A doubling must be noticed, the noise of a busy machine must not.
 */
const AT_MOST = { lead: 2.6, phone: 2.8 } as const;

it('a lookup takes at most a few times the CPU of a bare one', async (t) => {
  const store = join(temporaryFolder(), 'cost.db');
  await fillBenchStore(store, LEADS, [USER.name]);
  const { bare, lead, phone } = embeddedCandidates(store, LEADS);
  const [base, byLead, byPhone] = await compare([bare, lead, phone], { ...PAIRS, log: () => undefined });
  for (const [name, measured] of [
    ['lead', byLead],
    ['phone', byPhone],
  ] as const) {
    const ratio = pairedRatio(measured, base, 'cpuMicroseconds');
    const report = `by ${name}: ${measured.of('cpuMicroseconds').toFixed(1)} us of CPU, bare ${base.of('cpuMicroseconds').toFixed(1)} us: ${writeSpread(ratio)} times`;
    t.diagnostic(report);
    assert.ok(ratio.median <= AT_MOST[name], report);
  }
});
