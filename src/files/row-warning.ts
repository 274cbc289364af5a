import { quote } from './csv.ts';

/** A value of a row that was not taken, or is doubtful; the row stays. */
export interface RowWarning {
  /** The field or the column. */
  readonly column: string;
  /** What was written there and what is wrong with it. */
  readonly text: string;
}

/** `date_of_birth 'no sé' is no date; it was left out` */
export function droppedValue(column: string, value: string, why: string): RowWarning {
  return { column, text: `${column} ${quote(value)} ${why}; it was left out` };
}
