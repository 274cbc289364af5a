const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** How much of a piece is looked at again with the next one: a `""` with both its neighbours. */
const OVERLAP = 3;

/** Finds, piece by piece in UTF-8, what decides how a file must be parsed. */
export class TextFeatures {
  /** A cell `""` was seen; also where it only looks like one, inside a quoted cell. */
  hasQuotedEmpty = false;
  #hasCrLf = false;
  #hasLoneLf = false;
  #tail: Buffer = Buffer.from('\n');
  readonly #edges: ReadonlySet<number>;

  constructor(delimiter: string) {
    this.#edges = new Set([...Buffer.from(delimiter), LF, CR]);
  }

  add(piece: Buffer): void {
    const seam = Buffer.concat([this.#tail, piece.subarray(0, OVERLAP)]);
    this.#look(seam);
    this.#look(piece);
    const all = piece.length >= OVERLAP ? piece : seam;
    this.#tail = Buffer.from(all.subarray(Math.max(0, all.length - OVERLAP)));
  }

  /** After the last piece: the file's end ends a cell too. */
  finish(): void {
    const [before, ...last] = this.#tail;
    this.hasQuotedEmpty ||= this.#isEdge(before) && last.every((byte) => byte === QUOTE);
  }

  /** One way to end lines, or two where a file mixes them. Old Macs' lone CR counts only where nothing else does. */
  lineEnds(): readonly string[] {
    if (this.#hasCrLf) return this.#hasLoneLf ? ['\r\n', '\n'] : ['\r\n'];
    return this.#hasLoneLf ? ['\n'] : ['\r'];
  }

  #look(bytes: Buffer): void {
    this.#hasCrLf ||= bytes.includes('\r\n');
    for (let at = bytes.indexOf(LF, 1); !this.#hasLoneLf && at > 0; at = bytes.indexOf(LF, at + 1)) {
      this.#hasLoneLf = bytes[at - 1] !== CR;
    }
    for (let at = bytes.indexOf('""'); !this.hasQuotedEmpty && at >= 0; at = bytes.indexOf('""', at + 1)) {
      this.hasQuotedEmpty = this.#isEdge(bytes[at - 1]) && this.#isEdge(bytes[at + 2]);
    }
  }

  #isEdge(byte: number | undefined): boolean {
    return byte !== undefined && byte !== QUOTE && this.#edges.has(byte);
  }
}
