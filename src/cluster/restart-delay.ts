/** A worker that answered this long before it ended was a good one. */
const STEADY_MS = 10_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** How long to wait before a worker is replaced. */
export interface RestartDelay {
  /** @param livedMs how long it took requests; 0: it never did */
  after(livedMs: number): number;
}

/**
 * The first is replaced at once. One that follows another shortly waits, each time longer: what ends it will most likely
 * end the next one, too, and starting takes a core for half a second.
 */
export function createRestartDelay(): RestartDelay {
  let quick = 0;
  return {
    after(livedMs) {
      quick = livedMs < STEADY_MS ? quick + 1 : 0;
      return quick < 2 ? 0 : Math.min(FIRST_MS * 2 ** (quick - 2), LONGEST_MS);
    },
  };
}
