import type { Account } from '../../core/account-store.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import type { DialerPool } from './pool.ts';

/** By the dialer's rule: a series that has led to a lock begins anew after it. */
const COUNT = `UPDATE vicidial_users
  SET failed_login_count = IF(failed_login_count >= 10 AND last_login_date < NOW() - INTERVAL 15 MINUTE, 1,
    LEAST(COALESCE(failed_login_count, 0) + 1, 250)), last_login_date = NOW()
  WHERE user_id = ?`;
const CLEAR = 'UPDATE vicidial_users SET failed_login_count = 0 WHERE user_id = ?';

/** Counts failed logins where the dialer's own pages count them, so that guesses there and here add up. */
export function createFailedLogins({
  pool,
  log,
}: {
  readonly pool: DialerPool;
  readonly log: LogStoreEvent;
}) {
  return {
    /** @param failedLogins as the dialer has counted them; undefined: they are not ours to count */
    async report(
      account: Account | undefined,
      failedLogins: number | undefined,
      fits: boolean,
    ): Promise<void> {
      // A good login writes nothing to the dialer, unless there is something to clear.
      if (failedLogins === undefined || (fits && failedLogins === 0)) return;
      try {
        // Without such a user the same statement runs, so that the time does not reveal it.
        await pool.write(fits ? CLEAR : COUNT, [account?.id ?? null]);
      } catch (cause) {
        // Only logged: callercard's own count is there as well.
        log({ level: 'warn', message: "a login was not counted in the dialer's database", cause });
      }
    },
  };
}
