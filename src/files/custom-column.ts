import {
  CUSTOM_FIELD_TYPES,
  MAX_LIST_ID,
  type CustomField,
  type CustomFieldType,
  type CustomValue,
} from '../core/lead.ts';
import { readDate, readWhole, type DateOrder } from './values.ts';

/** A column of a lead file that is a custom field. */
export interface CustomColumn {
  /** Its place in the row. */
  readonly at: number;
  /** As the header writes it. */
  readonly header: string;
  readonly field: CustomField;
  /** The lists that have the field; undefined: every list that the file's rows name. */
  readonly lists: ReadonlySet<number> | undefined;
}

/** A custom field's type, in any letter case. */
export function customFieldType(text: string): CustomFieldType | undefined {
  const wanted = text.toUpperCase();
  return CUSTOM_FIELD_TYPES.find((type) => type === wanted);
}

const PREFIX = 'custom:';

/**
 * The header under which `export` writes a custom field: `custom:<label>:<TYPE>@<list id>,<list id>…`, the label
 * percent-encoded, so that a file needs no flags to be read back.
 */
export function customHeader(field: CustomField, lists: readonly number[]): string {
  return `${PREFIX}${encodeURIComponent(field.label)}:${field.type}@${lists.join(',')}`;
}

/** @returns undefined when the header is not of that form */
export function readCustomHeader(
  header: string,
): { field: CustomField; lists: ReadonlySet<number> } | undefined {
  const parts = /^custom:([^:]+):([A-Za-z]+)@(\d+(?:,\d+)*)$/.exec(header.trim());
  const type = customFieldType(parts?.[2] ?? '');
  if (parts?.[1] === undefined || parts[3] === undefined || type === undefined) return undefined;
  const lists = parts[3].split(',').map(Number);
  if (lists.some((list) => list < 1 || list > MAX_LIST_ID)) return undefined;
  try {
    return { field: { label: decodeURIComponent(parts[1]), type }, lists: new Set(lists) };
  } catch {
    return undefined;
  }
}

/**
 * The value of a custom field's cell. Numbers and dates are the type's; everything else is text as it stands.
 *
 * @returns undefined when the cell holds nothing of that type
 */
export function readCustomCell(
  cell: string | null,
  type: CustomFieldType,
  dates: DateOrder | undefined,
): CustomValue | undefined {
  if (cell === null || (type !== 'NUMBER' && type !== 'DATE')) return cell;
  const text = cell.trim();
  if (text === '') return null;
  return type === 'DATE'
    ? readDate(text, dates)
    : readWhole(text, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}
