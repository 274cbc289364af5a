/** Callers that were good lately have a lane of their own. */
export type Lane = 'known good' | 'anybody';

const LANE_SLOTS: Readonly<Record<Lane, number>> = { 'known good': 256, anybody: 64 };

/** A slot in a lane: to be used or given back. */
export interface HashSlot {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  giveBack(): void;
}

/** One at a time in each lane, for all domains of a process together. */
export type HashLanes = Readonly<Record<Lane, Mutex>>;

type Mutex = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createHashLanes(): HashLanes {
  return { 'known good': createMutex(), anybody: createMutex() };
}

/**
 * Hashing takes a core for 11 ms. Each lane hashes one at a time, so that a flood of wrong passwords takes one core at most
 * and never stands before callers that were good lately. Of each domain one request waits for the shared lane, so that a
 * flood on one domain delays the others by no more than a hash.
 *
 * @returns a function that takes a slot in a lane, or undefined when so many wait already that the caller should come
 *   back later
 */
export function createHashQueue(shared: HashLanes = createHashLanes()): (lane: Lane) => HashSlot | undefined {
  const lanes = {
    'known good': createLane(LANE_SLOTS['known good'], shared['known good']),
    anybody: createLane(LANE_SLOTS.anybody, shared.anybody),
  };
  return (lane) => lanes[lane]();
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

function createLane(slots: number, shared: Mutex): () => HashSlot | undefined {
  const own = createMutex();
  let taken = 0;
  const giveBack = () => {
    taken -= 1;
  };
  const run = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await own(() => shared(work));
    } finally {
      giveBack();
    }
  };
  return () => {
    if (taken >= slots) return undefined;
    taken += 1;
    return { run, giveBack };
  };
}
