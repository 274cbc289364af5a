import { contentEnd, type CsvDialect, splitLine, splitRecord } from './csv-dialect.ts';
import { fieldNamed } from './file-field.ts';
import type { Cells } from './cells.ts';

/** A row of the beginning of a file. */
export interface HeadRow {
  readonly cells: Cells;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** One of a text file. */
export interface HeadRecord extends HeadRow {
  readonly raw: string;
  /** Where in the text it ends. */
  readonly end: number;
  readonly lastLine: number;
  /** False where a quote of it is never closed. */
  readonly isProper: boolean;
}

/** Rows that are looked at: titles above a header are few. */
export const MAX_HEAD_ROWS = 60;

/**
 * Splits the beginning of a file into its rows, without empty lines.
 *
 * @param isWhole false: the text is cut off, and perhaps its last row
 */
export function splitHead(text: string, dialect: CsvDialect, isWhole: boolean): readonly HeadRecord[] {
  const all = text.endsWith('\n') ? text : `${text}\n`;
  const records: HeadRecord[] = [];
  let line = 1;
  for (let start = 0; start < all.length && records.length < MAX_HEAD_ROWS;) {
    const record = splitRecord(all, start, dialect);
    const isProper = typeof record !== 'string';
    const { cells, next, lines } = isProper ? record : splitLine(all, start, dialect);
    const raw = all.slice(start, contentEnd(all, next - 1));
    if (raw !== '') {
      records.push({
        cells,
        line,
        raw,
        end: Math.min(next, text.length),
        lastLine: line + lines - 1,
        isProper,
      });
    }
    line += lines;
    start = next;
  }
  const last = records.at(-1);
  return !isWhole && records.length > 1 && last?.end === text.length ? records.slice(0, -1) : records;
}

/**
 * Finds the row that names the columns, below titles and empty rows: the first one of which most cells are names of fields,
 * else the first one with as many cells as the rows of the file usually have.
 *
 * @returns its index; -1: there is no row
 */
export function findHeaderRow(rows: readonly HeadRow[]): number {
  const usual = usualLength(rows);
  const known = rows.findIndex(({ cells }) => isHeader(cells, usual));
  if (known >= 0) return known;
  const full = rows.findIndex(({ cells }) => cells.length >= usual && countFilled(cells) * 2 > usual);
  if (full >= 0) return full;
  const padded = rows.findIndex(({ cells }) => cells.length === usual && countFilled(cells) > 1);
  return padded >= 0 ? padded : Math.min(0, rows.length - 1);
}

/** How many names of fields a row has. */
export function countKnown(cells: Cells): number {
  return cells.filter((cell) => cell !== null && fieldNamed(cell) !== undefined).length;
}

/** How many cells most rows have; the longer where there are two. */
export function usualLength(rows: readonly HeadRow[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 0;
}

function isHeader(cells: Cells, usual: number): boolean {
  const names = countFilled(cells);
  return (names > 1 || usual <= 1) && countKnown(cells) * 2 > names;
}

function countFilled(cells: Cells): number {
  return cells.filter((cell) => cell !== null && cell.trim() !== '').length;
}
