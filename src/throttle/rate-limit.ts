import { Allowance } from './token-bucket.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';

const REMEMBERED_CALLERS = 10_000;

export interface RateLimit {
  /**
   * Takes one lookup from a caller's allowance, or several at once, which may be more than there are: then the next one has to
   * wait for all of them. 0: granted; otherwise the seconds after which to come back.
   */
  (caller: string, amount?: number): number;
  /** Takes more of a caller who was granted one: what that one turned out to be. */
  owe(caller: string, amount: number): void;
}

/**
 * @param perSecond lookups a second for one caller; twice that in a burst
 */
export function createRateLimit(perSecond: number, clock: Clock): RateLimit {
  const burst = perSecond * 2;
  const allowances = new BoundedMap<string, Allowance>(REMEMBERED_CALLERS);
  function take(caller: string, amount?: number): number {
    const now = clock.monotonic();
    let allowance = allowances.get(caller);
    if (allowance === undefined) {
      allowance = new Allowance(burst, now);
      allowances.set(caller, allowance);
    }
    return allowance.take(perSecond, burst, now, amount);
  }
  return Object.assign(take, {
    owe: (caller: string, amount: number) => allowances.get(caller)?.owe(amount),
  });
}
