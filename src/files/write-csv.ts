import { csvLine } from './csv.ts';
import type { ExportCell, ExportTable } from './export-table.ts';
import { ESCAPED_COLUMN, escapeFormulas } from './formulas.ts';
import { CAPTIONS_COLUMN } from './own-export.ts';

/**
 * Leads as CSV: UTF-8, commas, LF.
 *
 * @param forSpreadsheet whether a spreadsheet is to open it: with a byte order mark, without which Excel shows other letters,
 *   and values that it would run as text, which the header then says
 * @yields lines, first the header
 */
export async function* writeCsv(
  { header, rows }: ExportTable,
  forSpreadsheet: boolean,
): AsyncGenerator<string> {
  const names = header.map((name) => (name === CAPTIONS_COLUMN ? null : name));
  yield forSpreadsheet ? `\uFEFF${lineOf([...names, ESCAPED_COLUMN])}` : lineOf(names);
  for await (const cells of rows()) yield lineOf(forSpreadsheet ? [...cells.map(escapeCell), null] : cells);
}

function lineOf(cells: readonly ExportCell[]): string {
  return `${csvLine(cells, ',')}\n`;
}

/** Numbers run nothing, and a spreadsheet is to add them up. */
function escapeCell(cell: ExportCell): ExportCell {
  return typeof cell === 'string' ? escapeFormulas(cell) : cell;
}
