/** The index of words in the embedded store's file: imports, killed work, older stores, and what is gone for good. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { LEAD_TEXT_FIELDS } from '../../src/core/lead.ts';
import { parseTextQuery } from '../../src/core/text-query.ts';
import { createSearchIndex } from '../../src/stores/sqlite/search-index.ts';
import { writeWhole } from '../../src/stores/sqlite/transactions.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

type OpenedStore = ReturnType<typeof openEmpty>;

const FIRST = LEAD_TEXT_FIELDS.indexOf('first_name');
const PHONE = LEAD_TEXT_FIELDS.indexOf('phone_number');
const COLUMNS = { texts: LEAD_TEXT_FIELDS, isCustomer: false, lastLocalCallTime: false, numbers: false };
const BY = { user: 'ana', endpoint: 'v1', requestId: 'r-1' } as const;

function openEmpty(path = join(temporaryFolder(), 'search.db')) {
  const log = () => undefined;
  return openStore(testConfig(path), { create: true, log });
}

/** Imports leads of these names, by number; those that are there already are changed. @returns the import's id */
function importNames({ archive }: OpenedStore, names: readonly string[], first = 0): number {
  const run = archive.startImport(COLUMNS, 'update', { fileName: 'names.csv', isWhole: false });
  run.prepareList(1, 'list', []);
  for (const [at, name] of names.entries()) {
    const texts = LEAD_TEXT_FIELDS.map((_, index) => {
      if (index === FIRST) return name;
      return index === PHONE ? String(5_500_000_000 + first + at) : null;
    });
    const row = { leadId: undefined, listId: 1, texts, isCustomer: false, lastLocalCallTime: null };
    run.write({ ...row, numbers: [], modifyDate: undefined, custom: new Map() }, at + 1);
  }
  run.commitBatch();
  run.end('done', { added: names.length, updated: 0, unchanged: 0, rejected: 0, removed: 0 });
  run.close();
  return run.importId ?? assert.fail('the import has no id');
}

async function idsBy({ leads }: OpenedStore, text: string): Promise<readonly number[]> {
  const query = parseTextQuery(text, 'q', 'MX');
  assert.ok('by' in query && leads.searchText !== undefined);
  const { matches } = await leads.searchText(query, 'every list', { offset: 0, limit: 100 });
  return matches.map(({ leadId }) => leadId);
}

const NAMES =
  'María José Juan Luis Ana Pedro Carlos Rosa Jorge Laura Elena Sofía Diego Marta García López'.split(' ');

/** Whether a word stands anywhere in the tables of search, as a whole or as the index shortens it behind its neighbour. */
function isKept({ connection: { database } }: OpenedStore, word: string): boolean {
  const end = word.slice(-6);
  const rows = [
    ...database.prepare('SELECT CAST(text AS BLOB) AS block FROM search_texts').all(),
    ...database.prepare('SELECT block FROM search_index_data').all(),
  ];
  return rows.some(({ block }) => Buffer.from(block as Uint8Array).includes(end));
}

const indexAll = ({ archive }: OpenedStore) => Array.from(archive.indexSearch());
const ids = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + count - 1 - at);

describe('the index of words in a file', () => {
  it('follows imports, later ones, and their undoing', async () => {
    await using folder = openForTest();
    const { store } = folder;
    importNames(
      store,
      Array.from({ length: 30 }, () => 'Ana'),
    );
    indexAll(store);
    assert.deepEqual(await idsBy(store, 'ana'), ids(1, 30));
    const second = importNames(store, ['Luis', 'Luis', 'Eva'], 28);
    indexAll(store);
    assert.deepEqual(await idsBy(store, 'ana'), ids(1, 28));
    assert.deepEqual(await idsBy(store, 'luis'), [30, 29]);
    assert.deepEqual(await idsBy(store, 'eva'), [31]);
    Array.from(store.archive.undoImport(second));
    indexAll(store);
    assert.deepEqual(await idsBy(store, 'ana'), ids(1, 30));
    for (const name of ['luis', 'eva']) assert.deepEqual(await idsBy(store, name), []);
  });

  it('goes on where it was killed, also in another process', async () => {
    const path = join(temporaryFolder(), 'killed.db');
    const first = openEmpty(path);
    importNames(
      first,
      Array.from({ length: 1_000 }, () => 'Ana'),
    );
    const { database } = first.connection;
    const { leads, left } = writeWhole(database, () =>
      createSearchIndex(database).indexSome({ leads: 1, ms: 0 }),
    );
    assert.deepEqual([leads, left], [200, 800]);
    await first.close();
    const second = openEmpty(path);
    try {
      await second.upkeep?.();
      assert.equal((await idsBy(second, 'ana')).length, 100);
      const count = second.connection.database.prepare('SELECT count(*) AS count FROM search_texts').get();
      assert.equal(count?.count, 1_000);
    } finally {
      await second.close();
    }
  });

  it('waits while an import runs, which does it itself', async () => {
    await using folder = openForTest();
    const { store } = folder;
    importNames(store, ['Ana']);
    const { database } = store.connection;
    database.exec("UPDATE imports SET state = 'running'");
    // An import holds the store while it runs; else it would count as killed.
    const release = store.archive.claimImport();
    await store.upkeep?.();
    assert.deepEqual(await idsBy(store, 'ana'), []);
    release?.();
    await store.upkeep?.();
    assert.deepEqual(await idsBy(store, 'ana'), [1]);
  });

  it('of a store that had none is made while it is served', async () => {
    await using folder = openForTest();
    const { store } = folder;
    importNames(store, ['Ana', 'Luis']);
    // As the migration finds a store of an older version.
    store.connection.database.exec('DELETE FROM search_queue; INSERT INTO search_queue VALUES (1, 2)');
    await store.upkeep?.();
    assert.deepEqual(await idsBy(store, 'luis'), [2]);
  });

  it('keeps no word of a lead that somebody has removed, once the server has had time', async () => {
    await using folder = openForTest();
    const { store } = folder;
    importNames(store, ['Xochitlalpanita', 'Ana', 'Xochimilco']);
    indexAll(store);
    const change = async (name?: string) => {
      const stored = await store.records.read(1, 'every list');
      assert.ok(stored);
      if (name === undefined) await store.records.remove(1, stored.state, BY, {});
      else await store.records.change(1, stored.state, { ...stored.state, first_name: name }, BY, {});
    };
    assert.ok(isKept(store, 'xochitlalpanita'));
    await change('Quetzalcoatlina');
    assert.deepEqual(await idsBy(store, 'xochi'), [3]);
    await change();
    await store.upkeep?.();
    assert.deepEqual(
      ['xochitlalpanita', 'quetzalcoatlina', 'xochimilco'].map((word) => isKept(store, word)),
      [false, false, true],
    );
    assert.deepEqual(await idsBy(store, 'xochi'), [3]);
  });

  it('41: stays sound, whatever imports, people and the server do to it in turns', async () => {
    await using folder = openForTest();
    const { store } = folder;
    const { database } = store.connection;
    const random = new SeededRandom('index');
    const leads = 3_000;
    const name = () => `${random.pick(NAMES)} ${random.pick(NAMES)} Nr${random.below(1_000)}`;
    const names = (count: number) => Array.from({ length: count }, name);
    for (let first = 0; first < leads; first += 500) {
      importNames(store, names(500), first);
      indexAll(store);
    }
    const removed = new Set<number>();
    const turns = [
      () => Promise.resolve(importNames(store, names(200), random.below(leads - 200))),
      () => store.upkeep?.(),
      ...[0, 1, 2].map(() => async () => {
        const leadId = 1 + random.below(leads);
        const stored = await store.records.read(leadId, 'every list');
        if (stored === undefined) return;
        const { state } = stored;
        if (random.chance(0.5)) {
          removed.add(leadId);
          await store.records.remove(leadId, state, BY, {});
        } else
          await store.records.change(leadId, state, { ...state, first_name: name() }, BY, {
            allowShared: true,
          });
      }),
      () => store.records.add({ list_id: 1, first_name: name(), is_customer: false }, BY, {}),
    ];
    for (let turn = 0; turn < 120; turn += 1) await random.pick(turns)();
    await store.upkeep?.();
    store.connection.readBatch.end();
    database.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
    assert.equal(database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check, 'ok');
    const found = database.prepare('SELECT rowid FROM search_index WHERE search_index MATCH ?');
    const texts = database.prepare('SELECT lead_id, text FROM search_texts').all();
    assert.equal(texts.length, Number(database.prepare('SELECT count(*) AS leads FROM leads').get()?.leads));
    for (const { lead_id: leadId, text } of texts.filter((_, at) => at % 50 === 0)) {
      const words = String(text)
        .split(' ')
        .map((word) => `"${word}"`);
      const ids = found.all(words.join(' AND ')).map(({ rowid }) => rowid);
      assert.ok(ids.includes(leadId ?? null), String(text));
      assert.ok(!ids.some((id) => removed.has(Number(id))));
    }
  });

  it('keeps no word of leads that went in bulk, once the server has had time', async () => {
    await using folder = openForTest();
    const { store } = folder;
    importNames(store, ['Ana', 'Luis']);
    const second = importNames(store, ['Xochitlalpanita', 'Quetzalcoatlina'], 10);
    indexAll(store);
    importNames(store, ['Tlalpantepeca'], 10);
    indexAll(store);
    Array.from(store.archive.undoImport(second));
    const former = ['xochitlalpanita', 'quetzalcoatlina'];
    await store.upkeep?.();
    // The first was changed by a later import, and stays as that made it.
    assert.deepEqual(
      [...former, 'tlalpantepeca'].map((word) => isKept(store, word)),
      [false, false, true],
    );
    assert.deepEqual(await idsBy(store, 'luis'), [2]);
  });
});

function openForTest() {
  const store = openEmpty();
  return { store, [Symbol.asyncDispose]: async () => store.close() };
}
