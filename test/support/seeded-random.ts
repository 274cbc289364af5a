import { hash } from 'node:crypto';

/** Chance that can be repeated: the same seed gives the same throws. */
export class SeededRandom {
  readonly #state: Uint32Array;

  /** @param seed any text; those that resemble each other give throws that do not */
  constructor(seed: string) {
    const bytes = hash('sha256', seed, 'buffer');
    this.#state = Uint32Array.from({ length: 4 }, (_, at) => bytes.readUInt32LE(at * 4));
  }

  /** From 0 up to, not including, 1. The generator sfc32: small, fast, and without a pattern that matters here. */
  next(): number {
    const [a = 0, b = 0, c = 0, count = 0] = this.#state;
    const sum = (a + b + count) >>> 0;
    this.#state[3] = count + 1;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum / 2 ** 32;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('there is nothing to pick');
    return value;
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }

  /** Cuts bytes into up to so many pieces. */
  cut(whole: Buffer, most: number): readonly Buffer[] {
    const ends = Array.from({ length: this.below(most) }, () => this.below(whole.length + 1)).sort(
      (a, b) => a - b,
    );
    return [0, ...ends].map((start, at) => whole.subarray(start, ends[at] ?? whole.length));
  }
}
