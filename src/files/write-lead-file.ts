import type { LeadArchive, LeadList, LeadRecord } from '../core/lead-archive.ts';
import { type CustomField, LEAD_FIELDS } from '../core/lead.ts';
import { csvLine, LeadFileFault } from './csv.ts';
import { FILE_FIELDS } from './file-field.ts';
import { writeFurtherNumbers } from './further-numbers.ts';
import { ESCAPED_COLUMN, escapeFormulas } from './formulas.ts';
import { customHeader } from './values.ts';

const PIECE_CHARACTERS = 64 * 1024;

/** A custom field, with the lists that share its column. */
interface ExportColumn {
  readonly place: number;
  readonly field: CustomField;
  readonly lists: Set<number>;
}

/**
 * Every lead as CSV (UTF-8, commas, LF), by ascending id, in a form that an import reads back to the same
 * content. Memory does not grow with the store.
 *
 * @param forSpreadsheet whether a spreadsheet is to open it: with a byte order mark, without which Excel shows other letters,
 *   and values that it would run as text, which the header then says
 * @yields a piece of the file, and how many leads were written up to its end
 */
export function* writeLeadFile(
  archive: LeadArchive,
  forSpreadsheet = false,
): Generator<{ text: string; leads: number }> {
  const lists = archive.lists();
  const names = new Map(lists.map(({ listId, name }) => [listId, name]));
  const columns = exportColumns(lists);
  const customHeaders = columns.map(({ field, lists: shared }) => customHeader(field, [...shared]));
  const hasNumbers = archive.hasFurtherNumbers();
  const fields = FILE_FIELDS.filter((field) => field !== 'further_numbers' || hasNumbers);
  const header = [...fields, ...customHeaders];
  let text = forSpreadsheet ? '\uFEFF' : '';
  text += lineOf(forSpreadsheet ? [...header, ESCAPED_COLUMN] : header);
  let leads = 0;
  for (const record of archive.leads()) {
    const cells = cellsOf(record, names, columns, hasNumbers);
    text += lineOf(forSpreadsheet ? [...cells.map(escapeCell), null] : cells);
    leads++;
    if (text.length < PIECE_CHARACTERS) continue;
    yield { text, leads };
    text = '';
  }
  yield { text, leads };
}

type Cell = string | number | null;

function lineOf(cells: readonly Cell[]): string {
  return `${csvLine(cells, ',')}\n`;
}

/** Numbers run nothing, and a spreadsheet is to add them up. */
function escapeCell(cell: Cell): Cell {
  return typeof cell === 'string' ? escapeFormulas(cell) : cell;
}

/**
 * Lists share a column when the field has the same place, label and type in them; ordered by place, so that
 * each list gets its fields back in their order.
 */
function exportColumns(lists: readonly LeadList[]): readonly ExportColumn[] {
  const columns = new Map<string, ExportColumn>();
  for (const { listId, customFields } of lists) {
    for (const [place, field] of customFields.entries()) {
      const key = `${place}:${field.type}:${field.label}`;
      const known = columns.get(key);
      if (known === undefined) columns.set(key, { place, field, lists: new Set([listId]) });
      else known.lists.add(listId);
    }
  }
  return [...columns.values()].sort(
    (a, b) =>
      a.place - b.place || compare(a.field.label, b.field.label) || compare(a.field.type, b.field.type),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function cellsOf(
  { lead, custom, isCustomer, lastLocalCallTime, modifyDate, further = [] }: LeadRecord,
  names: ReadonlyMap<number, string | null>,
  columns: readonly ExportColumn[],
  hasNumbers: boolean,
): Cell[] {
  const cells: Cell[] = LEAD_FIELDS.map((field) => lead[field]);
  cells.push(isCustomer ? 1 : 0, lastLocalCallTime, modifyDate, names.get(lead.list_id) ?? null);
  if (hasNumbers) cells.push(writeFurtherNumbers(further));
  const values = new Map(custom);
  for (const { field, lists } of columns) {
    const mine = lists.has(lead.list_id);
    cells.push(mine ? (values.get(field.label) ?? null) : null);
    if (mine) values.delete(field.label);
  }
  // A field that came to its list after the export began: better no file than one that lacks values.
  if ([...values.values()].some((value) => value !== null)) {
    throw new LeadFileFault('the custom fields changed while the leads were exported; run the export again');
  }
  return cells;
}
