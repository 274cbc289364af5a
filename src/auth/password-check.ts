import { hash, randomBytes } from 'node:crypto';

import type { AccessCounters } from '../core/access-counters.ts';
import type { Account, AccountSnapshot, AccountStore, FailureCount } from '../core/account-store.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import type { ProblemOf } from '../core/problem.ts';
import { networkOf } from '../throttle/throttle.ts';
import { createHashLanes, createHashQueue, type HashLanes } from './hash-queue.ts';
import { createLockout, type Lockout, MAX_FAILURES } from './lockout.ts';

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
 * and wrong take the same path (docs/decisions/0003-passwords.md). A user who has logged in from a network is known there for
 * 30 days and has a count of failures of its own: what others send elsewhere locks nobody out who works
 * (docs/decisions/0025-fair-turns.md).
 *
 * @param accounts the account store that is open now
 */
export function createPasswordCheck(
  accounts: () => AccountStore,
  clock: Clock,
  counters: AccessCounters,
  hashLanes = createHashLanes(),
) {
  const lockout = createLockout(() => accounts().now());
  const cache = createCredentialCache(clock);
  const checks = createNameQueue();
  const verifyCounted = createCountedVerify(accounts, clock, counters, lockout, hashLanes);
  counters.cachedCredentials = () => cache.size();
  counters.waitingChecks = () => checks.waiting();

  async function check(
    snapshot: AccountSnapshot,
    password: string,
    { network, isKnown }: Attempt,
  ): Promise<PasswordCheckResult> {
    const { identity } = snapshot;
    const account = snapshot.account?.active === true ? snapshot.account : undefined;
    // Read again: for those who waited, the snapshot may be old by now.
    const known = isKnown ? await accounts().readKnownNetwork(identity, network) : undefined;
    const failures = known ?? (await accounts().readFailures(identity));
    if (lockout.isLocked(failures)) return LOCKED;
    const cacheKey = account && cache.keyOf(account, password, network);
    if (account !== undefined && cacheKey !== undefined && cache.has(cacheKey)) return { account };
    const fits = await verifyCounted(snapshot, password, { network, isKnown }, failures);
    if (typeof fits !== 'boolean') return fits;
    await accounts().reportPasswordCheck?.(snapshot, fits);
    if (!fits || account === undefined || cacheKey === undefined) return INVALID;
    await accounts().recordSuccess(identity, accounts().now(), network, isKnown);
    cache.add(cacheKey);
    return { account };
  }

  /** @param address where the caller is */
  return async (
    snapshot: AccountSnapshot,
    password: string,
    address: string,
  ): Promise<PasswordCheckResult> => {
    const { account, identity, failures } = snapshot;
    const network = networkOf(address);
    const isLocked = snapshot.isLockedElsewhere === true || lockout.isLocked(failures);
    if (!isLocked && !lockout.mayBeLockedInNetwork(failures)) {
      if (account?.active === true && cache.has(cache.keyOf(account, password, network))) return { account };
    }
    const isKnown = (await accounts().readKnownNetwork(identity, network)) !== undefined;
    if (isLocked && !isKnown) return LOCKED;
    if (checks.waiting() >= WAITING_LIMIT) return OVERLOADED;
    // One at a time for what is counted together.
    const counter = isKnown ? `${identity}\0${network}` : identity;
    return checks.run(counter, () => check(snapshot, password, { network, isKnown }));
  };
}

/** Where somebody tries to log in. */
interface Attempt {
  readonly network: string;
  /** The user has logged in from there lately. */
  readonly isKnown: boolean;
}

/** Counts an attempt, then hashes. Locked, when another process has counted up to the lockout meanwhile. */
function createCountedVerify(
  accounts: () => AccountStore,
  clock: Clock,
  counters: AccessCounters,
  lockout: Lockout,
  hashLanes: HashLanes,
) {
  const checkHash = createHashQueue(clock, hashLanes);
  return async (
    { identity, account }: AccountSnapshot,
    password: string,
    { network, isKnown }: Attempt,
    failures: FailureCount,
  ): Promise<boolean | PasswordCheckResult> => {
    const now = accounts().now();
    const isOver = failures.count > 0 && !lockout.isRunning(failures);
    const expired = isOver ? failures.lastFailedAt : undefined;
    const knownNetwork = isKnown ? network : undefined;
    // Also where it is put off below: a user's password may have been compared by then.
    const count = await accounts().countFailure(identity, now, expired, knownNetwork);
    if (count === undefined) return LOCKED;
    const verify = (verifier: string | undefined) => {
      counters.passwordChecks += 1;
      return accounts().passwords.verify(password, verifier);
    };
    const fits = await checkHash({
      network,
      isKnownNetwork: isKnown,
      isUser: account?.active === true,
      verify: () => verify(account?.verifier),
      verifyNobody: () => verify(undefined),
    });
    if (fits !== true && count === MAX_FAILURES) counters.locks += 1;
    return fits ?? OVERLOADED;
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
    /**
     * Names this password for this account as it is stored now, in this network; says nothing about any of them. By network,
     * so that each from which somebody logs in becomes known.
     */
    keyOf: ({ id, verifier }: Account, password: string, network: string) =>
      hash('sha256', `${secret}\0${id}\0${verifier}\0${network}\0${password}`, 'binary'),
    has(key: string): boolean {
      const expiry = expiries.get(key);
      return expiry !== undefined && clock.monotonic() < expiry;
    },
    add: (key: string) => expiries.set(key, clock.monotonic() + CACHE_MS),
    /** How many entries, those that are too old among them. */
    size: () => expiries.size,
  };
}
