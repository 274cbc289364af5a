/** How a text file writes its cells. */
export interface CsvDialect {
  /** One character of the Basic Multilingual Plane. */
  readonly delimiter: string;
  /** False where a quote (") is a character like any other: files that programs write with tabs or pipes and no quoting. */
  readonly hasQuotes: boolean;
  /** Backslash escapes, as MySQL's INTO OUTFILE and PostgreSQL's COPY write them. */
  readonly hasEscapes: boolean;
  /** Every quoted cell of the file closes as RFC 4180 has it, and no other cell has a quote. */
  readonly isStrict: boolean;
}

/** Delimiters between cells that are often not quoted at all. */
export function isTabular(delimiter: string): boolean {
  return delimiter === '\t' || delimiter === '|';
}

/** A record as it was split; null: an empty cell, nothing stored. */
export interface CsvRecord {
  readonly cells: (string | null)[];
  /** Where the next record begins. */
  readonly next: number;
  /** How many lines it has. */
  readonly lines: number;
}

/** Why a text could not be split: a quoted cell that the text does not close, or that something else follows. */
export type CsvFault = 'open' | 'improper';

const CR = 0x0d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the content of a line ends that ends with the LF at `lineEnd`. */
export function contentEnd(text: string, lineEnd: number): number {
  return text.charCodeAt(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
}

/**
 * Splits the record at `start` as RFC 4180 has it: a quoted cell may go over lines, and after its closing quote comes a
 * delimiter or the line's end. In other cells a quote is a character like any other.
 *
 * @param text ends with LF
 */
export function splitRecord(text: string, start: number, dialect: CsvDialect): CsvRecord | CsvFault {
  const { delimiter, hasEscapes } = dialect;
  const cells: (string | null)[] = [];
  let lineEnd = endOfLine(text, start, hasEscapes);
  let end = contentEnd(text, lineEnd);
  for (let at = start; ;) {
    let cellEnd: number;
    if (text.charCodeAt(at) === QUOTE && at < end && dialect.hasQuotes) {
      const close = closingQuote(text, at, hasEscapes);
      if (close < 0) return 'open';
      cellEnd = close + 1;
      if (cellEnd > lineEnd) {
        lineEnd = endOfLine(text, cellEnd, hasEscapes);
        end = contentEnd(text, lineEnd);
      }
      if (cellEnd !== end && text[cellEnd] !== delimiter) return 'improper';
      cells.push(quotedValue(text.slice(at + 1, close), hasEscapes));
    } else {
      cellEnd = endOfCell(text, at, end, dialect);
      cells.push(plainValue(text.slice(at, cellEnd), hasEscapes));
    }
    if (cellEnd >= end) break;
    at = cellEnd + 1;
  }
  return { cells, next: lineEnd + 1, lines: countLines(text, start, lineEnd) };
}

/**
 * Splits the one line at `start`, whatever its quotes: a quoted cell that does not close as it should ends at the next quote
 * that a delimiter or the line's end follows, and one without such a quote is taken as it is written.
 */
export function splitLine(text: string, start: number, dialect: CsvDialect): CsvRecord {
  const { hasEscapes } = dialect;
  const lineEnd = text.indexOf('\n', start);
  const end = contentEnd(text, lineEnd);
  const cells: (string | null)[] = [];
  // Looked for once: a line of cells that begin with quotes would be read to its end for each.
  let hasMore = true;
  for (let at = start; ;) {
    let close = -1;
    if (dialect.hasQuotes && text.charCodeAt(at) === QUOTE) {
      close = hasMore ? lastQuote(text, at, end, dialect) : ownQuote(text, at, end, dialect);
      hasMore &&= close >= 0;
    }
    const cellEnd = close < 0 ? endOfCell(text, at, end, dialect) : close + 1;
    cells.push(
      close < 0
        ? plainValue(text.slice(at, cellEnd), hasEscapes)
        : quotedValue(text.slice(at + 1, close), hasEscapes),
    );
    if (cellEnd >= end) break;
    at = cellEnd + 1;
  }
  return { cells, next: lineEnd + 1, lines: 1 };
}

/** Where the line ends: at the first LF, or the first that no backslash escapes. */
function endOfLine(text: string, start: number, hasEscapes: boolean): number {
  let end = text.indexOf('\n', start);
  while (hasEscapes && isEscaped(text, start, contentEnd(text, end))) {
    const next = text.indexOf('\n', end + 1);
    if (next < 0) return end;
    end = next;
  }
  return end;
}

function isEscaped(text: string, start: number, at: number): boolean {
  let count = 0;
  while (at - count > start && text.charCodeAt(at - count - 1) === BACKSLASH) count++;
  return count % 2 === 1;
}

function endOfCell(text: string, at: number, end: number, { delimiter, hasEscapes }: CsvDialect): number {
  // Not beyond the line: the next delimiter may be at the end of the text, for each of a million lines.
  const line = text.slice(at, end);
  let found = line.indexOf(delimiter);
  while (hasEscapes && found >= 0 && isEscaped(line, 0, found)) found = line.indexOf(delimiter, found + 1);
  return found < 0 ? end : at + found;
}

/** Of the cell that begins with a quote at `open`; -1: the text has none. */
function closingQuote(text: string, open: number, hasEscapes: boolean): number {
  let close = text.indexOf('"', open + 1);
  while (close >= 0) {
    if (hasEscapes && isEscaped(text, open + 1, close)) close = text.indexOf('"', close + 1);
    else if (text.charCodeAt(close + 1) === QUOTE) close = text.indexOf('"', close + 2);
    else return close;
  }
  return close;
}

/** The quote that closes a cell of one line; -1: the line has none. */
function lastQuote(text: string, open: number, end: number, { delimiter, hasEscapes }: CsvDialect): number {
  let close = closingQuote(text, open, hasEscapes);
  while (close >= 0 && close < end && close + 1 !== end && text[close + 1] !== delimiter) {
    close = closingQuote(text, close, hasEscapes);
  }
  return close < end ? close : -1;
}

/** The same where no quote behind those at `open` closes a cell: quotes that are an even number close themselves. */
function ownQuote(text: string, open: number, end: number, { delimiter }: CsvDialect): number {
  let after = open;
  while (after < end && text.charCodeAt(after) === QUOTE) after++;
  const isClosed = (after - open) % 2 === 0 && (after === end || text[after] === delimiter);
  return isClosed ? after - 1 : -1;
}

function quotedValue(text: string, hasEscapes: boolean): string {
  const value = text.includes('"') ? text.replaceAll('""', '"') : text;
  return hasEscapes ? unescapeValue(value) : value;
}

function plainValue(text: string, hasEscapes: boolean): string | null {
  if (text === '' || (hasEscapes && text === '\\N')) return null;
  return hasEscapes ? unescapeValue(text) : text;
}

/** What the letters of MySQL's and PostgreSQL's escapes mean; every other character stands for itself. */
const ESCAPED: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};

function unescapeValue(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([^])/g, (_, sign: string) => ESCAPED[sign] ?? sign);
}

function countLines(text: string, start: number, lineEnd: number): number {
  let lines = 1;
  for (let at = text.indexOf('\n', start); at >= 0 && at < lineEnd; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
