import { JsonEnd } from './json-end.ts';
import type { OnBadRow } from './lead-source.ts';

/** Characters. A longer element is one whose end was lost; no more of it is kept. */
const LONGEST = 1_000_000;
/** Characters of what is no object and no array; no more is kept. */
const LONGEST_OTHER = 10_000;

/** Under which name an answer of an API has its rows. */
const WRAPPER =
  /^\s*\{(?:[^[\]{}]|\{[^[\]{}]*\})*"(?:data|results?|items|records|contacts|leads|customers|value|rows|people|entries)"\s*:\s*(?=\[)/i;

/** The part of a text before the array of its rows; 0: it begins with them. */
export function wrapperLength(head: string): number {
  return WRAPPER.exec(head)?.[0].length ?? 0;
}

/**
 * Splits the elements of an array, or values one after the other, without reading them: each ends where its brackets close.
 * JSON has no line break within a string, so that a quote that is missing ends with its line, and a line that begins
 * as an element does begins one, whatever was open before.
 */
export class JsonElements {
  readonly #onElement: (text: string, line: number) => void;
  readonly #onBadRow: OnBadRow;
  readonly #end = new JsonEnd();
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #isBroken = false;
  #element = '';
  #elementLine = 0;
  #elementIndent = -1;
  /** What stands between two elements and is none, such as a number. */
  #other = '';
  #line = 1;
  /** What the line so far is, while it is nothing but space. */
  #indent: number | undefined = 0;

  constructor(onElement: (text: string, line: number) => void, onBadRow: OnBadRow) {
    this.#onElement = onElement;
    this.#onBadRow = onBadRow;
  }

  get line(): number {
    return this.#line;
  }

  /**
   * What is wrong with the file as a whole, as a clause: it was cut off, or goes on behind its end. Known at once where it goes
   * on, and after `finish` where it was cut off.
   */
  get fault(): string | undefined {
    return this.#end.fault;
  }

  /** @param text what is before the array of the rows (`wrapperLength`) */
  addWrapper(text: string): void {
    if (text === '') return;
    this.#line += text.split('\n').length - 1;
    this.#end.openWrapper();
  }

  add(text: string): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const sign = text.charAt(at);
      if (this.#begins(sign)) {
        this.#keep(text.slice(from, at));
        this.#refuse('is no whole JSON object');
        [this.#depth, this.#isString] = [0, false];
        from = at;
      }
      this.#indent = nextIndent(this.#indent, sign);
      if (sign === '\n') this.#endLine();
      else if (this.#isString) this.#inString(sign);
      else if (this.#depth > 0) {
        if (sign === '"') this.#isString = true;
        else if (sign === '{' || sign === '[') this.#depth++;
        else if ((sign === '}' || sign === ']') && --this.#depth === 0) {
          this.#keep(text.slice(from, at + 1));
          this.#endElement();
          from = at + 1;
        }
      } else from = this.#outside(sign, at);
    }
    if (this.#depth > 0) this.#keep(text.slice(from));
  }

  finish(): void {
    this.#endOther();
    const isOpen = this.#depth > 0;
    this.#end.finish(isOpen ? this.#elementLine : undefined);
    if (isOpen) this.#refuse('is no whole JSON object');
  }

  #keep(text: string): void {
    const room = LONGEST - this.#element.length;
    if (text.length > room) this.#isBroken = true;
    if (room > 0) this.#element += text.slice(0, room);
  }

  /** Whether a line begins an element although one is still open. */
  #begins(sign: string): boolean {
    return (
      sign === '{' && this.#depth > 0 && this.#indent !== undefined && this.#indent <= this.#elementIndent
    );
  }

  #endLine(): void {
    if (this.#depth === 0) this.#endOther();
    this.#line++;
    if (!this.#isString) return;
    [this.#isString, this.#isEscaped, this.#isBroken] = [false, false, true];
  }

  #inString(sign: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (sign === '\\') this.#isEscaped = true;
    else if (sign === '"') this.#isString = false;
  }

  /** Between two elements. @returns where the next element begins, if it begins here */
  #outside(sign: string, at: number): number {
    if (this.#end.takes(sign, this.#line)) this.#endOther();
    else if (sign === '{' || sign === '[') {
      this.#endOther();
      this.#depth = 1;
      this.#elementLine = this.#line;
      // Of elements that all stand on one line, none begins a line.
      this.#elementIndent = this.#indent ?? -1;
      this.#indent = undefined;
      this.#element = '';
    } else if (sign === ',') this.#endOther();
    else if (this.#other.length < LONGEST_OTHER) this.#other += sign;
    return at;
  }

  #endOther(): void {
    const other = this.#other.trim();
    this.#other = '';
    if (other !== '') this.#onBadRow(other, this.#line, 'is no JSON object');
  }

  #endElement(): void {
    if (this.#isBroken) this.#refuse('is no whole JSON object');
    else this.#onElement(this.#element, this.#elementLine);
    [this.#element, this.#isBroken] = ['', false];
  }

  #refuse(reason: string): void {
    this.#onBadRow(this.#element.trim(), this.#elementLine, reason);
    [this.#element, this.#isBroken] = ['', false];
  }
}

function nextIndent(indent: number | undefined, sign: string): number | undefined {
  if (sign === '\n') return 0;
  if (indent === undefined) return undefined;
  if (sign === ' ' || sign === '\t') return indent + 1;
  return sign === ',' || sign === '\r' || sign === '[' ? indent : sign === '{' ? indent : undefined;
}
