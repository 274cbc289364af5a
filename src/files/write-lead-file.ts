import type { LeadArchive, LeadList, LeadRecord } from '../core/lead-archive.ts';
import { LEAD_FIELDS } from '../core/lead.ts';
import { csvLine, LeadFileFault } from './csv.ts';
import { customHeader } from './values.ts';

const PIECE_CHARACTERS = 64 * 1024;

interface ExportColumn {
  readonly header: string;
  readonly label: string;
  readonly lists: ReadonlySet<number>;
}

/** A piece of an exported file and how many leads were written up to its end. */
export interface ExportPiece {
  readonly text: string;
  readonly leads: number;
}

/**
 * Every lead as CSV (UTF-8, commas, LF), by ascending id, in a form that an import reads back to the same
 * content. Memory does not grow with the store.
 */
export function* writeLeadFile(archive: LeadArchive): Generator<ExportPiece> {
  const lists = archive.lists();
  const names = new Map(lists.map(({ listId, name }) => [listId, name]));
  const columns = exportColumns(lists);
  const ownHeaders = [...LEAD_FIELDS, 'is_customer', 'last_local_call_time', 'modify_date', 'list_name'];
  let text = `${csvLine([...ownHeaders, ...columns.map(({ header }) => header)], ',')}\n`;
  let leads = 0;
  for (const record of archive.leads()) {
    text += `${csvLine(cellsOf(record, names, columns), ',')}\n`;
    leads++;
    if (text.length < PIECE_CHARACTERS) continue;
    yield { text, leads };
    text = '';
  }
  yield { text, leads };
}

/**
 * Lists share a column when the field has the same place, label and type in them; ordered by place, so that
 * each list gets its fields back in their order.
 */
function exportColumns(lists: readonly LeadList[]): readonly ExportColumn[] {
  const columns = new Map<
    string,
    { place: number; field: LeadList['customFields'][number]; lists: number[] }
  >();
  for (const { listId, customFields } of lists) {
    for (const [place, field] of customFields.entries()) {
      const key = `${place}:${field.type}:${field.label}`;
      const known = columns.get(key);
      if (known === undefined) columns.set(key, { place, field, lists: [listId] });
      else known.lists.push(listId);
    }
  }
  return [...columns.values()]
    .sort(
      (a, b) =>
        a.place - b.place || compare(a.field.label, b.field.label) || compare(a.field.type, b.field.type),
    )
    .map(({ field, lists: ids }) => ({
      header: customHeader(field, ids),
      label: field.label,
      lists: new Set(ids),
    }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function cellsOf(
  { lead, custom, isCustomer, lastLocalCallTime, modifyDate }: LeadRecord,
  names: ReadonlyMap<number, string | null>,
  columns: readonly ExportColumn[],
): (string | number | null)[] {
  const cells: (string | number | null)[] = LEAD_FIELDS.map((field) => lead[field]);
  cells.push(isCustomer ? 1 : 0, lastLocalCallTime, modifyDate, names.get(lead.list_id) ?? null);
  const values = new Map(custom);
  for (const { label, lists } of columns) {
    const mine = lists.has(lead.list_id);
    cells.push(mine ? (values.get(label) ?? null) : null);
    if (mine) values.delete(label);
  }
  // A field that came to its list after the export began: better no file than one that lacks values.
  if ([...values.values()].some((value) => value !== null)) {
    throw new LeadFileFault('the custom fields changed while the leads were exported; run the export again');
  }
  return cells;
}
