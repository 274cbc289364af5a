import type { Account } from '../../core/account.ts';
import type { AccountStore, UserDirectory, UserEntry, Visit } from '../../core/account-store.ts';
import { argon2Passwords } from '../../auth/password-hash.ts';
import { userIdentity } from '../../auth/user-name.ts';
import type { LeadStore } from '../../core/lead-store.ts';
import type { Question } from '../../core/query.ts';
import { atTheDoor } from '../store-failure.ts';
import type { Connection } from './connection.ts';
import { listsOf, scopeOf } from './list-scope.ts';
import { createLoginFailures, FAILURE_STATEMENTS, failuresOf } from './login-failures.ts';
import { onceInATurn } from './read-batch.ts';

const SELECT_USER = `SELECT user_id, name, verifier, active, may_use_api, lists, count, last_failed_at
                     FROM users LEFT JOIN login_failures USING (identity)`;

/** The statements that a request runs for its caller: a test reads the query plan of each. */
export const ACCOUNT_STATEMENTS = {
  account: `${SELECT_USER} WHERE identity = ?`,
} as const;

/** Callers of the embedded store. The lead is looked for only once the caller is admitted. */
export function createAccountStore(connection: Connection, leads: LeadStore): AccountStore {
  const { database, readTurn } = connection;
  const account = database.prepare(ACCOUNT_STATEMENTS.account);
  account.setReturnArrays(true);
  const failures = createLoginFailures(connection);

  const readUser = onceInATurn(readTurn, (identity) => {
    const row = account.get(identity) as unknown as UserRow | undefined;
    return row && { account: accountOf(row), failures: failuresOf(row[6], row[7]), lists: row[5] };
  });

  function visit(userName: string, question: Question | undefined): Visit {
    const identity = userIdentity(userName);
    const user = readUser(identity);
    if (user === undefined) {
      return {
        identity,
        account: undefined,
        failures: failures.readFailures(identity),
        find: () => undefined,
        scope: () => [],
      };
    }
    return {
      identity,
      account: user.account,
      failures: user.failures,
      find: () => (question === undefined ? undefined : leads.find(question, scopeOf(user.lists))),
      scope: () => scopeOf(user.lists),
    };
  }

  return {
    passwords: argon2Passwords,
    visit: (userName, question) => atTheDoor(() => visit(userName, question)),
    ...failures,
  };
}

/** The users that the embedded store keeps. */
export function createUserDirectory({ database, readTurn }: Connection): UserDirectory {
  const insert = database.prepare(
    'INSERT INTO users (name, identity, verifier, may_use_api, lists) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const list = database.prepare(`${SELECT_USER} ORDER BY identity`);
  list.setReturnArrays(true);
  const setVerifier = database.prepare('UPDATE users SET verifier = ? WHERE identity = ?');
  const setActive = database.prepare('UPDATE users SET active = ? WHERE identity = ?');
  const clear = database.prepare(FAILURE_STATEMENTS.clear);
  // Whoever is disabled or gets another password is signed in nowhere, also when he may come in again.
  const endSessions = database.prepare(
    'DELETE FROM sessions WHERE user_name = (SELECT name FROM users WHERE identity = ?)',
  );
  return {
    add({ name, verifier, mayUseApi, lists }) {
      readTurn.end();
      return insert.run(name, userIdentity(name), verifier, mayUseApi ? 1 : 0, listsOf(lists)).changes === 1;
    },
    list: () => (list.all() as unknown as readonly UserRow[]).map(entryOf),
    setVerifier(name, verifier) {
      readTurn.end();
      clear.run(userIdentity(name));
      endSessions.run(userIdentity(name));
      return setVerifier.run(verifier, userIdentity(name)).changes === 1;
    },
    setActive(name, active) {
      readTurn.end();
      if (!active) endSessions.run(userIdentity(name));
      return setActive.run(active ? 1 : 0, userIdentity(name)).changes === 1;
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
    mayUseApi: row[4] === 1,
  };
}

function entryOf(row: UserRow): UserEntry {
  const { name, active, mayUseApi } = accountOf(row);
  return { name, active, mayUseApi, lists: scopeOf(row[5]), failures: failuresOf(row[6], row[7]) };
}
