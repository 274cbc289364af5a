import { userIdentity } from '../../auth/lockout.ts';
import { argon2Passwords } from '../../auth/password-hash.ts';
import type {
  Account,
  AccountSnapshot,
  AccountStore,
  ExpectedLookup,
  UserDirectory,
} from '../../core/account-store.ts';
import { RIGHT_BIT } from '../../core/rights.ts';
import type { Row } from '../network/connector.ts';
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

/** The users that the store keeps. */
export function createUserDirectory({ read, write, transaction, prepared }: Database): UserDirectory {
  /** @param endsSessions whoever is disabled, loses the card or gets another password is signed in nowhere */
  async function update(
    name: string,
    set: string,
    values: readonly (string | number | null)[],
    endsSessions: boolean,
  ) {
    const identity = userIdentity(name);
    return transaction(async ({ run }) => {
      if (endsSessions) await run(END_SESSIONS, [identity]);
      const rows = await run(`UPDATE users SET ${set} WHERE identity = $1 RETURNING 1`, [
        identity,
        ...values,
      ]);
      return rows.length === 1;
    });
  }

  async function forget(name: string, statements: readonly string[]): Promise<void> {
    const { keyOf } = await prepared();
    for (const sql of statements) await write(sql, [keyOf(userIdentity(name))]);
  }

  return {
    async add({ name, verifier, rights, lists }) {
      const identity = userIdentity(name);
      const { keyOf } = await prepared();
      const rows = await write(
        `INSERT INTO users (name, identity, login_key, verifier, rights, lists) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING RETURNING 1`,
        [name, identity, keyOf(identity), verifier, rights, listsOf(lists)],
      );
      return rows.length === 1;
    },
    async list() {
      return (await read(SELECT_USERS, [])).map((row) => userEntryOf(accountOf(row), row));
    },
    async setVerifier(name, verifier) {
      await forget(name, [LOGIN_STATEMENTS.clear, LOGIN_STATEMENTS.clearKnown]);
      return update(name, 'verifier = $2', [verifier], true);
    },
    setActive: (name, active) => update(name, 'active = $2::integer::boolean', [active ? 1 : 0], !active),
    change: (name, { rights, lists }) =>
      update(name, 'rights = $2, lists = $3', [rights, listsOf(lists)], (rights & RIGHT_BIT.card) === 0),
    setExtension: (name, extension) => update(name, 'extension = $2', [extension ?? null], false),
    async remove(name) {
      await forget(name, [LOGIN_STATEMENTS.clear, LOGIN_STATEMENTS.forgetNetworks]);
      const identity = userIdentity(name);
      return transaction(async ({ run }) => {
        await run(END_SESSIONS, [identity]);
        return (await run('DELETE FROM users WHERE identity = $1 RETURNING 1', [identity])).length === 1;
      });
    },
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
