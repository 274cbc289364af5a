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
