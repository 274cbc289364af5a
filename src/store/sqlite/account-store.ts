import { NO_FAILURES, type Account, type LoginFailures } from '../../access/account.ts';
import type { AccountStore, UserDirectory, UserEntry } from '../../access/account-store.ts';
import { MAX_FAILURES } from '../../access/lockout.ts';
import { userIdentity } from '../../access/user-name.ts';
import type { ListScope } from '../../lead/lead.ts';
import type { LeadStore } from '../../lead/lead-store.ts';
import type { Connection } from './connection.ts';

/** The statements that a request runs for its caller: a test reads the query plan of each. */
export const ACCOUNT_STATEMENTS = {
  account: `SELECT user_id, name, verifier, active, may_use_api, lists, count, last_failed_at
            FROM users LEFT JOIN login_failures USING (identity) WHERE identity = ?`,
  failures: 'SELECT count, last_failed_at FROM login_failures WHERE identity = ?',
  // ?3: the last failure of a series that is over. Another process may have begun a new one meanwhile.
  countFailure: `INSERT INTO login_failures VALUES (?1, 1, ?2)
                 ON CONFLICT (identity) DO UPDATE
                 SET count = CASE WHEN last_failed_at = ?3 THEN 1 ELSE count + 1 END, last_failed_at = ?2
                 WHERE count < ${MAX_FAILURES} OR last_failed_at = ?3 RETURNING count`,
  clearFailures: 'DELETE FROM login_failures WHERE identity = ?',
  forgetOldFailures: 'DELETE FROM login_failures WHERE last_failed_at < ?',
} as const;

/** After so many counted failures, those that are older than a day are deleted: whatever the clock does, no lock is. */
const CLEAN_EVERY = 1_000;
const OLD_MS = 24 * 60 * 60 * 1000;

/** Callers of the embedded store. The lead is looked for only once the caller is admitted. */
export function createAccountStore({ database, readTurn }: Connection, leads: LeadStore): AccountStore {
  const account = database.prepare(ACCOUNT_STATEMENTS.account);
  account.setReturnArrays(true);
  const failures = database.prepare(ACCOUNT_STATEMENTS.failures);
  const count = database.prepare(ACCOUNT_STATEMENTS.countFailure);
  const clear = database.prepare(ACCOUNT_STATEMENTS.clearFailures);
  const forgetOld = database.prepare(ACCOUNT_STATEMENTS.forgetOldFailures);
  let counted = 0;

  function readFailures(identity: string): LoginFailures {
    const row = failures.get(identity);
    return row === undefined ? NO_FAILURES : failuresOf(row.count, row.last_failed_at);
  }

  return {
    visit(userName, question) {
      readTurn.begin();
      const identity = userIdentity(userName);
      const row = account.get(identity) as unknown as readonly unknown[] | undefined;
      if (row === undefined) {
        return { identity, account: undefined, failures: readFailures(identity), find: () => undefined };
      }
      const known = accountOf(row);
      return {
        identity,
        account: known,
        failures: failuresOf(row[6], row[7]),
        find: () => (question === undefined ? undefined : leads.find(question, known.lists)),
      };
    },
    readFailures,
    countFailure(identity, at, expired) {
      readTurn.end();
      counted += 1;
      if (counted % CLEAN_EVERY === 0) forgetOld.run(at - OLD_MS);
      const row = count.get(identity, at, expired ?? null);
      return row === undefined ? undefined : Number(row.count);
    },
    clearFailures(identity) {
      readTurn.end();
      clear.run(identity);
    },
  };
}

/** The users that the embedded store keeps. */
export function createUserDirectory({ database, readTurn }: Connection): UserDirectory {
  const insert = database.prepare(
    'INSERT INTO users (name, identity, verifier, may_use_api, lists) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const list = database.prepare(
    `SELECT user_id, name, verifier, active, may_use_api, lists, count, last_failed_at
     FROM users LEFT JOIN login_failures USING (identity) ORDER BY identity`,
  );
  list.setReturnArrays(true);
  const setVerifier = database.prepare('UPDATE users SET verifier = ? WHERE identity = ?');
  const setActive = database.prepare('UPDATE users SET active = ? WHERE identity = ?');
  const clear = database.prepare(ACCOUNT_STATEMENTS.clearFailures);
  return {
    add({ name, verifier, mayUseApi, lists }) {
      readTurn.end();
      const scope = lists === 'every list' ? null : JSON.stringify(lists);
      return insert.run(name, userIdentity(name), verifier, mayUseApi ? 1 : 0, scope).changes === 1;
    },
    list: () => (list.all() as unknown as readonly (readonly unknown[])[]).map(entryOf),
    setVerifier(name, verifier) {
      readTurn.end();
      clear.run(userIdentity(name));
      return setVerifier.run(verifier, userIdentity(name)).changes === 1;
    },
    setActive(name, active) {
      readTurn.end();
      return setActive.run(active ? 1 : 0, userIdentity(name)).changes === 1;
    },
  };
}

function accountOf(row: readonly unknown[]): Account {
  return {
    id: String(row[0]),
    name: row[1] as string,
    verifier: row[2] as string,
    active: row[3] === 1,
    mayUseApi: row[4] === 1,
    lists: scopeOf(row[5]),
  };
}

function entryOf(row: readonly unknown[]): UserEntry {
  const { name, active, mayUseApi, lists } = accountOf(row);
  return { name, active, mayUseApi, lists, failures: failuresOf(row[6], row[7]) };
}

function failuresOf(count: unknown, lastFailedAt: unknown): LoginFailures {
  return count === null ? NO_FAILURES : { count: Number(count), lastFailedAt: Number(lastFailedAt) };
}

/** A restriction that cannot be read as a whole allows nothing. */
function scopeOf(json: unknown): ListScope {
  if (json === null) return 'every list';
  try {
    const lists: unknown = JSON.parse(json as string);
    return Array.isArray(lists) && lists.every((id): id is number => Number.isSafeInteger(id)) ? lists : [];
  } catch {
    return [];
  }
}
