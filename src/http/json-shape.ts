/** Limits of a JSON text, counted before it is parsed. */
export interface JsonShape {
  /** Objects and lists inside each other. */
  readonly depth: number;
  /** Brackets, commas and colons outside of texts: a parser makes a value for about each of them. */
  readonly marks: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether a JSON text has more values, or nests them deeper, than any request needs. To parse a text takes time for each of its
 * values: 64 KiB of them took 25 to 50 ms of the event loop, and this look at each character takes a hundredth of it. Broken
 * JSON is left to the parser.
 */
export function exceedsShape(text: string, { depth, marks }: JsonShape): boolean {
  let nested = 0;
  let seen = 0;
  let isText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      isText = !isText;
    } else if (isText) {
      // What it escapes is no end of the text.
      if (code === BACKSLASH) at += 1;
    } else {
      const step = STEPS[code];
      if (step === undefined) continue;
      seen += 1;
      nested += step;
      if (seen > marks || nested > depth) return true;
    }
  }
  return false;
}

/** What a mark does to the depth. */
const STEPS: readonly (number | undefined)[] = Object.assign(
  new Array<number | undefined>(128).fill(undefined),
  {
    [charCode('{')]: 1,
    [charCode('[')]: 1,
    [charCode('}')]: -1,
    [charCode(']')]: -1,
    [charCode(',')]: 0,
    [charCode(':')]: 0,
  },
);

function charCode(mark: string): number {
  return mark.charCodeAt(0);
}
