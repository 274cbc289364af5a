import { Allowance } from './allowance.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

const REMEMBERED_CALLERS = 10_000;

/** Takes one lookup from a caller's allowance. 0: granted; otherwise the seconds after which to come back. */
export type RateLimit = (caller: string) => number;

/**
 * @param perSecond lookups a second for one caller; twice that in a burst
 */
export function createRateLimit(perSecond: number, clock: Clock): RateLimit {
  const burst = perSecond * 2;
  const allowances = new BoundedMap<string, Allowance>(REMEMBERED_CALLERS);
  return (caller) => {
    const now = clock.monotonic();
    let allowance = allowances.get(caller);
    if (allowance === undefined) {
      allowance = new Allowance(burst, now);
      allowances.set(caller, allowance);
    }
    return allowance.take(perSecond, burst, now);
  };
}
