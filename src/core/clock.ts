import { setImmediate as nextTick } from 'node:timers/promises';

/** Time, so that tests can move it. */
export interface Clock {
  /** Milliseconds that only grow: for locks, ages and time-outs. */
  monotonic(): number;
  /** Milliseconds since 1970, UTC, as the machine believes: for what is stored. */
  wall(): number;
}

/** The machine's clocks as a store needs them: what it keeps outlives the process. */
export interface MachineClock extends Pick<Clock, 'wall'> {
  /** Names this start of the machine; empty where the system does not tell. */
  boot(): string;
  /** Milliseconds since then, sleep among them: nobody can set them. */
  uptime(): number;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};

/** Waits for work, but no longer than so many milliseconds: then it rejects with `failure`. */
export async function withDeadline<Result>(
  work: Promise<Result>,
  milliseconds: number,
  failure: Error,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(late.reject, milliseconds, failure);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

let tick: Promise<void> | undefined;

/**
 * Waits until the requests that arrived together have all been worked on, so that their answers are written
 * together. A write wakes the client that waits for it, and under load one wake-up serves many answers: measured
 * 33 instead of 39 us of CPU for a request that computes for 20 us. A request that comes alone loses nothing.
 */
export function endOfTick(): Promise<void> {
  tick ??= new Promise((resolve) => {
    setImmediate(() => {
      tick = undefined;
      resolve();
    });
  });
  return tick;
}

/** Makes of a text what it made of the same one before in this tick: most requests of a tick come from one user. */
export function oncePerTick(make: (text: string) => string): (text: string) => string {
  let latest: { readonly text: string; readonly made: string } | undefined;
  return (text) => {
    if (latest?.text === text) return latest.made;
    // Not kept for longer: there may be a password in it.
    if (latest === undefined) void endOfTick().then(() => (latest = undefined));
    latest = { text, made: make(text) };
    return latest.made;
  };
}

/** How long one batch may hold the event loop: a number that thousands of leads share takes long by itself. */
const BATCH_MS = 2;

/** Starts the work of all items, in batches that let other requests in between, and waits for them. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Result | Promise<Result>,
): Promise<readonly Result[]> {
  const started: (Result | Promise<Result>)[] = [];
  let batchBegan = performance.now();
  for (const item of items) {
    const result = work(item);
    // What fails while others are started is thrown below.
    if (result instanceof Promise) result.catch(() => undefined);
    started.push(result);
    if (performance.now() - batchBegan < BATCH_MS) continue;
    await nextTick();
    batchBegan = performance.now();
  }
  return Promise.all(started);
}

/** Does the work of all items one after the other, and lets other requests in between. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Result | Promise<Result>,
): Promise<readonly Result[]> {
  const done: Result[] = [];
  let turnBegan = performance.now();
  for (const item of items) {
    done.push(await work(item));
    if (performance.now() - turnBegan < BATCH_MS) continue;
    await nextTick();
    turnBegan = performance.now();
  }
  return done;
}

/** An answer of `together`: this one must be asked for by itself. */
export const BY_ITSELF = Symbol('by itself');

/** Work that is cheaper for several together. */
export interface GatheredWork<Asked, Answer> {
  /** So many are answered together at most. */
  readonly most: number;
  readonly alone: (asked: Asked) => Promise<Answer>;
  /** An answer for each, in their order. */
  readonly together: (asked: readonly Asked[]) => Promise<readonly (Answer | typeof BY_ITSELF)[]>;
  /** Whether the failure of several may be the fault of one of them: then each is asked for by itself. */
  readonly mayBeOfOne: (cause: unknown) => boolean;
  /** Called when nothing is under way or waits. */
  readonly onIdle: () => void;
}

/** So many pieces of work are under way while others gather. */
const MOST_UNDER_WAY = 2;
/** Nobody gathers for longer: what is under way may hang. */
const GATHER_MS = 25;
/** A failure that took longer is not repeated one by one. */
const REPEAT_WITHIN_MS = 500;

interface Waiting<Asked, Answer> extends PromiseWithResolvers<Answer> {
  readonly asked: Asked;
}

/**
 * What is asked for while work is under way gathers and is answered together, so that load makes the work of each smaller. What
 * comes alone never waits.
 */
export function createGathering<Asked, Answer>(work: GatheredWork<Asked, Answer>) {
  let waiting: Waiting<Asked, Answer>[] = [];
  let underWay = 0;
  let endOfThisTick: NodeJS.Immediate | undefined;
  let latest: NodeJS.Timeout | undefined;

  function start(): void {
    clearImmediate(endOfThisTick);
    clearTimeout(latest);
    const some = waiting;
    const [first] = some;
    waiting = [];
    underWay += 1;
    const done = some.length === 1 && first !== undefined ? answerAlone(work, first) : answerAll(work, some);
    void done.then(end);
  }

  function end(): void {
    underWay -= 1;
    if (waiting.length > 0) start();
    else if (underWay === 0) work.onIdle();
  }

  function plan(): void {
    // Not before those are there that an answer for several lets ask.
    if (underWay === 0) process.nextTick(startWaiting);
    else if (underWay < MOST_UNDER_WAY) endOfThisTick = setImmediate(start);
    else latest = setTimeout(start, GATHER_MS);
  }

  function startWaiting(): void {
    if (waiting.length > 0) start();
  }

  return (asked: Asked): Promise<Answer> => {
    const one = { asked, ...Promise.withResolvers<Answer>() };
    waiting.push(one);
    if (waiting.length >= work.most) start();
    else if (waiting.length === 1) plan();
    return one.promise;
  };
}

function answerAlone<Asked, Answer>(
  { alone }: GatheredWork<Asked, Answer>,
  { asked, resolve, reject }: Waiting<Asked, Answer>,
): Promise<void> {
  return alone(asked).then(resolve, reject);
}

async function answerAll<Asked, Answer>(
  work: GatheredWork<Asked, Answer>,
  some: readonly Waiting<Asked, Answer>[],
): Promise<void> {
  const began = performance.now();
  try {
    const answers = await work.together(some.map(({ asked }) => asked));
    for (const [at, one] of some.entries()) {
      const answer = answers[at] as Answer | typeof BY_ITSELF;
      if (answer === BY_ITSELF) void answerAlone(work, one);
      else one.resolve(answer);
    }
  } catch (cause) {
    const isRepeated = work.mayBeOfOne(cause) && performance.now() - began < REPEAT_WITHIN_MS;
    for (const one of some) {
      if (isRepeated) void answerAlone(work, one);
      else one.reject(cause);
    }
  }
}

/** After several were too much together, each is asked for by itself for so long. */
export const ALONE_MS = 30_000;

/**
 * A gathering for each pair of an object and a key: what is answered together has both in common.
 *
 * @param failures.isTooMuch whether several failed because they took too long: they may succeed one by one, as from a slow disk
 */
export function createGatherings<Asked, Answer>(failures: {
  readonly mayBeOfOne: (cause: unknown) => boolean;
  readonly isTooMuch: (cause: unknown) => boolean;
}) {
  const { mayBeOfOne, isTooMuch } = failures;
  let aloneUntil = -Infinity;
  const byOwner = new WeakMap<object, Map<string, (asked: Asked) => Promise<Answer>>>();

  async function noting<Answers>(answers: Promise<Answers>): Promise<Answers> {
    try {
      return await answers;
    } catch (cause) {
      if (isTooMuch(cause)) aloneUntil = performance.now() + ALONE_MS;
      throw cause;
    }
  }

  return (
    owner: object,
    key: string,
    asked: Asked,
    work: () => Pick<GatheredWork<Asked, Answer>, 'most' | 'alone' | 'together'>,
  ): Promise<Answer> => {
    if (performance.now() < aloneUntil) return work().alone(asked);
    const gatherings = byOwner.get(owner) ?? new Map<string, (asked: Asked) => Promise<Answer>>();
    byOwner.set(owner, gatherings);
    let ask = gatherings.get(key);
    if (ask === undefined) {
      const { together, ...others } = work();
      ask = createGathering({
        ...others,
        together: (all) => noting(together(all)),
        mayBeOfOne,
        onIdle: () => gatherings.delete(key),
      });
      gatherings.set(key, ask);
    }
    return ask(asked);
  };
}
