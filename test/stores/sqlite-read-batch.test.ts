import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, it, type TestContext } from 'node:test';

import { createReadBatch, oncePerBatch } from '../../src/stores/sqlite/transactions.ts';
import { temporaryFolder } from '../support/test-app.ts';

/** Two connections to one file, of which the first reads in turns. */
function openTwo(t: TestContext) {
  const path = join(temporaryFolder(), 'turns.db');
  const [database, other] = [new DatabaseSync(path), new DatabaseSync(path)];
  t.after(() => {
    database.close();
    other.close();
  });
  database.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE users (name TEXT, value INTEGER); INSERT INTO users VALUES ('a', 1), ('b', 2)",
  );
  const select = database.prepare('SELECT value FROM users WHERE name = ?');
  const readBatch = createReadBatch(database);
  let reads = 0;
  const read = oncePerBatch(readBatch, (name) => {
    reads += 1;
    return select.get(name)?.value;
  });
  return { database, other, readBatch: readBatch, read, reads: () => reads };
}

describe('what is read once in a tick', () => {
  it('is not read again for the same name, and is for another', (t) => {
    const { read, reads } = openTwo(t);
    assert.deepEqual([read('a'), read('a'), read('a'), reads()], [1, 1, 1, 1]);
    assert.deepEqual([read('b'), read('a'), reads()], [2, 1, 3]);
  });

  it('is known as missing for the rest of the tick as well', (t) => {
    const { read, reads } = openTwo(t);
    assert.deepEqual([read('nobody'), read('nobody'), reads()], [undefined, undefined, 1]);
  });

  it('is as the store was when the tick began, and in the next tick what others wrote', async (t) => {
    const { other, read } = openTwo(t);
    assert.equal(read('a'), 1);
    other.exec("UPDATE users SET value = 7 WHERE name = 'a'");
    assert.equal(read('a'), 1);
    await nextTurn();
    assert.equal(read('a'), 7);
  });

  it('is read again in the same tick after our own write', (t) => {
    const { database, readBatch: readBatch, read } = openTwo(t);
    assert.equal(read('a'), 1);
    readBatch.end();
    database.exec("UPDATE users SET value = 7 WHERE name = 'a'");
    assert.equal(read('a'), 7);
  });

  it('is read each time within a writer’s transaction', (t) => {
    const { database, read } = openTwo(t);
    database.exec('BEGIN IMMEDIATE');
    assert.equal(read('a'), 1);
    database.exec("UPDATE users SET value = 7 WHERE name = 'a'");
    assert.equal(read('a'), 7);
    database.exec('ROLLBACK');
    assert.equal(read('a'), 1);
  });
});
