import { accessSync, constants, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import type { OwnFile } from '../../core/store.ts';
import { noteSound } from './sound-files.ts';
import type { StoreClock } from './store-clock.ts';
import { isBusy, type ReadBatch, writeWithRetry } from './transactions.ts';

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

/** What SQLite keeps beside a file that is open: the write-ahead log and its index. */
const LOG_SUFFIXES = ['-wal', '-shm'] as const;

/** While the file that takes the place of another one is opened, the log of the former one is called so. */
const ASIDE = '.former';

/** The file of a connection, which is open. @param identity of the file, as it was before it was opened */
export function createOwnFile(
  path: string,
  identity: string,
  connection: {
    readonly database: DatabaseSync;
    readonly readBatch: ReadBatch;
    readonly clock: StoreClock;
  },
): OwnFile & { close(): void } {
  const { database } = connection;
  // SQLite puts its log beside the file itself, not beside a symbolic link to it.
  const realPath = realpathSync(path);
  const log = LOG_SUFFIXES.map((suffix) => realPath + suffix).map((file) => ({ file, is: identityOf(file) }));

  /** The paths of the log, as far as it still is the one of this connection. */
  const ownLog = () => log.filter(({ file, is }) => is !== undefined && identityOf(file) === is);

  function withLogAside<Opened>(open: () => Opened): Opened {
    const aside: string[] = [];
    try {
      // A link that leads to another file now leaves the former one where it is, with its log.
      for (const { file } of realpathSync(path) === realPath ? ownLog() : []) {
        renameSync(file, file + ASIDE);
        aside.push(file);
      }
      const opened = open();
      for (const file of aside) rmSync(file + ASIDE, { force: true });
      return opened;
    } catch (cause) {
      for (const file of aside) renameSync(file + ASIDE, file);
      throw cause;
    }
  }

  return {
    path,
    identity,
    look: () => identityOf(path),
    openReplacement: (open) =>
      writeWithRetry(connection, () => {
        // Whoever has the former file open shares this lock: nobody takes away the log of the new one.
        database.exec('BEGIN IMMEDIATE');
        try {
          return withLogAside(open);
        } finally {
          database.exec('ROLLBACK');
        }
      }),
    write() {
      // A file that is open can still be written when its right was taken away. The next process could not write it.
      if (identityOf(path) === identity) accessSync(path, constants.W_OK);
      try {
        connection.clock.keep();
        return true;
      } catch (cause) {
        if (isBusy(cause)) return false;
        throw cause;
      }
    },
    close: () => closeFile(database, path, identityOf(realPath) === identity, ownLog),
  };
}

/** @param isInPlace the file still has its name */
function closeFile(
  database: DatabaseSync,
  path: string,
  isInPlace: boolean,
  ownLog: Parameters<typeof endMoved>[1],
): void {
  if (database.isOpen && !isInPlace) endMoved(database, ownLog);
  database.close();
  if (isInPlace) noteSound(path);
}

/**
 * SQLite leaves the log of a file that lost its name as it is: a file that comes to that place would be read with it. So it is
 * copied into its own file, which may have another name by now, and removed.
 */
function endMoved(database: DatabaseSync, ownLog: () => readonly { readonly file: string }[]): void {
  try {
    const copied = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    if (copied?.busy !== 0 || copied.log !== copied.checkpointed) return;
    for (const { file } of ownLog()) rmSync(file, { force: true });
  } catch {
    // The disk is full, or the folder is gone: the log stays for whoever moves the file back.
  }
}
