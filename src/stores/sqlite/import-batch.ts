import type { DatabaseSync } from 'node:sqlite';

import { type BulkLoad, startBulkLoad } from './bulk-load.ts';
import type { Connection } from './connection.ts';
import { dateTimeOf } from '../stored-state.ts';
import { HOLD_MS } from './transactions.ts';

/** Leads that are looked at in one transaction, at most, for those that are no longer in a file. Binds the id before them. */
export const SELECT_NEXT_LEADS =
  'SELECT lead_id, list_id FROM leads WHERE lead_id > ? ORDER BY lead_id LIMIT 5000';

/** The transactions of an import: one after the other, each begun by its first row. */
export function createImportBatch({ database, readBatch }: Connection) {
  let bulk: BulkLoad | undefined;
  let now = '';
  let [isFirst, isOpen] = [true, false];
  let [startedAt, askedAt] = [0, 0];

  const set = (pragmas: typeof FOR_ROWS) => database.exec(textOf(pragmas));

  function forgetBulk(): void {
    bulk = undefined;
    set(FOR_ROWS);
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
      startedAt = askedAt = performance.now();
      now = dateTimeOf(Date.now());
      if (isFirst) {
        bulk = startBulkLoad(database);
        if (bulk !== undefined) set(FOR_BULK);
      } else if (bulk?.resume() === false) forgetBulk();
      isFirst = false;
    },
    countRow(): void {
      bulk?.countRow();
    },
    isFull(): boolean {
      if (!isOpen) return false;
      const now = performance.now();
      const [heldMs, pieceMs] = [now - startedAt, now - askedAt];
      askedAt = now;
      // As if the next rows took as long as the last ones.
      return bulk?.isFull(heldMs) ?? heldMs + pieceMs >= HOLD_MS;
    },
    /** From now on with the indexes, in the middle of a batch as it may be: where little is added, each batch would make them anew. */
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
 * again. cache_size is in KiB if negative. wal_autocheckpoint: after so many pages the log is copied into the store, which is
 * SQLite's default. A longer log would be copied by whichever process commits next, within its commit: measured 40 ms of a
 * server's event loop, at worst 0.8 s, for each write beside an import.
 */
const FOR_ROWS = { cache_size: -32_000, wal_autocheckpoint: 1_000 };

/**
 * Where the indexes are made afterwards (startBulkLoad) little is read twice, and a small cache leaves the memory to their
 * sorting. A log that is copied seldom saves writing a page again and again; once another process writes, FOR_ROWS hold.
 */
const FOR_BULK: typeof FOR_ROWS = { cache_size: -8_000, wal_autocheckpoint: 20_000 };

/** mmap_size: an import reads what it wrote itself; mapped, the whole store would count as its memory. */
const FOR_IMPORT = { ...FOR_ROWS, mmap_size: 0 };

function textOf(pragmas: Readonly<Record<string, number>>): string {
  return Object.entries(pragmas)
    .map(([name, value]) => `PRAGMA ${name} = ${value};`)
    .join(' ');
}

/** Sets the connection up for an import. @returns puts everything back as it was */
export function usePragmas(database: DatabaseSync): () => void {
  const valueOf = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const before = Object.fromEntries(Object.keys(FOR_IMPORT).map((name) => [name, valueOf(name)]));
  database.exec(textOf(FOR_IMPORT));
  return () => database.exec(textOf(before));
}
