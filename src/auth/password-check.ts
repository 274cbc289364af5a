import { hash, randomBytes } from 'node:crypto';

import type { AccessCounters } from '../core/access-counters.ts';
import type { Account, AccountSnapshot, AccountStore, FailureCount } from '../core/account-store.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import { type Clock, oncePerTick } from '../core/clock.ts';
import type { ProblemOf } from '../core/problem.ts';
import { networkOf } from '../throttle/throttle.ts';
import { createHashLanes, createHashQueue, type HashLanes, WAIT_MS } from './hash-queue.ts';
import { createLockout, type Lockout, MAX_FAILURES } from './lockout.ts';

/** How many requests may wait for a password check, and how many of them from one network. */
const WAITING_LIMIT = 10_000;
const NETWORK_WAITING_LIMIT = 2_000;

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
  // Apart, so that those who are known wait for nobody else.
  const [checks, knownChecks] = [createNameQueue(), createNameQueue()];
  const verifyCounted = createCountedVerify(accounts, clock, counters, lockout, hashLanes);
  counters.cachedCredentials = () => cache.size();
  counters.waitingChecks = () => checks.waiting() + knownChecks.waiting();

  async function check(
    snapshot: AccountSnapshot,
    password: string,
    { network, since, isKnown }: Attempt,
  ): Promise<PasswordCheckResult> {
    const { identity } = snapshot;
    const account = snapshot.account?.active === true ? snapshot.account : undefined;
    // Read again: for those who waited, the snapshot may be old by now.
    const known = isKnown ? await accounts().readKnownNetwork(identity, network) : undefined;
    const failures = known ?? (await accounts().readFailures(identity));
    if (lockout.isLocked(failures)) return LOCKED;
    const cacheKey = account && cache.keyOf(account, password, network);
    if (account !== undefined && cacheKey !== undefined && cache.has(cacheKey)) return { account };
    const fits = await verifyCounted(snapshot, password, { network, since, isKnown }, failures);
    if (typeof fits !== 'boolean') return fits;
    accounts().reportPasswordCheck?.(snapshot, fits);
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
    // One at a time for what is counted together.
    const counter = isKnown ? `${identity}\0${network}` : identity;
    const since = performance.now();
    const result = await (isKnown ? knownChecks : checks).run(counter, network, since, () =>
      check(snapshot, password, { network, since, isKnown }),
    );
    return result ?? OVERLOADED;
  };
}

/** Where somebody tries to log in. */
interface Attempt {
  readonly network: string;
  /** When it began to wait; monotonic. */
  readonly since: number;
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
    { network, since, isKnown }: Attempt,
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
      since,
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
  const ofNetwork = new Map<string, number>();
  let waiting = 0;

  function leave(network: string): void {
    waiting -= 1;
    const left = (ofNetwork.get(network) ?? 1) - 1;
    if (left === 0) ofNetwork.delete(network);
    else ofNetwork.set(network, left);
  }

  return {
    waiting: () => waiting,
    /**
     * @param since when it began to wait; monotonic
     * @returns undefined: too many wait, or it has waited too long; then the work was not begun
     */
    async run<Result>(
      name: string,
      network: string,
      since: number,
      work: () => Promise<Result>,
    ): Promise<Result | undefined> {
      const others = ofNetwork.get(network) ?? 0;
      if (waiting >= WAITING_LIMIT || others >= NETWORK_WAITING_LIMIT) return undefined;
      waiting += 1;
      ofNetwork.set(network, others + 1);
      const isLate = () => performance.now() - since > WAIT_MS;
      const result = (last.get(name) ?? Promise.resolve()).then(() => (isLate() ? undefined : work()));
      const settled = result.catch(() => undefined);
      last.set(name, settled);
      try {
        return await result;
      } finally {
        leave(network);
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
  const digest = oncePerTick((text) => hash('sha256', text, 'binary'));
  const expiries = new BoundedMap<string, number>(LIMIT);
  return {
    /**
     * Names this password for this account as it is stored now, in this network; says nothing about any of them. By network,
     * so that each from which somebody logs in becomes known.
     */
    keyOf: ({ id, verifier }: Account, password: string, network: string) =>
      digest(`${secret}\0${id}\0${verifier}\0${network}\0${password}`),
    has(key: string): boolean {
      const expiry = expiries.get(key);
      return expiry !== undefined && clock.monotonic() < expiry;
    },
    add: (key: string) => expiries.set(key, clock.monotonic() + CACHE_MS),
    /** How many entries, those that are too old among them. */
    size: () => expiries.size,
  };
}
