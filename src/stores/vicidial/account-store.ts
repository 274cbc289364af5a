import { isDialerAccount, userIdentity } from '../../auth/user-name.ts';
import type {
  Account,
  AccountSnapshot,
  AccountStore,
  LoginFailureStore,
  PasswordScheme,
} from '../../core/account-store.ts';
import type { LeadStore } from '../../core/lead-store.ts';
import type { LookupQuery } from '../../core/query.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { withStoreFailure } from '../store-failure.ts';
import { hashedVerifier, type PasswordForm, plainVerifier } from './passwords.ts';
import type { DialerPool } from './pool.ts';
import type { AccountRead, DialerLookups } from './lookups.ts';
import type { DialerSearches } from './searches.ts';
import type { Row } from './sql.ts';

export interface AccountStoreParts {
  readonly lookups: DialerLookups;
  readonly searches: DialerSearches;
  readonly passwords: PasswordScheme;
  /** callercard's own count, which knows names that the dialer does not have, and survives a restart. */
  readonly failures: () => LoginFailureStore;
  readonly sharedCount: SharedCount;
}

/** A dialer's account, with what its statement brought of the lead that was asked for. */
interface DialerSnapshot extends AccountSnapshot {
  readonly prefetched: {
    readonly query: LookupQuery | undefined;
    readonly lead: AccountRead['lead'];
    /** As the dialer has counted them; undefined: they are not ours to count. */
    readonly failedLogins: number | undefined;
  };
}

/** Users as the dialer knows them: its names, its passwords, its rights. */
export function createAccountStore({
  lookups,
  searches,
  passwords,
  failures,
  sharedCount,
}: AccountStoreParts): AccountStore {
  async function read(userName: string, query: LookupQuery | undefined): Promise<DialerSnapshot> {
    const { schema, account: row, lead } = await lookups.readAccount(userName, query);
    const user = row === undefined ? undefined : userOf(row, schema.schema.settings.passwords);
    // Keyed by the row's own name: the dialer's collation takes many spellings for one user.
    const identity = userIdentity(user?.account.name ?? userName);
    return {
      identity,
      account: user?.account,
      failures: await failures().readFailures(identity),
      isLockedElsewhere: user?.isLocked ?? false,
      prefetched: {
        query,
        lead,
        failedLogins: schema.mayCountFailures ? (user?.failedLogins ?? 0) : undefined,
      },
    };
  }

  return {
    passwords,
    read: (userName, query) => withStoreFailure(() => read(userName, query)),
    listsOf: ({ account }) =>
      withStoreFailure(() => (account === undefined ? [] : searches.scopeOf(account.name))),
    async reportPasswordCheck(snapshot, fits) {
      const { account, prefetched } = snapshot as DialerSnapshot;
      const { failedLogins } = prefetched;
      if (failedLogins !== undefined) await sharedCount.report(account?.id, failedLogins, fits);
    },
    readFailures: (identity) => failures().readFailures(identity),
    countFailure: (identity, at, expired) => failures().countFailure(identity, at, expired),
    clearFailures: (identity) => failures().clearFailures(identity),
  };
}

/** Finds one lead: the one that came with the account's statement, or by a statement for these lists. */
export function createFind(
  lookups: DialerLookups,
  accounts: Pick<AccountStore, 'listsOf'>,
): LeadStore['find'] {
  return (query, viewer) =>
    withStoreFailure(async () => {
      if (viewer === 'every list' || !('identity' in viewer)) return lookups.find(query, viewer);
      const { prefetched } = viewer as DialerSnapshot;
      return prefetched.query === query
        ? lookups.complete(prefetched.lead)
        : lookups.find(query, await accounts.listsOf(viewer));
    });
}

interface DialerUser {
  readonly account: Account;
  readonly failedLogins: number;
  /** By the dialer's own count and clock. */
  readonly isLocked: boolean;
}

/** In the order in which statements select an account (statements.ts). */
function userOf(row: Row, form: PasswordForm): DialerUser {
  const [userId, name, pass, hash, mayLogIn, mayUseApi, failedLogins, isLocked] = row;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    account: {
      id: String(userId),
      name: text(name),
      verifier: form === 'plain' ? plainVerifier(text(pass)) : hashedVerifier({ hash: text(hash), ...form }),
      active: Number(mayLogIn) === 1 && !isDialerAccount(text(name)),
      mayUseApi: Number(mayUseApi) === 1,
    },
    failedLogins: Number(failedLogins ?? 0),
    isLocked: Number(isLocked) === 1,
  };
}

/** Counts failed logins where the dialer's own pages count them, so that guesses there and here add up. */
export interface SharedCount {
  /**
   * @param userId undefined: no such user; the same statement runs, so that the time does not reveal it
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

/** A write that fails is logged and no more: callercard's own count is there as well. */
export function createSharedCount(pool: DialerPool, log: LogStoreEvent): SharedCount {
  return {
    async report(userId, failedLogins, fits) {
      // A good login writes nothing to the dialer, unless there is something to clear.
      if (fits && failedLogins === 0) return;
      try {
        await pool.write(fits ? CLEAR : COUNT, [userId ?? null]);
      } catch (cause) {
        log({ level: 'warn', message: "a login was not counted in the dialer's database", cause });
      }
    },
  };
}
