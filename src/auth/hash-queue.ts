import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import { TokenBucket } from '../throttle/throttle.ts';

/**
 * Who waits for a password check: users in a network where they are known; users elsewhere, while others wait; and anybody,
 * of whom most are made up in a flood.
 */
type Lane = 'known' | 'users' | 'anybody';

/** How many attempts wait in each lane of a domain. */
const LANE_SLOTS: Readonly<Record<Lane, number>> = { known: 256, users: 1_024, anybody: 1_024 };

/** So long an attempt waits in all; it is shorter than what the end of the server leaves to accepted requests. */
export const WAIT_MS = 5_000;
const LOOK_MS = 250;

/** Failures that one network may have at once, and then each second. Checks that fit cost nothing. */
const FAILURES_AT_ONCE = 1_000;
const FAILURES_PER_SECOND = 10;
const TRACKED_NETWORKS = 10_000;

/** One at a time in each lane, for all domains of a process together. */
export type HashLanes = Readonly<Record<Lane, Mutex>>;

type Mutex = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createHashLanes(): HashLanes {
  return { known: createMutex(), users: createMutex(), anybody: createMutex() };
}

function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    // The next one runs whatever becomes of this one.
    last = result.catch(() => undefined);
    return result;
  };
}

/** A slow hash, made and compared: whether a password fits. */
type VerifyPassword = () => Promise<boolean>;

/** One password to be checked. */
export interface HashRequest {
  /** As `networkOf` says. */
  readonly network: string;
  readonly isKnownNetwork: boolean;
  /** When it began to wait; monotonic milliseconds of the process. */
  readonly since: number;
  /** There is an active user of that name. */
  readonly isUser: boolean;
  readonly verify: VerifyPassword;
  /** As slow, and never fits. */
  readonly verifyNobody: VerifyPassword;
}

/**
 * Hashing takes a core for 11 ms. Each lane hashes one at a time, so that a flood of wrong passwords takes one core at most.
 * Within a lane networks take turns, and one with many failures has fewer of them. Users do not wait behind made-up names:
 * while somebody waits in the lane of anybody, a user's password is checked in a lane of its own, where ten wrong ones lock a
 * name. Refused, it waits for its turn among anybody all the same, so that neither the answer nor its time tells whether there
 * is such a user (docs/decisions/0025-fair-turns.md). Of each domain one request waits for the shared lane, so that a flood on
 * one domain delays the others by no more than a hash.
 *
 * @returns whether the password fits; undefined: too many wait, or it waited too long, and the caller should come back later
 */
export function createHashQueue(clock: Clock, shared: HashLanes = createHashLanes()) {
  const known = new HashLane(LANE_SLOTS.known, shared.known);
  const users = new HashLane(LANE_SLOTS.users, shared.users, clock);
  const anybody = new HashLane(LANE_SLOTS.anybody, shared.anybody, clock);

  return async (request: HashRequest): Promise<boolean | undefined> => {
    const { network, since, verify } = request;
    if (request.isKnownNetwork) return known.enter(network, since, verify).result;
    if (!request.isUser || anybody.isFree(network)) return anybody.enter(network, since, verify).result;
    const turn = anybody.enter(network, since, request.verifyNobody);
    try {
      const fits = await users.enter(network, since, verify).result;
      if (fits === true) return true;
      const refusal = await turn.result;
      return fits === undefined ? undefined : refusal;
    } finally {
      turn.leave();
    }
  };
}

interface Attempt {
  readonly verify: VerifyPassword;
  readonly since: number;
  readonly resolve: (fits: boolean | undefined) => void;
  readonly reject: (cause: unknown) => void;
}

/** Attempts that wait, by network. */
class HashLane {
  /** In the order of their turns. None of the lists is empty. */
  readonly #waiting = new Map<string, Attempt[]>();
  readonly #slots: number;
  readonly #shared: Mutex;
  readonly #budget: ReturnType<typeof createFailureBudget> | undefined;
  #count = 0;
  #isHashing = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param clock of the budget of failures; without it networks have none */
  constructor(slots: number, shared: Mutex, clock?: Clock) {
    this.#slots = slots;
    this.#shared = shared;
    this.#budget = clock && createFailureBudget(clock);
  }

  /** Whether an attempt of this network would be checked at once. */
  isFree(network: string): boolean {
    return !this.#isHashing && this.#count === 0 && this.#mayGo(network);
  }

  /**
   * Takes an attempt. Where all slots are taken, the network with the most of them loses its newest.
   *
   * @returns the result, undefined when it was put off; `leave` gives the slot back if its turn has not come
   */
  enter(network: string, since: number, verify: VerifyPassword) {
    const { promise, resolve, reject } = Promise.withResolvers<boolean | undefined>();
    const attempt: Attempt = { verify, since, resolve, reject };
    const queue = this.#waiting.get(network);
    if (queue === undefined) this.#waiting.set(network, [attempt]);
    else queue.push(attempt);
    this.#count += 1;
    if (this.#count > this.#slots) this.#dropNewest();
    this.#start();
    const leave = () => {
      this.#remove(network, attempt);
      resolve(undefined);
    };
    return { result: promise, leave };
  }

  #mayGo(network: string): boolean {
    return this.#budget === undefined || this.#budget.has(network);
  }

  /** Begins the next check, if nothing else is checked. */
  #start(): void {
    if (this.#isHashing || this.#count === 0) return;
    const next = this.#takeNext();
    if (next === undefined) this.#lookLater();
    else void this.#run(...next);
  }

  async #run(network: string, { verify, resolve, reject }: Attempt): Promise<void> {
    this.#isHashing = true;
    try {
      const fits = await this.#shared(verify);
      if (!fits) this.#budget?.spend(network);
      resolve(fits);
    } catch (cause) {
      reject(cause);
    } finally {
      this.#isHashing = false;
      this.#start();
    }
  }

  #takeNext(): readonly [string, Attempt] | undefined {
    this.#dropLate();
    for (const [network, queue] of this.#waiting) {
      const [attempt] = queue;
      if (attempt === undefined || !this.#mayGo(network)) continue;
      this.#remove(network, attempt);
      // The next turn of this network is after all others'.
      if (this.#waiting.delete(network)) this.#waiting.set(network, queue);
      return [network, attempt];
    }
    return undefined;
  }

  #lookLater(): void {
    if (this.#count === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#start();
    }, LOOK_MS);
  }

  #dropLate(): void {
    const before = performance.now() - WAIT_MS;
    for (const [network, queue] of this.#waiting) {
      for (let first = queue[0]; first !== undefined && first.since < before; first = queue[0]) {
        this.#remove(network, first);
        first.resolve(undefined);
      }
    }
  }

  #dropNewest(): void {
    let largest: readonly [string, Attempt[]] | undefined;
    for (const entry of this.#waiting) {
      if (largest === undefined || entry[1].length > largest[1].length) largest = entry;
    }
    const newest = largest?.[1].at(-1);
    if (largest === undefined || newest === undefined) return;
    this.#remove(largest[0], newest);
    newest.resolve(undefined);
  }

  #remove(network: string, attempt: Attempt): void {
    const queue = this.#waiting.get(network);
    const at = queue?.indexOf(attempt) ?? -1;
    if (queue === undefined || at < 0) return;
    queue.splice(at, 1);
    this.#count -= 1;
    if (queue.length === 0) this.#waiting.delete(network);
  }
}

/** What each network may get wrong, in a lane. */
function createFailureBudget(clock: Clock) {
  const buckets = new BoundedMap<string, TokenBucket>(TRACKED_NETWORKS);
  const refill = (bucket: TokenBucket) =>
    bucket.refill(FAILURES_PER_SECOND, FAILURES_AT_ONCE, clock.monotonic());
  return {
    has(network: string): boolean {
      const bucket = buckets.get(network);
      return bucket === undefined || refill(bucket) >= 1;
    },
    spend(network: string): void {
      let bucket = buckets.get(network);
      if (bucket === undefined) {
        bucket = new TokenBucket(FAILURES_AT_ONCE, clock.monotonic());
        buckets.set(network, bucket);
      }
      refill(bucket);
      bucket.debit(1);
    },
  };
}
