import type { DatabaseSync } from 'node:sqlite';

/**
 * Index pages are written in random order, and a cache that holds many of them saves writing the same page again and
 * again. Where the indexes are made afterwards (BulkLoad) little is read twice, and a small cache leaves the memory to
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

/** @param isBulk true while the indexes are left out */
export function setCache(database: DatabaseSync, isBulk: boolean): void {
  database.exec(`PRAGMA cache_size = ${isBulk ? BULK_CACHE : SCATTERED_CACHE}`);
}
