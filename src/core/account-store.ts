import type { LookupResult } from './lead-store.ts';
import type { ListScope } from './lead.ts';
import type { LookupQuery } from './query.ts';

/** One caller's look at the store: the account as it is now, and what that account may see. */
export interface AccountSnapshot {
  /** The name as the store compares names: key of the failure counter, for unknown users too. */
  readonly identity: string;
  readonly account: Account | undefined;
  readonly failures: LoginFailures;
  /** Locked by others who keep the same users: the dialer's own pages. */
  readonly isLockedElsewhere?: boolean;
  /** The answer to the question, within what the account may see. Asked for only once the caller is admitted. */
  find(): LookupResult | undefined | Promise<LookupResult | undefined>;
  /** The lists that the account may see; an account that there is not sees none. */
  scope(): ListScope | Promise<ListScope>;
  /**
   * To be told how a check of the password ended, where the count is shared with others. It never throws, and takes
   * as long for users that there are not.
   */
  passwordChecked?(fits: boolean): Promise<void>;
}

/** How a store's passwords are checked. */
export interface PasswordScheme {
  /**
   * Takes as long whether the password fits or not, and for nobody's (undefined).
   *
   * @returns false also for a stored verifier that cannot be read: such an account has no password
   */
  verify(password: string, verifier: string | undefined): Promise<boolean>;
}

/** The port through which failed logins are counted. Its methods throw StoreFailure. */
export interface LoginFailureStore {
  readFailures(identity: string): LoginFailures | Promise<LoginFailures>;
  /**
   * Writes one more failure down, before the attempt is checked.
   *
   * @param at milliseconds of the wall clock
   * @param expired the last failure of a series that is over: if it still is the last one, a new series begins
   * @returns the count with this one; undefined when the series has MAX_FAILURES already: then nothing was written
   */
  countFailure(
    identity: string,
    at: number,
    expired?: number,
  ): number | undefined | Promise<number | undefined>;
  clearFailures(identity: string): void | Promise<void>;
}

/** The port through which callers are known. Its methods throw StoreFailure. */
export interface AccountStore extends LoginFailureStore {
  readonly passwords: PasswordScheme;
  /**
   * Reads the account on every request, so that a changed password, right or list counts at once. The question
   * comes along so that an engine over a network may fetch both in one trip.
   */
  account(userName: string, question: LookupQuery | undefined): AccountSnapshot | Promise<AccountSnapshot>;
}

/** A user as the operator sees it. */
export interface UserEntry {
  readonly name: string;
  readonly active: boolean;
  readonly mayUseApi: boolean;
  readonly lists: ListScope;
  readonly failures: LoginFailures;
}

/** The port of stores that keep users of their own. */
export interface UserDirectory {
  /** @returns false when a user of that name (in any spelling) is there already */
  add(user: { name: string; verifier: string; mayUseApi: boolean; lists: ListScope }): boolean;
  list(): readonly UserEntry[];
  /** @returns false when there is no such user; setting a password also forgets failed logins */
  setVerifier(name: string, verifier: string): boolean;
  setActive(name: string, active: boolean): boolean;
}

/** A user of the API as its store has it at this moment. */
export interface Account {
  /** The store's own key of the user. */
  readonly id: string;
  readonly name: string;
  /** What the password is checked against; never shown, never compared with what a caller sent. */
  readonly verifier: string;
  readonly active: boolean;
  readonly mayUseApi: boolean;
}

/** Failed logins of one user name, whatever its spelling. */
export interface LoginFailures {
  readonly count: number;
  /** Milliseconds of the wall clock; 0 when there were none. */
  readonly lastFailedAt: number;
}

export const NO_FAILURES: LoginFailures = { count: 0, lastFailedAt: 0 };
