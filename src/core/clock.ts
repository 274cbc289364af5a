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
