/** Who waits: callers that were good lately have a lane of their own. */
export type Lane = 'known good' | 'anybody';

const WAITING_LIMITS: Readonly<Record<Lane, number>> = { 'known good': 256, anybody: 64 };

export interface HashQueue {
  /** False: so many wait already that another one had better come back later. */
  hasRoom(lane: Lane): boolean;
  run<Result>(lane: Lane, work: () => Promise<Result>): Promise<Result>;
}

/**
 * Hashing takes a core for 11 ms. Each lane hashes one at a time, so that a flood of wrong passwords takes one
 * core at most and never stands before those who were good lately.
 */
export function createHashQueue(): HashQueue {
  const lanes = { 'known good': createLane(), anybody: createLane() };
  return {
    hasRoom: (lane) => lanes[lane].waiting() < WAITING_LIMITS[lane],
    run: (lane, work) => lanes[lane].run(work),
  };
}

function createLane() {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    waiting: () => waiting,
    async run<Result>(work: () => Promise<Result>): Promise<Result> {
      waiting += 1;
      const turn = last.then(work);
      // The next one's turn comes whatever becomes of this one.
      last = turn.catch(() => undefined);
      try {
        return await turn;
      } finally {
        waiting -= 1;
      }
    },
  };
}
