import { DatabaseSync } from 'node:sqlite';

import { isBusy } from './transactions.ts';

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
