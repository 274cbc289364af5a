import { isTabular, splitLine, splitRecord } from './csv-dialect.ts';
import type { Cells } from './cells.ts';

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Lines with quotes or backslashes that are looked at; what a file is shows in these. */
const MAX_LINES = 50_000;
/** Bytes. A longer line is no line of leads. */
const LONGEST_LINE = 1_000_000;

/**
 * Finds out, piece by piece in UTF-8, whether a program wrote a file with quoted cells and with backslash escapes. Both are
 * conventions of the writer: the same text means one thing with them and another without.
 */
export class QuotingEvidence {
  readonly #delimiter: string;
  readonly #columns: number;
  readonly #isHeaderQuoted: boolean;
  /** Lines that make sense only with quoted cells, and such that make sense only without. */
  #quoted = 0;
  #literal = 0;
  readonly #escapes = { certain: 0, ends: 0, likely: 0, quotes: 0, unclear: 0, drives: 0, wrong: 0 };
  #lines = 0;
  #sawQuote = false;
  #rest: Buffer = Buffer.alloc(0);

  constructor(delimiter: string, columns: number, isHeaderQuoted: boolean) {
    this.#delimiter = delimiter;
    this.#columns = columns;
    this.#isHeaderQuoted = isHeaderQuoted;
  }

  add(piece: Buffer): void {
    this.#sawQuote ||= piece.includes(QUOTE);
    const isOdd = (bytes: Buffer) =>
      bytes.includes(BACKSLASH) || (isTabular(this.#delimiter) && bytes.includes(QUOTE));
    if (this.#lines > MAX_LINES || (!isOdd(piece) && !isOdd(this.#rest))) {
      this.#rest = Buffer.from(piece.subarray(piece.lastIndexOf(LF) + 1));
      return;
    }
    const bytes = Buffer.concat([this.#rest, piece]);
    const end = bytes.lastIndexOf(LF) + 1;
    this.#look(bytes.subarray(0, end));
    const rest = bytes.subarray(end);
    this.#rest = rest.length > LONGEST_LINE ? Buffer.alloc(0) : Buffer.from(rest);
  }

  /**
   * After the last piece.
   *
   * @param isStrict all quotes are as RFC 4180 has them, in which a backslash is a character like any other
   */
  finish(isStrict: boolean): { readonly hasQuotes: boolean; readonly hasEscapes: boolean } {
    this.#look(this.#rest);
    const hasQuotes =
      !isTabular(this.#delimiter) ||
      this.#isHeaderQuoted ||
      this.#literal === 0 ||
      (isStrict ? this.#quoted > 0 : this.#quoted > this.#literal);
    return { hasQuotes, hasEscapes: this.#hasEscapes(hasQuotes && this.#sawQuote, isStrict) };
  }

  #hasEscapes(hasQuotes: boolean, isStrict: boolean): boolean {
    const { certain, ends, likely, quotes, unclear, drives, wrong } = this.#escapes;
    if (certain > 0) return wrong <= certain + ends + likely + quotes;
    if (hasQuotes) return !isStrict && wrong * 2 <= quotes && (quotes > 1 || quotes > unclear);
    if (!isTabular(this.#delimiter)) return false;
    return ends + likely > 1 && (wrong + (ends > 0 ? 0 : drives)) * 10 <= ends + likely;
  }

  #look(bytes: Buffer): void {
    const signs = isTabular(this.#delimiter) ? [BACKSLASH, QUOTE] : [BACKSLASH];
    const found = signs.map((sign) => ({ sign, at: bytes.indexOf(sign) }));
    for (let at = 0; at >= 0 && this.#lines <= MAX_LINES;) {
      for (const next of found) if (next.at >= 0 && next.at < at) next.at = bytes.indexOf(next.sign, at);
      const places = found.map((next) => next.at).filter((place) => place >= 0);
      if (places.length === 0) return;
      const place = Math.min(...places);
      const end = bytes.indexOf(LF, place);
      this.#lookAtLine(
        lineOf(bytes, bytes.lastIndexOf(LF, place) + 1),
        end < 0 ? '' : lineOf(bytes, end + 1),
      );
      this.#lines++;
      at = end < 0 ? -1 : end + 1;
    }
  }

  #lookAtLine(line: string, below: string): void {
    if (line.includes('\\')) {
      countEscapes(line, this.#delimiter, this.#escapes);
      if (isTabular(this.#delimiter)) this.#countEscapedEnds(line, below);
      this.#countEscapedQuotes(line);
    }
    if (isTabular(this.#delimiter) && line.includes('"')) this.#countQuotes(line);
  }

  #countQuotes(line: string): void {
    const dialect = { delimiter: this.#delimiter, hasQuotes: false, hasEscapes: false, isStrict: false };
    const { cells } = splitLine(`${line}\n`, 0, dialect);
    const record = splitRecord(`${line}\n`, 0, { ...dialect, hasQuotes: true });
    const isQuoted = typeof record !== 'string' && record.cells.length === this.#columns;
    if (cells.length !== this.#columns) {
      if (!line.includes('\\') && (isQuoted || hasOpenQuote(line))) this.#quoted++;
    } else if (!isQuoted && opensLastCell(cells)) return;
    else if (!isQuoted || cells.some(isLiteral)) this.#literal++;
    // A writer that quotes where it must quotes none of these cells, and one that quotes all quotes the other ones.
    else if (!cells.some(needsNoQuotes)) this.#quoted++;
    else if (cells.some((cell) => cell?.startsWith('"') === false)) this.#literal++;
  }

  /** A backslash before a quote escapes it where the line has the header's cells by that alone. */
  #countEscapedQuotes(line: string): void {
    const isRow = (hasEscapes: boolean) => {
      const dialect = { delimiter: this.#delimiter, hasQuotes: true, hasEscapes, isStrict: false };
      const record = splitRecord(`${line}\n`, 0, dialect);
      return typeof record !== 'string' && record.cells.length === this.#columns;
    };
    const [plain, escaped] = [isRow(false), isRow(true)];
    if (plain === escaped) this.#escapes.unclear++;
    else this.#escapes[escaped ? 'quotes' : 'wrong']++;
  }

  /** A backslash before a delimiter or a line break escapes it where the line lacks that cell, and else ends a value. */
  #countEscapedEnds(line: string, below: string): void {
    const dialect = { delimiter: this.#delimiter, hasQuotes: false, hasEscapes: false, isStrict: false };
    const count = (text: string, hasEscapes: boolean) =>
      splitLine(`${text}\n`, 0, { ...dialect, hasEscapes }).cells.length;
    const [literal, escaped] = [count(line, false), count(line, true)];
    if (/(?<!\\)(?:\\\\)*\\$/.test(line)) {
      const isRow = (below === '' ? literal : count(below, false)) === this.#columns;
      this.#escapes[isRow ? 'wrong' : 'ends']++;
    } else if (literal === this.#columns && escaped !== literal) this.#escapes.wrong++;
    else if (escaped === this.#columns && escaped !== literal) this.#escapes.ends++;
  }
}

/** Without its end. */
function lineOf(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(LF, start);
  return bytes.toString('utf8', start, end < 0 ? bytes.length : end).replace(/\r$/, '');
}

/** What begins a quoted cell over lines, or ends one. */
function hasOpenQuote(line: string): boolean {
  return line.split('"').length % 2 === 0;
}

/** Perhaps the first line of a quoted cell over lines. */
function opensLastCell(cells: Cells): boolean {
  return cells.at(-1)?.startsWith('"') === true && !cells.slice(0, -1).some(isLiteral);
}

/** A quote where a quoted cell has none. */
function isLiteral(cell: string | null): boolean {
  if (cell === null) return false;
  return cell.startsWith('"') ? !/^"(?:[^"]|""|\\")*"$/.test(cell) : cell.includes('"');
}

/** A quoted cell that says the same without quotes. */
function needsNoQuotes(cell: string | null): boolean {
  return cell?.startsWith('"') === true && cell !== '""' && !/["\\]/.test(cell.slice(1, -1));
}

interface EscapeCounts {
  /** Such as no person writes. */
  certain: number;
  /** Before a delimiter or the end of a line, where the line has too few cells. */
  ends: number;
  /** As in `\n`, which also begins the name of a folder. */
  likely: number;
  /** Lines of which only the escaped quotes make a row. */
  quotes: number;
  /** Lines that are a row, or none, in either case. */
  unclear: number;
  /** After what looks like the name of a drive. */
  drives: number;
  /** Such as no program that escapes writes. */
  wrong: number;
}

function countEscapes(line: string, delimiter: string, counts: EscapeCounts): void {
  const text = `${line}\n`;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 2)) {
    const sign = text[at + 1] ?? '';
    const after = text[at + 2];
    const isEdge = (other: string | undefined) =>
      other === undefined || other === delimiter || other === '\n';
    if (sign === 'N' && isEdge(text[at - 1]) && isEdge(after)) counts.certain++;
    else if (isDrive(text, at) && sign !== '\\') counts.drives++;
    else if (/[0bnrtZ]/.test(sign) || (isDrive(text, at) && sign === '\\')) counts.likely++;
    else if (!['\\', '\n', '"', delimiter].includes(sign)) counts.wrong++;
  }
}

/** After `C:`, which is no end of a word. */
function isDrive(text: string, at: number): boolean {
  return /(?:^|[^a-z])[a-z]:$/i.test(text.slice(Math.max(0, at - 3), at));
}
