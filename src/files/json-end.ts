/** Space in JSON, and what JSON text sequences (RFC 7464) put before each text. */
const SPACE: ReadonlySet<string> = new Set(' \t\r\n\x1e\ufeff');

/**
 * Knows where the rows of a JSON file end: with its array, and behind it the object around the array, if there is one. So it is
 * known whether a file was cut off between two rows.
 */
export class JsonEnd {
  #state: 'values' | 'array' | 'behind' = 'values';
  #hasWrapper = false;
  /** Brackets of the object around the array that are open. */
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #fault: string | undefined;
  #isFirst = true;

  get fault(): string | undefined {
    return this.#fault;
  }

  openWrapper(): void {
    [this.#hasWrapper, this.#depth] = [true, 1];
  }

  /** A sign outside of all rows. @returns false: it may begin a row */
  takes(sign: string, line: number): boolean {
    if (this.#state === 'behind') {
      this.#readBehind(sign, line);
      return true;
    }
    if (SPACE.has(sign)) return true;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#state === 'array') {
      if (sign === ']') this.#state = 'behind';
      return sign === ']';
    }
    if (sign === '[' && isFirst) this.#state = 'array';
    return sign === '[' && isFirst;
  }

  /** @param openLine where a row begins that the file does not end; undefined: there is none */
  finish(openLine: number | undefined): void {
    if (openLine !== undefined)
      this.#fault ??= `was cut off: it ends within a row that begins in line ${openLine}`;
    else if (this.#state === 'array') this.#fault ??= 'was cut off: the array of its rows has no end';
    else if (this.#depth > 0) this.#fault ??= 'was cut off: the object around its rows has no end';
  }

  #readBehind(sign: string, line: number): void {
    if (this.#isString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (sign === '\\') this.#isEscaped = true;
      else if (sign === '"') this.#isString = false;
    } else if (this.#depth > 0) {
      if (sign === '"') this.#isString = true;
      else if (sign === '{' || sign === '[') this.#depth++;
      else if (sign === '}' || sign === ']') this.#depth--;
    } else if (!SPACE.has(sign)) {
      const what = this.#hasWrapper ? 'object around its rows' : 'array of its rows';
      this.#fault ??= `goes on in line ${line} behind the end of the ${what}; make one array of it, or several files`;
    }
  }
}
