/** Who waits: callers that were good lately have a lane of their own. */
export type Lane = 'known good' | 'anybody';

const PLACES: Readonly<Record<Lane, number>> = { 'known good': 256, anybody: 64 };

/** A place in a lane: to be used or given back. */
export interface HashSlot {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  giveBack(): void;
}

/** One at a time in each lane, for all domains of a process together. */
export type HashLanes = Readonly<Record<Lane, InTurn>>;

type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createHashLanes(): HashLanes {
  return { 'known good': createInTurn(), anybody: createInTurn() };
}

/**
 * Hashing takes a core for 11 ms. Each lane hashes one at a time, so that a flood of wrong passwords takes one
 * core at most and never stands before those who were good lately. Those of several domains take turns: of each one waits
 * for its turn, so that a flood on one of them puts the others off by no more than a hash.
 *
 * @returns a function that takes a place in a lane, or undefined when so many wait already that another one had
 *   better come back later
 */
export function createHashQueue(turns: HashLanes = createHashLanes()): (lane: Lane) => HashSlot | undefined {
  const lanes = {
    'known good': createLane(PLACES['known good'], turns['known good']),
    anybody: createLane(PLACES.anybody, turns.anybody),
  };
  return (lane) => lanes[lane]();
}

function createInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    // The next one's turn comes whatever becomes of this one.
    last = turn.catch(() => undefined);
    return turn;
  };
}

function createLane(places: number, ofAllDomains: InTurn): () => HashSlot | undefined {
  const inTurn = createInTurn();
  let taken = 0;
  const giveBack = () => {
    taken -= 1;
  };
  const run = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await inTurn(() => ofAllDomains(work));
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
