/** Who waits: callers that were good lately have a lane of their own. */
export type Lane = 'known good' | 'anybody';

const PLACES: Readonly<Record<Lane, number>> = { 'known good': 256, anybody: 64 };

/** A place in a lane: to be used or given back. */
export interface Place {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  giveBack(): void;
}

/**
 * Hashing takes a core for 11 ms. Each lane hashes one at a time, so that a flood of wrong passwords takes one
 * core at most and never stands before those who were good lately.
 *
 * @returns a function that takes a place in a lane, or undefined when so many wait already that another one had
 *   better come back later
 */
export function createHashQueue(): (lane: Lane) => Place | undefined {
  const lanes = {
    'known good': createLane(PLACES['known good']),
    anybody: createLane(PLACES.anybody),
  };
  return (lane) => lanes[lane]();
}

function createLane(places: number): () => Place | undefined {
  let last: Promise<unknown> = Promise.resolve();
  let taken = 0;
  const giveBack = () => {
    taken -= 1;
  };
  const run = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(work);
    // The next one's turn comes whatever becomes of this one.
    last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      giveBack();
    }
  };
  return () => {
    if (taken >= places) return undefined;
    taken += 1;
    return { run, giveBack };
  };
}
