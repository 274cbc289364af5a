const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** Bytes that are looked at before the search is left to the system, which takes a while to begin. */
const NEAR = 24;

/**
 * Finds out, piece by piece in UTF-8, whether all quotes of a file are as RFC 4180 has them. Only in such a file a quoted
 * cell over lines is beyond doubt: where one quote is astray, it may have been closed by another row's.
 */
export class StrictQuotes {
  #isStrict = true;
  #isQuoted = false;
  /** The last byte was a quote in a quoted cell: it closes the cell, or is the first of two that mean one. */
  #isPending = false;
  #last = LF;
  readonly #delimiter: number;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
    // What takes several bytes is not looked for.
    if (this.#delimiter > 0x7f) this.#isStrict = false;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    let at = this.#isPending ? this.#afterQuote(piece, 0) : 0;
    while (this.#isStrict && at < piece.length) {
      const quote = findQuote(piece, at);
      if (quote < 0) break;
      if (this.#isQuoted) at = this.#afterQuote(piece, quote + 1);
      else {
        // Outside of a cell's beginning, a quote is a character.
        this.#isStrict = this.#isEdge(quote > 0 ? piece[quote - 1] : this.#last);
        this.#isQuoted = true;
        at = quote + 1;
      }
    }
    this.#last = piece[piece.length - 1] ?? LF;
  }

  /** After the last piece. */
  finish(): boolean {
    return this.#isStrict && (!this.#isQuoted || this.#isPending);
  }

  /** @param at where it goes on after a quote in a quoted cell */
  #afterQuote(piece: Buffer, at: number): number {
    this.#isPending = at >= piece.length;
    if (this.#isPending) return at;
    if (piece[at] === QUOTE) return at + 1;
    this.#isQuoted = false;
    this.#isStrict &&= this.#isEdge(piece[at]);
    return at;
  }

  #isEdge(byte: number | undefined): boolean {
    return byte === this.#delimiter || byte === LF || byte === CR;
  }
}

function findQuote(piece: Buffer, from: number): number {
  const near = Math.min(from + NEAR, piece.length);
  for (let at = from; at < near; at++) if (piece[at] === QUOTE) return at;
  return near === piece.length ? -1 : piece.indexOf(QUOTE, near);
}
