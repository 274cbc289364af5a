import { userIdentity } from '../../auth/lockout.ts';
import { argon2Passwords } from '../../auth/password-hash.ts';
import {
  type Account,
  type AccountStore,
  type ActGuard,
  type AddedUser,
  type UserDirectory,
  type AccountSnapshot,
} from '../../core/account-store.ts';
import { CONSOLE_RIGHTS, isFullAdmin, RIGHT_BIT } from '../../core/rights.ts';
import type { Connection } from './connection.ts';
import { createLoginFailures, LOGIN_STATEMENTS } from './login-failures.ts';
import { createLoginKeys } from './login-keys.ts';
import { failuresOf, listsOf, scopeOf, userEntryOf } from '../rows.ts';
import { oncePerBatch, promised, writeWhole, writeWithRetry } from './transactions.ts';

const SELECT_USER = `SELECT user_id, name, verifier, active, rights, lists, count, last_failed_at, known_failed_at
                     FROM users LEFT JOIN login_failures USING (login_key)`;

/** Reads a request's caller: a test reads the query plan. */
export const SELECT_ACCOUNT = `${SELECT_USER} WHERE identity = ?`;

const SELECT_BY_EXTENSION = 'SELECT name FROM users WHERE extension = ? AND active = 1';

/** Users of the embedded store. No lead is read before the caller is known: a second read costs nothing here. */
export function createAccountStore(connection: Connection): AccountStore {
  const { database, readBatch } = connection;
  const account = database.prepare(SELECT_ACCOUNT);
  account.setReturnArrays(true);
  const byExtension = database.prepare(SELECT_BY_EXTENSION);
  const { readStored, ...failures } = createLoginFailures(connection);

  const readUser = oncePerBatch(readBatch, (identity): AccountSnapshot => {
    const row = account.get(identity) as unknown as UserRow | undefined;
    return row === undefined
      ? { identity, account: undefined, failures: readStored(identity), lists: [] }
      : {
          identity,
          account: accountOf(row),
          failures: failuresOf(row[6], row[7], row[8]),
          lists: scopeOf(row[5]),
        };
  });

  return {
    passwords: argon2Passwords,
    read: (userName) => readBatch.read(() => readUser(userIdentity(userName))),
    listsOf: ({ lists = [] }) => Promise.resolve(lists),
    readNameByExtension: (extension) =>
      readBatch.read(() => {
        const row = byExtension.get(extension);
        return row === undefined ? undefined : String(row.name);
      }),
    ...failures,
  };
}

/** The highest id that a user has, or had before being removed: what is counted for one must not be counted for another. */
const LAST_ID = `max(ifnull((SELECT max(user_id) FROM users), 0),
  ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'last_user_id'), 0))`;
const KEEP_LAST_ID = `INSERT OR REPLACE INTO meta VALUES ('last_user_id', CAST(${LAST_ID} AS TEXT))`;
const INSERT_USER = `INSERT INTO users (user_id, name, identity, login_key, verifier, rights, lists)
  VALUES (1 + ${LAST_ID}, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

const SELECT_USERS = `${SELECT_USER.replace(' FROM', ', extension FROM')} ORDER BY identity`;

/** An admin who can do all that the console can. */
const IS_ADMIN = `active = 1 AND rights & ${CONSOLE_RIGHTS} = ${CONSOLE_RIGHTS} AND lists IS NULL`;
const IS_LAST_ADMIN = `SELECT 1 FROM users WHERE identity = ?1 AND ${IS_ADMIN}
  AND NOT EXISTS (SELECT 1 FROM users WHERE identity <> ?1 AND ${IS_ADMIN})`;

/** The users that the embedded store keeps. */
export function createUserDirectory(connection: Connection): UserDirectory {
  const { database } = connection;
  const list = database.prepare(SELECT_USERS);
  list.setReturnArrays(true);
  const setVerifier = database.prepare('UPDATE users SET verifier = ? WHERE identity = ?');
  const setActive = database.prepare('UPDATE users SET active = ? WHERE identity = ?');
  const setExtension = database.prepare('UPDATE users SET extension = ? WHERE identity = ?');
  const keyOf = createLoginKeys(database);
  const change = database.prepare('UPDATE users SET rights = ?, lists = ? WHERE identity = ?');
  const remove = database.prepare('DELETE FROM users WHERE identity = ?');
  const keepLastId = database.prepare(KEEP_LAST_ID);
  const forgetFailures = createForgetFailures(database);
  const onUser = createOnUser(connection);
  // Whoever is disabled, loses the card or gets another password is signed in nowhere, also when he may come in again.
  const endSessions = database.prepare(
    'DELETE FROM sessions WHERE user_name = (SELECT name FROM users WHERE identity = ?)',
  );

  return {
    ...createAddUser(connection, keyOf),
    isAny: () => promised(() => database.prepare('SELECT 1 FROM users LIMIT 1').get() !== undefined),
    list: () => promised(() => (list.all() as unknown as readonly UserRow[]).map(entryOf)),
    setVerifier: (name, verifier) =>
      onUser(name, (identity) => {
        forgetFailures(keyOf(identity), 'known networks');
        endSessions.run(identity);
        return setVerifier.run(verifier, identity);
      }),
    setActive: (name, active, guard) =>
      onUser(
        name,
        (identity) => {
          if (!active) endSessions.run(identity);
          return setActive.run(active ? 1 : 0, identity);
        },
        active ? undefined : guard,
      ),
    change: (name, { rights, lists }, guard) =>
      onUser(
        name,
        (identity) => {
          if ((rights & RIGHT_BIT.card) === 0) endSessions.run(identity);
          return change.run(rights, listsOf(lists), identity);
        },
        isFullAdmin(rights, lists) ? undefined : guard,
      ),
    setExtension: (name, extension) =>
      onUser(name, (identity) => setExtension.run(extension ?? null, identity)),
    remove: (name, guard) =>
      onUser(
        name,
        (identity) => {
          keepLastId.run();
          forgetFailures(keyOf(identity), 'every network');
          endSessions.run(identity);
          return remove.run(identity);
        },
        guard,
      ),
  };
}

/** Forgets the failed logins of a key: as they are when the password is another, or when the user is gone. */
function createForgetFailures(database: Connection['database']) {
  const clear = database.prepare(LOGIN_STATEMENTS.clear);
  const clearKnown = database.prepare(LOGIN_STATEMENTS.clearKnown);
  const forgetNetworks = database.prepare(LOGIN_STATEMENTS.forgetNetworks);
  return (key: string, of: 'known networks' | 'every network'): void => {
    clear.run(key);
    (of === 'every network' ? forgetNetworks : clearKnown).run(key);
  };
}

type WriteToUser = (identity: string) => { readonly changes: number | bigint };

/** What is done to one user is done as a whole. */
function createOnUser({ database, readBatch }: Connection) {
  const lastAdmin = database.prepare(IS_LAST_ADMIN);

  /** @returns whether it was done to a user, as `write` says; false: the guard refuses it */
  return (name: string, write: WriteToUser, guard?: ActGuard): Promise<boolean> => {
    const identity = userIdentity(name);
    return promised(() => {
      readBatch.end();
      return writeWhole(database, () => {
        if (guard !== undefined && lastAdmin.get(identity) !== undefined) return false;
        return write(identity).changes === 1;
      });
    });
  };
}

/** @param keyOf the keyed hash of a name */
function createAddUser(
  connection: Connection,
  keyOf: (identity: string) => string,
): Pick<UserDirectory, 'add' | 'addFirst'> {
  const { database, readBatch } = connection;
  const insert = database.prepare(INSERT_USER);
  const mayBeFirst = database.prepare(
    `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users)
     AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'first_key' AND value = ?)`,
  );
  const noteKey = database.prepare(`INSERT OR REPLACE INTO meta VALUES ('first_key', ?)`);

  function insertUser({ name, verifier, rights, lists }: AddedUser): boolean {
    const identity = userIdentity(name);
    return insert.run(name, identity, keyOf(identity), verifier, rights, listsOf(lists)).changes === 1;
  }

  return {
    add: (user) =>
      promised(() => {
        readBatch.end();
        return insertUser(user);
      }),
    addFirst: (user, key) =>
      writeWithRetry(connection, () =>
        writeWhole(database, () => {
          if (mayBeFirst.get(key) === undefined || !insertUser(user)) return false;
          noteKey.run(key);
          return true;
        }),
      ),
  };
}

/** As SELECT_USER reads it, and SELECT_USERS. */
type UserRow = readonly unknown[];

const entryOf = (row: UserRow) => userEntryOf(accountOf(row), scopeOf(row[5]), row);

function accountOf(row: UserRow): Account {
  return {
    id: String(row[0]),
    name: row[1] as string,
    verifier: row[2] as string,
    active: row[3] === 1,
    rights: row[4] as number,
  };
}
