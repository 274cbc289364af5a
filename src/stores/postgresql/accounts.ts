import { userIdentity } from '../../auth/lockout.ts';
import { argon2Passwords } from '../../auth/password-hash.ts';
import type {
  Account,
  AccountSnapshot,
  AccountStore,
  ActGuard,
  AddedUser,
  ExpectedLookup,
  UserDirectory,
} from '../../core/account-store.ts';
import { CONSOLE_RIGHTS, isFullAdmin, RIGHT_BIT } from '../../core/rights.ts';
import type { Read, Row } from '../network/connector.ts';
import { withStoreFailure } from '../network/pool.ts';
import { failuresOf, userEntryOf } from '../rows.ts';
import type { Database } from './database.ts';
import { createLoginFailures, LOGIN_STATEMENTS } from './login-failures.ts';
import { ACCOUNT_COLUMNS, type createLookups, type ReadAccount } from './lookups.ts';
import { comparedText, listsOf, scopeOf } from './rows.ts';

/** An account, with what its statement brought of the lead that was asked for. */
export interface PostgresqlSnapshot extends AccountSnapshot {
  readonly prefetched: ReadAccount['prefetched'];
}

type ReadAccounts = Pick<ReturnType<typeof createLookups>, 'readAccount'>;

/**
 * Users of the store. One statement reads all accounts that are asked for in one tick of the event loop; with those of users who asked
 * just now it reads the lead, too.
 *
 * @param replicasFor reads lookups of those who are expected from replicas; undefined: not those of this user
 */
export function createAccountStore(
  database: Database,
  lookups: ReadAccounts,
  replicasFor: (user: string) => ReadAccounts | undefined = () => undefined,
): AccountStore {
  async function read(userName: string, expected?: ExpectedLookup): Promise<PostgresqlSnapshot> {
    const identity = userIdentity(userName);
    // Whoever has yet to show a password, or is signed in at a page, is looked for where it was written.
    const { readAccount } = (expected && replicasFor(userName)) ?? lookups;
    const { row, prefetched } = await readAccount({ identity, expected });
    const failures = failuresOf(row[6] ?? null, row[7], row[8]);
    if (row[0] === null) return { identity, account: undefined, failures, lists: [], prefetched: undefined };
    return { identity, account: accountOf(row), failures, lists: scopeOf(row[5]), prefetched };
  }

  return {
    passwords: argon2Passwords,
    prefetches: true,
    read: (userName, expected) => withStoreFailure(() => read(userName, expected)),
    listsOf: ({ lists = [] }) => Promise.resolve(lists),
    readNameByExtension: (extension) =>
      withStoreFailure(async () => {
        const [row] = await database.read(SELECT_BY_EXTENSION, [comparedText(extension)]);
        return row === undefined ? undefined : String(row[0]);
      }),
    ...createLoginFailures(database),
  };
}

const SELECT_BY_EXTENSION = 'SELECT name FROM users WHERE extension = $1 AND active';
const SELECT_USERS = `SELECT ${ACCOUNT_COLUMNS.join(', ')}, users.extension
  FROM users LEFT JOIN login_failures AS failures USING (login_key) ORDER BY identity`;
const END_SESSIONS = 'DELETE FROM sessions WHERE user_name = (SELECT name FROM users WHERE identity = $1)';

/** An admin who can do all that the console can. */
const IS_ADMIN = `active AND rights & ${CONSOLE_RIGHTS} = ${CONSOLE_RIGHTS} AND lists IS NULL`;
const IS_LAST_ADMIN = `SELECT 1 FROM users WHERE identity = $1 AND ${IS_ADMIN}
  AND NOT EXISTS (SELECT 1 FROM users WHERE identity <> $1 AND ${IS_ADMIN})`;
/** Nobody else writes users until the transaction ends, and each sees what the one before it wrote. */
const LOCK_USERS = 'LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE';
const INSERT_USER = `INSERT INTO users (name, identity, login_key, verifier, rights, lists) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT DO NOTHING RETURNING 1`;
const MAY_BE_FIRST = `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users)
  AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'first_key' AND value = $1)`;
const NOTE_KEY = `INSERT INTO meta VALUES ('first_key', $1) ON CONFLICT (name) DO UPDATE SET value = $1`;

/** The users that the store keeps. */
export function createUserDirectory(database: Database): UserDirectory {
  const { read } = database;
  const onUser = createOnUser(database);
  return {
    ...createAddUser(database),
    isAny: async () => (await read('SELECT 1 FROM users LIMIT 1', [])).length > 0,
    async list() {
      return (await read(SELECT_USERS, [])).map((row) => userEntryOf(accountOf(row), scopeOf(row[5]), row));
    },
    setVerifier: (name, verifier) =>
      onUser(name, async (run, identity, key) => {
        await run(LOGIN_STATEMENTS.clear, [key]);
        await run(LOGIN_STATEMENTS.clearKnown, [key]);
        return update('verifier = $2', [verifier], true)(run, identity);
      }),
    setActive: (name, active, guard) =>
      onUser(
        name,
        update('active = $2::integer::boolean', [active ? 1 : 0], !active),
        active ? undefined : guard,
      ),
    change: (name, { rights, lists }, guard) =>
      onUser(
        name,
        update('rights = $2, lists = $3', [rights, listsOf(lists)], (rights & RIGHT_BIT.card) === 0),
        isFullAdmin(rights, lists) ? undefined : guard,
      ),
    setExtension: (name, extension) => onUser(name, update('extension = $2', [extension ?? null])),
    remove: (name, guard) =>
      onUser(
        name,
        async (run, identity, key) => {
          await run(LOGIN_STATEMENTS.clear, [key]);
          await run(LOGIN_STATEMENTS.forgetNetworks, [key]);
          await run(END_SESSIONS, [identity]);
          return run('DELETE FROM users WHERE identity = $1 RETURNING 1', [identity]);
        },
        guard,
      ),
  };
}

type ChangeOfUser = (run: Read, identity: string, key: string) => Promise<readonly unknown[]>;

/** What is done to one user is done as a whole. */
function createOnUser({ transaction, prepared }: Database) {
  /** @returns whether `change` has changed one row; false: the guard refuses it */
  return async (name: string, change: ChangeOfUser, guard?: ActGuard): Promise<boolean> => {
    const identity = userIdentity(name);
    const { keyOf } = await prepared();
    return transaction(async ({ run }) => {
      if (guard !== undefined) {
        await run(LOCK_USERS, []);
        if ((await run(IS_LAST_ADMIN, [identity])).length > 0) return false;
      }
      return (await change(run, identity, keyOf(identity))).length === 1;
    });
  };
}

/** @param endsSessions whoever is disabled, loses the card or gets another password is signed in nowhere */
function update(
  set: string,
  values: readonly (string | number | null)[],
  endsSessions = false,
): (run: Read, identity: string) => Promise<readonly unknown[]> {
  return async (run, identity) => {
    if (endsSessions) await run(END_SESSIONS, [identity]);
    return run(`UPDATE users SET ${set} WHERE identity = $1 RETURNING 1`, [identity, ...values]);
  };
}

function createAddUser({ write, transaction, prepared }: Database): Pick<UserDirectory, 'add' | 'addFirst'> {
  async function valuesOf({ name, verifier, rights, lists }: AddedUser) {
    const identity = userIdentity(name);
    const { keyOf } = await prepared();
    return [name, identity, keyOf(identity), verifier, rights, listsOf(lists)];
  }

  return {
    async add(user) {
      return (await write(INSERT_USER, await valuesOf(user))).length === 1;
    },
    addFirst: (user, key) =>
      withStoreFailure(async () => {
        const values = await valuesOf(user);
        return transaction(async ({ run }) => {
          await run(LOCK_USERS, []);
          const isFirst = (await run(MAY_BE_FIRST, [key])).length === 1;
          if (!isFirst || (await run(INSERT_USER, values)).length !== 1) return false;
          await run(NOTE_KEY, [key]);
          return true;
        });
      }),
  };
}

/** In the order of ACCOUNT_COLUMNS. */
function accountOf(row: Row): Account {
  return {
    id: String(row[0]),
    name: row[1] as string,
    verifier: row[2] as string,
    active: row[3] === true,
    rights: row[4] as number,
  };
}
