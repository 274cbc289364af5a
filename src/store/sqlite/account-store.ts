import { NO_FAILURES, type Account, type LoginFailures } from '../../access/account.ts';
import type { AccountStore, UserDirectory, UserEntry, Visit } from '../../access/account-store.ts';
import { MAX_FAILURES } from '../../access/lockout.ts';
import { argon2Passwords } from '../../access/password-hash.ts';
import { userIdentity } from '../../access/user-name.ts';
import type { ListScope } from '../../lead/lead.ts';
import type { LeadStore } from '../../lead/lead-store.ts';
import type { Question } from '../../lead/question.ts';
import { atTheDoor } from './at-the-door.ts';
import type { Connection } from './connection.ts';
import { writePatiently } from './patient-write.ts';

const SELECT_USER = `SELECT user_id, name, verifier, active, may_use_api, lists, count, last_failed_at
                     FROM users LEFT JOIN login_failures USING (identity)`;

/** The statements that a request runs for its caller: a test reads the query plan of each. */
export const ACCOUNT_STATEMENTS = {
  account: `${SELECT_USER} WHERE identity = ?`,
  failures: 'SELECT count, last_failed_at FROM login_failures WHERE identity = ?',
  // ?3: the last failure of a series that is over. Another process may have begun a new one meanwhile.
  countFailure: `INSERT INTO login_failures VALUES (?1, 1, ?2)
                 ON CONFLICT (identity) DO UPDATE
                 SET count = CASE WHEN last_failed_at = ?3 THEN 1 ELSE count + 1 END, last_failed_at = ?2
                 WHERE count < ${MAX_FAILURES} OR last_failed_at = ?3 RETURNING count`,
  clearFailures: 'DELETE FROM login_failures WHERE identity = ?',
  forgetOldFailures: `DELETE FROM login_failures WHERE identity IN
                      (SELECT identity FROM login_failures WHERE last_failed_at < ? LIMIT 2000)`,
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

  function visit(userName: string, question: Question | undefined): Visit {
    readTurn.begin();
    const identity = userIdentity(userName);
    const row = account.get(identity) as unknown as UserRow | undefined;
    if (row === undefined) {
      return { identity, account: undefined, failures: readFailures(identity), find: () => undefined };
    }
    return {
      identity,
      account: accountOf(row),
      failures: failuresOf(row[6], row[7]),
      find: () => (question === undefined ? undefined : leads.find(question, scopeOf(row[5]))),
    };
  }

  function countFailure(identity: string, at: number, expired: number | undefined): number | undefined {
    readTurn.end();
    counted += 1;
    if (counted % CLEAN_EVERY === 0) forgetOld.run(at - OLD_MS);
    const row = count.get(identity, at, expired ?? null);
    return row === undefined ? undefined : Number(row.count);
  }

  return {
    passwords: argon2Passwords,
    visit: (userName, question) => atTheDoor(() => visit(userName, question)),
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

/** The users that the embedded store keeps. */
export function createUserDirectory({ database, readTurn }: Connection): UserDirectory {
  const insert = database.prepare(
    'INSERT INTO users (name, identity, verifier, may_use_api, lists) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const list = database.prepare(`${SELECT_USER} ORDER BY identity`);
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
    list: () => (list.all() as unknown as readonly UserRow[]).map(entryOf),
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
