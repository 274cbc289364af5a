import type { ListScope } from './lead.ts';
import type { Rights } from './rights.ts';

/** A token as it is stored: its secret is not, only the digest by which it was found (src/auth/secrets.ts). */
export interface Token {
  readonly id: string;
  readonly name: string;
  /** Its scope: `caller-id` stands alone. */
  readonly rights: Rights;
  readonly lists: ListScope;
  /** A date of the calendar, as milliseconds of the wall clock; a store whose clock is beyond it has seen it pass. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

/** A user who has signed in at the card, as it is stored. */
export interface Session {
  readonly userName: string;
  /** Of the password that was good at the sign-in: another one ends the session (src/auth/secrets.ts). */
  readonly fingerprint: string;
  /** By the store's clock (`CredentialStore.now`). */
  readonly expiresAt: number;
  /** From which it began, as `networkOf` (src/throttle/throttle.ts) has it; empty: nobody knows. */
  readonly network: string;
  /** In which it began, in short, such as `Firefox, Windows`; empty: nobody knows. */
  readonly browser: string;
}

/** A session as it is found. */
export interface FoundSession extends Session {
  /** When it was last made use of, to some minutes, by the store's clock; 0: nobody knows. */
  readonly lastSeenAt: number;
}

/** A session as the operator sees it. */
export interface SessionEntry extends Omit<FoundSession, 'fingerprint'> {
  /** By which it is found, and ended. Nobody finds the secret by it. */
  readonly digest: string;
}

/** The port through which keys are known: secrets that stand for a password. Its methods throw StoreFailure. */
export interface CredentialStore {
  /**
   * The store's clock, in milliseconds: about those since 1970. It is the same for every process with the store, never goes back, and
   * does not follow who sets the machine's clock while it runs (docs/decisions/0031-clocks.md).
   *
   * @throws {StoreFailure} it cannot be read
   */
  now(): number;
  /** Reads it on every request, so that one that is revoked counts no more. */
  findToken(digest: string): Promise<Token | undefined>;
  findSession(digest: string): Promise<FoundSession | undefined>;
  /**
   * Also forgets sessions that are over, and of more than 20 of one user the oldest.
   *
   * @param now by the store's clock
   */
  addSession(digest: string, session: Session, now: number): Promise<void>;
  /** Notes that it is made use of. @param now by the store's clock */
  seeSession(digest: string, now: number): Promise<void>;
  /** Nothing happens when there is none. */
  dropSession(digest: string): Promise<void>;
  /**
   * Those that are not over, by user, the newest first; of very many some.
   *
   * @param now by the store's clock
   * @param userName those of this user alone, and all of them
   */
  listSessions(now: number, userName?: string): Promise<readonly SessionEntry[]>;
}

/** A token as the operator sees it. */
export interface TokenEntry extends Token {
  /** Milliseconds of the wall clock. */
  readonly createdAt: number;
  /** The last characters of the secret, by which its owner knows it again. */
  readonly ending: string;
}

/** The port through which the operator makes tokens. Its methods reject with what the database says. */
export interface TokenDirectory {
  /** @returns false when there is, or was, a token of that name: the audit must not take one for the other */
  add(token: Omit<TokenEntry, 'id' | 'isRevoked'>, digest: string): Promise<boolean>;
  /** By name; those that are revoked or expired, too. */
  list(): Promise<readonly TokenEntry[]>;
  /** @returns false when there is no such token */
  revoke(name: string): Promise<boolean>;
}
