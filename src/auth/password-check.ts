import { hash, randomBytes } from 'node:crypto';

import type { AccessCounters } from '../core/access-counters.ts';
import type { Account, AccountSnapshot, AccountStore, LoginFailures } from '../core/account-store.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import type { ProblemOf } from '../core/problem.ts';
import { createHashLanes, createHashQueue, type HashSlot, type Lane } from './hash-queue.ts';
import { createLockout, type Lockout, MAX_FAILURES } from './lockout.ts';

/** How long a user at an address counts as known good after its last success. */
const KNOWN_GOOD_MS = 15 * 60 * 1000;
const KNOWN_GOOD_LIMIT = 10_000;
/** How many requests may wait for a password check, all names together. */
const WAITING_LIMIT = 10_000;

type Refusal = ProblemOf<'credentials_invalid' | 'locked_out' | 'overloaded'>;
export type PasswordCheckResult = { readonly account: Account } | { readonly problem: Refusal };

const INVALID: PasswordCheckResult = { problem: { code: 'credentials_invalid' } };
const LOCKED: PasswordCheckResult = { problem: { code: 'locked_out' } };
const OVERLOADED: PasswordCheckResult = { problem: { code: 'overloaded', retryAfterSeconds: 1 } };

/**
 * Checks a caller's password. The order matters: the lockout before the cache; an attempt is counted before it is
 * hashed; one check at a time for one name, and those who waited are judged by their own password. Unknown, inactive
 * and wrong take the same path (docs/decisions/0003-passwords.md).
 *
 * @param accounts the account store that is open now
 */
export function createPasswordCheck(
  accounts: () => AccountStore,
  clock: Clock,
  counters: AccessCounters,
  hashLanes = createHashLanes(),
) {
  const lockout = createLockout(clock);
  const cache = createCredentialCache(clock);
  const knownGood = new BoundedMap<string, number>(KNOWN_GOOD_LIMIT);
  const checks = createNameQueue();
  const verifyCounted = createCountedVerify(accounts, clock, counters, lockout, createHashQueue(hashLanes));
  counters.cachedCredentials = () => cache.size();
  counters.waitingChecks = () => checks.waiting();

  /** By the password, too: the lane must not tell strangers who was here lately. */
  function laneOf(cacheKey: string | undefined, address: string): Lane {
    const until = cacheKey === undefined ? undefined : knownGood.get(`${cacheKey}\0${address}`);
    return until !== undefined && clock.monotonic() < until ? 'known good' : 'anybody';
  }

  async function check(
    snapshot: AccountSnapshot,
    password: string,
    address: string,
  ): Promise<PasswordCheckResult> {
    const { account, identity } = snapshot;
    const cacheKey = account === undefined ? undefined : cache.keyOf(account, password);
    // Read again: for those who waited, the snapshot may be old by now.
    const failures = await accounts().readFailures(identity);
    if (lockout.isLocked(identity, failures)) return LOCKED;
    if (account?.active === true && cacheKey !== undefined && cache.has(cacheKey)) return { account };
    const fits = await verifyCounted(snapshot, failures, password, laneOf(cacheKey, address));
    if (fits === 'overloaded') return OVERLOADED;
    if (fits === undefined) return LOCKED;
    await accounts().reportPasswordCheck?.(snapshot, fits);
    if (!fits || account?.active !== true || cacheKey === undefined) return INVALID;
    await accounts().clearFailures(identity);
    cache.add(cacheKey);
    knownGood.set(`${cacheKey}\0${address}`, clock.monotonic() + KNOWN_GOOD_MS);
    return { account };
  }

  /** @param address where the caller is */
  return async (
    snapshot: AccountSnapshot,
    password: string,
    address: string,
  ): Promise<PasswordCheckResult> => {
    const { account, identity, failures } = snapshot;
    if (snapshot.isLockedElsewhere === true || lockout.isLocked(identity, failures)) return LOCKED;
    if (account?.active === true && cache.has(cache.keyOf(account, password))) return { account };
    if (checks.waiting() >= WAITING_LIMIT) return OVERLOADED;
    return checks.run(identity, () => check(snapshot, password, address));
  };
}

/** Counts an attempt, then hashes. Its result is undefined when another process has counted up to the lockout meanwhile. */
function createCountedVerify(
  accounts: () => AccountStore,
  clock: Clock,
  counters: AccessCounters,
  lockout: Lockout,
  takeHashSlot: (lane: Lane) => HashSlot | undefined,
) {
  return async (
    { identity, account }: AccountSnapshot,
    failures: LoginFailures,
    password: string,
    lane: Lane,
  ): Promise<boolean | undefined | 'overloaded'> => {
    // Before the attempt is counted: one that is put off is none.
    const slot = takeHashSlot(lane);
    if (slot === undefined) return 'overloaded';
    const now = clock.wall();
    const isOver = failures.count > 0 && !lockout.isRunning(identity, failures);
    let count: number | undefined;
    try {
      count = await accounts().countFailure(identity, now, isOver ? failures.lastFailedAt : undefined);
    } finally {
      if (count === undefined) slot.giveBack();
    }
    if (count === undefined) return undefined;
    lockout.noteFailure(identity, now);
    counters.passwordChecks += 1;
    const fits = await slot.run(() => accounts().passwords.verify(password, account?.verifier));
    if (!fits && count === MAX_FAILURES) counters.locks += 1;
    return fits;
  };
}

/** Work in order for each name; names do not wait for each other. */
function createNameQueue() {
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;
  return {
    waiting: () => waiting,
    async run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
      waiting += 1;
      const result = (last.get(name) ?? Promise.resolve()).then(work);
      const settled = result.catch(() => undefined);
      last.set(name, settled);
      try {
        return await result;
      } finally {
        waiting -= 1;
        if (last.get(name) === settled) last.delete(name);
      }
    },
  };
}

const LIMIT = 10_000;
export const CACHE_MS = 60_000;

/**
 * Successful password checks, so that not each request needs the slow hash. A key covers the stored verifier: a changed
 * password makes it worthless at once. The secret lives in this process only, and nobody sees a digest: an HMAC would take four
 * times as long and add nothing.
 */
export function createCredentialCache(clock: Clock) {
  const secret = randomBytes(32).toString('base64');
  const expiries = new BoundedMap<string, number>(LIMIT);
  return {
    /** Names this password for this account as it is stored now; says nothing about either. */
    keyOf: ({ id, verifier }: Account, password: string) =>
      hash('sha256', `${secret}\0${id}\0${verifier}\0${password}`, 'binary'),
    has(key: string): boolean {
      const expiry = expiries.get(key);
      return expiry !== undefined && clock.monotonic() < expiry;
    },
    add: (key: string) => expiries.set(key, clock.monotonic() + CACHE_MS),
    /** How many entries, those that are too old among them. */
    size: () => expiries.size,
  };
}
