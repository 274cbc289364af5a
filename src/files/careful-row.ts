import {
  contentEnd,
  type CsvDialect,
  type CsvFault,
  type CsvRecord,
  isTabular,
  splitLine,
  splitRecord,
} from './csv-dialect.ts';

/** What the rows of a file must be like. */
export interface RowShape {
  readonly dialect: CsvDialect;
  /** How many columns the header has. */
  readonly columns: number;
  /** How many of them there are up to the last one that has a name: a row needs no more cells. */
  readonly width: number;
}

/** A line that could not be split into the header's cells. */
export interface BadLine {
  readonly raw: string;
  /** A clause: what is wrong with it. */
  readonly reason: string;
  readonly next: number;
  readonly lines: number;
}

/** The shape of rows below a header. */
export function shapeOf(header: readonly string[], dialect: CsvDialect): RowShape {
  const named = header.findLastIndex((name) => name.trim() !== '') + 1;
  return { dialect, columns: header.length, width: Math.max(named, 1) };
}

/** True where a row has a cell for each column that has a name, and nothing beyond the header. */
export function fitsShape(cells: CsvRecord['cells'], { columns, width }: RowShape): boolean {
  if (cells.length === columns) return true;
  if (cells.length < width) return false;
  for (let at = columns; at < cells.length; at++) {
    if (cells[at] !== null && cells[at] !== '') return false;
  }
  return true;
}

/**
 * Reads the row at `start` so that it takes no other row with it. A quoted cell that goes over lines counts only where it
 * closes as it should and the row then has the header's cells; else the row is its first line, literally where that has
 * the header's cells, and the lines below it are rows of their own.
 *
 * @param text ends with LF
 * @param isAll nothing comes after the text, or a row would be too long with more
 * @param isCut the file does not end its last line, with which the text ends
 * @returns undefined: how the row ends is not in the text
 */
export function readCarefully(
  text: string,
  start: number,
  shape: RowShape,
  isAll: boolean,
  isCut = false,
): CsvRecord | BadLine | undefined {
  const { dialect } = shape;
  const record = splitRecord(text, start, dialect);
  if (record === 'open' && !isAll) return undefined;
  if (typeof record !== 'string' && isWhole(text, start, record, shape)) return record;
  // As it stands it would be a value with a quote before it, where most probably the rest of the file is gone.
  if (record === 'open' && isCut && text.indexOf('\n', start) === text.length - 1) {
    return { ...badLine(text, start, shape, record), reason: CUT_REASON };
  }
  for (const hasQuotes of dialect.hasQuotes ? [true, false] : [false]) {
    const line = splitLine(text, start, { ...dialect, hasQuotes });
    if (fitsShape(line.cells, shape)) return line;
  }
  if (typeof record !== 'string' && record.lines === 1) return record;
  return badLine(text, start, shape, record);
}

function isWhole(text: string, start: number, record: CsvRecord, shape: RowShape): boolean {
  const fits = fitsShape(record.cells, shape);
  if (record.lines === 1) return fits || !isTabular(shape.dialect.delimiter);
  return fits && !takesRows(text, start, record, shape);
}

const CUT_REASON =
  'has a quote (") that is never closed, and the file ends with it: it may have been cut off';

/** Lines with quotes in one row that are looked at; in more of them nothing new is found. */
const MAX_QUOTED_LINES = 100;

/** Whether a row over lines has taken a line that begins a row itself: then a quote of another row closed its cell. */
function takesRows(text: string, start: number, { next }: CsvRecord, shape: RowShape): boolean {
  const { dialect } = shape;
  if (dialect.isStrict && !dialect.hasEscapes) return false;
  let at = text.indexOf('\n', start) + 1;
  for (let quoted = 0; at < next;) {
    const line = splitLine(text, at, dialect);
    const closes = closesCell(text, at, dialect.delimiter);
    if (!closes && fitsShape(line.cells, shape)) return true;
    if (!closes && text.slice(at, line.next).indexOf('"') > 0 && ++quoted <= MAX_QUOTED_LINES) {
      const record = splitRecord(text, at, dialect);
      if (typeof record !== 'string' && fitsShape(record.cells, shape)) return true;
    }
    at = line.next;
  }
  return false;
}

/** Whether a line begins with a quote that a delimiter or the line's end follows: it ends a cell over lines. */
function closesCell(text: string, start: number, delimiter: string): boolean {
  let at = start;
  while (text.charAt(at) === '"') at++;
  return (at - start) % 2 === 1 && [delimiter, '\r', '\n'].includes(text.charAt(at));
}

function badLine(text: string, start: number, shape: RowShape, record: CsvRecord | CsvFault): BadLine {
  const lineEnd = text.indexOf('\n', start);
  const raw = text.slice(start, contentEnd(text, lineEnd));
  return { raw, reason: reasonOf(record, shape), next: lineEnd + 1, lines: 1 };
}

function reasonOf(record: CsvRecord | CsvFault, { columns }: RowShape): string {
  if (record === 'open') return 'has a quote (") that is never closed';
  if (record === 'improper') {
    return 'has a quoted cell with something between its closing quote (") and the next cell';
  }
  return `goes on to the ${record.lines === 2 ? 'next line' : `line ${record.lines - 1} lines below`} by a quote (") or backslash, and has ${record.cells.length} of the header's ${columns} cells with it`;
}
