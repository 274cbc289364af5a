import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';

const TRACKED_CALLERS = 10_000;

/** A token bucket: it refills with time, up to its capacity. Times are monotonic milliseconds. */
export class TokenBucket {
  #tokens: number;
  #filledAt: number;

  constructor(capacity: number, now: number) {
    this.#tokens = capacity;
    this.#filledAt = now;
  }

  /** @returns how many tokens there are now */
  refill(perSecond: number, capacity: number, now: number): number {
    this.#tokens = Math.min(capacity, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond);
    this.#filledAt = now;
    return this.#tokens;
  }

  /**
   * @param amount may be more than there is: then nothing can be taken until that has come back
   * @returns 0: it was taken; otherwise the whole seconds after which there is one
   */
  take(perSecond: number, capacity: number, now: number, amount = 1): number {
    const tokens = this.refill(perSecond, capacity, now);
    if (tokens < 1) return Math.max(1, Math.ceil((1 - tokens) / perSecond));
    this.#tokens = tokens - amount;
    return 0;
  }

  /** Takes tokens whether they are there or not. */
  debit(amount: number): void {
    this.#tokens -= amount;
  }
}

export interface RateLimit {
  /**
   * Takes one lookup from a caller's bucket, or several at once, which may be more than there are: then the next one has to
   * wait for all of them. 0: granted; otherwise the seconds after which to come back.
   */
  (caller: string, amount?: number): number;
  /** Takes more from a caller who was granted one, for what that one turned out to be. */
  debit(caller: string, amount: number): void;
}

/**
 * @param perSecond lookups a second for one caller; twice that in a burst
 */
export function createRateLimit(perSecond: number, clock: Clock): RateLimit {
  const capacity = perSecond * 2;
  const buckets = new BoundedMap<string, TokenBucket>(TRACKED_CALLERS);
  function take(caller: string, amount?: number): number {
    const now = clock.monotonic();
    let bucket = buckets.get(caller);
    if (bucket === undefined) {
      bucket = new TokenBucket(capacity, now);
      buckets.set(caller, bucket);
    }
    return bucket.take(perSecond, capacity, now, amount);
  }
  return Object.assign(take, {
    debit: (caller: string, amount: number) => buckets.get(caller)?.debit(amount),
  });
}

/** An IPv4 address, also as IPv6 writes it. */
const IPV4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i;
/** Of 16 bits each: the half of an IPv6 address that a provider gives to one customer. */
const NETWORK_GROUPS = 4;

/**
 * What counts as one address: an IPv4 address, or the network of an IPv6 address (64 bits), because whoever has one of its
 * addresses has all of them (RFC 6177).
 *
 * @param address as the network says; what is none stays as it is
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [, ipv4] = IPV4.exec(address) ?? [];
  if (ipv4 !== undefined) return ipv4;
  const [before = '', after] = address.split('::');
  const groups = groupsOf(before);
  // `::` stands for as many zeros as are missing.
  const zeros = after === undefined ? 0 : Math.max(0, 8 - groups.length - groupsOf(after).length);
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...groupsOf(after ?? '')];
  return `${all
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}
