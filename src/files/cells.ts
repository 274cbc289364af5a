/** A row's cells; null: an empty cell, nothing stored. */
export type Cells = readonly (string | null)[];

/** Called for each row that is no empty line; `line` is where the row begins, counted from 1. */
export type OnRow = (cells: Cells, line: number) => void;

/**
 * Characters of a value that is taken. A dialer's longest column (TEXT) has as many bytes; what is longer is a file that lost a
 * quote or a line break, or a page that was put into a cell.
 */
export const LONGEST_VALUE = 65_536;

/** Whether a row has a value that is too long. */
export function hasLongValue(cells: Cells): boolean {
  for (const cell of cells) if (cell !== null && cell.length > LONGEST_VALUE) return true;
  return false;
}
