import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTick } from 'node:timers/promises';

import type { Pieces, Soon } from '../core/lead-archive.ts';
import { StoreRefusal } from '../core/store.ts';

/** A value as both own engines have it: a flag is 0 or 1, a restriction to lists a JSON array of their ids. */
export type CopiedValue = string | number | null;
/** In the order of its table's columns. */
export type CopiedRow = readonly CopiedValue[];

/** A table of a store, in a form that both engines share. */
export interface CopiedTable {
  readonly name: string;
  /** By name. */
  readonly columns: readonly string[];
  /** Of each row its own: rows are read in its order. */
  readonly key: readonly string[];
}

/** What a store says of itself beside its tables. */
export interface StoreFacts {
  /** Of `meta`, as both engines have it: the secrets by which logins and erased people are known among it. */
  readonly meta: Readonly<Record<string, string>>;
  /** The store's time and its running time, in milliseconds. */
  readonly clock: { readonly now: number; readonly running: number };
  /** By table, the highest id that was ever given, as far as it is known. */
  readonly lastIds: ReadonlyMap<string, number>;
}

/** The names in `meta` that are copied: the others are an engine's own. */
export const COPIED_META = ['default_country', 'erasure_secret', 'highest_removed_lead', 'login_secret'];

/** A store as it is at one moment. */
export interface CopySource {
  readonly tables: readonly CopiedTable[];
  facts(): Soon<StoreFacts>;
  count(table: CopiedTable): Soon<number>;
  /** All rows in the order of their key, a few hundred at a time. */
  rows(table: CopiedTable): Pieces<readonly CopiedRow[]>;
}

/** A store that nobody sees before it is complete. */
export interface CopyTarget extends CopySource {
  /** @throws {StoreRefusal} it cannot keep one of them */
  write(table: CopiedTable, rows: readonly CopiedRow[]): Soon<void>;
  /** To be called once, after the last row. */
  finish(facts: StoreFacts): Soon<void>;
}

/** How a store is read: `work` sees one moment of it. */
export type ReadStore = <Result>(work: (source: CopySource) => Promise<Result>) => Promise<Result>;
/** How one is made: it is there once `work` has ended well, and else nothing is. */
export type MakeStore = <Result>(work: (target: CopyTarget) => Promise<Result>) => Promise<Result>;

/** The rows of a table, and a digest over them all. */
export interface TableDigest {
  readonly rows: number;
  readonly sha256: string;
}

/** What was copied: both engines come to the same digests for the same content. */
export interface StoreDigest {
  readonly tables: Readonly<Record<string, TableDigest>>;
  readonly sha256: string;
}

export interface CopyWatch {
  readonly signal: AbortSignal;
  /** Rows that were read, of both stores. */
  readonly onProgress: (done: number, of: number) => void;
}

/**
 * Copies all of a store of our own into a new one, reads that through and compares it with what was read of the first.
 *
 * @throws {StoreRefusal} the new one cannot keep a value, or has other content: it is not made
 */
export function copyOwnStore(read: ReadStore, make: MakeStore, watch: CopyWatch): Promise<StoreDigest> {
  return read((source) =>
    make(async (target) => {
      checkAlike(source.tables, target.tables);
      const counted = createCounter(watch, 2 * (await countAll(source)));
      const facts = await source.facts();
      const copied = await digestOf(source, facts, async (table, rows) => {
        await target.write(table, rows);
        counted(rows.length);
      });
      await target.finish(facts);
      const found = await digestOf(target, await target.facts(), (_, rows) => counted(rows.length));
      const other = Object.keys(copied.tables).find(
        (name) => copied.tables[name]?.sha256 !== found.tables[name]?.sha256,
      );
      if (other !== undefined)
        throw new StoreRefusal(`the copy has other rows in ${other} than what was copied; it was not kept`);
      return copied;
    }),
  );
}

/** What an import looks at. */
const IMPORTED_INTO: ReadonlySet<string> = new Set([
  ...['custom_fields', 'erased_leads', 'erased_numbers', 'external_ids', 'lead_numbers', 'leads', 'lists'],
]);

/** Copies what an import of a trial looks at; nobody is to use the copy for anything else. */
export function copyForTrial(
  read: ReadStore,
  make: MakeStore,
  { signal, onProgress }: CopyWatch,
): Promise<void> {
  return read((source) =>
    make(async (target) => {
      const tables = target.tables.filter(({ name }) => IMPORTED_INTO.has(name));
      let of = 0;
      for (const table of tables) of += await source.count(table);
      const counted = createCounter({ signal, onProgress }, of);
      for (const table of tables)
        for await (const rows of source.rows(table)) {
          await target.write(table, rows);
          counted(rows.length);
          await nextTick();
        }
      await target.finish(await source.facts());
    }),
  );
}

/** @throws {Error} the engines of this version do not keep the same */
function checkAlike(source: readonly CopiedTable[], target: readonly CopiedTable[]): void {
  const [from, to] = [source, target].map((tables) => JSON.stringify(tables));
  if (from !== to) throw new Error(`the engines keep different tables: ${from} and ${to}`);
}

async function countAll(source: CopySource): Promise<number> {
  let all = 0;
  for (const table of source.tables) all += await source.count(table);
  return all;
}

function createCounter({ signal, onProgress }: CopyWatch, of: number): (rows: number) => void {
  let done = 0;
  return (rows) => {
    signal.throwIfAborted();
    done += rows;
    onProgress(done, of);
  };
}

/** @param take gets all rows on their way */
async function digestOf(
  source: CopySource,
  { meta }: StoreFacts,
  take: (table: CopiedTable, rows: readonly CopiedRow[]) => Soon<void>,
): Promise<StoreDigest> {
  const tables: Record<string, TableDigest> = {};
  for (const table of source.tables) {
    const hash = createHash('sha256');
    let count = 0;
    for await (const rows of source.rows(table)) {
      for (const row of rows) addLine(hash, row);
      count += rows.length;
      await take(table, rows);
      // A file is read at once: Ctrl-C is heard here.
      await nextTick();
    }
    tables[table.name] = { rows: count, sha256: hash.digest('hex') };
  }
  tables.meta = digestOfMeta(meta);
  const whole = createHash('sha256');
  for (const [name, { rows, sha256 }] of Object.entries(tables)) addLine(whole, [name, rows, sha256]);
  return { tables, sha256: whole.digest('hex') };
}

function digestOfMeta(meta: StoreFacts['meta']): TableDigest {
  const hash = createHash('sha256');
  for (const name of COPIED_META) addLine(hash, [name, meta[name] ?? null]);
  return { rows: COPIED_META.length, sha256: hash.digest('hex') };
}

function addLine(hash: Hash, row: CopiedRow): void {
  hash.update(`${JSON.stringify(row)}\n`);
}

/** In an order that both engines share. */
export function byName<Named extends { readonly name: string }>(named: readonly Named[]): readonly Named[] {
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
