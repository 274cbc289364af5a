import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { it } from 'node:test';

import type { LookupOutcome } from '../../../src/service/work.ts';
import { LEAD_TEXT_FIELDS, type Lead } from '../../../src/core/lead.ts';
import { writeResults } from '../../../src/endpoints/v1/leads.ts';

const NOTHING = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, null]));

function found(leadId: number): LookupOutcome {
  const lead = { lead_id: leadId, list_id: 100, ...NOTHING, phone_number: '5587654321' } as unknown as Lead;
  return {
    result: { leadId, lead, custom: null, isCustomer: false },
    phoneMatch: undefined,
  };
}

it('results are written in their order, and other requests are answered meanwhile', async () => {
  /** As slow as a number that has to be looked for in many plans. */
  const slow = {
    country: 'MX',
    get columns() {
      const began = performance.now();
      while (performance.now() - began < 1);
      return ['phone_number'] as const;
    },
  } as const;
  const outcomes = Array.from({ length: 100 }, (_, at) =>
    at === 50 ? { problem: { code: 'lead_not_found', asked: '50' } as const } : found(at),
  );
  const ended = new AbortController();
  const writing = writeResults(outcomes, slow).finally(() => ended.abort());
  let turns = 0;
  for (; !ended.signal.aborted; turns += 1) await setImmediate();
  const { results } = JSON.parse(await writing) as { results: { lead?: { lead_id: number } }[] };
  assert.deepEqual(
    results.map(({ lead }) => lead?.lead_id),
    outcomes.map((_, at) => (at === 50 ? undefined : at)),
  );
  assert.ok(turns > 5, `${turns} turns`);
});
