import type { DatabaseSync } from 'node:sqlite';

import { type BulkLoad, startBulkLoad } from './bulk-load.ts';
import type { Connection } from './connection.ts';

/** A batch ends after so many rows or so long, whichever is first: other writers of the store wait that long. */
const BATCH_ROWS = 20_000;
const BATCH_MS = 500;
/** Leads that are looked at in one transaction for those that are no longer in a file. */
export const REMOVE_BATCH = 5_000;

/** The transactions of an import: one after the other, each begun by its first row. */
export function createImportBatch({ database, readBatch }: Connection) {
  let bulk: BulkLoad | undefined;
  let now = '';
  let [isFirst, isOpen] = [true, false];
  let [rows, startedAt] = [0, 0];

  const setCache = (size: number) => database.exec(`PRAGMA cache_size = ${size}`);

  function forgetBulk(): void {
    bulk = undefined;
    setCache(SCATTERED_CACHE);
  }

  return {
    /** When it began: `YYYY-MM-DD HH:MM:SS`, UTC. */
    now: () => now,
    /** While the import fills a store that was empty. */
    bulk: () => bulk,
    begin(): void {
      if (isOpen) return;
      readBatch.end();
      // IMMEDIATE waits for another writer here, where nothing is lost, not in the middle of the batch.
      database.exec('BEGIN IMMEDIATE');
      isOpen = true;
      [rows, startedAt] = [0, performance.now()];
      now = new Date().toISOString().slice(0, 19).replace('T', ' ');
      if (isFirst) {
        bulk = startBulkLoad(database);
        if (bulk !== undefined) setCache(BULK_CACHE);
      } else if (bulk?.resume() === false) forgetBulk();
      isFirst = false;
    },
    countRow(): void {
      rows += 1;
      bulk?.countRow();
    },
    isFull(): boolean {
      if (!isOpen) return false;
      const heldMs = performance.now() - startedAt;
      return bulk?.isFull(heldMs) ?? (rows >= BATCH_ROWS || heldMs >= BATCH_MS);
    },
    /** From now on with the indexes, in the middle of a batch as it may be. */
    endBulk(): void {
      if (bulk === undefined) return;
      bulk.bringBack();
      forgetBulk();
    },
    commit(): void {
      if (!isOpen) return;
      // Where SQLite took the batch back, as after a full disk, the indexes are there, and COMMIT says what is wrong.
      if (database.isTransaction) bulk?.bringBack();
      database.exec('COMMIT');
      // Not before: a batch that could not be written stays one, and is not taken for kept when somebody tries again.
      isOpen = false;
    },
    /** What was not committed is forgotten. */
    close(): void {
      // After some failures SQLite has taken the batch back already.
      if (database.isTransaction) database.exec('ROLLBACK');
      isOpen = false;
    },
  };
}

/**
 * Index pages are written in random order, and a cache that holds many of them saves writing the same page again and
 * again. Where the indexes are made afterwards (startBulkLoad) little is read twice, and a small cache leaves the memory to
 * their sorting. Negative: KiB.
 */
const SCATTERED_CACHE = -32_000;
const BULK_CACHE = -8_000;

/**
 * wal_autocheckpoint: a log that is copied into the store seldom saves writing a page again and again, too. mmap_size: an
 * import reads what it wrote itself; mapped, the whole store would count as its memory.
 */
const FOR_IMPORT = { cache_size: SCATTERED_CACHE, wal_autocheckpoint: 20_000, mmap_size: 0 };

/** Sets the connection up for an import. @returns puts everything back as it was */
export function usePragmas(database: DatabaseSync): () => void {
  const names = Object.keys(FOR_IMPORT);
  const before = names.map((name) =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]),
  );
  const set = (values: readonly number[]) => {
    database.exec(names.map((name, at) => `PRAGMA ${name} = ${values[at] ?? 0};`).join(' '));
  };
  set(Object.values(FOR_IMPORT));
  return () => set(before);
}
