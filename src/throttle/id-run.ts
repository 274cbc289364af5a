/**
 * How far ids of one run may lie apart: of a list's leads some are gone or are other users', some calls nobody answers, and
 * who asks over many connections at a time does not ask in order. It is the number of bits of `#asked`, too.
 */
const REACH = 31;

/** Lead ids that somebody asks for one after the other, upwards or downwards. */
export class IdRun {
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
