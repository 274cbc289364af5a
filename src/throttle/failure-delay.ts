import { setTimeout as sleep } from 'node:timers/promises';

import type { Clock } from '../core/clock.ts';
import { TokenBucket } from './throttle.ts';

/** Refused logins a second that are answered at once: far more than people mistype. */
const PER_SECOND = 100;
/** The others wait so long on average; nobody who mistyped minds. Not all alike, or a flood would come in waves. */
const DELAY_MS = 250;
/** Answers that wait at a time; beyond them they leave at once, or they would fill the memory. */
const MOST_DELAYED = 1_000;

/**
 * Slows down refused logins, once there are many of them: a flood of wrong passwords asks again as soon as it has its
 * answer, and would otherwise take the whole event loop with refusals that cost next to nothing each. Admitted callers never
 * wait here, and every refusal is treated alike, so that the wait reveals nothing.
 *
 * @returns to be awaited before a refusal is answered
 */
export function createFailureDelay(clock: Clock): () => Promise<void> {
  const bucket = new TokenBucket(PER_SECOND, clock.monotonic());
  let [delayed, inThisTick] = [0, 0];

  /** One client that waits for each answer takes nothing from others, however fast it is. */
  function isOneOfMany(): boolean {
    if (inThisTick === 0) setImmediate(() => (inThisTick = 0));
    inThisTick += 1;
    return delayed > 0 || inThisTick > 1;
  }

  return async () => {
    if (bucket.take(PER_SECOND, PER_SECOND, clock.monotonic()) === 0) return;
    if (!isOneOfMany() || delayed >= MOST_DELAYED) return;
    delayed += 1;
    try {
      await sleep(DELAY_MS * (0.5 + Math.random()));
    } finally {
      delayed -= 1;
    }
  };
}
