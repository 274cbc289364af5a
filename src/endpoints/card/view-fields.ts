import {
  isBlockOf,
  isSameNumber,
  type LeadNumber,
  numbersOf,
  readingsOf,
  shownNumbers,
} from '../../core/lead-numbers.ts';
import type { Customer, CustomInfo, ListField, NumberMatch } from '../../core/lead.ts';
import type { PhoneNumber } from '../../core/phone.ts';
import type { Numbering } from '../../service/services.ts';
import type { Reader } from '../pages/reader.ts';
import type { Words } from './language.ts';
import { furtherKey } from './shown-text.ts';
import { viewNumber } from './view-number.ts';

/** The custom values of a lead in their list's order; those without a value are left out. */
export function viewCustom(custom: CustomInfo | null, fields: readonly ListField[], tag: string) {
  const known = new Map(fields.map((field) => [field.label, field]));
  return (custom ?? []).flatMap(([label, value]) => {
    if (value === null || value === '') return [];
    const field = known.get(label);
    const { kind, values } = viewValue(value, field?.type ?? 'TEXT', tag);
    return values.length === 0 ? [] : [{ label, caption: captionOf(label, field), kind, values }];
  });
}

/** What people call a custom field. */
export function captionOf(label: string, field: Pick<ListField, 'caption'> | undefined): string {
  const caption = field?.caption.trim() ?? '';
  // A label is a column's name, so its underscores become spaces.
  const shown = caption === '' || caption === label ? label.replaceAll('_', ' ') : caption;
  return shown.slice(0, 1).toUpperCase() + shown.slice(1);
}

/** A list by its name and id; the id alone where it has no name. */
export function listLabel(listId: number, name: string | null | undefined): string {
  return typeof name === 'string' ? `${name} (${listId})` : String(listId);
}

/** `kind` says how the page shows them: `lines` with line breaks, `items` as several values. */
function viewValue(
  value: string | number,
  type: ListField['type'],
  tag: string,
): { readonly kind: 'text' | 'number' | 'lines' | 'items'; readonly values: readonly string[] } {
  if (typeof value === 'number') {
    return { kind: 'number', values: [new Intl.NumberFormat(tag).format(value)] };
  }
  switch (type) {
    case 'AREA':
      return { kind: 'lines', values: [value] };
    case 'CHECKBOX':
    case 'MULTI':
      return { kind: 'items', values: itemsOf(value) };
    case 'DATE':
      return { kind: 'number', values: /^[0-]+$/.test(value) ? [] : [viewDay(value, tag)] };
    case 'TIME':
      return { kind: 'number', values: [value] };
    case 'TEXT':
    case 'SELECT':
    case 'RADIO':
    case 'NUMBER':
      return { kind: 'text', values: [value] };
  }
}

/** The dialer keeps several choices in one text, with commas between. */
function itemsOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export interface NumbersContext extends Numbering {
  /** What of the lead matched the number that was asked for. */
  readonly matched: NumberMatch | undefined;
  /** That number; undefined: none was. */
  readonly phone: PhoneNumber | undefined;
}

/** So many numbers are seen at once; the others behind a click, so that what else there is stays in sight. */
const SEEN_AT_ONCE = 6;

/** The lead's numbers, the one that was asked for first, each with its label. */
export function viewNumbers(customer: Customer, context: NumbersContext, words: Words) {
  const { country, columns } = context;
  const { numbers, hasMore } = shownNumbers(customer, columns);
  const views = numbers.map((one) => ({
    ...viewNumber(one.number.trim(), country, readingsOf(one, country)),
    key: one.field ?? furtherKey(one),
    label: labelOf(one, words),
    isMatched: isMatched(one, context),
  }));
  views.sort((one, other) => Number(other.isMatched) - Number(one.isMatched));
  return { first: views.slice(0, SEEN_AT_ONCE), others: views.slice(SEEN_AT_ONCE), hasMore };
}

function labelOf({ field, label }: LeadNumber, words: Words): string {
  const own = label?.trim() ?? '';
  if (own !== '') return own;
  return words[field ?? 'further'];
}

/** Of the further numbers, several may be spellings of the one that was asked for. */
function isMatched(number: LeadNumber, { matched, phone, country, settings = {} }: NumbersContext): boolean {
  if (number.field !== undefined && number.field === matched) return true;
  if (phone === undefined) return false;
  if (matched === 'block') return isBlockOf(number, phone, country);
  return (
    matched === 'further' && number.field === undefined && isSameNumber(number, phone, country, settings)
  );
}

/** What the number that matched is called: its own label, or a word for where it stands. */
export function matchedLabel(
  customer: Customer,
  context: NumbersContext & { readonly matched: NumberMatch },
  words: Words,
): string {
  const { matched, columns } = context;
  const number = numbersOf(customer, columns).find((one) => isMatched(one, context));
  return number === undefined || matched === 'block' ? words[matched] : labelOf(number, words);
}

/** Whether `address3` holds a number and not a part of the address. */
export function hasThirdPhone({ columns }: Pick<Numbering, 'columns'>): boolean {
  return columns.includes('address3');
}

/** Nobody known has become older. */
const OLDEST = 120;

/** A stored day as people read it; what is none, as it is stored. */
function viewDay(stored: string, tag: string): string {
  const date = readDate(stored);
  return date === undefined ? (viewYearlyDay(stored, tag) ?? stored) : writeDate(date, tag);
}

/**
 * A day of every year, such as a birthday whose year nobody said: `0000-03-15` is `15 March`.
 *
 * @returns undefined for what is no such day
 */
function viewYearlyDay(stored: string, tag: string): string | undefined {
  // In a leap year, which has all days.
  const date = readDate(stored.replace(/^0000-/, '2000-'));
  if (!stored.startsWith('0000-') || date === undefined) return undefined;
  return new Intl.DateTimeFormat(tag, {
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
    calendar: 'gregory',
  }).format(date);
}

/**
 * A stored birth date as people read it, with the age or why there is none. Without a year there is no age to tell.
 *
 * @param stored `YYYY-MM-DD`, `0000-MM-DD` without a year, the dialer's `0000-00-00`, or whatever somebody once typed
 * @param now milliseconds of the wall clock; the day is that of this machine
 * @returns undefined where nothing is known; `iso` undefined where it is no date
 */
export function viewBirth(stored: string | null, now: number, { tag }: Reader, words: Words) {
  const text = stored?.trim() ?? '';
  if (text === '' || /^[0\-/. ]+$/.test(text)) return undefined;
  const yearly = viewYearlyDay(text, tag);
  // HTML writes a day without a year so.
  if (yearly !== undefined) return { shown: yearly, iso: text.slice(5), note: '', isDoubtful: false };
  const date = readDate(text);
  if (date === undefined) return { shown: text, iso: undefined, note: words.noDate, isDoubtful: true };
  const shown = writeDate(date, tag);
  const age = ageOn(new Date(now), date);
  if (age < 0) return { shown, iso: text, note: words.inFuture, isDoubtful: true };
  if (age > OLDEST) return { shown, iso: text, note: words.tooOld, isDoubtful: true };
  return { shown, iso: text, note: words.age(age), isDoubtful: false };
}

/** @returns midnight UTC of the day; undefined for what is no day of the calendar, such as 30 February */
function readDate(text: string): Date | undefined {
  if (!/^[1-9]\d{3}-\d\d-\d\d$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text ? undefined : date;
}

function writeDate(day: Date, tag: string): string {
  return new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC', calendar: 'gregory' }).format(
    day,
  );
}

/** Full years; negative for a day that is still to come. */
function ageOn(today: Date, day: Date): number {
  const months = today.getMonth() - day.getUTCMonth();
  const hadBirthday = months > 0 || (months === 0 && today.getDate() >= day.getUTCDate());
  return today.getFullYear() - day.getUTCFullYear() - (hadBirthday ? 0 : 1);
}
