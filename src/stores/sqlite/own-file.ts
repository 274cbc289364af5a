import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** The connections of this process, by the file that each has open. */
const openHere = new Map<string, readonly DatabaseSync[]>();

/**
 * Which file a path leads to, whatever its name: device and inode.
 *
 * @returns undefined: none that could be looked at
 */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/**
 * Whether this process has a file open, by its identity. Then it must not be opened beside SQLite: the system takes every lock
 * that a process has on a file when any of its descriptors is closed, and another process would then take itself for the last
 * one that uses the store, and remove its write-ahead log
 * (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 */
export function isOpenHere(identity: string): boolean {
  const open = (openHere.get(identity) ?? []).filter(({ isOpen }) => isOpen);
  if (open.length > 0) openHere.set(identity, open);
  else openHere.delete(identity);
  return open.length > 0;
}

/** To be called for each connection. */
export function noteOpen(identity: string, database: DatabaseSync): void {
  openHere.set(identity, [...(isOpenHere(identity) ? (openHere.get(identity) ?? []) : []), database]);
}
