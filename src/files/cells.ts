/** A row's cells; null: an empty cell, nothing stored. */
export type Cells = readonly (string | null)[];

/** Called for each row that is no empty line; `line` is where the row begins, counted from 1. */
export type OnRow = (cells: Cells, line: number) => void;
