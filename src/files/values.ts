import {
  CUSTOM_FIELD_TYPES,
  type CustomField,
  type CustomFieldType,
  type CustomValue,
  MAX_LIST_ID,
} from '../core/lead.ts';
import type { DateOrder } from './column-plan.ts';
import { readAnyDate } from './dates.ts';

/** @returns undefined when it is no whole number between `min` and `max` */
export function readWhole(text: string, min: number, max: number): number | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = Number(text);
  // `+ 0` turns -0 into 0.
  return value >= min && value <= max ? value + 0 : undefined;
}

const YES = new Set([
  '1',
  'yes',
  'y',
  'true',
  'si',
  'sí',
  's',
  'verdadero',
  'sim',
  'verdadeiro',
  'activo',
  'x',
  '✓',
]);
const NO = new Set(['0', 'no', 'n', 'false', 'falso', 'não', 'nao', 'inactivo']);

export function readYesNo(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
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
  dates: DateOrder,
): CustomValue | undefined {
  if (cell === null || (type !== 'NUMBER' && type !== 'DATE')) return cell;
  const text = cell.trim();
  if (text === '') return null;
  if (type === 'NUMBER') return readWhole(text, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return readAnyDate(text, dates);
}
