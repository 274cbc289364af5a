import { hash } from 'node:crypto';

import type { FailureCount, LoginFailures } from '../core/account-store.ts';
import { trimEndSpaces } from '../core/query.ts';

/** So many failures without a pause of LOCK_MS lock a user name; the lock opens LOCK_MS after the last one. */
export const MAX_FAILURES = 10;
export const LOCK_MS = 15 * 60 * 1000;

export type Lockout = ReturnType<typeof createLockout>;

/**
 * Judges what the store has counted: it survives a restart, and other processes see it.
 *
 * @param now the store's clock of failures, which nobody can set
 */
export function createLockout(now: () => number) {
  /** Whether one more failure would continue the stored series. */
  const isRunning = ({ count, lastFailedAt }: FailureCount) => count > 0 && now() - lastFailedAt < LOCK_MS;
  return {
    isRunning,
    isLocked: (stored: FailureCount) => stored.count >= MAX_FAILURES && isRunning(stored),
    /** Whether a network where the name is known may have a lock of its own. */
    mayBeLockedInNetwork: ({ knownFailedAt }: LoginFailures) =>
      knownFailedAt > 0 && now() - knownFailedAt < LOCK_MS,
  };
}

/** In UTF-16 units; the longest name that can be added has 64 bytes. */
export const IDENTITY_LIMIT = 256;
/** A longer one is not even compared: folding it would only take time. The documented API takes 1,024 bytes at most. */
const COMPARED_LIMIT = 1_024;

/**
 * The form in which user names compare: as the dialer's collation does, which takes `ADMIN`, `admin ` and
 * full-width letters for one user, so that one user has one row and one counter whatever the spelling
 * (docs/goapi-compatibility.md, Request).
 */
export function userIdentity(name: string): string {
  const isComparable = name.length <= COMPARED_LIMIT && !/^[a-z0-9_.@-]*$/.test(name);
  const compared = isComparable ? fold(name) : name;
  // Nobody's name is that long: what strangers send must not be kept in full.
  return compared.length <= IDENTITY_LIMIT ? compared : `#${hash('sha256', compared, 'base64url')}`;
}

/** Accounts that a dialer makes for itself; their password is published everywhere. */
const DIALER_ACCOUNTS: ReadonlySet<string> = new Set(['vdad', 'vdcl']);

/** Whether this is, in any spelling, one of the accounts that never get in, active or not. */
export function isDialerAccount(name: string): boolean {
  return DIALER_ACCOUNTS.has(userIdentity(name));
}

/**
 * Whether log and audit use the name, in any spelling, for somebody else: `token:` begins that of a token, and `operator` is the
 * person who runs commands. No user has such a name.
 */
export function isReservedName(name: string): boolean {
  return /^token:|^operator$/.test(userIdentity(name).trim());
}

function fold(name: string): string {
  return trimEndSpaces(
    name
      .normalize('NFKD')
      .replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
      .toLowerCase(),
  );
}
