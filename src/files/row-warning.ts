import { quote } from './csv.ts';
import type { ImportWarning, ValueFault } from './import-words.ts';
import { say } from './import-words.ts';
import { ENGLISH_IMPORT } from './import-words-en.ts';

/** A value of a row that was not taken, or is doubtful; the row stays. */
export interface RowWarning {
  /** The field or the column. */
  readonly column: string;
  /** What was written there and what is wrong with it, in English. */
  readonly text: string;
  /** The same for every language. */
  readonly said: ImportWarning;
}

/** `date_of_birth 'no sé' is no date; it was left out` */
export function droppedValue(column: string, value: string, fault: ValueFault): RowWarning {
  return warningOf(column, { code: 'leftOut', values: [column, quote(value), fault] });
}

export function warningOf(column: string, said: ImportWarning): RowWarning {
  return { column, text: say(ENGLISH_IMPORT.warnings, said), said };
}
