import type { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';

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
export async function writePatiently<Result>(database: DatabaseSync, write: () => Result): Promise<Result> {
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
