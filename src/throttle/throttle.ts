import type { AccessCounters } from '../core/access-counters.ts';
import type { Clock } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import { createEnumerationGuard } from './enumeration.ts';
import { createRateLimit, networkOf } from './rate-limit.ts';

export interface ThrottleOptions {
  /** Lookups a second for one user at one address; twice that in a burst. */
  readonly ratePerSecond: number;
  /** Lead ids a second that one user may enumerate for ever; 0: any. */
  readonly enumerationPerSecond: number;
  readonly clock: Clock;
  readonly counters: AccessCounters;
}

/** How fast one account may ask. Undefined instead of a problem: go on. */
export interface Throttle {
  /** Takes lookups from the account's limit at this address. */
  lookups(accountId: string, address: string, count: number): Problem | undefined;
  /** Takes more than was known when they were let through; the next ones wait for them. */
  debit(accountId: string, address: string, count: number): void;
  /** Takes one lead id, for whoever reads ids one after the other. */
  leadId(accountId: string, leadId: number): Problem | undefined;
}

export function createThrottle({
  ratePerSecond,
  enumerationPerSecond,
  clock,
  counters,
}: ThrottleOptions): Throttle {
  const limit = createRateLimit(ratePerSecond, clock);
  const guard = createEnumerationGuard(enumerationPerSecond, clock);
  return {
    lookups(accountId, address, count) {
      const retryAfterSeconds = count === 0 ? 0 : limit(bucketOf(accountId, address), count);
      return retryAfterSeconds > 0 ? { code: 'rate_limited', retryAfterSeconds } : undefined;
    },
    debit: (accountId, address, count) => limit.debit(bucketOf(accountId, address), count),
    leadId(accountId, leadId) {
      const refusal = guard(accountId, leadId);
      if (refusal === undefined) return undefined;
      counters.enumerationRefusals += 1;
      const { retryAfterSeconds, isFirst } = refusal;
      return { code: 'rate_limited', retryAfterSeconds, enumeration: isFirst ? 'begun' : 'goes on' };
    },
  };
}

/** One account at one address, an IPv6 network counting as one. */
function bucketOf(accountId: string, address: string): string {
  return `${accountId}\0${networkOf(address)}`;
}
