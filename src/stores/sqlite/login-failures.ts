import { LOCK_MS, MAX_FAILURES } from '../../auth/lockout.ts';
import { type LoginFailureStore, NO_FAILURES } from '../../core/account-store.ts';
import { cachedByText } from '../../core/bounded-map.ts';
import { CACHED_KEYS, CLEAN_EVERY, HOUR_MS, KEPT_NAMES, KEPT_NETWORKS } from '../login-rules.ts';
import type { Connection } from './connection.ts';
import { createLoginKeys } from './login-keys.ts';
import { failuresOf } from '../rows.ts';
import { oncePerBatch, writeWithRetry } from './transactions.ts';

/** When a name failed last: an index has it. */
const NEWEST = 'max(last_failed_at, known_failed_at)';

/** The statements that count logins: a test reads the query plan of each. */
export const LOGIN_STATEMENTS = {
  read: 'SELECT count, last_failed_at, known_failed_at FROM login_failures WHERE login_key = ?',
  // ?3: the last failure of a series that is over. Another process may have begun a new one meanwhile.
  count: `INSERT INTO login_failures (login_key, count, last_failed_at) VALUES (?1, 1, ?2)
          ON CONFLICT (login_key) DO UPDATE
          SET count = CASE WHEN last_failed_at = ?3 THEN 1 ELSE count + 1 END, last_failed_at = ?2
          WHERE count < ${MAX_FAILURES} OR last_failed_at = ?3 RETURNING count`,
  endSeries: 'DELETE FROM login_failures WHERE login_key = ? AND known_failed_at = 0',
  // The other half of the row stays: it tells that networks have a count of their own.
  reset: 'UPDATE login_failures SET count = 0, last_failed_at = 0 WHERE login_key = ? AND count > 0',
  clear: 'DELETE FROM login_failures WHERE login_key = ?',
  // ?2: a lock that runs since then stays, however many others come, and so does what says that a network may have one.
  forgetOld: `DELETE FROM login_failures WHERE login_key IN
              (SELECT login_key FROM login_failures WHERE ${NEWEST} < ?1
               AND NOT (count >= ${MAX_FAILURES} AND last_failed_at > ?2) AND known_failed_at <= ?2 LIMIT 2000)`,
  // The condition is always true: with it the time is read from its index.
  newest: `SELECT ${NEWEST} AS at FROM login_failures WHERE ${NEWEST} > -1 ORDER BY ${NEWEST} DESC LIMIT 1 OFFSET ?`,
  readKnown: 'SELECT count, last_failed_at FROM known_networks WHERE login_key = ? AND network_key = ?',
  countKnown: `UPDATE known_networks
               SET count = CASE WHEN last_failed_at = ?4 THEN 1 ELSE count + 1 END, last_failed_at = ?3
               WHERE login_key = ?1 AND network_key = ?2 AND (count < ${MAX_FAILURES} OR last_failed_at = ?4)
               RETURNING count`,
  noteKnown: `INSERT INTO login_failures VALUES (?1, 0, 0, ?2)
              ON CONFLICT (login_key) DO UPDATE SET known_failed_at = ?2`,
  // Most of the time nothing changes, and nothing is written.
  good: `INSERT INTO known_networks (login_key, network_key, good_at) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET good_at = ?3, count = 0, last_failed_at = 0
         WHERE count > 0 OR abs(?3 - good_at) > ${HOUR_MS} RETURNING good_at`,
  // What was counted where the name is known is over: a request need not look for it, unless others there still have a series.
  endKnown: `UPDATE login_failures SET known_failed_at = 0 WHERE login_key = ?1 AND known_failed_at > 0 AND NOT EXISTS
             (SELECT 1 FROM known_networks WHERE login_key = ?1 AND count > 0 AND last_failed_at > ?2)`,
  clearKnown: 'UPDATE known_networks SET count = 0, last_failed_at = 0 WHERE login_key = ?',
  countAll: `SELECT ifnull((SELECT count FROM login_failures WHERE login_key = ?1), 0)
                  + ifnull((SELECT sum(count) FROM known_networks WHERE login_key = ?1), 0) AS count`,
  forgetNetworks: 'DELETE FROM known_networks WHERE login_key = ?',
  forgetKnown: `DELETE FROM known_networks WHERE (login_key, network_key) IN
                (SELECT login_key, network_key FROM known_networks WHERE good_at < ?1
                 AND NOT (count >= ${MAX_FAILURES} AND last_failed_at > ?2) LIMIT 2000)`,
  newestKnown: `SELECT good_at AS at FROM known_networks WHERE good_at > -1 ORDER BY good_at DESC LIMIT 1 OFFSET ?`,
} as const;

/** Failed logins in a store's file: they survive a killed process, and other processes see them. */
export function createLoginFailures(connection: Connection) {
  const { readBatch } = connection;
  const keyOf = cachedByText(createLoginKeys(connection.database), CACHED_KEYS);
  const statements = prepareAll(connection);
  const clean = createCleaning(statements);
  const readStored = oncePerBatch(readBatch, (identity) => {
    const row = statements.read.get(keyOf(identity));
    return row === undefined ? NO_FAILURES : failuresOf(row.count, row.last_failed_at, row.known_failed_at);
  });

  // Not `get` for what writes: it leaves the statement at its row, and that the end of it fails (a full disk) would go unnoticed.
  function countFailure(identity: string, at: number, expired: number | undefined, network?: string) {
    clean(at);
    const key = keyOf(identity);
    if (network === undefined) return statements.count.all(key, at, expired ?? null)[0];
    // First: a count that no request looks for would open the lock.
    statements.noteKnown.run(key, at);
    return statements.countKnown.all(key, keyOf(network), at, expired ?? null)[0];
  }

  const failures: LoginFailureStore = {
    now: connection.clock.runningTime,
    readFailures: (identity) => readBatch.read(() => readStored(identity)),
    readKnownNetwork: (identity, network) =>
      readBatch.read(() => {
        const row = statements.readKnown.get(keyOf(identity), keyOf(network));
        return row && { count: Number(row.count), lastFailedAt: Number(row.last_failed_at) };
      }),
    countFailure: (identity, at, expired, network) =>
      writeWithRetry(connection, () => {
        const row = countFailure(identity, at, expired, network);
        return row === undefined ? undefined : Number(row.count);
      }),
    recordSuccess: (identity, at, network, isKnown) =>
      writeWithRetry(connection, () => {
        clean(at);
        const key = keyOf(identity);
        if (!isKnown) {
          statements.endSeries.run(key);
          statements.reset.run(key);
        }
        statements.good.all(key, keyOf(network), at);
        if (isKnown) statements.endKnown.run(key, at - LOCK_MS);
      }),
    countAllFailures: (identity) =>
      readBatch.read(() => Number(statements.countAll.get(keyOf(identity))?.count)),
    clearFailures: (identity) =>
      writeWithRetry(connection, () => {
        statements.clearKnown.run(keyOf(identity));
        statements.clear.run(keyOf(identity));
      }),
  };
  return { ...failures, readStored };
}

function prepareAll({ database }: Connection) {
  const names = Object.keys(LOGIN_STATEMENTS) as (keyof typeof LOGIN_STATEMENTS)[];
  const prepared = names.map((name) => [name, database.prepare(LOGIN_STATEMENTS[name])] as const);
  return Object.fromEntries(prepared) as Record<
    keyof typeof LOGIN_STATEMENTS,
    ReturnType<typeof database.prepare>
  >;
}

/** @returns to be called before a row may be added: now and then it forgets old ones, a bounded number at a time */
function createCleaning(statements: ReturnType<typeof prepareAll>): (at: number) => void {
  let [calls, cleanedAt] = [0, 0];
  const oldest = (
    kept: readonly { readonly rows: number; readonly ms: number }[],
    newest: typeof statements.newest,
    at: number,
  ) =>
    Math.max(
      ...kept.flatMap(({ rows, ms }) => {
        const [last] = rows === 0 ? [{ at: Infinity }] : newest.all(rows);
        return last === undefined ? [] : [Math.min(Number(last.at), at - ms)];
      }),
    );
  return (at) => {
    calls += 1;
    if (calls % CLEAN_EVERY !== 0 && Math.abs(at - cleanedAt) < HOUR_MS) return;
    cleanedAt = at;
    statements.forgetOld.run(oldest(KEPT_NAMES, statements.newest, at), at - LOCK_MS);
    statements.forgetKnown.run(oldest(KEPT_NETWORKS, statements.newestKnown, at), at - LOCK_MS);
  };
}
