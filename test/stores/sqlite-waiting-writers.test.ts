import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { writeWithRetry } from '../../src/stores/sqlite/transactions.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { until } from '../support/until.ts';

describe('writers that wait for the lock of a store', () => {
  it('34: write in their order, and only the first of them tries meanwhile', async () => {
    const path = join(temporaryFolder(), 'waiting.db');
    const store = openStore(testConfig(path), { create: true });
    const { connection } = store;
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const tries = Array.from({ length: 50 }, () => 0);
    const order: number[] = [];
    const written = tries.map((_, at) =>
      writeWithRetry(connection, () => {
        tries[at] = (tries[at] ?? 0) + 1;
        connection.database.exec('BEGIN IMMEDIATE');
        order.push(at);
        connection.database.exec('COMMIT');
        if (at === 7) throw new Error('its own fault');
      }),
    );
    await until('the first to have tried several times', () => (tries[0] ?? 0) > 5);
    assert.ok(
      tries.slice(1).every((count) => count === 0),
      tries.join(),
    );
    other.exec('ROLLBACK');
    const results = await Promise.allSettled(written);
    assert.deepEqual(
      results.flatMap(({ status }, at) => (status === 'rejected' ? [at] : [])),
      [7],
    );
    assert.deepEqual(
      order,
      tries.map((_, at) => at),
    );
    other.close();
    await store.close();
  });
});
