import type { KeptCall } from './call-store.ts';
import { CALL_LOGS, type CallLogName, type CallLogs, type LeadDetails } from './lead-details.ts';
import type { DialerHappening, LeadHistory } from './lead-history.ts';
import { CUSTOM_PREFIX, type FieldValue, type LeadState } from './lead-state.ts';
import type { LookupResult } from './lead-store.ts';
import {
  type FurtherNumber,
  type Lead,
  LEAD_TEXT_FIELDS,
  type LeadTextField,
  PHONE_COLUMNS,
} from './lead.ts';
import { readPhoneText } from './phone-text.ts';
import { maskPhone } from './phone.ts';

/** Beside the fields of a lead: its further numbers, and the texts of its notes. */
const OTHERS = ['numbers', 'notes'] as const;

/** What may be masked but custom fields, which are `custom_info.LABEL`. */
export const MASKABLE_FIELDS: readonly string[] = [...LEAD_TEXT_FIELDS, ...OTHERS];

/** A field of a list's leads that is masked; `*`: of every list. */
export interface MaskedField {
  readonly listId: number | '*';
  readonly field: string;
}

/** Instead of a value, however long it is. */
const MASK = '****';
/** Of a shorter number the last two digits would be half of it. */
const MIN_DIGITS = 6;

/** Columns of a log of recordings. */
const NAMED_BY_NUMBER: ReadonlySet<string> = new Set(['filename', 'location']);

const PHONES: ReadonlySet<string> = new Set(PHONE_COLUMNS);
const NOT_CUSTOM: ReadonlySet<string> = new Set(MASKABLE_FIELDS);

export function isMaskable(field: string): boolean {
  return NOT_CUSTOM.has(field) || (field.startsWith(CUSTOM_PREFIX) && field.length > CUSTOM_PREFIX.length);
}

/** Whether a text is what stands for a masked value: nobody means it as a value. */
export function isMask(value: unknown): boolean {
  return typeof value === 'string' && /^\*{4}(?: \d\d)?$/.test(value);
}

/** Whether one of the fields holds numbers by which somebody is called. */
export function maskNumbersOf(fields: Iterable<string>): boolean {
  return [...fields].some((field) => field === 'numbers' || PHONES.has(field));
}

/** `**** 21`: the last two digits of a number, without its extension; of anything else nothing. */
export function maskNumber(text: string): string {
  const read = readPhoneText(text);
  const digits = 'value' in read ? read.value.digits : '';
  return digits.length < MIN_DIGITS ? MASK : `${MASK} ${digits.slice(-2)}`;
}

/** That there is no value is not hidden; `0000-00-00` is the dialer's word for none. */
function isNothing(value: FieldValue): boolean {
  return value === null || value === '' || value === '0000-00-00';
}

function maskValue<Value extends FieldValue>(field: string, value: Value): Value | string {
  if (isNothing(value)) return value;
  return PHONES.has(field) && typeof value === 'string' ? maskNumber(value) : MASK;
}

function maskFurther(numbers: readonly FurtherNumber[]): readonly FurtherNumber[] {
  return numbers.map(({ label, number }) => ({ label, number: maskNumber(number) }));
}

/** A lead without the values of masked fields; which of its own these are is in `masked`. */
export function maskLead(found: LookupResult, fields: ReadonlySet<string>): LookupResult {
  const { leadId, lead, custom, isCustomer, phoneCode, further, hasMoreNumbers, foundBy, comparedAs } = found;
  const masked: string[] = [];
  function shown<Value extends FieldValue>(field: string, value: Value): Value | string {
    if (!fields.has(field) || isNothing(value)) return value;
    masked.push(field);
    return maskValue(field, value);
  }
  const texts = LEAD_TEXT_FIELDS.map((field) => [field, shown(field, lead[field])] as const);
  const hidesFurther = fields.has('numbers') && further !== undefined && further.length > 0;
  if (hidesFurther) masked.push('numbers');
  return {
    leadId,
    lead: { ...lead, ...(Object.fromEntries(texts) as Pick<Lead, LeadTextField>) },
    custom: custom?.map(([label, value]) => [label, shown(CUSTOM_PREFIX + label, value)] as const) ?? null,
    isCustomer,
    ...(phoneCode !== undefined && { phoneCode }),
    ...(further !== undefined && { further: hidesFurther ? maskFurther(further) : further }),
    ...(hasMoreNumbers !== undefined && { hasMoreNumbers }),
    ...(foundBy !== undefined && { foundBy }),
    ...(comparedAs !== undefined && { comparedAs }),
    masks: [...fields],
    masked,
  };
}

/** The same of a state, or of some of its fields. */
export function maskState(state: LeadState, fields: ReadonlySet<string>): LeadState {
  const shown = Object.entries(state).map(([field, value]): [string, FieldValue] => {
    if (!fields.has(field)) return [field, value];
    const further = field === 'numbers' && typeof value === 'object' ? value : null;
    return [field, further === null ? maskValue(field, value) : maskFurther(further)];
  });
  return Object.fromEntries(shown);
}

/** A text that people wrote about a lead. */
export function maskNote(text: string, fields: ReadonlySet<string>): string {
  return fields.has('notes') ? MASK : text;
}

/** A call with a lead in which these fields are masked. */
export function maskCall<Call extends KeptCall>(call: Call, fields: ReadonlySet<string>): Call {
  const { phone, line, note } = call;
  return {
    ...call,
    ...(maskNumbersOf(fields) && maskNumbersOfCall({ phone, line })),
    ...(note !== undefined && { note: maskNote(note, fields) }),
  };
}

/** The number of the other side, and the line where it is a number: what a customer was called by, or has called. */
export function maskNumbersOfCall({
  phone,
  line,
}: {
  readonly phone?: string | undefined;
  readonly line?: string | undefined;
}): { readonly phone?: string; readonly line?: string } {
  return {
    ...(phone !== undefined && { phone: maskNumber(phone) }),
    ...(line !== undefined && { line: maskLine(line) }),
  };
}

/** Names of queues and campaigns are none; digits are one, however they are grouped. */
export function isNumberLine(line: string | undefined): line is string {
  return line !== undefined && /^\+?[\d\s().-]+$/.test(line) && line.replace(/\D/g, '').length >= MIN_DIGITS;
}

export function maskLine(line: string): string {
  return isNumberLine(line) ? maskNumber(line) : line;
}

/** Runs of digits that may be a telephone number; a date of eight digits is none. */
const NUMBER_IN_NAME = /(?<!\d)(?!(?:19|20)\d{6}(?!\d))\+?\d{7,}/g;

/** The name of a file, with what may be a telephone number in it masked. */
export function maskNumbers(text: string): string {
  return text.replace(NUMBER_IN_NAME, maskPhone);
}

/** Every field that is masked in a lead as somebody sees it, whether this lead has a value there or not. */
export function masksOfSeen({ masked, masks }: LookupResult): readonly string[] {
  return masked === undefined ? [] : (masks ?? []);
}

/**
 * What a dialer keeps beside the fields of a lead: the word by which somebody is known must not be told where anything is masked.
 *
 * @param masks `masksOfSeen`
 */
export function maskDetails(details: LeadDetails, masks: readonly string[]): LeadDetails {
  const { security_phrase: phrase } = details;
  if (masks.length === 0 || phrase === undefined || isNothing(phrase)) return details;
  return { ...details, security_phrase: MASK };
}

/** Calls with a lead whose numbers may be masked: files of recordings are named by them, too. */
export function maskCallLogs(logs: CallLogs, masks: readonly string[]): CallLogs {
  if (!maskNumbersOf(masks)) return logs;
  const shown = Object.entries(logs).map(([name, entries]) => {
    const columns: readonly string[] = CALL_LOGS[name as CallLogName];
    return [name, entries.map((entry) => entry.map((value, at) => maskLogged(columns[at], value)))];
  });
  return Object.fromEntries(shown) as CallLogs;
}

function maskLogged(column: string | undefined, value: string | number | null): string | number | null {
  if (column === 'phone_number') return value === null ? null : maskNumber(String(value));
  return typeof value === 'string' && NAMED_BY_NUMBER.has(column ?? '') ? maskNumbers(value) : value;
}

/** The past of a lead whose numbers or notes may be masked. */
export function maskHistory({ entries, ...about }: LeadHistory, masks: readonly string[]): LeadHistory {
  if (masks.length === 0) return { ...about, entries };
  const fields = new Set(masks);
  const hidesNumbers = maskNumbersOf(fields);
  const shown = entries.map((entry): DialerHappening => {
    if (entry.type !== 'call')
      return entry.text === undefined ? entry : { ...entry, text: maskNote(entry.text, fields) };
    return hidesNumbers ? { ...entry, ...maskNumbersOfCall(entry) } : entry;
  });
  return { ...about, entries: shown };
}
