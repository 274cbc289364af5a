import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { openConnection, type Connection } from '../../src/stores/sqlite/connection.ts';
import { createLoginFailures } from '../../src/stores/sqlite/login-failures.ts';
import { temporaryFolder } from '../support/test-app.ts';

const NOW = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;

function open(): Connection {
  return openConnection({
    path: join(temporaryFolder(), 'failures.db'),
    country: undefined,
    fallbackCountry: 'MX',
    create: true,
  });
}

/** So many names that failed once, a while before NOW. */
function fill({ database }: Connection, prefix: string, count: number, minutesAgo: number): void {
  database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
                 INSERT INTO login_failures (login_key, count, last_failed_at) SELECT '${prefix}' || i, 10, ${NOW - minutesAgo * MINUTE} FROM n`);
}

/** Counts failures of the same few names, which is when old ones are forgotten. */
async function countMore(connection: Connection, thousands: number): Promise<void> {
  const failures = createLoginFailures(connection);
  for (let at = 0; at < thousands * 1_000; at += 1) {
    const name = `new${at % 500}`;
    await failures.countFailure(name, NOW);
    if (at % 500 === 499)
      for (let each = 0; each < 500; each += 1) await failures.clearFailures(`new${each}`);
  }
}

function namesLike({ database }: Connection, prefix: string): number {
  const row = database
    .prepare('SELECT count(*) AS n FROM login_failures WHERE login_key LIKE ?')
    .get(`${prefix}%`);
  return Number(row?.n);
}

describe('names that failed', () => {
  it('35: are kept for a day while they are not many, and then forgotten', async () => {
    const connection = open();
    try {
      fill(connection, 'old', 500, 25 * 60);
      fill(connection, 'recent', 500, 23 * 60);
      await countMore(connection, 1);
      assert.deepEqual([namesLike(connection, 'old'), namesLike(connection, 'recent')], [0, 500]);
    } finally {
      connection.database.close();
    }
  });

  it('35: are kept for two hours where they are made up by the hundred thousand; no lock opens by that', async () => {
    const connection = open();
    try {
      fill(connection, 'victim', 100, 14);
      fill(connection, 'sprayed', 120_000, 13);
      fill(connection, 'earlier', 3_000, 121);
      await countMore(connection, 2);
      assert.equal(namesLike(connection, 'earlier'), 0);
      assert.deepEqual([namesLike(connection, 'victim'), namesLike(connection, 'sprayed')], [100, 120_000]);
    } finally {
      connection.database.close();
    }
  });

  it('35: are never many more than half a million: the disk is not filled by them', async () => {
    const connection = open();
    try {
      fill(connection, 'first', 1_500, 30);
      fill(connection, 'sprayed', 500_000, 1);
      await countMore(connection, 2);
      assert.equal(namesLike(connection, 'first'), 0);
      const left = namesLike(connection, 'sprayed');
      assert.ok(left <= 500_000 && left > 495_000, `${left} left`);
    } finally {
      connection.database.close();
    }
  });
});
