/** Many texts in little memory: their bytes in pieces of a fixed size, and where each one is. */
export class StringTable {
  /** Bytes of a piece. */
  static readonly #PIECE = 4 * 1024 * 1024;
  readonly #pieces: Buffer[] = [];
  #used = StringTable.#PIECE;
  #starts = new Uint32Array(1024);
  #lengths = new Uint32Array(1024);
  #owners = new Uint32Array(1024);
  #count = 0;

  add(text: string): void {
    const length = Buffer.byteLength(text);
    if (this.#used + length > StringTable.#PIECE) {
      this.#pieces.push(Buffer.allocUnsafe(Math.max(StringTable.#PIECE, length)));
      this.#used = 0;
    }
    if (this.#count === this.#starts.length) this.#grow();
    this.#pieces.at(-1)?.write(text, this.#used);
    this.#starts[this.#count] = this.#used;
    this.#lengths[this.#count] = length;
    this.#owners[this.#count] = this.#pieces.length - 1;
    this.#count++;
    this.#used += length;
  }

  /** @returns undefined where there is no such text */
  get(at: number): string | undefined {
    if (!Number.isInteger(at) || at < 0 || at >= this.#count) return undefined;
    const start = this.#starts[at] ?? 0;
    return this.#pieces[this.#owners[at] ?? 0]?.toString('utf8', start, start + (this.#lengths[at] ?? 0));
  }

  #grow(): void {
    const grown = (array: Uint32Array) => {
      const longer = new Uint32Array(array.length * 2);
      longer.set(array);
      return longer;
    };
    this.#starts = grown(this.#starts);
    this.#lengths = grown(this.#lengths);
    this.#owners = grown(this.#owners);
  }
}
