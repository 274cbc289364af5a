import type { DatabaseSync } from 'node:sqlite';

/**
 * Index pages are written in random order: a cache that holds many of them, and a log that is copied into the
 * store seldom, save writing the same page again and again. Negative: KiB.
 */
const CACHE_SIZE = -32_000;
const AUTO_CHECKPOINT_PAGES = 20_000;

/** Sets the connection up for writing in bulk. @returns puts everything back as it was */
export function usePragmas(database: DatabaseSync): () => void {
  const read = (name: string) => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const cacheSize = read('cache_size');
  const autoCheckpoint = read('wal_autocheckpoint');
  const set = (cache: number, pages: number) => {
    database.exec(`PRAGMA cache_size = ${cache}; PRAGMA wal_autocheckpoint = ${pages}`);
  };
  set(CACHE_SIZE, AUTO_CHECKPOINT_PAGES);
  return () => set(cacheSize, autoCheckpoint);
}
