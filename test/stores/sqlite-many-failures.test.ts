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
function fill(
  { database }: Connection,
  prefix: string,
  count: number,
  minutesAgo: number,
  failures = 1,
): void {
  database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
                 INSERT INTO login_failures (login_key, count, last_failed_at) SELECT '${prefix}' || i, ${failures}, ${NOW - minutesAgo * MINUTE} FROM n`);
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
      fill(connection, 'victim', 100, 14, 10);
      fill(connection, 'sprayed', 120_000, 13);
      fill(connection, 'earlier', 3_000, 121);
      await countMore(connection, 2);
      assert.equal(namesLike(connection, 'earlier'), 0);
      assert.deepEqual([namesLike(connection, 'victim'), namesLike(connection, 'sprayed')], [100, 120_000]);
    } finally {
      connection.database.close();
    }
  });

  it('5: are kept while their lock runs, however many others are made up after them', async () => {
    const connection = open();
    try {
      fill(connection, 'locked', 50, 14, 10);
      fill(connection, 'over', 50, 16, 10);
      fill(connection, 'once', 50, 14);
      connection.database.exec(`INSERT INTO login_failures SELECT 'network' || login_key, 0, 0, last_failed_at
                                FROM login_failures WHERE login_key LIKE 'locked%'`);
      connection.database
        .exec(`INSERT INTO known_networks (login_key, network_key, good_at, count, last_failed_at)
                                SELECT login_key, 'home', 1, 10, last_failed_at FROM login_failures WHERE login_key LIKE 'locked%'`);
      fill(connection, 'sprayed', 500_000, 1);
      await countMore(connection, 2);
      const left = ['locked', 'networklocked', 'over', 'once'].map((prefix) => namesLike(connection, prefix));
      assert.deepEqual(left, [50, 50, 0, 0]);
      const known = connection.database.prepare('SELECT count(*) AS n FROM known_networks').get();
      assert.equal(known?.n, 50);
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
