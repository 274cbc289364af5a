import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import { TokenBucket } from './rate-limit.ts';

/** Ids next to each other come about by chance, even among a thousand leads; so many in one run do not. */
const UNNOTICED = 100;
/** A walk may go on for this many seconds' worth at once: a CRM that fetches a list of its day. */
const BURST_SECONDS = 100;
/** Places at which one user may be walking. */
const RUNS = 8;
const REMEMBERED_USERS = 10_000;

/** A step of a walk that is refused. */
export interface EnumerationRefusal {
  readonly retryAfterSeconds: number;
  /** The first one of this walk: to be told. */
  readonly isFirst: boolean;
}

/** Takes one lead id from what a user may walk through. Undefined: granted. */
export type EnumerationGuard = (user: string, leadId: number) => EnumerationRefusal | undefined;

interface Walker {
  readonly allowance: TokenBucket;
  readonly runs: IdSequence[];
  steps: number;
  isTold: boolean;
}

/**
 * Slows down who asks for one lead id after the other, whether there are such leads or not: somebody who copies the whole
 * database looks like this, and neither a call centre whose leads arrive in order nor a CRM that syncs a list does it at
 * such a rate. Only steps of a walk are refused; what the same user asks otherwise is answered. Ids in a random order are
 * no walk.
 *
 * @param perSecond ids a second at which a user may walk for ever; 0: any
 */
export function createEnumerationGuard(perSecond: number, clock: Clock): EnumerationGuard {
  if (perSecond === 0) return () => undefined;
  const burst = perSecond * BURST_SECONDS;
  const walkers = new BoundedMap<string, Walker>(REMEMBERED_USERS);

  function walkerOf(user: string): Walker {
    let walker = walkers.get(user);
    if (walker === undefined) {
      walker = { allowance: new TokenBucket(burst, clock.monotonic()), runs: [], steps: 0, isTold: false };
      walkers.set(user, walker);
    }
    return walker;
  }

  function takeStep(walker: Walker): EnumerationRefusal | undefined {
    const now = clock.monotonic();
    // Half of the allowance has come back: that walk is over, the next one is told again.
    if (walker.allowance.refill(perSecond, burst, now) >= burst / 2) walker.isTold = false;
    const retryAfterSeconds = walker.allowance.take(perSecond, burst, now);
    if (retryAfterSeconds === 0) return undefined;
    const isFirst = !walker.isTold;
    walker.isTold = true;
    return { retryAfterSeconds, isFirst };
  }

  return (user, leadId) => {
    const walker = walkerOf(user);
    walker.steps += 1;
    const run = runOf(walker, leadId);
    if (run === undefined) {
      beginRun(walker, leadId);
      return undefined;
    }
    run.usedAt = walker.steps;
    if (run.knows(leadId)) return undefined;
    const refusal = run.length < UNNOTICED ? undefined : takeStep(walker);
    run.add(run.distanceTo(leadId) ?? 0, refusal === undefined);
    return refusal;
  };
}

/** The run to which an id belongs; one that knows it before the others. */
function runOf({ runs }: Walker, leadId: number): IdSequence | undefined {
  let found: IdSequence | undefined;
  for (const run of runs) {
    if (run.knows(leadId)) return run;
    if (run.distanceTo(leadId) === undefined) continue;
    if (found === undefined || run.length > found.length) found = run;
  }
  return found;
}

function beginRun({ runs, steps, isTold }: Walker, leadId: number): void {
  const run = new IdSequence(leadId, steps);
  // Who walks already does not get another hundred for each gap.
  if (isTold) run.length = UNNOTICED;
  if (runs.length < RUNS) {
    runs.push(run);
    return;
  }
  let oldest = 0;
  for (const [at, { usedAt }] of runs.entries()) if (usedAt < (runs[oldest]?.usedAt ?? 0)) oldest = at;
  runs[oldest] = run;
}

/**
 * How far ids of one run may lie apart: of a list's leads some are gone or are other users', some calls nobody answers, and
 * who asks over many connections at a time does not ask in order. It is the number of bits of `#asked`, too.
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
  /** When it was asked last, in steps of its user. */
  usedAt: number;

  constructor(first: number, usedAt: number) {
    this.#start = first;
    this.#front = first;
    this.usedAt = usedAt;
  }

  /** How far the id lies before the front (negative: behind it). Undefined: it belongs to another run. */
  distanceTo(id: number): number | undefined {
    const distance = this.#direction === -1 ? this.#front - id : id - this.#front;
    return Math.abs(distance) <= REACH ? distance : undefined;
  }

  /**
   * Whether an answer tells nothing new. Of the run's beginning only the extent is remembered: where most ids of it were asked
   * for, all count as known.
   */
  knows(id: number): boolean {
    const distance = this.distanceTo(id);
    if (distance !== undefined) return distance <= 0 && (this.#asked & (1 << -distance)) !== 0;
    if (this.#direction === 0) return false;
    const extent = (id - this.#start) * this.#direction;
    return extent >= 0 && extent <= this.#grantedExtent && this.#granted * 2 > this.#grantedExtent;
  }

  /** One more id, whether its answer is granted or not: who is refused and goes on is still walking. */
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
