import { MAX_FAILURES, userIdentity } from '../../auth/lockout.ts';
import { argon2Passwords } from '../../auth/password-hash.ts';
import {
  type Account,
  type AccountStore,
  type LoginFailures,
  NO_FAILURES,
  type UserDirectory,
  type AccountSnapshot,
} from '../../core/account-store.ts';
import { RIGHT_BIT } from '../../core/rights.ts';
import type { Connection } from './connection.ts';
import { oncePerBatch, writeWithRetry } from './transactions.ts';
import { listsOf, scopeOf } from './rows.ts';

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
 * How long a failed name is kept, by how many there are. A day is longer than any lock, whatever the clock does. Two hours
 * outlast a lock of 15 minutes and a clock that is set by an hour. Half a million names take some 60 MB.
 */
const KEPT = [
  { names: 0, ms: 24 * 60 * 60 * 1000 },
  { names: 100_000, ms: 2 * 60 * 60 * 1000 },
  { names: 500_000, ms: 0 },
] as const;

/** Failed logins in a store's file: they survive a killed process, and other processes see them. */
export function createLoginFailures(connection: Connection) {
  const { database, readBatch } = connection;
  const read = database.prepare(FAILURE_STATEMENTS.read);
  const count = database.prepare(FAILURE_STATEMENTS.count);
  const clear = database.prepare(FAILURE_STATEMENTS.clear);
  const forgetOld = database.prepare(FAILURE_STATEMENTS.forgetOld);
  const newest = database.prepare(FAILURE_STATEMENTS.newest);
  let counted = 0;
  const readStored = oncePerBatch(readBatch, (identity) => {
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
    counted += 1;
    if (counted % CLEAN_EVERY === 0) clean(at);
    // Not `get`: it leaves the statement at its row, and that the end of it fails (a full disk) would go unnoticed.
    const [row] = count.all(identity, at, expired ?? null);
    return row === undefined ? undefined : Number(row.count);
  }

  return {
    /** Within a read batch. */
    readStored,
    readFailures: (identity: string) => readBatch.read(() => readStored(identity)),
    countFailure: (identity: string, at: number, expired?: number) =>
      writeWithRetry(connection, () => countFailure(identity, at, expired)),
    clearFailures: (identity: string) => writeWithRetry(connection, () => void clear.run(identity)),
  };
}

/** From the two columns, which are null where nothing failed. */
function failuresOf(count: unknown, lastFailedAt: unknown): LoginFailures {
  return count === null ? NO_FAILURES : { count: Number(count), lastFailedAt: Number(lastFailedAt) };
}

const SELECT_USER = `SELECT user_id, name, verifier, active, rights, lists, count, last_failed_at
                     FROM users LEFT JOIN login_failures USING (identity)`;

/** Reads a request's caller: a test reads the query plan. */
export const SELECT_ACCOUNT = `${SELECT_USER} WHERE identity = ?`;

/** Users of the embedded store. No lead is read before the caller is known: a second read costs nothing here. */
export function createAccountStore(connection: Connection): AccountStore {
  const { database, readBatch } = connection;
  const account = database.prepare(SELECT_ACCOUNT);
  account.setReturnArrays(true);
  const { readStored, ...failures } = createLoginFailures(connection);

  const readUser = oncePerBatch(readBatch, (identity): AccountSnapshot => {
    const row = account.get(identity) as unknown as UserRow | undefined;
    return row === undefined
      ? { identity, account: undefined, failures: readStored(identity), lists: [] }
      : { identity, account: accountOf(row), failures: failuresOf(row[6], row[7]), lists: scopeOf(row[5]) };
  });

  return {
    passwords: argon2Passwords,
    read: (userName) => readBatch.read(() => readUser(userIdentity(userName))),
    listsOf: ({ lists = [] }) => Promise.resolve(lists),
    ...failures,
  };
}

/** The users that the embedded store keeps. */
export function createUserDirectory({ database, readBatch }: Connection): UserDirectory {
  const insert = database.prepare(
    'INSERT INTO users (name, identity, verifier, rights, lists) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const list = database.prepare(`${SELECT_USER} ORDER BY identity`);
  list.setReturnArrays(true);
  const setVerifier = database.prepare('UPDATE users SET verifier = ? WHERE identity = ?');
  const setActive = database.prepare('UPDATE users SET active = ? WHERE identity = ?');
  const change = database.prepare('UPDATE users SET rights = ?, lists = ? WHERE identity = ?');
  const remove = database.prepare('DELETE FROM users WHERE identity = ?');
  const clear = database.prepare(FAILURE_STATEMENTS.clear);
  // Whoever is disabled, loses the card or gets another password is signed in nowhere, also when he may come in again.
  const endSessions = database.prepare(
    'DELETE FROM sessions WHERE user_name = (SELECT name FROM users WHERE identity = ?)',
  );
  return {
    add({ name, verifier, rights, lists }) {
      readBatch.end();
      return insert.run(name, userIdentity(name), verifier, rights, listsOf(lists)).changes === 1;
    },
    list: () =>
      (list.all() as unknown as readonly UserRow[]).map((row) => {
        const { name, active, rights } = accountOf(row);
        return { name, active, rights, lists: scopeOf(row[5]), failures: failuresOf(row[6], row[7]) };
      }),
    setVerifier(name, verifier) {
      readBatch.end();
      clear.run(userIdentity(name));
      endSessions.run(userIdentity(name));
      return setVerifier.run(verifier, userIdentity(name)).changes === 1;
    },
    setActive(name, active) {
      readBatch.end();
      if (!active) endSessions.run(userIdentity(name));
      return setActive.run(active ? 1 : 0, userIdentity(name)).changes === 1;
    },
    change(name, { rights, lists }) {
      readBatch.end();
      if ((rights & RIGHT_BIT.card) === 0) endSessions.run(userIdentity(name));
      return change.run(rights, listsOf(lists), userIdentity(name)).changes === 1;
    },
    remove(name) {
      readBatch.end();
      clear.run(userIdentity(name));
      endSessions.run(userIdentity(name));
      return remove.run(userIdentity(name)).changes === 1;
    },
  };
}

/** As SELECT_USER reads it. */
type UserRow = readonly unknown[];

function accountOf(row: UserRow): Account {
  return {
    id: String(row[0]),
    name: row[1] as string,
    verifier: row[2] as string,
    active: row[3] === 1,
    rights: row[4] as number,
  };
}
