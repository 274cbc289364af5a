/** The short form of `npm run chaos`: the same code, few rounds, and times that a busy machine keeps. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import { runChaos, type ChaosPartName } from '../../bench/chaos/run-chaos.ts';
import { mariadbSkip } from '../support/mariadb-server.ts';
import { postgresqlSkip } from '../support/postgresql-server.ts';
import { processTreeSkip } from '../support/process-tree.ts';
import { findProgram, skipWithout } from '../support/programs.ts';

const nginxSkip = skipWithout('nginx', findProgram('nginx') !== undefined, 'nginx-light');

const ROUNDS = 3;
const PATIENCE = 5;

/** Runs parts at random moments; the test prints the seed. */
async function assertKept(t: TestContext, ...parts: readonly ChaosPartName[]): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const lines: string[] = [];
  for (const only of parts) {
    const options = {
      rounds: ROUNDS,
      only,
      seed,
      patience: PATIENCE,
      log: (line: string) => lines.push(line),
    };
    const rows = (await runChaos(options)).flatMap((report) => report.rows);
    assert.ok(rows.length > 0);
    for (const { what, asked, reached } of rows) t.diagnostic(`${what}: asked ${asked}, reached ${reached}`);
    const broken = rows.filter(({ isKept }) => isKept !== true);
    assert.deepEqual(broken, [], lines.join('\n'));
  }
}

describe('chaos, in its short form', { timeout: 300_000 }, () => {
  it('41: kill -9 of import: nothing torn, nothing lost, and the same end when it is run again', (t) =>
    assertKept(t, 'import'));

  it('41: kill -9 of import --replace and --undo: there as a whole or not at all', (t) =>
    assertKept(t, 'replace'));

  it('41: kill -9 of serve: no answered wrong password uncounted, no answered lookup without its record', (t) =>
    assertKept(t, 'serve'));

  it(
    '37: the database of a served dialer killed and frozen: no wrong answer, and soon right again',
    { skip: mariadbSkip },
    (t) => assertKept(t, 'database'),
  );

  it(
    '41: kill -9 of PostgreSQL while it is written: no acknowledged write is lost',
    { skip: postgresqlSkip },
    (t) => assertKept(t, 'postgresql'),
  );

  it(
    '37: three instances behind nginx: one is killed, then the primary fails over; nothing is lost',
    { skip: postgresqlSkip || nginxSkip },
    (t) => assertKept(t, 'instances'),
  );

  it('39: SIGTERM under load loses no answer, and a second signal ends at once', (t) =>
    assertKept(t, 'ending'));

  it('40: stores cut short, flipped and of other kinds: refused in one line and untouched, or the right lead', (t) =>
    assertKept(t, 'files'));

  it('44: kill -9 of a worker loses answers on its own connections alone', { skip: processTreeSkip }, (t) =>
    assertKept(t, 'worker'),
  );
});
