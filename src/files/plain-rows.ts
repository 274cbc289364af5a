import { type BadLine, fitsShape, readCarefully, type RowShape } from './careful-row.ts';
import { type CsvRecord, isTabular } from './csv-dialect.ts';
import type { OnBadRow } from './lead-source.ts';
import type { OnRow } from './cells.ts';

/** Bytes. In a longer row a quote is never closed, and the row is its first line; a longer line is not read at all. */
const LONGEST_ROW = 1_000_000;
/** Bytes of a line that is not read, for the rejects. */
const SHOWN_OF_LINE = 1_000;

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** No character's code. */
const NO_QUOTE = -1;

const INCOMPLETE = -1;
const ODD = -2;

/**
 * Splits rows as nearly every file has them, with a few calls of `indexOf` for each: a parser that looked at each byte took
 * 7.5 s for a million rows of 21 cells where this one takes 3. A row that is not of the usual kind is read by itself
 * (`readCarefully`), and the next one quickly again.
 */
export class PlainRows {
  /** Where the last row ended, counted from 1. */
  endLine: number;
  #shape: RowShape;
  readonly #delimiter: string;
  readonly #delimiterCode: number;
  readonly #quote: number;
  readonly #isTabular: boolean;
  readonly #onRow: OnRow;
  readonly #onBadRow: OnBadRow;
  /** Where the row that is read next begins. */
  #line: number;
  /** The row that the last piece cut off. */
  #rest: Buffer = Buffer.alloc(0);
  #joined: Buffer = Buffer.alloc(0);
  #text = '';
  /** A line that is too long goes on. */
  #isPassingOver = false;
  /** The last line of the file has no end. */
  #isCut = false;
  /** Where in the text the next delimiter is; its length when there is none. */
  #next = 0;

  /** @param linesBefore how many lines come before the first row */
  constructor(shape: RowShape, linesBefore: number, onRow: OnRow, onBadRow: OnBadRow) {
    const { delimiter, hasQuotes } = shape.dialect;
    this.#shape = shape;
    this.#delimiter = delimiter;
    this.#delimiterCode = delimiter.charCodeAt(0);
    this.#quote = hasQuotes ? QUOTE : NO_QUOTE;
    this.#isTabular = isTabular(delimiter);
    this.#onRow = onRow;
    this.#onBadRow = onBadRow;
    this.endLine = linesBefore;
    this.#line = linesBefore + 1;
  }

  /** @param piece UTF-8, cut anywhere; not kept */
  add(piece: Buffer): void {
    const filled = this.#join(this.#isPassingOver ? this.#nextLine(piece) : piece);
    // LF is part of no other character: what ends with it can be decoded by itself.
    const end = this.#joined.subarray(0, filled).lastIndexOf(LF) + 1;
    this.#text = this.#joined.toString('utf8', 0, end);
    const start = this.#readRows(false);
    const unread = Buffer.from(this.#text.slice(start));
    this.#rest = Buffer.concat([unread, this.#joined.subarray(end, filled)]);
    if (filled - end > LONGEST_ROW) this.#passOver(unread.length);
  }

  /** After the last piece: a last line may have no end. */
  finish(): void {
    this.#text = this.#rest.toString('utf8');
    this.#isCut = this.#text !== '' && !this.#text.endsWith('\n');
    if (this.#isCut) this.#text += '\n';
    this.#readRows(true);
    this.#rest = Buffer.alloc(0);
  }

  /** Of a line whose end is not in the rest: not kept, and not put together again with each piece. */
  #passOver(start: number): void {
    this.#text = this.#rest.toString('utf8', 0, start);
    this.#readRows(true);
    const raw = this.#rest.toString('utf8', start, start + SHOWN_OF_LINE);
    const reason = `is a line of more than ${LONGEST_ROW} bytes, of which this is the beginning`;
    this.#refuse({ raw, reason, next: 0, lines: 1 });
    this.#rest = Buffer.alloc(0);
    this.#isPassingOver = true;
  }

  /** What of a piece comes behind the line that is passed over. */
  #nextLine(piece: Buffer): Buffer {
    const lineEnd = piece.indexOf(LF);
    this.#isPassingOver = lineEnd < 0;
    return piece.subarray(lineEnd < 0 ? piece.length : lineEnd + 1);
  }

  /** @returns where the first row begins that the text does not end */
  #readRows(isAll: boolean): number {
    this.#next = -1;
    let start = 0;
    while (start < this.#text.length) {
      let next = this.#readRow(start);
      if (next < 0) next = this.#readOdd(start, isAll || this.#text.length - start > LONGEST_ROW);
      if (next < 0) return start;
      start = next;
    }
    return start;
  }

  /** Puts the rest and the piece into one buffer, always the same. @returns their length */
  #join(piece: Buffer): number {
    const length = this.#rest.length + piece.length;
    if (length > this.#joined.length) this.#joined = Buffer.alloc(length * 2);
    this.#rest.copy(this.#joined);
    piece.copy(this.#joined, this.#rest.length);
    return length;
  }

  /** @returns where the next row begins, INCOMPLETE or ODD */
  #readRow(start: number): number {
    const text = this.#text;
    let lineEnd = text.indexOf('\n', start);
    let end = this.#contentEnd(lineEnd);
    if (end <= start) {
      this.#line++;
      return lineEnd + 1;
    }
    if (this.#shape.dialect.hasEscapes) return ODD;
    const cells: (string | null)[] = [];
    let breaks = 0;
    let at = start;
    for (let more = true; more;) {
      let cellEnd: number;
      if (text.charCodeAt(at) === this.#quote) {
        cellEnd = this.#closingQuote(at) + 1;
        if (cellEnd === 0) return INCOMPLETE;
        if (cellEnd > lineEnd) {
          breaks += this.#breaksBetween(lineEnd, cellEnd);
          lineEnd = text.indexOf('\n', cellEnd);
          end = this.#contentEnd(lineEnd);
        }
        if (cellEnd !== end && text.charCodeAt(cellEnd) !== this.#delimiterCode) return ODD;
        cells.push(unquote(text.slice(at + 1, cellEnd - 1)));
      } else {
        cellEnd = Math.min(this.#delimiterFrom(at), end);
        cells.push(cellEnd === at ? null : text.slice(at, cellEnd));
      }
      more = cellEnd < end;
      at = cellEnd + 1;
    }
    if (this.#isDoubtful(cells, breaks)) return ODD;
    this.#hand(cells, breaks + 1);
    return lineEnd + 1;
  }

  /** Whether the quotes of a row say perhaps something else than they seem to. */
  #isDoubtful(cells: CsvRecord['cells'], breaks: number): boolean {
    if (breaks > 0) return !this.#shape.dialect.isStrict || !fitsShape(cells, this.#shape);
    return this.#isTabular && this.#quote === QUOTE && !fitsShape(cells, this.#shape);
  }

  /** @returns where the next row begins, or INCOMPLETE */
  #readOdd(start: number, isAll: boolean): number {
    const row = readCarefully(this.#text, start, this.#shape, isAll, this.#isCut);
    if (row === undefined) return INCOMPLETE;
    this.#next = -1;
    if ('cells' in row) this.#hand(row.cells, row.lines);
    else this.#refuse(row);
    return row.next;
  }

  #hand(cells: CsvRecord['cells'], lines: number): void {
    const line = this.#line;
    this.#line += lines;
    this.endLine = this.#line - 1;
    if (!fitsShape(cells, this.#shape)) this.#doubt();
    // Spreadsheets leave lines that are nothing but delimiters.
    if (cells.some(hasContent)) this.#onRow(cells, line);
  }

  #refuse({ raw, reason, lines }: BadLine): void {
    const line = this.#line;
    this.#line += lines;
    this.endLine = this.#line - 1;
    this.#doubt();
    this.#onBadRow(raw, line, reason);
  }

  /** Where one row is not as it should be, its quotes may belong to others. */
  #doubt(): void {
    const { dialect } = this.#shape;
    if (dialect.isStrict) this.#shape = { ...this.#shape, dialect: { ...dialect, isStrict: false } };
  }

  #contentEnd(lineEnd: number): number {
    return this.#text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
  }

  /** Of the cell that begins with a quote at `open`; -1: it is not in the text. */
  #closingQuote(open: number): number {
    let close = this.#text.indexOf('"', open + 1);
    while (close >= 0 && this.#text.charCodeAt(close + 1) === QUOTE) {
      close = this.#text.indexOf('"', close + 2);
    }
    return close;
  }

  #delimiterFrom(at: number): number {
    if (this.#next < at) {
      const found = this.#text.indexOf(this.#delimiter, at);
      this.#next = found < 0 ? this.#text.length : found;
    }
    return this.#next;
  }

  /** How many lines end in a cell. */
  #breaksBetween(from: number, to: number): number {
    let breaks = 0;
    for (let at = from; at >= 0 && at < to; at = this.#text.indexOf('\n', at + 1)) breaks++;
    return breaks;
  }
}

function unquote(text: string): string {
  return text.includes('"') ? text.replaceAll('""', '"') : text;
}

function hasContent(cell: string | null): boolean {
  return cell !== null && (cell.charCodeAt(0) > 0x20 || cell.trim() !== '');
}
