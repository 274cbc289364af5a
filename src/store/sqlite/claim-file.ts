import { existsSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { isBusy } from './patient-write.ts';

/**
 * Takes the lock of a file, which is made if it is not there: SQLite's, because Node has none of its own. The system
 * itself gives it back when the process ends, however that happens. Nothing is ever written to the file.
 *
 * Two that try in the same moment may both be told that somebody else has it.
 *
 * @param waitMs how long to wait for somebody else, with this process standing still
 * @returns a function that gives it back; undefined: somebody else has it
 * @throws {Error} the file can be neither made nor used
 */
export function claimFile(path: string, waitMs = 0): (() => void) | undefined {
  makeFile(path);
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

/** Only where there is none: closing a descriptor of the file would take the lock from whoever has it in this process. */
function makeFile(path: string): void {
  if (existsSync(path)) return;
  try {
    writeFileSync(path, '', { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}
