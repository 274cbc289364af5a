import { NO_FAILURES, type LoginFailures } from '../../access/account.ts';
import type { LoginFailureStore } from '../../access/account-store.ts';
import { MAX_FAILURES } from '../../access/lockout.ts';
import { atTheDoor } from '../at-the-door.ts';
import type { Connection } from './connection.ts';
import { writePatiently } from './patient-write.ts';

/** The statements that count failed logins: a test reads the query plan of each. */
export const FAILURE_STATEMENTS = {
  read: 'SELECT count, last_failed_at FROM login_failures WHERE identity = ?',
  // ?3: the last failure of a series that is over. Another process may have begun a new one meanwhile.
  count: `INSERT INTO login_failures VALUES (?1, 1, ?2)
                 ON CONFLICT (identity) DO UPDATE
                 SET count = CASE WHEN last_failed_at = ?3 THEN 1 ELSE count + 1 END, last_failed_at = ?2
                 WHERE count < ${MAX_FAILURES} OR last_failed_at = ?3 RETURNING count`,
  clear: 'DELETE FROM login_failures WHERE identity = ?',
  forgetOld: `DELETE FROM login_failures WHERE identity IN
                      (SELECT identity FROM login_failures WHERE last_failed_at < ? LIMIT 2000)`,
} as const;

/** After so many counted failures, those that are older than a day are deleted: whatever the clock does, no lock is. */
const CLEAN_EVERY = 1_000;
const OLD_MS = 24 * 60 * 60 * 1000;

/** The count is read at once; it is written beside the event loop. */
export interface StoredLoginFailures extends LoginFailureStore {
  readFailures(identity: string): LoginFailures;
}

/** Failed logins in a store's file: they survive a killed process, and other processes see them. */
export function createLoginFailures({ database, readTurn }: Connection): StoredLoginFailures {
  const read = database.prepare(FAILURE_STATEMENTS.read);
  const count = database.prepare(FAILURE_STATEMENTS.count);
  const clear = database.prepare(FAILURE_STATEMENTS.clear);
  const forgetOld = database.prepare(FAILURE_STATEMENTS.forgetOld);
  let counted = 0;

  function countFailure(identity: string, at: number, expired: number | undefined): number | undefined {
    readTurn.end();
    counted += 1;
    if (counted % CLEAN_EVERY === 0) forgetOld.run(at - OLD_MS);
    const row = count.get(identity, at, expired ?? null);
    return row === undefined ? undefined : Number(row.count);
  }

  return {
    readFailures: (identity) =>
      atTheDoor(() => {
        const row = read.get(identity);
        return row === undefined ? NO_FAILURES : failuresOf(row.count, row.last_failed_at);
      }),
    countFailure: (identity, at, expired) =>
      atTheDoor(() => writePatiently(database, () => countFailure(identity, at, expired))),
    clearFailures: (identity) =>
      atTheDoor(() =>
        writePatiently(database, () => {
          readTurn.end();
          clear.run(identity);
        }),
      ),
  };
}

/** From the two columns, which are null where nothing failed. */
export function failuresOf(count: unknown, lastFailedAt: unknown): LoginFailures {
  return count === null ? NO_FAILURES : { count: Number(count), lastFailedAt: Number(lastFailedAt) };
}
