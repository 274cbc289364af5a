import { NO_FAILURES, type LoginFailures } from '../../core/account.ts';
import type { LoginFailureStore } from '../../core/account-store.ts';
import { MAX_FAILURES } from '../../auth/lockout.ts';
import { atTheDoor } from '../store-failure.ts';
import type { Connection } from './connection.ts';
import { writePatiently } from './write-retry.ts';
import { onceInATurn } from './read-batch.ts';

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
  // The condition is always true: with it the time is read from its index.
  newest: `SELECT last_failed_at FROM login_failures WHERE last_failed_at > -1
           ORDER BY last_failed_at DESC LIMIT 1 OFFSET ?`,
} as const;

/** After so many counted failures, at most 2,000 names are forgotten whose last failure is long ago. */
const CLEAN_EVERY = 1_000;
/**
 * How long a name is kept: the first of these of which there are not more. Within a day no lock is opened, whatever the clock
 * does. Somebody who makes up names by the thousand must not fill the disk: then two hours, which a lock and a clock that is
 * set by an hour fit into; and beyond half a million names (some 60 MB) the oldest go.
 */
const KEPT = [
  { names: 0, ms: 24 * 60 * 60 * 1000 },
  { names: 100_000, ms: 2 * 60 * 60 * 1000 },
  { names: 500_000, ms: 0 },
] as const;

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
  const newest = database.prepare(FAILURE_STATEMENTS.newest);
  let counted = 0;
  const readFailures = onceInATurn(readTurn, (identity) => {
    const row = read.get(identity);
    return row === undefined ? NO_FAILURES : failuresOf(row.count, row.last_failed_at);
  });

  function clean(at: number): void {
    const limits = KEPT.flatMap(({ names, ms }) => {
      const [last] = names === 0 ? [{ last_failed_at: Infinity }] : newest.all(names);
      return last === undefined ? [] : [Math.min(Number(last.last_failed_at), at - ms)];
    });
    forgetOld.run(Math.max(...limits));
  }

  function countFailure(identity: string, at: number, expired: number | undefined): number | undefined {
    readTurn.end();
    counted += 1;
    if (counted % CLEAN_EVERY === 0) clean(at);
    // Not `get`: it leaves the statement at its row, and that the end of it fails (a full disk) would not be told.
    const [row] = count.all(identity, at, expired ?? null);
    return row === undefined ? undefined : Number(row.count);
  }

  return {
    readFailures: (identity) => atTheDoor(() => readFailures(identity)),
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
