import { setTimeout as pause } from 'node:timers/promises';

import { Allowance } from './allowance.ts';
import type { Clock } from './clock.ts';

/** Refused logins a second that are answered at once, twice that in a burst: far more than people mistype. */
const PER_SECOND = 100;
/** The others wait so long; nobody who waits for a person's login minds. */
const HOLD_MS = 250;
/** Answers that wait at a time; beyond them they leave at once, or they would fill the memory. */
const MOST_HELD = 1_000;

/**
 * Slows down those who are refused, once there are many of them: who asks again as soon as it has its answer, as a flood of
 * wrong passwords does, would otherwise take the whole event loop with refusals that cost next to nothing each. Those who
 * are admitted never wait here, and every refusal is treated alike, so that the wait tells nothing.
 *
 * @returns to be awaited before a refusal is told
 */
export function createRefusalPace(clock: Clock): () => Promise<void> {
  const burst = 2 * PER_SECOND;
  const allowance = new Allowance(burst, clock.monotonic());
  let held = 0;
  return async () => {
    if (allowance.take(PER_SECOND, burst, clock.monotonic()) === 0 || held >= MOST_HELD) return;
    held += 1;
    try {
      await pause(HOLD_MS);
    } finally {
      held -= 1;
    }
  };
}
