import type { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';

import { StoreFailure } from '../../core/lead-store.ts';

/**
 * One read transaction for all the reads of one tick of the event loop. By itself each statement takes and gives
 * back SQLite's locks, which costs as much as the read: measured 5.4 instead of 8.8 us for account and lead. The
 * next tick reads anew, so what was changed before a request arrived is seen by it.
 */
export interface ReadBatch {
  /**
   * Begins the batch, if it has not begun, and reads.
   *
   * @throws {StoreFailure} whatever goes wrong (as a rejection)
   */
  read<Result>(read: () => Result): Promise<Result>;
  /**
   * Begins the batch, if it has not begun.
   *
   * @returns the number of this view of the store, in which a row never changes; undefined: a writer's transaction is open,
   *   in which it may
   */
  begin(): number | undefined;
  /** To be called before a write, which must not begin in an older view of the store. */
  end(): void;
}

export function createReadBatch(database: DatabaseSync): ReadBatch {
  const beginTransaction = database.prepare('BEGIN');
  const commit = database.prepare('COMMIT');
  let isOpen = false;
  let view = 0;

  // After an error SQLite may have ended the transaction by itself; a closed store has none.
  const isInTransaction = () => database.isOpen && database.isTransaction;

  function begin(): number | undefined {
    if (isOpen) return view;
    if (database.isTransaction) return undefined;
    beginTransaction.run();
    isOpen = true;
    view += 1;
    setImmediate(end);
    return view;
  }

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
    // Async, so that what is thrown here, too, is a rejection.
    // eslint-disable-next-line @typescript-eslint/require-await
    async read(read) {
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

/** SQLite's code for "another connection holds the lock" (https://sqlite.org/rescode.html#busy). */
const SQLITE_BUSY = 5;

/** How long a writer waits for another one (an import's batch) before it gives up. */
export const BUSY_TIMEOUT_MS = 5_000;

const RETRY_MS = 5;

/**
 * Writes in a server: while another process (an import) holds the lock, it waits beside the event loop, where
 * SQLite itself would stand still with everybody's requests.
 *
 * @throws the last failure, after BUSY_TIMEOUT_MS
 */
export async function writeWithRetry<Result>(database: DatabaseSync, write: () => Result): Promise<Result> {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return writeAtOnce(database, write);
    } catch (cause) {
      if (!isBusy(cause) || performance.now() > deadline) throw cause;
    }
    await setTimeout(RETRY_MS);
  }
}

function writeAtOnce<Result>(database: DatabaseSync, write: () => Result): Result {
  database.exec('PRAGMA busy_timeout = 0');
  try {
    return write();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

export function isBusy(cause: unknown): boolean {
  return (cause as { errcode?: unknown } | undefined)?.errcode === SQLITE_BUSY;
}
