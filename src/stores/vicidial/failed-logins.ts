import type { Account } from '../../core/account-store.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import type { Read } from './rows.ts';

/** By the dialer's rule: a series that has led to a lock begins anew after it. */
const COUNT = `UPDATE vicidial_users
  SET failed_login_count = IF(failed_login_count >= 10 AND last_login_date < NOW() - INTERVAL 15 MINUTE, 1,
    LEAST(COALESCE(failed_login_count, 0) + 1, 250)), last_login_date = NOW()
  WHERE user_id = ?`;
const CLEAR = 'UPDATE vicidial_users SET failed_login_count = 0 WHERE user_id = ?';

/** So many counts may be under way; beyond it they are dropped, which is logged, and callercard's own count remains. */
const UNDER_WAY_LIMIT = 1_000;

export type FailedLogins = ReturnType<typeof createFailedLogins>;

/**
 * Counts failed logins where the dialer's own pages count them, so that guesses there and here add up. Nobody waits for it: the
 * change of a row takes as long as the disk, and to change none of a name that nobody has takes nothing.
 *
 * @param write on a connection of its own, or the next statement would wait
 */
export function createFailedLogins(write: Read, log: LogStoreEvent) {
  /** The last one of each account: they are written in order. */
  const last = new Map<string | null, Promise<void>>();
  let [underWay, dropped] = [0, 0];

  async function run(sql: string, id: string | null, before: Promise<void> | undefined): Promise<void> {
    underWay += 1;
    await before;
    try {
      await write(sql, [id]);
    } catch (cause) {
      // Only logged: callercard's own count is there as well.
      log({ level: 'warn', message: "a login was not counted in the dialer's database", cause });
    } finally {
      underWay -= 1;
      if (underWay === 0) logDropped();
    }
  }

  /** Once for all of a flood, when it is over. */
  function logDropped(): void {
    if (dropped === 0) return;
    const message = `${dropped} logins were not counted in the dialer's database: too many came at once`;
    log({ level: 'warn', message });
    dropped = 0;
  }

  return {
    /** @param failedLogins as the dialer has counted them; undefined: they are not ours to count */
    report(account: Account | undefined, failedLogins: number | undefined, fits: boolean): void {
      // A good login writes nothing to the dialer, unless there is something to clear.
      if (failedLogins === undefined || (fits && failedLogins === 0)) return;
      if (underWay >= UNDER_WAY_LIMIT) {
        dropped += 1;
        return;
      }
      // Without such a user the same statement runs, so that there is as much to do.
      const id = account?.id ?? null;
      const written = run(fits ? CLEAR : COUNT, id, last.get(id)).finally(() => {
        if (last.get(id) === written) last.delete(id);
      });
      last.set(id, written);
    },
    /** Resolves when all are written. */
    async settled(): Promise<void> {
      await Promise.all(last.values());
    },
  };
}
