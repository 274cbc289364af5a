import type { AccessCounters } from '../core/access-counters.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import type { Problem, ProblemOf } from '../core/problem.ts';
import { IdSequence } from './id-sequence.ts';

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

export type RateLimit = ReturnType<typeof createRateLimit>;

/**
 * @param perSecond lookups a second for one caller; twice that in a burst
 */
export function createRateLimit(perSecond: number, clock: Clock) {
  const capacity = perSecond * 2;
  const buckets = new BoundedMap<string, TokenBucket>(TRACKED_CALLERS);
  /**
   * Takes one lookup from a caller's bucket, or several at once, which may be more than there are: then the next one has to
   * wait for all of them. 0: granted; otherwise the seconds after which to come back.
   */
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
    /** Takes more from a caller who was granted one, for what that one turned out to be. */
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

export interface ThrottleOptions {
  /** Lookups a second for one user at one address; twice that in a burst. */
  readonly ratePerSecond: number;
  /** Lead ids a second that one user may enumerate for ever; 0: any. */
  readonly enumerationPerSecond: number;
  readonly clock: Clock;
  readonly counters: AccessCounters;
}

/** How fast one account may ask. Undefined instead of a problem: go on. */
export function createThrottle({ ratePerSecond, enumerationPerSecond, clock, counters }: ThrottleOptions) {
  const limit = createRateLimit(ratePerSecond, clock);
  const guard = createEnumerationGuard(enumerationPerSecond, clock);
  return {
    /** Takes lookups from the account's limit at this address. */
    lookups(accountId: string, address: string, count: number): Problem | undefined {
      const retryAfterSeconds = count === 0 ? 0 : limit(bucketOf(accountId, address), count);
      return retryAfterSeconds > 0 ? { code: 'rate_limited', retryAfterSeconds } : undefined;
    },
    /** Takes more than was known when they were let through; the next ones wait for them. */
    debit: (accountId: string, address: string, count: number) =>
      limit.debit(bucketOf(accountId, address), count),
    /** Takes one lead id, for whoever reads ids one after the other. */
    leadId(accountId: string, leadId: number): Problem | undefined {
      const refusal = guard(accountId, leadId);
      if (refusal !== undefined) counters.enumerationRefusals += 1;
      return refusal;
    },
  };
}

/** One account at one address, an IPv6 network counting as one. */
function bucketOf(accountId: string, address: string): string {
  return `${accountId}\0${networkOf(address)}`;
}

/** Leads that a process keeps for all accounts of a domain together: some 4 MB. */
const KEPT_LEADS = 100_000;

/**
 * The leads that each account has read today, as far as this process knows: a lookup of one of them is not counted
 * again. What is forgotten is in the store. (It is here and not with what counts, which a lookup of such a lead never runs.)
 */
export class LeadsReadToday {
  readonly #clock: Clock;
  readonly #leads = new Map<string, Set<number> | 'all'>();
  #kept = 0;
  /** Wall clock. */
  #endsAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(account: string, leadId: number): boolean {
    if (this.#clock.wall() >= this.#endsAt) return false;
    const leads = this.#leads.get(account);
    return leads === 'all' || leads?.has(leadId) === true;
  }

  /** @param most an account that has read so many has `all` */
  add(account: string, leadId: number, most = Infinity): void {
    let leads = this.#leads.get(account);
    if (leads === 'all') return;
    if (leads === undefined) this.#leads.set(account, (leads = new Set()));
    const before = leads.size;
    leads.add(leadId);
    this.#kept += leads.size - before;
    if (leads.size >= most) this.addAll(account);
    else if (this.#kept > KEPT_LEADS) this.#forgetEveryone();
  }

  /** Whatever the account reads on this day, nobody counts it any longer. */
  addAll(account: string): void {
    const leads = this.#leads.get(account);
    if (leads instanceof Set) this.#kept -= leads.size;
    this.#leads.set(account, 'all');
  }

  forget(account: string, leadId: number): void {
    const leads = this.#leads.get(account);
    if (leads instanceof Set && leads.delete(leadId)) this.#kept -= 1;
  }

  /** @param endsAt when the day that begins ends, in milliseconds of the wall clock */
  begin(endsAt: number): void {
    this.#endsAt = endsAt;
    this.#forgetEveryone();
  }

  #forgetEveryone(): void {
    this.#leads.clear();
    this.#kept = 0;
  }
}

/** Ids next to each other come about by chance, even among a thousand leads; so many in one sequence do not. */
const UNNOTICED = 100;
/** An enumeration may take this many seconds' worth at once: a CRM that fetches a list of its day. */
const BURST_SECONDS = 100;
/** Sequences that one user may be reading. */
const SEQUENCES = 8;
const TRACKED_USERS = 10_000;

/** Takes one lead id from what a user may enumerate. Undefined: granted. */
export type EnumerationGuard = (user: string, leadId: number) => ProblemOf<'rate_limited'> | undefined;

interface Reader {
  readonly bucket: TokenBucket;
  readonly sequences: IdSequence[];
  requests: number;
  isLogged: boolean;
}

/**
 * Throttles users who read lead ids one after the other, whether such leads exist or not: somebody who copies the whole
 * database looks like this, and neither a call centre whose leads arrive in order nor a CRM that syncs a list does it at
 * such a rate. Only ids of a sequence are refused; what the same user asks otherwise is answered. Ids in a random order are
 * not noticed.
 *
 * @param perSecond ids a second that a user may enumerate for ever; 0: any
 */
export function createEnumerationGuard(perSecond: number, clock: Clock): EnumerationGuard {
  if (perSecond === 0) return () => undefined;
  const burst = perSecond * BURST_SECONDS;
  const readers = new BoundedMap<string, Reader>(TRACKED_USERS);

  function readerOf(user: string): Reader {
    let reader = readers.get(user);
    if (reader === undefined) {
      reader = {
        bucket: new TokenBucket(burst, clock.monotonic()),
        sequences: [],
        requests: 0,
        isLogged: false,
      };
      readers.set(user, reader);
    }
    return reader;
  }

  function takeId(reader: Reader): ProblemOf<'rate_limited'> | undefined {
    const now = clock.monotonic();
    // Half of the bucket is full again: that enumeration is over, and the next one is logged again.
    if (reader.bucket.refill(perSecond, burst, now) >= burst / 2) reader.isLogged = false;
    const retryAfterSeconds = reader.bucket.take(perSecond, burst, now);
    if (retryAfterSeconds === 0) return undefined;
    const enumeration = reader.isLogged ? 'goes on' : 'begun';
    reader.isLogged = true;
    return { code: 'rate_limited', retryAfterSeconds, enumeration };
  }

  return (user, leadId) => {
    const reader = readerOf(user);
    reader.requests += 1;
    const sequence = sequenceOf(reader, leadId);
    if (sequence === undefined) {
      beginSequence(reader, leadId);
      return undefined;
    }
    sequence.usedAt = reader.requests;
    if (sequence.knows(leadId)) return undefined;
    const refusal = sequence.length < UNNOTICED ? undefined : takeId(reader);
    sequence.add(sequence.distanceTo(leadId) ?? 0, refusal === undefined);
    return refusal;
  };
}

/** The sequence to which an id belongs; one that knows it before the others. */
function sequenceOf({ sequences }: Reader, leadId: number): IdSequence | undefined {
  let longest: IdSequence | undefined;
  for (const sequence of sequences) {
    if (sequence.knows(leadId)) return sequence;
    if (sequence.distanceTo(leadId) === undefined) continue;
    if (longest === undefined || sequence.length > longest.length) longest = sequence;
  }
  return longest;
}

function beginSequence({ sequences, requests, isLogged }: Reader, leadId: number): void {
  const sequence = new IdSequence(leadId, requests);
  // Whoever enumerates already does not get another hundred for each gap.
  if (isLogged) sequence.length = UNNOTICED;
  if (sequences.length < SEQUENCES) {
    sequences.push(sequence);
    return;
  }
  const oldest = sequences.reduce((one, other) => (other.usedAt < one.usedAt ? other : one));
  sequences[sequences.indexOf(oldest)] = sequence;
}
