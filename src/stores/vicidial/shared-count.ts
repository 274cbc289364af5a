import type { LogStoreEvent } from '../../core/store.ts';
import type { Dialer } from './dialer.ts';

/** Failed logins where the dialer's own pages count them, so that guesses there and here add up. */
export interface SharedCount {
  /**
   * @param userId undefined: nobody; the same statement runs, so that the time does not tell who there is
   * @param failedLogins what the dialer had counted
   */
  report(userId: string | undefined, failedLogins: number, fits: boolean): Promise<void>;
}

/** By the dialer's rule: a series that has led to a lock begins anew after it. */
const COUNT = `UPDATE vicidial_users
  SET failed_login_count = IF(failed_login_count >= 10 AND last_login_date < NOW() - INTERVAL 15 MINUTE, 1,
    LEAST(COALESCE(failed_login_count, 0) + 1, 250)), last_login_date = NOW()
  WHERE user_id = ?`;
const CLEAR = 'UPDATE vicidial_users SET failed_login_count = 0 WHERE user_id = ?';

/** A write that fails is told and no more: callercard's own count stands beside it. */
export function createSharedCount(dialer: Dialer, tell: LogStoreEvent): SharedCount {
  return {
    async report(userId, failedLogins, fits) {
      // A good login writes nothing to the dialer, unless there is something to clear.
      if (fits && failedLogins === 0) return;
      try {
        await dialer.write(fits ? CLEAR : COUNT, [userId ?? null]);
      } catch (cause) {
        tell({ level: 'warn', message: "a login was not counted in the dialer's database", cause });
      }
    },
  };
}
