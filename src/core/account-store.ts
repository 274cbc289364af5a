import type { ListScope } from './lead.ts';
import type { LookupQuery } from './query.ts';
import type { Rights } from './rights.ts';

/** A user of the API as its store has it at this moment. */
export interface Account {
  /** The store's own key of the user. */
  readonly id: string;
  readonly name: string;
  /** The stored password hash; never shown, never compared with what a caller sent. */
  readonly verifier: string;
  readonly active: boolean;
  /** Of a dialer's user, those that the dialer knows: the others are granted here (`AccountStore.grantsOf`). */
  readonly rights: Rights;
}

/** A series of failed logins. */
export interface FailureCount {
  readonly count: number;
  /** By the clock of failures (`LoginFailureStore.now`); 0: none. */
  readonly lastFailedAt: number;
}

/** Failed logins of one user name, whatever its spelling, from all networks where it is not known. */
export interface LoginFailures extends FailureCount {
  /** The last failure in a network where it is known, which has a count of its own. By the clock of failures; 0: none. */
  readonly knownFailedAt: number;
}

export const NO_FAILURES: LoginFailures = { count: 0, lastFailedAt: 0, knownFailedAt: 0 };

/** One user's account as it was when a request read it. */
export interface AccountSnapshot {
  /** The name as the store compares names: key of the failure counter, for unknown users too. */
  readonly identity: string;
  /** Undefined: there is no such user. */
  readonly account: Account | undefined;
  readonly failures: LoginFailures;
  /** Locked by others who keep the same users: the dialer's own pages. */
  readonly isLockedElsewhere?: boolean;
  /** The lists that the account may see, where the store reads them with it; see `AccountStore.listsOf`. */
  readonly lists?: ListScope;
  /** What the same trip to the database brought of the lead that was asked for: for the store that made it. */
  readonly prefetched?: unknown;
}

/** A lookup whose caller is expected to be let in: the last request with the same credentials was. */
export interface ExpectedLookup {
  readonly query: LookupQuery;
  /** The verifier that the password fitted then. */
  readonly verifier: string;
}

/** How a store's passwords are checked. */
export interface PasswordScheme {
  /**
   * Takes as long whether the password fits or not, and for a user that does not exist (undefined).
   *
   * @returns false also for a stored verifier that cannot be read: such an account has no password
   */
  verify(password: string, verifier: string | undefined): Promise<boolean>;
}

/**
 * The port that counts failed logins and knows from which networks users log in. Networks are those of `networkOf`
 * (src/throttle/throttle.ts). Its methods reject with StoreFailure.
 */
export interface LoginFailureStore {
  /**
   * The clock of failures, in milliseconds: for how long the machine with this store ran, about since 1970. It is the same for every
   * process with the store, and does not follow who sets the machine's clock or switches it off (docs/decisions/0031-clocks.md).
   *
   * @throws {StoreFailure} it cannot be read
   */
  now(): number;
  readFailures(identity: string): Promise<LoginFailures>;
  /** @returns what is counted for a network from which the user has logged in lately; undefined: it is not known */
  readKnownNetwork(identity: string, network: string): Promise<FailureCount | undefined>;
  /**
   * Stores one more failure, before the attempt is checked.
   *
   * @param at by the clock of failures
   * @param expired the last failure of a series that is over: if it still is the last one, a new series begins
   * @param knownNetwork where the user is known: it is counted for this network alone
   * @returns the count with this one; undefined when the series has MAX_FAILURES already: then nothing was written
   */
  countFailure(
    identity: string,
    at: number,
    expired?: number,
    knownNetwork?: string,
  ): Promise<number | undefined>;
  /**
   * Ends the series to which the login belongs, and remembers its network.
   *
   * @param at by the clock of failures
   * @param isKnown the network was known before: what failed elsewhere stays counted
   */
  recordSuccess(identity: string, at: number, network: string, isKnown: boolean): Promise<void>;
  /** @returns how many failed logins are counted, in all networks */
  countAllFailures(identity: string): Promise<number>;
  /** Forgets them. */
  clearFailures(identity: string): Promise<void>;
}

/** The port through which users are known. Its methods reject with StoreFailure. */
export interface AccountStore extends LoginFailureStore {
  readonly passwords: PasswordScheme;
  /** Whether `read` makes use of an expected lookup: a database over a network does, an embedded store does not. */
  readonly prefetches?: true;
  /**
   * Reads the account, on every request, so that a changed password, right or list counts at once. Of leads nothing is read for
   * a caller who is not known: whoever is refused costs the same, whatever they ask for and under whatever name.
   *
   * @param expected brings user and lead in one trip, and `LeadStore.find` with this snapshot returns that lead. The lead is read
   *   only where the account still has this verifier, may read leads and is not locked
   */
  read(userName: string, expected?: ExpectedLookup): Promise<AccountSnapshot>;
  /** The lists that the account may see; an account that does not exist sees none. */
  listsOf(snapshot: AccountSnapshot): Promise<ListScope>;
  /**
   * The rights that callercard itself keeps for a user of others (a dialer's). Asked for only where those of the account do
   * not do, so that no lookup waits for it.
   */
  grantsOf?(snapshot: AccountSnapshot): Promise<Rights>;
  /** The name of the active user who has this telephone; where users have none of their own there is no such method. */
  readNameByExtension?(extension: string): Promise<string | undefined>;
  /**
   * Reports how a password check ended, where others count failures in the same place (a dialer's own pages). Nobody waits until
   * it is counted there: that takes longer for users who exist.
   */
  reportPasswordCheck?(snapshot: AccountSnapshot, fits: boolean): void;
}

/** A user as the operator sees it. */
export interface UserEntry extends Pick<Account, 'name' | 'active' | 'rights'> {
  readonly lists: ListScope;
  readonly failures: LoginFailures;
  /** The user's telephone, as the telephone system calls it. */
  readonly extension: string | undefined;
}

/** A user who is not there yet. */
export interface AddedUser {
  readonly name: string;
  readonly verifier: string;
  readonly rights: Rights;
  readonly lists: ListScope;
}

/**
 * An act that would leave no active user with the rights `card` and `admin` who sees every list, though the user whom it concerns
 * is one, is not done: looked at in the transaction of the act, so that two admins cannot take each other away.
 */
export type ActGuard = 'leaves an admin';

/** The port of stores that keep users of their own. Its methods reject with what the database says. */
export interface UserDirectory {
  /** @returns false when a user of that name (in any spelling) exists already */
  add(user: AddedUser): Promise<boolean>;
  /**
   * Adds the user where there is none at all; of several who try at the same time one is added.
   *
   * @param key the digest of the key by which it is done: a key does it once, also where that user is removed again
   * @returns false: there is a user, or the key was used
   */
  addFirst(user: AddedUser, key: string): Promise<boolean>;
  /** Whether there is any user. */
  isAny(): Promise<boolean>;
  list(): Promise<readonly UserEntry[]>;
  /** @returns false when there is no such user; setting a password also forgets failed logins */
  setVerifier(name: string, verifier: string): Promise<boolean>;
  /** @returns false when there is no such user, or the guard refuses it */
  setActive(name: string, active: boolean, guard?: ActGuard): Promise<boolean>;
  /** Whoever may not see cards any longer is signed in nowhere. @returns false when there is no such user, or the guard refuses it */
  change(name: string, to: { rights: Rights; lists: ListScope }, guard?: ActGuard): Promise<boolean>;
  /** @param extension that nobody else has; undefined: none. @returns false when there is no such user */
  setExtension(name: string, extension: string | undefined): Promise<boolean>;
  /** Also ends the user's sessions and forgets failed logins. @returns false when there is no such user, or the guard refuses it */
  remove(name: string, guard?: ActGuard): Promise<boolean>;
}

/** Rights that callercard keeps for a user of others (a dialer's). */
export interface Grant {
  /** The name as it compares. */
  readonly identity: string;
  /** The user's number there: another user of the same name has none of these rights. */
  readonly accountId: string;
  readonly name: string;
  readonly rights: Rights;
}

/** The port through which these rights are kept. Its methods throw. */
export interface GrantDirectory {
  find(identity: string): Grant | undefined;
  /** By name. */
  list(): readonly Grant[];
  /**
   * Instead of those that the user had; with no rights nothing is kept.
   *
   * @param guard here: that somebody else has the right `admin`, where this user has it and would lose it
   * @returns false: the guard refuses it
   */
  put(grant: Grant, guard?: ActGuard): boolean;
}
