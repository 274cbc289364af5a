import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { openStore, type SqliteStore } from '../../src/stores/open-store.ts';
import { cleanFiles } from '../../src/stores/sqlite/clean-files.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { fillEmbedded } from './described-store.ts';

const NAME = 'Zenobia-planted';

/** Leads enough for several pages; 7 is the one who is erased. */
async function openFilled(): Promise<SqliteStore> {
  const store = openStore(testConfig(join(temporaryFolder(), 'erased.db')), { create: true });
  const others = Array.from({ length: 500 }, (_, at) => ({
    lead_id: 100 + at,
    list_id: 1,
    first_name: `Other ${at}`,
    phone_number: String(5_599_000_000 + at),
  }));
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: 'one' }],
    leads: [{ lead_id: 7, list_id: 1, first_name: NAME, phone_number: '5512349876' }, ...others],
    users: [],
  });
  return store;
}

function isAnywhere({ connection: { path } }: SqliteStore, text: string): boolean {
  return readdirSync(dirname(path)).some((name) => readFileSync(join(dirname(path), name)).includes(text));
}

describe('an erasure that does not come to its end', () => {
  it('is known after a kill, and finished', async () => {
    const killed = await openFilled();
    await killed.persons.erase([7], Date.now(), 'wish');
    await killed.close();
    const store = openStore(testConfig(killed.connection.path));
    try {
      assert.deepEqual([await store.persons.uncleaned(), await store.persons.read(7)], [[7], undefined]);
      assert.deepEqual(await store.persons.cleanFiles(), {
        done: ['the store was written anew', 'its log is empty'],
        deleted: [],
        left: [],
        remains: [],
      });
      assert.deepEqual(await store.persons.uncleaned(), []);
      assert.ok(!isAnywhere(store, NAME));
      assert.ok(isAnywhere(store, 'Other 499'));
    } finally {
      await store.close();
    }
  });

  it('leaves no word in an index of full texts', async () => {
    const store = await openFilled();
    const { database } = store.connection;
    const text = `${NAME.toLowerCase()} and others`;
    database.exec(`CREATE VIRTUAL TABLE words USING fts5 (text, content = '', detail = none, prefix = '1 2 3');
      CREATE TABLE word_texts (lead_id INTEGER PRIMARY KEY, text TEXT);
      CREATE TRIGGER words_deleted AFTER DELETE ON leads BEGIN
        INSERT INTO words (words, rowid, text) SELECT 'delete', lead_id, text FROM word_texts WHERE lead_id = old.lead_id;
        DELETE FROM word_texts WHERE lead_id = old.lead_id;
      END`);
    database.prepare('INSERT INTO word_texts VALUES (7, ?)').run(text);
    const insert = database.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
    insert.run(7, text);
    for (let at = 100; at < 200; at += 1) insert.run(at, `other${at}`);
    await store.persons.erase([7], Date.now(), 'wish');
    assert.deepEqual((await store.persons.cleanFiles()).left, []);
    assert.ok(!isAnywhere(store, 'zenobia'));
    assert.ok(isAnywhere(store, 'other1'));
    await store.close();
  });

  it('is whole or nothing where the rows cannot be deleted', async () => {
    const store = await openFilled();
    using other = new DatabaseSync(store.connection.path);
    other.exec("CREATE TRIGGER refuse BEFORE DELETE ON leads BEGIN SELECT RAISE(ABORT, 'no'); END");
    await assert.rejects(store.persons.erase([100, 7], Date.now(), 'wish'));
    assert.equal((await store.persons.read(7))?.state.first_name, NAME);
    assert.deepEqual(await store.persons.uncleaned(), []);
    other.exec('DROP TRIGGER refuse');
    await store.close();
  });

  it('says what is left where somebody still reads, or writes', async () => {
    const store = await openFilled();
    using other = new DatabaseSync(store.connection.path);
    other.exec('BEGIN');
    other.prepare('SELECT count(*) FROM leads').get();
    await store.persons.erase([7], Date.now(), 'wish');
    assert.deepEqual((await cleanFiles(store.connection, 0)).left, [
      'its log could not be emptied, because other processes use it',
    ]);
    other.exec('ROLLBACK; BEGIN IMMEDIATE');
    const { left } = await cleanFiles(store.connection, 0);
    assert.match(left.join(), /^the file could not be written anew, because other processes use it/);
    other.exec('ROLLBACK');
    assert.deepEqual(await store.persons.uncleaned(), [7]);
    assert.deepEqual((await store.persons.cleanFiles()).left, []);
    assert.ok(!isAnywhere(store, NAME));
    await store.close();
  });
});

describe('a number of somebody who was erased', () => {
  it('is kept as a keyed hash of this store, and for its time alone', async () => {
    const stores = [await openFilled(), await openFilled()];
    const hashes = [];
    for (const store of stores) {
      await store.persons.erase([7], Date.now(), 'wish');
      const rows = store.connection.database.prepare('SELECT * FROM erased_numbers').all();
      hashes.push(rows[0]?.number_hash);
      assert.deepEqual([rows.length, JSON.stringify(rows).includes('12349876')], [1, false]);
      await store.persons.erase([100], Date.now() + 366 * 24 * 60 * 60 * 1000, 'wish');
      const later = store.connection.database.prepare('SELECT number_hash FROM erased_numbers').all();
      assert.deepEqual([later.length, later[0]?.number_hash === rows[0]?.number_hash], [1, false]);
      await store.close();
    }
    assert.notEqual(hashes[0], hashes[1]);
  });
});
