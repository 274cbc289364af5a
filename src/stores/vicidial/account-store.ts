import type {
  Account,
  AccountStore,
  LoginFailureStore,
  PasswordScheme,
  AccountSnapshot,
} from '../../core/account-store.ts';
import { isDialerAccount, userIdentity } from '../../auth/user-name.ts';
import type { LookupQuery } from '../../core/query.ts';
import { withStoreFailure } from '../store-failure.ts';
import { andThen } from '../../core/and-then.ts';
import type { Row } from './parameter.ts';
import { hashedVerifier, plainVerifier, type PasswordForm } from './dialer-passwords.ts';
import type { DialerLookups } from './lookups.ts';
import type { DialerSearches } from './searches.ts';
import type { SharedCount } from './shared-count.ts';

export interface AccountStoreParts {
  readonly lookups: DialerLookups;
  readonly searches: DialerSearches;
  readonly passwords: PasswordScheme;
  /** callercard's own count, which knows names that the dialer does not have, and survives a restart. */
  readonly failures: () => LoginFailureStore;
  readonly sharedCount: SharedCount;
}

/** Callers as the dialer knows them: its users, its passwords, its rights. */
export function createAccountStore({
  lookups,
  searches,
  passwords,
  failures,
  sharedCount,
}: AccountStoreParts): AccountStore {
  function visit(
    userName: string,
    question: LookupQuery | undefined,
  ): AccountSnapshot | Promise<AccountSnapshot> {
    return andThen(lookups.visit(userName, question), ({ facts, account: row, find }) => {
      const user = row === undefined ? undefined : userOf(row, facts.schema.settings.passwords);
      // Keyed by the row's own name: the dialer's collation takes many spellings for one user.
      const identity = userIdentity(user?.account.name ?? userName);
      return andThen(failures().readFailures(identity), (failed) => {
        const seen = {
          identity,
          account: user?.account,
          failures: failed,
          isLockedElsewhere: user?.isLocked ?? false,
          find: () => withStoreFailure(find),
          scope: () =>
            user === undefined ? [] : withStoreFailure(() => searches.scopeOf(user.account.name)),
        };
        if (!facts.mayCountFailures) return seen;
        const settle = (fits: boolean) => sharedCount.settle(user?.account.id, user?.failedLogins ?? 0, fits);
        return { ...seen, settle };
      });
    });
  }

  return {
    passwords,
    account: (userName, question) => withStoreFailure(() => visit(userName, question)),
    readFailures: (identity) => failures().readFailures(identity),
    countFailure: (identity, at, expired) => failures().countFailure(identity, at, expired),
    clearFailures: (identity) => failures().clearFailures(identity),
  };
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
