import { setTimeout as pause } from 'node:timers/promises';

import { TokenBucket } from './rate-limit.ts';
import type { Clock } from '../core/clock.ts';

/** Refused logins a second that are answered at once: far more than people mistype. */
const PER_SECOND = 100;
/** The others wait so long on average; nobody who mistyped minds. Not all alike, or a flood would come in waves. */
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
export function createFailureDelay(clock: Clock): () => Promise<void> {
  const allowance = new TokenBucket(PER_SECOND, clock.monotonic());
  let [held, inTurn] = [0, 0];

  /** One client that asks in turn takes nothing from others, however fast it is. */
  function isOneOfMany(): boolean {
    if (inTurn === 0) setImmediate(() => (inTurn = 0));
    inTurn += 1;
    return held > 0 || inTurn > 1;
  }

  return async () => {
    if (allowance.take(PER_SECOND, PER_SECOND, clock.monotonic()) === 0) return;
    if (!isOneOfMany() || held >= MOST_HELD) return;
    held += 1;
    try {
      await pause(HOLD_MS * (0.5 + Math.random()));
    } finally {
      held -= 1;
    }
  };
}
