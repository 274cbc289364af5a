/** Of leads beyond these nothing is told: an import may not take much memory. */
const MOST_NUMBERS = 2 ** 21;
const HIGHEST_LEAD_ID = 2 ** 32 - 1;
const BUCKETS = 2 ** 20;

/**
 * Which leads an import gave which number, in 12 bytes for each. It stands in for the index of numbers while that is
 * left out (BulkLoad), and names a little too much: what it names must be looked at.
 */
export class KnownNumbers {
  #count = 0;
  // Of their full size at once: memory that nothing was written to takes no room, and nothing is copied as they fill.
  /** By the last bits of the hash: the latest entry + 1; 0: none. */
  readonly #latest = new Uint32Array(BUCKETS);
  /** By entry: the one before it + 1, with the same last bits. */
  readonly #before = new Uint32Array(MOST_NUMBERS);
  readonly #hashes = new Uint32Array(MOST_NUMBERS);
  readonly #leadIds = new Uint32Array(MOST_NUMBERS);

  /** @returns false: there is no room for it, and what is there cannot be relied on any longer */
  add(key: string, listId: number, leadId: number): boolean {
    if (this.#count === MOST_NUMBERS || leadId > HIGHEST_LEAD_ID) return false;
    const entry = this.#count++;
    const hash = hashOf(key, listId);
    const bucket = hash & (BUCKETS - 1);
    this.#hashes[entry] = hash;
    this.#leadIds[entry] = leadId;
    this.#before[entry] = this.#latest[bucket] ?? 0;
    this.#latest[bucket] = entry + 1;
    return true;
  }

  /**
   * The leads that may have the number, the highest id first.
   *
   * @param most how many are wanted at most
   * @returns undefined: there are more
   */
  find(key: string, listId: number, most: number): readonly number[] | undefined {
    const hash = hashOf(key, listId);
    let found: number[] | undefined;
    let next = this.#latest[hash & (BUCKETS - 1)] ?? 0;
    while (next > 0) {
      const entry = next - 1;
      if (this.#hashes[entry] === hash) {
        found ??= [];
        if (found.length === most) return undefined;
        found.push(this.#leadIds[entry] ?? 0);
      }
      next = this.#before[entry] ?? 0;
    }
    return found?.sort((a, b) => b - a) ?? NONE;
  }
}

const NONE: readonly number[] = [];

/** FNV-1a, and then its bits mixed well: its last ones alone are chosen by. */
function hashOf(key: string, listId: number): number {
  let hash = 0x811c9dc5 ^ (listId % 0x100000000);
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
