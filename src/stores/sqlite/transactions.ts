import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';

import { StoreFailure } from '../../core/lead-store.ts';

/**
 * One read transaction for all the reads of one tick of the event loop. By itself each statement takes and gives
 * back SQLite's locks, which costs as much as the read: measured 5.4 instead of 8.8 us for account and lead. The
 * next tick reads anew, so what was changed before a request arrived is seen by it.
 */
export type ReadBatch = ReturnType<typeof createReadBatch>;

export function createReadBatch(database: DatabaseSync) {
  const beginTransaction = database.prepare('BEGIN');
  const commit = database.prepare('COMMIT');
  let isOpen = false;
  let view = 0;

  // After an error SQLite may have ended the transaction by itself; a closed store has none.
  const isInTransaction = () => database.isOpen && database.isTransaction;

  /**
   * Begins the batch, if it has not begun.
   *
   * @returns the number of this view of the store, in which a row never changes; undefined: a writer's transaction is open,
   *   in which it may
   */
  function begin(): number | undefined {
    if (isOpen) return view;
    if (database.isTransaction) return undefined;
    beginTransaction.run();
    isOpen = true;
    view += 1;
    setImmediate(end);
    return view;
  }

  /** To be called before a write, which must not begin in an older view of the store. */
  function end(): void {
    if (!isOpen) return;
    isOpen = false;
    if (!isInTransaction()) return;
    try {
      commit.run();
    } catch {
      // After a failed read. Nothing was written; left open, it would show an old view of the store for ever.
      if (isInTransaction()) database.exec('ROLLBACK');
    }
  }

  return {
    /**
     * Begins the batch, if it has not begun, and reads. Async, so that what is thrown here, too, is a rejection.
     *
     * @throws {StoreFailure} whatever goes wrong
     */
    // eslint-disable-next-line @typescript-eslint/require-await
    async read<Result>(read: () => Result): Promise<Result> {
      try {
        begin();
        return read();
      } catch (cause) {
        throw new StoreFailure(cause);
      }
    },
    begin,
    end,
  };
}

/**
 * A read by name that is not repeated within a batch: most requests of one tick come from one user. Measured: 2 us of a
 * lookup's 46.
 */
export function oncePerBatch<Row>(batch: ReadBatch, read: (name: string) => Row): (name: string) => Row {
  let latest: { readonly view: number; readonly name: string; readonly row: Row } | undefined;
  return (name) => {
    const view = batch.begin();
    if (view === undefined) return read(name);
    if (latest?.view !== view || latest.name !== name) latest = { view, name, row: read(name) };
    return latest.row;
  };
}

/** Work that is done at once, for ports that other databases answer later; what it throws is a rejection. */
export function promised<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

/** SQLite's code for "another connection holds the lock" (https://sqlite.org/rescode.html#busy). */
const SQLITE_BUSY = 5;

/** How long a writer waits for another one (an import's batch) before it gives up. */
export const BUSY_TIMEOUT_MS = 5_000;

const RETRY_MS = 5;

/**
 * Work on many leads holds the lock for so long at a time, and what it takes to commit: lookups and logins that must be written
 * wait meanwhile. By time, not by rows: what a row costs differs by a hundred times.
 */
export const HOLD_MS = 100;

/** The last one of those that write or wait, by connection: each waits for the one before it. */
const lastWriters = new WeakMap<DatabaseSync, Promise<undefined>>();

/**
 * Writes for a request: while another process (an import) holds the lock, it waits beside the event loop, where
 * SQLite itself would stand still with everybody's requests. Only the first of those that wait tries again and again: a thousand
 * that try would leave no time for lookups.
 *
 * @throws {StoreFailure} (as a rejection) with the last failure, after BUSY_TIMEOUT_MS
 */
export async function writeWithRetry<Result>(
  { database, readBatch }: { readonly database: DatabaseSync; readonly readBatch: ReadBatch },
  write: () => Result,
): Promise<Result> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  const before = lastWriters.get(database);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  lastWriters.set(database, promise);
  try {
    if (before !== undefined) await before;
    return await retryUntil(deadline, () => {
      readBatch.end();
      return writeAtOnce(database, write);
    });
  } finally {
    resolve(undefined);
    if (lastWriters.get(database) === promise) lastWriters.delete(database);
  }
}

/** @param deadline monotonic */
async function retryUntil<Result>(deadline: number, write: () => Result): Promise<Result> {
  for (;;) {
    try {
      return write();
    } catch (cause) {
      if (!isBusy(cause) || performance.now() > deadline) throw new StoreFailure(cause);
    }
    await setTimeout(RETRY_MS);
  }
}

/** Writes without waiting for another process that holds the lock. @throws what SQLite throws, also where it is held */
export function writeAtOnce<Result>(database: DatabaseSync, write: () => Result): Result {
  database.exec('PRAGMA busy_timeout = 0');
  try {
    return write();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/** Writes in a transaction of its own: all of it, or nothing. */
export function writeWhole<Result>(database: DatabaseSync, write: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = write();
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    // Where the disk is full SQLite has taken it back already, and the first failure is the one to tell.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

/**
 * Repeats small steps of long work in one transaction, for HOLD_MS.
 *
 * @param step @returns whether there is more to do
 * @returns whether there is more to do, in another transaction: others should get their turns before
 */
export function writeForAWhile(database: DatabaseSync, step: () => boolean): boolean {
  return writeWhole(database, () => {
    const began = performance.now();
    let isMore: boolean;
    do isMore = step();
    while (isMore && performance.now() - began < HOLD_MS);
    return isMore;
  });
}

export function isBusy(cause: unknown): boolean {
  return (cause as { errcode?: unknown } | undefined)?.errcode === SQLITE_BUSY;
}

/**
 * Takes the lock of a file, which is empty and stays so: SQLite's, because Node has none of its own. The system itself
 * gives it back when the process ends, however that happens.
 *
 * Two that try in the same moment may both hear that somebody else has it: each holds the weaker lock for a moment,
 * which SQLite wants first, and so refuses the other the stronger one. With `waitMs` one of them gets it.
 *
 * @param waitMs how long to wait for somebody else, with this process standing still
 * @returns a function that gives it back; undefined: somebody else has it
 * @throws {Error} the file cannot be used
 */
export function claimFile(path: string, waitMs = 0): (() => void) | undefined {
  const database = new DatabaseSync(path, { timeout: waitMs });
  try {
    // In memory: no journal is made beside the file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return () => database.close();
  } catch (cause) {
    database.close();
    if (isBusy(cause)) return undefined;
    throw cause;
  }
}
