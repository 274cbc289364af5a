import { setImmediate } from 'node:timers/promises';

/** Then others get their turn: a number that thousands of leads have takes long by itself. */
const TURN_MS = 5;

/** Begins the work of all, as many in a turn as take no longer than one should, and waits for them. */
export async function inTurns<Item, Result>(
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
    if (performance.now() - turnBegan < TURN_MS) continue;
    await setImmediate();
    turnBegan = performance.now();
  }
  return Promise.all(begun);
}
