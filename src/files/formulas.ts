import { normaliseName, REJECT_COLUMNS } from './file-field.ts';

/**
 * Cells that spreadsheets would run as formulas, written so that they are text. An apostrophe comes before each character
 * that begins a formula (OWASP: CSV Injection; ASVS 1.2.10) where a cell may begin: at the start of the value, and after what
 * a spreadsheet of another country takes for the end of a cell (`x;=1+1` in a file with commas). Blanks and quotes are skipped,
 * because Google Sheets and LibreOffice skip them; the full-width signs are formulas to Excel in Japanese. Values that have
 * such apostrophes themselves get one more, so that each value can be read back.
 */
const SIGN = '[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]';
const CELL_START = `(?:^|[,;\\t\\r\\n])["'\\s\\0]*`;

const RUNNING_SIGN = new RegExp(`${SIGN}(?<=${CELL_START}${SIGN})`, 'g');
const ESCAPED_SIGN = new RegExp(`'${SIGN}(?<=${CELL_START}'${SIGN})`, 'g');

/** Begins with what a spreadsheet may take away, and the rest for the cell. */
const CONTROL = /^'*[\t\r\n\0]/;
const ESCAPED_CONTROL = /^'(?='*[\t\r\n\0])/;

/** The column of an export that says that its values are written so; its cells are empty. */
export const ESCAPED_COLUMN = 'formulas_escaped';

/** A value as a spreadsheet takes it for text; most are the same. */
export function escapeFormulas(value: string): string {
  const text = value.replace(RUNNING_SIGN, "'$&");
  return CONTROL.test(text) ? `'${text}` : text;
}

/** The value that `escapeFormulas` was given. */
export function unescapeFormulas(cell: string): string {
  return cell.replace(ESCAPED_CONTROL, '').replace(ESCAPED_SIGN, (escaped) => escaped.slice(1));
}

/** True for the header of a rejects file, and of an export with ESCAPED_COLUMN. */
export function hasEscapedFormulas(header: readonly string[]): boolean {
  const marks: readonly string[] = [ESCAPED_COLUMN, ...REJECT_COLUMNS];
  return header.some((name) => marks.includes(normaliseName(name)));
}
