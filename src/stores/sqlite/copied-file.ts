import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

import type { MachineClock } from '../../core/clock.ts';
import { StoreRefusal } from '../../core/store.ts';
import { makeFolder, syncFolder } from '../../files/folders.ts';
import { nameFinishedFile } from '../../files/new-file.ts';
import {
  byName,
  COPIED_META,
  type CopiedRow,
  type CopiedTable,
  type CopiedValue,
  type CopySource,
  type CopyTarget,
  type MakeStore,
  type ReadStore,
  type StoreFacts,
} from '../copied-store.ts';
import { systemMachineClock } from '../machine-clock.ts';
import { listsOf, scopeOf } from '../rows.ts';
import { makeEmptyFile, removeStoreFile, syncFile } from './backup.ts';
import { openConnection, writeEmptyStore } from './connection.ts';
import { CREATE_NUMBER_INDEX } from './remake-numbers.ts';
import { clockRow } from './store-clock.ts';
import { claimFile } from './transactions.ts';

const ROWS_AT_ONCE = 500;

/** Meta is copied by name; the index of words is made of search_texts; rights are granted beside a dialer alone. */
const LEFT_OUT = /^(?:sqlite_.*|meta|granted_rights|search_index(?:_.*)?)$/;

/** Reads an embedded store. @throws {StoreRefusal} the file is none, or not of this version; or somebody imports into it */
export function readStoreFile(path: string): ReadStore {
  return async (work) => {
    // The country does not matter: no number is compared.
    const connection = openConnection({ path, country: undefined, fallbackCountry: 'MX', create: false });
    const release = claimFile(`${path}-import`);
    try {
      if (release === undefined) throw new StoreRefusal(`an import into ${path} runs; wait for its end`);
      refuseStateFile(connection.database, path);
      const { clock } = connection;
      const now = { now: clock.now(), running: clock.runningTime() };
      // With its first statement begins the moment that all others see.
      connection.database.exec('BEGIN');
      return await work(readerOf(connection.database, () => now));
    } finally {
      release?.();
      connection.file.close();
    }
  };
}

/** Makes an embedded store, beside its place until it is complete. @throws {StoreRefusal} something is there */
export function makeStoreFile(path: string, machine: MachineClock = systemMachineClock): MakeStore {
  return async (work) => {
    if (existsSync(path)) throw taken(path);
    makeFolder(dirname(resolve(path)), 0o777);
    const draft = `${resolve(path)}.copy-${process.pid}`;
    makeEmptyFile(draft);
    try {
      const result = await fill(draft, work, machine);
      syncFile(draft);
      if (!nameFinishedFile(draft, path)) throw taken(path);
      syncFolder(dirname(resolve(path)));
      return result;
    } finally {
      removeStoreFile(draft);
    }
  };
}

function taken(path: string): StoreRefusal {
  return new StoreRefusal(`${path} is there already; a store is copied to a file that is not there yet`);
}

function refuseStateFile(database: DatabaseSync, path: string): void {
  const granted = database.prepare('SELECT 1 FROM granted_rights LIMIT 1').get();
  if (granted !== undefined)
    throw new StoreRefusal(`${path} is the state file of a dialer, whose leads and users are not in it`);
}

async function fill<Result>(
  draft: string,
  work: (target: CopyTarget) => Promise<Result>,
  machine: MachineClock,
): Promise<Result> {
  writeEmptyStore(draft, 'MX');
  using database = new DatabaseSync(draft);
  // Nobody else has the file, and a copy that breaks off is removed.
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; DROP INDEX lead_numbers_by_key');
  let facts: StoreFacts | undefined;
  const target = {
    ...readerOf(database, () => facts?.clock ?? { now: 0, running: 0 }),
    write: createWriter(database),
    finish(given: StoreFacts) {
      facts = given;
      database.exec(`BEGIN; ${CREATE_NUMBER_INDEX};
        INSERT INTO search_index (rowid, text) SELECT lead_id, text FROM search_texts ORDER BY lead_id`);
      const keep = database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)');
      for (const [name, value] of Object.entries(given.meta)) keep.run(name, value);
      keep.run('clock', clockRow(given.clock, machine));
      database.exec('COMMIT');
    },
  };
  const result = await work(target);
  database.exec('PRAGMA journal_mode = WAL');
  return result;
}

function createWriter(database: DatabaseSync): CopyTarget['write'] {
  return ({ name, columns }, rows) => {
    const insert = database.prepare(
      `INSERT INTO ${name} (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    database.exec('BEGIN');
    for (const row of rows) insert.run(...(row as SQLInputValue[]));
    database.exec('COMMIT');
  };
}

function readerOf(database: DatabaseSync, clock: () => StoreFacts['clock']): CopySource {
  const tables = tablesOf(database);
  return {
    tables,
    facts: () => ({ meta: metaOf(database), clock: clock(), lastIds: lastIdsOf(database, tables) }),
    count: ({ name }) => Number(database.prepare(`SELECT count(*) AS n FROM ${name}`).get()?.n),
    rows: (table) => readRows(database, table),
  };
}

function tablesOf(database: DatabaseSync): readonly CopiedTable[] {
  const named = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const columnsOf = database.prepare('SELECT name, pk FROM pragma_table_info(?)');
  const tables = named.flatMap((row) => {
    const name = String(row.name);
    if (LEFT_OUT.test(name)) return [];
    const columns = columnsOf
      .all(name)
      .map((column) => ({ name: String(column.name), pk: Number(column.pk) }));
    const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    return [
      { name, columns: byName(columns).map((column) => column.name), key: key.map((column) => column.name) },
    ];
  });
  return byName(tables);
}

function metaOf(database: DatabaseSync): Record<string, string> {
  const rows = database.prepare('SELECT name, value FROM meta').all();
  const all = new Map(rows.map(({ name, value }) => [String(name), String(value)]));
  return Object.fromEntries(COPIED_META.map((name) => [name, all.get(name) ?? '']));
}

/** An embedded store gives the next id after the highest that is there. */
function lastIdsOf(database: DatabaseSync, tables: readonly CopiedTable[]): ReadonlyMap<string, number> {
  return new Map(
    tables.flatMap(({ name, key: [id, ...more] }) => {
      if (id === undefined || more.length > 0) return [];
      const last = database.prepare(`SELECT max(${id}) AS last FROM ${name}`).get()?.last;
      return typeof last === 'number' ? [[name, last] as const] : [];
    }),
  );
}

function* readRows(database: DatabaseSync, { name, columns, key }: CopiedTable): Generator<CopiedRow[]> {
  const selected = columns.map((column) => `"${column}"`).join(', ');
  const statement = database.prepare(`SELECT ${selected} FROM ${name} ORDER BY ${key.join(', ')}`);
  statement.setReturnArrays(true);
  const lists = columns.indexOf('lists');
  let rows: CopiedRow[] = [];
  for (const found of statement.iterate()) {
    const row = found as unknown as CopiedValue[];
    // One that cannot be read allows nothing, here as there.
    if (lists >= 0) row[lists] = listsOf(scopeOf(row[lists] ?? null));
    rows.push(row);
    if (rows.length < ROWS_AT_ONCE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}
