import {
  CUSTOM_FIELD_TYPES,
  type CustomField,
  type CustomFieldType,
  type CustomValue,
  MAX_LIST_ID,
} from '../core/lead.ts';

/** How a file writes dates other than `YYYY-MM-DD`: day first or month first. */
export type DateOrder = 'dmy' | 'mdy';

const NO_DATE = '0000-00-00';

/**
 * Reads a date: `YYYY-MM-DD`, the dialer's `0000-00-00`, or with `order` also `31/12/1990`, `31-12-1990`,
 * `31.12.1990`.
 *
 * @returns `YYYY-MM-DD`, or undefined when it is no day of the calendar
 */
export function readDate(text: string, order: DateOrder | undefined): string | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    if (text === NO_DATE) return text;
    return isDay(digitsAt(text, 0, 4), digitsAt(text, 5, 7), digitsAt(text, 8, 10)) ? text : undefined;
  }
  const local = order === undefined ? null : /^(\d\d?)([/.-])(\d\d?)\2(\d{4})$/.exec(text);
  if (local?.[1] === undefined || local[3] === undefined || local[4] === undefined) return undefined;
  const [day, month] = order === 'dmy' ? [local[1], local[3]] : [local[3], local[1]];
  if (!isDay(Number(local[4]), Number(month), Number(day))) return undefined;
  return `${local[4]}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/**
 * Reads a moment: a date, a space or `T`, and `HH:MM` or `HH:MM:SS`.
 *
 * @returns `YYYY-MM-DD HH:MM:SS`; null for the dialer's "never"; undefined when it is no moment
 */
export function readMoment(text: string, order: DateOrder | undefined): string | null | undefined {
  const parts = /^(\S+?)(?: +|T)(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined || parts[3] === undefined) return undefined;
  const date = readDate(parts[1], order);
  const seconds = parts[4] ?? '00';
  if (date === undefined || Number(parts[2]) > 23 || Number(parts[3]) > 59 || Number(seconds) > 59)
    return undefined;
  return date === NO_DATE ? null : `${date} ${parts[2].padStart(2, '0')}:${parts[3]}:${seconds}`;
}

/** The number that digits make. Without a piece of text for each, which millions of dates would cost a second. */
function digitsAt(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - 0x30;
  return number;
}

function isDay(year: number, month: number, day: number): boolean {
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** @returns undefined when it is no whole number between `min` and `max` */
export function readWhole(text: string, min: number, max: number): number | undefined {
  if (!/^[+-]?\d{1,20}$/.test(text)) return undefined;
  const value = Number(text);
  // `+ 0` turns -0 into 0.
  return value >= min && value <= max ? value + 0 : undefined;
}

const YES = new Set(['1', 'yes', 'y', 'true', 'si', 'sí', 's', 'verdadero']);
const NO = new Set(['0', 'no', 'n', 'false', 'falso']);

export function readYesNo(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}

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
