import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';

import type { ImportColumns, ImportResult, ImportRow, OnDuplicate } from '../../../src/core/lead-archive.ts';
import { INDEX_STATEMENTS, indexSome } from '../../../src/stores/postgresql/search-index.ts';
import { LIST_STATEMENTS } from '../../../src/stores/postgresql/list-settings.ts';
import type { PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import { createLeadStore } from '../../../src/stores/sqlite/leads.ts';
import { createRecordStore } from '../../../src/stores/sqlite/records.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { createImportFixture, type ImportFixture } from '../../cli/import-fixture.ts';
import { type ImportedStore, readAll, row, writeRows } from '../imports.contract.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from './filled-store.ts';

const PLAN = { label: 'plan', type: 'TEXT' } as const;

/** What is done to both stores: a file is imported, or the newest import but `back` is taken back. */
type Step =
  | { readonly what: 'undo'; readonly back: number }
  | {
      readonly what: 'import';
      readonly rows: readonly ImportRow[];
      readonly onDuplicate: OnDuplicate;
      readonly isKeyed: boolean;
      readonly replaces: boolean;
    };

const anyRow: fc.Arbitrary<ImportRow> = fc
  .record({
    leadId: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 2 }),
    listId: fc.constantFrom(101, 102),
    phone: fc.constantFrom('5512345678', '+52 55 1234 5678', '8112345678', '8112345679', 'abc'),
    name: fc.constantFrom('Ana', 'ANÁ', 'Eva', '', null, 'tab\tand \\ and\nline'),
    externalId: fc.option(fc.constantFrom('C1', 'C2', 'C 3'), { nil: undefined }),
    plan: fc.option(fc.constantFrom('gold', null), { nil: undefined }),
    modifyDate: fc.option(fc.constantFrom('2020-01-01 00:00:00', '2021-01-01 00:00:00'), { nil: undefined }),
  })
  .map(({ phone, name, plan, ...more }) =>
    row(phone, name, { ...more, custom: new Map(plan === undefined ? [] : [['plan', plan]]) }),
  );

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ what: fc.constant('undo' as const), back: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('import' as const),
      rows: fc.array(anyRow, { maxLength: 10 }),
      onDuplicate: fc.constantFrom<OnDuplicate>('match', 'update', 'skip', 'add'),
      isKeyed: fc.boolean(),
      replaces: fc.boolean(),
    }),
  },
);

/** @returns what was said of it */
async function take({ archive }: Pick<ImportedStore, 'archive'>, step: Step): Promise<unknown> {
  if (step.what === 'undo') {
    const importId = (await archive.imports())[step.back]?.importId;
    return importId === undefined ? undefined : (await Array.fromAsync(archive.undoImport(importId))).at(-1);
  }
  const { rows, onDuplicate, isKeyed, replaces } = step;
  const columns: ImportColumns = {
    ...{ texts: ['phone_number', 'first_name'], isCustomer: true, lastLocalCallTime: false, numbers: false },
    keySource: isKeyed ? 'code' : undefined,
  };
  const run = await archive.startImport(columns, onDuplicate, { fileName: 'a.csv', isWhole: replaces });
  try {
    const lists = new Set(rows.map(({ listId }) => listId));
    for (const listId of lists) run.prepareList(listId, undefined, [PLAN]);
    const results: ImportResult[] = [];
    // In several batches.
    for (let at = 0; at < rows.length; at += 4)
      results.push(...(await writeRows(run, rows.slice(at, at + 4), at + 1)));
    const others = await run.countOthers(lists);
    const removed = replaces ? (await Array.fromAsync(run.removeOthers(lists))).at(-1) : undefined;
    await run.end('done', { added: 0, updated: 0, unchanged: 0, rejected: 0, removed: removed ?? 0 });
    return { results, others, removed, fields: run.changedFields };
  } finally {
    await run.close();
  }
}

/** All that is kept of leads and imports, but for the times. */
async function contentOf(store: Omit<ImportedStore, 'leads'>): Promise<unknown> {
  const timelines = Array.from({ length: 40 }, (_, at) =>
    store.records.timeline(at + 1, { offset: 0, limit: 50 }),
  );
  const leads = await readAll(store);
  return {
    leads: leads.map(({ modifyDate, ...lead }) => ({
      ...lead,
      date: modifyDate < '2022' ? modifyDate : 'now',
    })),
    lists: await store.archive.lists(),
    imports: (await store.archive.imports()).map((each) => ({ ...each, startedAt: '' })),
    timelines: (await Promise.all(timelines)).map((timeline) =>
      timeline?.entries
        .map((entry) => ({ ...entry, at: 0, changeId: 0 }))
        .map((entry) => JSON.stringify(entry))
        .sort(),
    ),
  };
}

const NUMBERS = `SELECT lead_id, key, part, reading, number, list_id FROM lead_numbers ORDER BY 1, 2, 3`;
const KEYS = `SELECT source, list_id, external_id, lead_id FROM external_ids ORDER BY 1, 2, 3`;

describe('imports into both stores of ours', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  before(async () => {
    server = await startPostgresql();
    await createDatabaseFor(server);
  });
  after(() => server.stop());

  /** Of one store after another: to make one takes longer than to empty it. */
  async function empty(sqlite: ImportFixture, { database }: PostgresqlStore): Promise<void> {
    const tables = [
      'leads',
      'lead_numbers',
      'external_ids',
      'lists',
      'custom_fields',
      'imports',
      'import_additions',
      'lead_changes',
    ];
    for (const table of tables) sqlite.connection.database.exec(`DELETE FROM ${table}`);
    sqlite.connection.database.exec("UPDATE meta SET value = '0' WHERE name = 'highest_removed_lead'");
    await database.transaction(({ runScript }) =>
      runScript(
        `TRUNCATE ${tables.join(', ')}, search_texts, search_queue RESTART IDENTITY; UPDATE meta SET value = '0' WHERE name = 'highest_removed_lead'`,
      ),
    );
  }

  it('give the same answers and the same content, whatever is imported and taken back', async (t) => {
    const sqlite = createImportFixture(t);
    const { connection } = sqlite;
    const leads = createLeadStore(connection, { address3IsPhone: false });
    const records = createRecordStore(connection, leads);
    const store = await openFilled(postgresqlConfig(server), { lists: [], leads: [], users: [] });
    t.after(() => store.close());
    const rowsOf = async (sql: string) => [
      connection.database
        .prepare(sql)
        .all()
        .map((each) => Object.values(each)),
      await store.database.read(sql, []),
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 5 }), async (steps) => {
        await empty(sqlite, store);
        for (const step of steps) {
          const expected = await take(sqlite, step);
          assert.deepEqual(await take(store, step), expected, JSON.stringify(step));
          assert.deepEqual(await contentOf(store), await contentOf({ archive: sqlite.archive, records }));
          for (const sql of [NUMBERS, KEYS]) {
            const [one, other] = await rowsOf(sql);
            assert.deepEqual(other, one, sql);
          }
        }
        await checkWords(store);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  /** The words are those that they would be if all were indexed anew. */
  async function checkWords({ database }: PostgresqlStore): Promise<void> {
    const words = () => database.read('SELECT lead_id, text FROM search_texts ORDER BY lead_id', []);
    const index = async () => {
      while ((await database.transaction(({ run }) => indexSome(run))).left > 0);
    };
    await index();
    const kept = await words();
    await database.transaction(({ run }) => run(LIST_STATEMENTS.queueAll, []));
    await index();
    assert.deepEqual(await words(), kept);
    assert.deepEqual(await database.read(INDEX_STATEMENTS.left, []), [[0]]);
  }
});
