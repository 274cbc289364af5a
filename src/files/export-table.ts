import type { LeadArchive, LeadList, LeadRecord, Soon } from '../core/lead-archive.ts';
import { type CustomField, LEAD_FIELDS } from '../core/lead.ts';
import { LeadFileFault } from './csv.ts';
import { FILE_FIELDS } from './file-field.ts';
import { writeFurtherNumbers } from './further-numbers.ts';
import { CAPTIONS_COLUMN, writeCaptions } from './own-export.ts';
import { customHeader } from './values.ts';

/** null: nothing is stored. */
export type ExportCell = string | number | null;

/** All leads of a store as a header and rows, whatever the format of the file that they go to. */
export interface ExportTable {
  /** The fields of each lead, CAPTIONS_COLUMN where any custom field has a caption, and the custom fields. */
  readonly header: readonly string[];
  /** By ascending id, as many cells as the header; one at a time: memory does not grow with the store. */
  readonly rows: () => AsyncIterable<readonly ExportCell[]>;
  readonly countLeads: () => Soon<number>;
}

/** A custom field, with the lists that share its column. */
interface ExportColumn {
  readonly place: number;
  readonly field: CustomField;
  readonly lists: Set<number>;
}

/** What leads are written from: all of a store, or some. */
export type ExportedArchive = Pick<LeadArchive, 'lists' | 'leads' | 'countLeads' | 'hasFurtherNumbers'>;

/** Every lead in a form that an import reads back to the same content. */
export async function createExportTable(archive: ExportedArchive): Promise<ExportTable> {
  const lists = await archive.lists();
  const names = new Map(lists.map(({ listId, name }) => [listId, name]));
  const columns = exportColumns(lists);
  const captions = writeCaptions(columns);
  const hasNumbers = await archive.hasFurtherNumbers();
  const header = [
    ...FILE_FIELDS.filter((field) => field !== 'further_numbers' || hasNumbers),
    ...(captions === undefined ? [] : [CAPTIONS_COLUMN]),
    ...columns.map(({ field, lists: shared }) => customHeader(field, [...shared])),
  ];
  return {
    header,
    countLeads: () => archive.countLeads(),
    async *rows() {
      let caption = captions;
      for await (const record of archive.leads()) {
        const cells = fieldCells(record, names.get(record.lead.list_id) ?? null, hasNumbers);
        if (captions !== undefined) cells.push(caption ?? null);
        caption = undefined;
        addCustomCells(cells, record, columns);
        yield cells;
      }
    },
  };
}

/**
 * Lists share a column when the field has the same place, label, type and caption in them; ordered by place, so that
 * each list gets its fields back in their order.
 */
function exportColumns(lists: readonly LeadList[]): readonly ExportColumn[] {
  const columns = new Map<string, ExportColumn>();
  for (const { listId, customFields } of lists) {
    for (const [place, field] of customFields.entries()) {
      const key = JSON.stringify([place, field.type, field.label, field.caption]);
      const known = columns.get(key);
      if (known === undefined) columns.set(key, { place, field, lists: new Set([listId]) });
      else known.lists.add(listId);
    }
  }
  // Equal ones stay in the order of their lists.
  return [...columns.values()].sort(
    (a, b) =>
      a.place - b.place || compare(a.field.label, b.field.label) || compare(a.field.type, b.field.type),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function fieldCells(
  { lead, isCustomer, lastLocalCallTime, modifyDate, further = [] }: LeadRecord,
  listName: string | null,
  hasNumbers: boolean,
): ExportCell[] {
  const cells: ExportCell[] = LEAD_FIELDS.map((field) => lead[field]);
  cells.push(isCustomer ? 1 : 0, lastLocalCallTime, modifyDate, listName);
  if (hasNumbers) cells.push(writeFurtherNumbers(further));
  return cells;
}

function addCustomCells(
  cells: ExportCell[],
  { lead, custom }: LeadRecord,
  columns: readonly ExportColumn[],
): void {
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
}
