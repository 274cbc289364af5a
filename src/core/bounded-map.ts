/**
 * So many are forgotten together, an eighth: the engine leaves gaps where the oldest were, and steps over all of them to find
 * the next one (22 us for each entry of a map of 10,000, when they were forgotten one by one).
 */
const FORGOTTEN_SHARE = 8;

/** A map that forgets its oldest entries beyond a size: memory stays flat whatever callers send. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** Sets an entry and makes it the newest. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const forgotten = Math.ceil(this.#limit / FORGOTTEN_SHARE);
    for (const oldest of this.#entries.keys().take(forgotten)) this.#entries.delete(oldest);
  }
}

/** What is made of a text each time anew, made once for the last `most` texts. */
export function cachedByText(make: (text: string) => string, most: number): (text: string) => string {
  const known = new BoundedMap<string, string>(most);
  return (text) => {
    let made = known.get(text);
    if (made === undefined) known.set(text, (made = make(text)));
    return made;
  };
}
