import type { ProblemOf } from '../core/problem.ts';
import { createAccessCounters, type AccessCounters } from '../core/access-counters.ts';
import type { Account, AccountStore, LoginFailures, AccountSnapshot } from '../core/account-store.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import { createHashQueue, createHashLanes, type Lane, type HashSlot } from './hash-queue.ts';
import { createLockout, MAX_FAILURES, type Lockout } from './lockout.ts';
import { createCredentialCache } from './credential-cache.ts';

/** How long a user at an address counts as good after its last success. */
const GOOD_MS = 15 * 60 * 1000;
const GOOD_LIMIT = 10_000;
/** How many requests may wait for a password check, all names together. */
const WAITING_LIMIT = 10_000;

type Refusal = ProblemOf<'credentials_invalid' | 'locked_out' | 'overloaded'>;
export type PasswordCheckResult = { readonly account: Account } | { readonly problem: Refusal };

const INVALID: PasswordCheckResult = { problem: { code: 'credentials_invalid' } };
const LOCKED: PasswordCheckResult = { problem: { code: 'locked_out' } };
const OVERLOADED: PasswordCheckResult = { problem: { code: 'overloaded', retryAfterSeconds: 1 } };

/** @param address where the caller is, as the network says */
export type CheckPassword = (
  visit: AccountSnapshot,
  password: string,
  address: string,
) => PasswordCheckResult | Promise<PasswordCheckResult>;

/**
 * Checks a caller's password. The order matters: the lock before the memory; an attempt is counted before it
 * is hashed; one check at a time for one name, and those who waited are judged by their own password. Unknown,
 * inactive and wrong take the same path (docs/decisions/0003-passwords.md).
 */
export function createPasswordCheck(
  store: AccountStore,
  clock: Clock,
  meters = createAccessCounters(),
  hashTurns = createHashLanes(),
): CheckPassword {
  const lockout = createLockout(clock);
  const logins = createCredentialCache(clock);
  const takePlace = createHashQueue(hashTurns);
  const good = new BoundedMap<string, number>(GOOD_LIMIT);
  const inTurn = createTurns();
  const useCounted = createCountedUse(store, clock, lockout, meters);
  meters.cachedCredentials = () => logins.size();
  meters.waitingChecks = () => inTurn.waiting();

  /** By the password, too: the lane must not tell strangers who was here lately. */
  function laneOf(token: string | undefined, address: string): Lane {
    const until = token === undefined ? undefined : good.get(`${token}\0${address}`);
    return until !== undefined && clock.monotonic() < until ? 'known good' : 'anybody';
  }

  async function check(visit: AccountSnapshot, password: string, address: string): Promise<PasswordCheckResult> {
    const { account, identity } = visit;
    const token = account === undefined ? undefined : logins.token(account, password);
    // Those who waited: what the visit read may be old by now.
    const failures = await store.readFailures(identity);
    if (lockout.isLocked(identity, failures)) return LOCKED;
    if (account?.active === true && token !== undefined && logins.has(token)) return { account };
    // Before the attempt is counted: one that is put off is none.
    const place = takePlace(laneOf(token, address));
    if (place === undefined) return OVERLOADED;
    const fits = await useCounted(place, identity, failures, () =>
      store.passwords.verify(password, account?.verifier),
    );
    if (fits === undefined) return LOCKED;
    await visit.passwordChecked?.(fits);
    if (!fits || account?.active !== true || token === undefined) return INVALID;
    await store.clearFailures(identity);
    logins.remember(token);
    good.set(`${token}\0${address}`, clock.monotonic() + GOOD_MS);
    return { account };
  }

  return (visit, password, address) => {
    if (visit.isLockedElsewhere === true || lockout.isLocked(visit.identity, visit.failures)) return LOCKED;
    const { account } = visit;
    if (account?.active === true && logins.has(logins.token(account, password))) return { account };
    if (inTurn.waiting() >= WAITING_LIMIT) return OVERLOADED;
    return inTurn.run(visit.identity, () => check(visit, password, address));
  };
}

/** Counts an attempt, then checks it. Undefined: another process has counted up to the lock meanwhile. */
function createCountedUse(store: AccountStore, clock: Clock, lockout: Lockout, meters: AccessCounters) {
  return async (
    place: HashSlot,
    identity: string,
    failures: LoginFailures,
    work: () => Promise<boolean>,
  ): Promise<boolean | undefined> => {
    const now = clock.wall();
    const isOver = failures.count > 0 && !lockout.isRunning(identity, failures);
    let count: number | undefined;
    try {
      count = await store.countFailure(identity, now, isOver ? failures.lastFailedAt : undefined);
    } finally {
      if (count === undefined) place.giveBack();
    }
    if (count === undefined) return undefined;
    lockout.noteFailure(identity, now);
    meters.passwordChecks += 1;
    const fits = await place.run(work);
    if (!fits && count === MAX_FAILURES) meters.locks += 1;
    return fits;
  };
}

/** Work in turn for each name; names do not wait for each other. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;
  return {
    waiting: () => waiting,
    async run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
      waiting += 1;
      const turn = (last.get(name) ?? Promise.resolve()).then(work);
      const settled = turn.catch(() => undefined);
      last.set(name, settled);
      try {
        return await turn;
      } finally {
        waiting -= 1;
        if (last.get(name) === settled) last.delete(name);
      }
    },
  };
}
