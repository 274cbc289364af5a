import { isObject } from './is-object.ts';
import { type FurtherNumber, LEAD_TEXT_FIELDS, MAX_LIST_ID, PHONE_COLUMNS } from './lead.ts';
import { CUSTOM_PREFIX, type FieldValue, type LeadState, valueOf } from './lead-state.ts';
import { isMask } from './masks.ts';
import type { ParameterFault } from './problem.ts';
import type { FieldDefinition, ListSettings } from './record-store.ts';
import { readPhone, type Country } from './phone.ts';

/** The longest text of a field, and of comments and notes, in UTF-16 units. */
export const LONGEST_TEXT = 1_000;
export const LONGEST_NOTE = 10_000;
/** All text of a lead together. An import may bring larger ones, which may be made smaller. */
export const LEAD_CHARACTERS = 128 * 1024;
/** So many numbers a lead may have beside the documented ones. */
export const MOST_NUMBERS = 50;
const LONGEST_LABEL = 50;

/** Values by field, null for none; or what is wrong with which. */
export type ParsedPatch = { readonly values: LeadState } | { readonly faults: readonly ParameterFault[] };

type Reader = (value: unknown) => { readonly value: FieldValue } | { readonly fault: string };

const TEXTS: ReadonlySet<string> = new Set(LEAD_TEXT_FIELDS);
const PHONES: ReadonlySet<string> = new Set(PHONE_COLUMNS);

/**
 * Reads what somebody sent to change a lead, or to make one (JSON Merge Patch, RFC 7396): fields by their names, null for no
 * value. Every fault is named, with what would do.
 *
 * @param sent a JSON value
 * @param country under which numbers are read
 * @param stored the lead as it is: a further number that it has may stay, whatever it is
 */
export function parseLeadPatch(sent: unknown, country: Country, stored: LeadState = {}): ParsedPatch {
  if (!isObject(sent)) return { faults: [{ field: 'body', reason: 'must be a JSON object of fields' }] };
  const values: [string, FieldValue][] = [];
  const faults: ParameterFault[] = [];
  function take(field: string, read: Reader | undefined, value: unknown): void {
    const result = isMasked(value) ? MASKED : (read?.(value) ?? { fault: whyNone(field) });
    if ('fault' in result) faults.push({ field: field.slice(0, LONGEST_LABEL), reason: result.fault });
    else values.push([field, result.value]);
  }
  for (const [field, value] of Object.entries(sent)) {
    if (field !== 'custom_info') take(field, readerOf(field, country, stored), value);
    else if (isObject(value)) {
      for (const [label, one] of Object.entries(value)) take(CUSTOM_PREFIX + label, readCustom, one);
    } else faults.push({ field, reason: 'must be an object of values by label' });
  }
  if (faults.length === 0 && values.length === 0) {
    faults.push({ field: 'body', reason: 'names no field' });
  }
  return faults.length > 0 ? { faults } : { values: Object.fromEntries(values) };
}

/** Somebody sends back what they have read with another user's rights. */
const MASKED = { fault: 'is masked, and would take the place of the value; leave it out' } as const;

function isMasked(value: unknown): boolean {
  return isMask(value) || (Array.isArray(value) && value.some((one) => isObject(one) && isMask(one.number)));
}

/** What people send who have read a lead, or another API. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['lead_id', 'cannot be changed'],
  ['phones', 'is made of the other fields; change phone_number, alt_phone, address3 or numbers'],
  ['matched_by', 'is no field of the lead itself'],
  ['phone', 'is unknown here; did you mean phone_number?'],
  ['list', 'is unknown here; did you mean list_id?'],
  ['name', 'is unknown here; did you mean first_name and last_name?'],
  ['birthday', 'is unknown here; did you mean date_of_birth?'],
  ['custom', 'is unknown here; did you mean custom_info?'],
]);

function whyNone(field: string): string {
  return OTHER_NAMES.get(field) ?? 'is unknown here; GET of a lead shows the fields';
}

/** What JSON calls the kind of a value, which is safe to repeat. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`.replace('a object', 'an object');
}

function readerOf(field: string, country: Country, stored: LeadState): Reader | undefined {
  if (PHONES.has(field) && field !== 'address3') return (value) => readNumber(value, country);
  if (field === 'date_of_birth') return readBirthday;
  if (TEXTS.has(field)) {
    return (value) => readText(value, field === 'comments' ? LONGEST_NOTE : LONGEST_TEXT);
  }
  if (field === 'list_id') return readListId;
  if (field === 'is_customer') return readYesNo;
  if (field === 'numbers') {
    const numbers = (valueOf(stored, 'numbers') ?? []) as readonly FurtherNumber[];
    return (value) => readNumbers(value, country, numbers);
  }
  return undefined;
}

/** What no text of a lead holds: no screen shows it, and no file takes it. Line breaks and tabs may be. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\b\v\f\x0e-\x1f\x7f]/;

/** @param longest in UTF-16 units */
export function readText(value: unknown, longest: number): ReturnType<Reader> {
  if (value === null) return { value };
  if (typeof value !== 'string') return { fault: `must be a text, or null for none, not ${kindOf(value)}` };
  if (value.length > longest) return { fault: `has ${value.length} characters; at most ${longest} are kept` };
  if (CONTROL.test(value)) return { fault: 'has a control character; send text' };
  return value.isWellFormed() ? { value } : { fault: 'has half a character; send Unicode' };
}

function readNumber(value: unknown, country: Country): ReturnType<Reader> {
  const text = readText(value, 100);
  if ('fault' in text || typeof text.value !== 'string' || text.value === '') return text;
  const read = readPhone(text.value, country, { internalNumbers: true });
  return 'fault' in read ? { fault: read.fault } : text;
}

/** What a birthday must be, to somebody who can send null. */
export const NO_BIRTHDAY = 'must be a date as YYYY-MM-DD, or null for none';

function readBirthday(value: unknown): ReturnType<Reader> {
  if (value === null || value === '0000-00-00') return { value };
  return isDate(value) ? { value } : { fault: NO_BIRTHDAY };
}

/** A day that there is, as `YYYY-MM-DD`. */
function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const at = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
}

function readListId(value: unknown): ReturnType<Reader> {
  const isId = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_LIST_ID;
  return isId ? { value: value as number } : { fault: `must be a whole number from 1 to ${MAX_LIST_ID}` };
}

function readYesNo(value: unknown): ReturnType<Reader> {
  return typeof value === 'boolean' ? { value } : { fault: `must be true or false, not ${kindOf(value)}` };
}

function readCustom(value: unknown): ReturnType<Reader> {
  if (Number.isSafeInteger(value)) return { value: value as number };
  const text = readText(value, LONGEST_NOTE);
  return 'fault' in text ? { fault: `${text.fault}; or a whole number` } : text;
}

const NOT_FURTHER =
  'takes the further numbers, each with label and number alone; one that has a field is changed by that name';

/** The further numbers, as a whole. @param stored those that the lead has */
function readNumbers(value: unknown, country: Country, stored: readonly FurtherNumber[]): ReturnType<Reader> {
  if (value === null || (Array.isArray(value) && value.length === 0)) return { value: null };
  if (!Array.isArray(value)) return { fault: 'must be a list of {"label", "number"}' };
  if (value.length > MOST_NUMBERS)
    return { fault: `has ${value.length} numbers; at most ${MOST_NUMBERS} are kept` };
  const numbers: FurtherNumber[] = [];
  for (const [at, one] of value.entries()) {
    if (!isObject(one)) return { fault: `has no {"label", "number"} in place ${at + 1}` };
    const read = readFurther(one, country, stored);
    if ('fault' in read) return { fault: read.fault(at + 1) };
    numbers.push(read);
  }
  return { value: numbers };
}

function readFurther(
  { label = null, number, ...others }: Readonly<Record<string, unknown>>,
  country: Country,
  stored: readonly FurtherNumber[],
): FurtherNumber | { readonly fault: (place: number) => string } {
  if (Object.keys(others).length > 0) return { fault: () => NOT_FURTHER };
  const kept = stored.find((one) => one.number === number);
  const reads = [
    ...(kept === undefined ? [readNumber(number, country)] : []),
    ...(kept === undefined || kept.label !== label ? [readText(label, LONGEST_LABEL)] : []),
  ];
  const [wrong] = reads.flatMap((read) => ('fault' in read ? [read.fault] : []));
  if (wrong !== undefined) return { fault: (place) => `in place ${place} ${wrong}` };
  if (typeof number !== 'string' || number === '')
    return { fault: (place) => `has no number in place ${place}` };
  return { label: label as string | null, number };
}

/** What is wrong with the size that a change gives a lead. */
export function faultOfSize(before: LeadState, after: LeadState): ParameterFault | undefined {
  const characters = charactersIn(after);
  if (characters <= LEAD_CHARACTERS || characters <= charactersIn(before)) return undefined;
  const reason = `makes the lead larger than ${LEAD_CHARACTERS / 1024} KiB of text; shorten or remove something of it`;
  return { field: 'body', reason };
}

function charactersIn(state: LeadState): number {
  return Object.values(state).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  );
}

/**
 * Whether values may stand in a list: its custom fields by label, type and options, and its statuses. Only what is new is
 * looked at: what a lead has already may stay.
 *
 * @param values those that change, with their fields
 */
export function checkForList(
  values: readonly (readonly [field: string, value: FieldValue])[],
  { statuses }: Pick<ListSettings, 'statuses'>,
  fields: readonly FieldDefinition[],
): readonly ParameterFault[] {
  const byLabel = new Map(fields.map((field) => [field.label, field]));
  const none = `is no field of this list; it has ${namesOf(fields.map(({ label }) => label)) || 'none'}`;
  return values.flatMap(([field, value]) => {
    if (value === null) return [];
    if (
      field === 'status' &&
      statuses.length > 0 &&
      !(typeof value === 'string' && statuses.includes(value))
    ) {
      return [{ field, reason: `must be one of ${namesOf(statuses)}` }];
    }
    if (!field.startsWith(CUSTOM_PREFIX)) return [];
    const definition = byLabel.get(field.slice(CUSTOM_PREFIX.length));
    const reason = definition === undefined ? none : faultOfCustom(value, definition);
    return reason === undefined ? [] : [{ field: field.slice(0, LONGEST_LABEL), reason }];
  });
}

/** So many labels or options an error names at most. */
const SHOWN_NAMES = 20;

function namesOf(names: readonly string[]): string {
  return names.slice(0, SHOWN_NAMES).join(', ') + (names.length > SHOWN_NAMES ? ', …' : '');
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;

function faultOfCustom(value: FieldValue, field: FieldDefinition): string | undefined {
  if (field.type === 'NUMBER') return typeof value === 'number' ? undefined : 'must be a whole number';
  return faultOfChoice(value, field);
}

function faultOfChoice(value: FieldValue, { type, options }: FieldDefinition): string | undefined {
  if (typeof value !== 'string') return 'must be a text';
  if (type === 'DATE') return isDate(value) ? undefined : 'must be a date as YYYY-MM-DD';
  if (type === 'TIME') return TIME.test(value) ? undefined : 'must be a time as HH:MM';
  if (options.length === 0 || type === 'TEXT' || type === 'AREA') return undefined;
  // Several choices are kept with commas between them, as a dialer keeps them.
  const chosen = type === 'MULTI' || type === 'CHECKBOX' ? value.split(',') : [value];
  return chosen.every((one) => options.includes(one)) ? undefined : `must be one of ${namesOf(options)}`;
}
