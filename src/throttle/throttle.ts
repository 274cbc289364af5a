import type { AccessCounters } from '../core/access-counters.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import type { Problem } from '../core/problem.ts';
import { createRateLimit, networkOf, TokenBucket } from './rate-limit.ts';

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

/** Ids next to each other come about by chance, even among a thousand leads; so many in one sequence do not. */
const UNNOTICED = 100;
/** An enumeration may take this many seconds' worth at once: a CRM that fetches a list of its day. */
const BURST_SECONDS = 100;
/** Sequences that one user may be reading. */
const SEQUENCES = 8;
const TRACKED_USERS = 10_000;

/** A lead id that is refused. */
export interface EnumerationRefusal {
  readonly retryAfterSeconds: number;
  /** The first refusal of this enumeration, to be logged. */
  readonly isFirst: boolean;
}

/** Takes one lead id from what a user may enumerate. Undefined: granted. */
export type EnumerationGuard = (user: string, leadId: number) => EnumerationRefusal | undefined;

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

  function takeId(reader: Reader): EnumerationRefusal | undefined {
    const now = clock.monotonic();
    // Half of the bucket is full again: that enumeration is over, and the next one is logged again.
    if (reader.bucket.refill(perSecond, burst, now) >= burst / 2) reader.isLogged = false;
    const retryAfterSeconds = reader.bucket.take(perSecond, burst, now);
    if (retryAfterSeconds === 0) return undefined;
    const isFirst = !reader.isLogged;
    reader.isLogged = true;
    return { retryAfterSeconds, isFirst };
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
  let oldest = 0;
  for (const [index, { usedAt }] of sequences.entries()) {
    if (usedAt < (sequences[oldest]?.usedAt ?? 0)) oldest = index;
  }
  sequences[oldest] = sequence;
}

/**
 * How far ids of one sequence may lie apart: some leads of a list are deleted or are other users', some calls nobody answers,
 * and requests over many connections at a time do not come in order. It is the number of bits of `#asked`, too.
 */
const REACH = 31;

/** Lead ids that somebody asks for one after the other, upwards or downwards. */
export class IdSequence {
  readonly #start: number;
  #front: number;
  #direction: 1 | -1 | 0 = 0;
  /** Which of the last ids up to the front were granted; the lowest bit is the front's. */
  #asked = 1;
  /** How far from the start all was granted that was asked for, and how many ids that were. */
  #grantedExtent = 0;
  #granted = 1;
  #wasRefused = false;
  /** Different ids so far. */
  length = 1;
  /** Which request of its user asked for it last. */
  usedAt: number;

  constructor(first: number, usedAt: number) {
    this.#start = first;
    this.#front = first;
    this.usedAt = usedAt;
  }

  /** How far the id lies before the front (negative: behind it). Undefined: it belongs to another sequence. */
  distanceTo(id: number): number | undefined {
    const distance = this.#direction === -1 ? this.#front - id : id - this.#front;
    return Math.abs(distance) <= REACH ? distance : undefined;
  }

  /**
   * Whether an answer reveals nothing new. Of the beginning only the extent is kept: where most of its ids were asked for,
   * all count as known.
   */
  knows(id: number): boolean {
    const distance = this.distanceTo(id);
    if (distance !== undefined) return distance <= 0 && (this.#asked & (1 << -distance)) !== 0;
    if (this.#direction === 0) return false;
    const extent = (id - this.#start) * this.#direction;
    return extent >= 0 && extent <= this.#grantedExtent && this.#granted * 2 > this.#grantedExtent;
  }

  /** Adds an id, granted or not: whoever is refused and goes on is still enumerating. */
  add(distance: number, isGranted: boolean): void {
    if (this.#direction === 0) {
      this.#direction = distance < 0 ? -1 : 1;
      distance = Math.abs(distance);
    }
    if (distance > 0) {
      this.#front += distance * this.#direction;
      this.#asked <<= distance;
      distance = 0;
    }
    if (isGranted) this.#asked |= 1 << -distance;
    this.#wasRefused ||= !isGranted;
    if (!this.#wasRefused) {
      this.#grantedExtent = (this.#front - this.#start) * this.#direction;
      this.#granted += 1;
    }
    this.length += 1;
  }
}
