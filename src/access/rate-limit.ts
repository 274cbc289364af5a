import { BoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

const REMEMBERED_CALLERS = 10_000;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Takes one lookup from a caller's allowance. 0: granted; otherwise the seconds after which to come back. */
export type RateLimit = (caller: string) => number;

/**
 * @param perSecond lookups a second for one caller; twice that in a burst
 */
export function createRateLimit(perSecond: number, clock: Clock): RateLimit {
  const burst = perSecond * 2;
  const buckets = new BoundedMap<string, Bucket>(REMEMBERED_CALLERS);
  return (caller) => {
    const now = clock.monotonic();
    let bucket = buckets.get(caller);
    if (bucket === undefined) {
      bucket = { tokens: burst, filledAt: now };
      buckets.set(caller, bucket);
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return 0;
  };
}
