import { CUSTOM_FIELD_TYPES, LEAD_FIELDS, type CustomFieldType, type ListField } from '../../core/lead.ts';
import { quoteName, type Read, type Row, textOf } from './rows.ts';
import { canFindBy, readTables, type Column, type Table } from './schema.ts';

/** The custom fields of one list, as they can be read. */
export interface CustomFields {
  readonly table: string;
  /** What a statement selects of `k`, the list's custom table: the lead id, then a column for each field. */
  readonly columns: string;
  /** Binds the lead id. */
  readonly statement: string;
  readonly fields: readonly (ListField & { readonly isNumber: boolean })[];
}

/** What is known of a list: its fields, that it has none, or that its table is not there at all. */
export type ListCustom = CustomFields | 'no fields' | 'no table';

/** Fields of these types show something and store nothing. */
const WITHOUT_COLUMN: ReadonlySet<string> = new Set(['DISPLAY', 'SCRIPT', 'SWITCH', 'BUTTON']);
const STANDARD: ReadonlySet<string> = new Set([
  ...LEAD_FIELDS,
  'vendor_lead_code',
  'source_id',
  'phone_code',
  'security_phrase',
  'owner',
  'rank',
  'entry_date',
  'modify_date',
  'gmt_offset_now',
  'called_since_last_reset',
  'called_count',
  'last_local_call_time',
  'entry_list_id',
]);
const WHOLE_NUMBERS: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const TEXTS: ReadonlySet<string> = new Set([
  'char',
  'varchar',
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'enum',
]);

/** The table of a list; a list id is a whole number, so nothing else can stand in the name. */
export function customTableName(listId: number): string {
  return `custom_${String(Math.trunc(listId))}`;
}

/**
 * Learns the custom fields of a list, in the list's order (rank, then order). Only what is defined and has a column
 * is shown: a column that somebody adds to the table is not public by itself.
 *
 * @param definitions `vicidial_lists_fields`, if this dialer has it
 */
export async function readCustomFields(
  read: Read,
  database: string,
  listId: number,
  definitions: Table | undefined,
): Promise<ListCustom> {
  const name = customTableName(listId);
  const select = selectFields(definitions);
  const [tables, defined] = await Promise.all([
    readTables(read, database, [name]),
    select === undefined ? [] : read(select, [listId]),
  ]);
  const table = tables.get(name);
  if (!canFindBy(table, 'lead_id')) return 'no table';
  const fields = storedFields(table, defined);
  if (fields.length === 0) return 'no fields';
  const columns = ['k.lead_id', ...fields.map(({ selected }) => selected)].join(', ');
  return {
    table: quoteName(name),
    columns,
    statement: `SELECT ${columns} FROM ${quoteName(name)} k WHERE k.lead_id = ? LIMIT 1`,
    fields,
  };
}

/** What an older dialer does not have is done without; undefined: what it has says nothing of fields. */
function selectFields(definitions: Table | undefined): string | undefined {
  const has = (column: string) => definitions?.columns.has(column) === true;
  if (!has('list_id') || !has('field_label')) return undefined;
  const order = ['field_rank', 'field_order', 'field_label'].filter(has).join(', ');
  const type = has('field_type') ? 'field_type' : "'TEXT'";
  return `SELECT field_label, ${type}, ${has('field_name') ? 'field_name' : 'NULL'} FROM vicidial_lists_fields
    WHERE list_id = ? ORDER BY ${order}`;
}

/** Whether a field that is defined has a column of its own in its list's table. */
export function isStoredField(label: string, type: string): boolean {
  return !WITHOUT_COLUMN.has(type) && !STANDARD.has(label.toLowerCase());
}

/** Types of the dialer's under another name here; what is unknown holds text. */
const OTHER_TYPES: Readonly<Record<string, CustomFieldType>> = { HIDEBLOB: 'AREA', SOURCESELECT: 'SELECT' };

/** A column that is defined more than once is shown where it comes first. */
function storedFields({ columns }: Table, defined: readonly Row[]) {
  const fields = new Map<Column, CustomFields['fields'][number] & { readonly selected: string }>();
  for (const cells of defined) {
    const [label = '', type = '', caption = ''] = cells.map((cell) => textOf(cell) ?? '');
    const column = columns.get(label.toLowerCase());
    if (column === undefined || fields.has(column) || !isStoredField(label, type)) continue;
    const isNumber = WHOLE_NUMBERS.has(column.type);
    const known = CUSTOM_FIELD_TYPES.find((name) => name === type) ?? OTHER_TYPES[type] ?? 'TEXT';
    const name = `k.${quoteName(label)}`;
    fields.set(column, {
      label,
      caption: caption.trim() || label,
      type: isNumber ? 'NUMBER' : known,
      isNumber,
      // The server makes a text of whatever is neither number nor text.
      selected: isNumber || TEXTS.has(column.type) ? name : `CAST(${name} AS CHAR)`,
    });
  }
  return [...fields.values()];
}
