let turn: Promise<void> | undefined;

/**
 * Waits until the requests that arrived together have all been worked on, so that their answers are written
 * together. A write wakes the client that waits for it, and under load one wake-up serves many answers: measured
 * 33 instead of 39 us of CPU for a request that computes for 20 us. A request that comes alone loses nothing.
 */
export function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}
