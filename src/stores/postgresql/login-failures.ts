import { LOCK_MS, MAX_FAILURES } from '../../auth/lockout.ts';
import { type LoginFailureStore, NO_FAILURES } from '../../core/account-store.ts';
import { CLEAN_EVERY, HOUR_MS, KEPT_NAMES, KEPT_NETWORKS } from '../login-rules.ts';
import { withStoreFailure } from '../network/pool.ts';
import { failuresOf } from '../rows.ts';
import type { Database } from './database.ts';

/** When a name failed last: an index has it. */
const NEWEST = 'greatest(last_failed_at, known_failed_at)';
/** $1: all before; $2: a lock that runs since then stays, however many others come. */
const FORGOTTEN = `WHERE login_key IN (SELECT login_key FROM login_failures WHERE ${NEWEST} < $1
  AND NOT (count >= ${MAX_FAILURES} AND last_failed_at > $2) AND known_failed_at <= $2 LIMIT 2000)`;

/** The statements that count logins: a test reads the query plan of each. */
export const LOGIN_STATEMENTS = {
  read: 'SELECT count, last_failed_at, known_failed_at FROM login_failures WHERE login_key = $1',
  // $3: the last failure of a series that is over. Another process may have begun a new one meanwhile.
  count: `INSERT INTO login_failures AS old (login_key, count, last_failed_at) VALUES ($1, 1, $2)
          ON CONFLICT (login_key) DO UPDATE
          SET count = CASE WHEN old.last_failed_at = $3::bigint THEN 1 ELSE old.count + 1 END, last_failed_at = $2
          WHERE old.count < ${MAX_FAILURES} OR old.last_failed_at = $3::bigint RETURNING count`,
  endSeries: 'DELETE FROM login_failures WHERE login_key = $1 AND known_failed_at = 0',
  // The other half of the row stays: it tells that networks have a count of their own.
  reset: 'UPDATE login_failures SET count = 0, last_failed_at = 0 WHERE login_key = $1 AND count > 0',
  clear: 'DELETE FROM login_failures WHERE login_key = $1',
  forgetOld: `DELETE FROM login_failures ${FORGOTTEN}`,
  newest: `SELECT ${NEWEST} FROM login_failures ORDER BY ${NEWEST} DESC LIMIT 1 OFFSET $1`,
  readKnown: 'SELECT count, last_failed_at FROM known_networks WHERE login_key = $1 AND network_key = $2',
  countKnown: `UPDATE known_networks
               SET count = CASE WHEN last_failed_at = $4::bigint THEN 1 ELSE count + 1 END, last_failed_at = $3
               WHERE login_key = $1 AND network_key = $2 AND (count < ${MAX_FAILURES} OR last_failed_at = $4::bigint)
               RETURNING count`,
  noteKnown: `INSERT INTO login_failures VALUES ($1, 0, 0, $2)
              ON CONFLICT (login_key) DO UPDATE SET known_failed_at = $2`,
  // Most of the time nothing changes, and nothing is written.
  good: `INSERT INTO known_networks AS old (login_key, network_key, good_at) VALUES ($1, $2, $3)
         ON CONFLICT (login_key, network_key) DO UPDATE SET good_at = $3, count = 0, last_failed_at = 0
         WHERE old.count > 0 OR abs($3 - old.good_at) > ${HOUR_MS}`,
  // What was counted where the name is known is over: a request need not look for it, unless others there still have a series.
  endKnown: `UPDATE login_failures SET known_failed_at = 0 WHERE login_key = $1 AND known_failed_at > 0 AND NOT EXISTS
             (SELECT 1 FROM known_networks WHERE login_key = $1 AND count > 0 AND last_failed_at > $2)`,
  clearKnown: 'UPDATE known_networks SET count = 0, last_failed_at = 0 WHERE login_key = $1 AND count > 0',
  countAll: `SELECT coalesce((SELECT count FROM login_failures WHERE login_key = $1), 0)
                  + coalesce((SELECT sum(count) FROM known_networks WHERE login_key = $1), 0)::bigint`,
  forgetNetworks: 'DELETE FROM known_networks WHERE login_key = $1',
  forgetKnown: `DELETE FROM known_networks WHERE (login_key, network_key) IN
                (SELECT login_key, network_key FROM known_networks WHERE good_at < $1
                 AND NOT (count >= ${MAX_FAILURES} AND last_failed_at > $2) LIMIT 2000)`,
  newestKnown: 'SELECT good_at FROM known_networks ORDER BY good_at DESC LIMIT 1 OFFSET $1',
} as const;

/** Failed logins in the store, where every machine sees them. Each count is one statement, and so whole. */
export function createLoginFailures(database: Database): LoginFailureStore {
  const { read, write, prepared, clock } = database;
  const clean = createCleaning(database);
  const keysOf = async (...texts: readonly string[]) => {
    const { keyOf } = await prepared();
    return texts.map(keyOf) as readonly string[] as readonly [string, string];
  };

  async function countFailure(identity: string, at: number, expired: number | undefined, network?: string) {
    await clean(at);
    const [key, networkKey] = await keysOf(identity, network ?? '');
    if (network === undefined) return write(LOGIN_STATEMENTS.count, [key, at, expired ?? null]);
    // First: a count that no request looks for would open the lock.
    await write(LOGIN_STATEMENTS.noteKnown, [key, at]);
    return write(LOGIN_STATEMENTS.countKnown, [key, networkKey, at, expired ?? null]);
  }

  async function recordSuccess(identity: string, at: number, network: string, isKnown: boolean) {
    await clean(at);
    const [key, networkKey] = await keysOf(identity, network);
    if (!isKnown) {
      await write(LOGIN_STATEMENTS.endSeries, [key]);
      await write(LOGIN_STATEMENTS.reset, [key]);
    }
    await write(LOGIN_STATEMENTS.good, [key, networkKey, at]);
    if (isKnown) await write(LOGIN_STATEMENTS.endKnown, [key, at - LOCK_MS]);
  }

  return {
    now: clock.runningTime,
    readFailures: (identity) =>
      withStoreFailure(async () => {
        const [row] = await read(LOGIN_STATEMENTS.read, [(await keysOf(identity))[0]]);
        return row === undefined ? NO_FAILURES : failuresOf(row[0], row[1], row[2]);
      }),
    readKnownNetwork: (identity, network) =>
      withStoreFailure(async () => {
        const [row] = await read(LOGIN_STATEMENTS.readKnown, await keysOf(identity, network));
        return row && { count: Number(row[0]), lastFailedAt: Number(row[1]) };
      }),
    countFailure: (identity, at, expired, network) =>
      withStoreFailure(async () => {
        const [row] = await countFailure(identity, at, expired, network);
        return row === undefined ? undefined : Number(row[0]);
      }),
    recordSuccess: (...login) => withStoreFailure(() => recordSuccess(...login)),
    countAllFailures: (identity) =>
      withStoreFailure(async () => {
        const [row] = await read(LOGIN_STATEMENTS.countAll, [(await keysOf(identity))[0]]);
        return Number(row?.[0]);
      }),
    clearFailures: (identity) =>
      withStoreFailure(async () => {
        const [key] = await keysOf(identity);
        await write(LOGIN_STATEMENTS.clearKnown, [key]);
        await write(LOGIN_STATEMENTS.clear, [key]);
      }),
  };
}

/** @returns to be called before a row may be added: now and then it forgets old ones, a bounded number at a time */
function createCleaning({ read, write }: Database): (at: number) => Promise<void> {
  let [calls, cleanedAt] = [0, 0];

  /** Rows before this are forgotten. */
  async function oldest(kept: typeof KEPT_NAMES, newest: string, at: number): Promise<number> {
    const limits: number[] = [];
    for (const { rows, ms } of kept) {
      const [last] = rows === 0 ? [[Infinity]] : await read(newest, [rows]);
      if (last !== undefined) limits.push(Math.min(Number(last[0]), at - ms));
    }
    return Math.max(...limits);
  }

  return async (at) => {
    calls += 1;
    if (calls % CLEAN_EVERY !== 0 && Math.abs(at - cleanedAt) < HOUR_MS) return;
    cleanedAt = at;
    const names = await oldest(KEPT_NAMES, LOGIN_STATEMENTS.newest, at);
    await write(LOGIN_STATEMENTS.forgetOld, [names, at - LOCK_MS]);
    const networks = await oldest(KEPT_NETWORKS, LOGIN_STATEMENTS.newestKnown, at);
    await write(LOGIN_STATEMENTS.forgetKnown, [networks, at - LOCK_MS]);
  };
}
