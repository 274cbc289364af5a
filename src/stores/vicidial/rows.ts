import { hash, randomBytes } from 'node:crypto';

import {
  countedMatches,
  type CustomInfo,
  type Customer,
  type CustomValue,
  type Lead,
  LEAD_FIELDS,
  type ListScope,
  type NumberMatch,
} from '../../core/lead.ts';
import type { Parameter, Read, Row } from '../network/connector.ts';

export type { Parameter, Read, Row };

/** A cell as text: columns of other kinds, where an operator changed them, too. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** Those of these texts that are there and not empty. */
export function givenTexts<Name extends string>(
  texts: Readonly<Record<Name, string | null | undefined>>,
): Partial<Record<Name, string>> {
  const given = Object.entries<string | null | undefined>(texts).filter(([, text]) => (text ?? '') !== '');
  return Object.fromEntries(given) as Partial<Record<Name, string>>;
}

/** A name as SQL takes it, whatever is in it. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The connector sends a number beyond 31 bits as a fraction, unless it is a bigint. */
export function wholeNumber(id: number): Parameter {
  return id < 2 ** 31 ? id : BigInt(id);
}

/** A user name as parameter; null, which equals nothing, for one that the server could compare only by converting the column. */
export function bindableName(name: string): Parameter {
  return /[\ud800-\udfff]/.test(name) ? null : name;
}

const EXPECTED_SALT = randomBytes(16).toString('hex');

/**
 * As statements bind the account that is expected (`expectedAccount` of statements.ts).
 *
 * @param secret its password or hash as stored; undefined: none is
 */
export function expectedParameters(secret: string | undefined): readonly Parameter[] {
  return [EXPECTED_SALT, secret === undefined ? null : hash('sha256', EXPECTED_SALT + secret)];
}

/** As statements that are restricted bind them. */
export function listsOf(scope: ListScope): readonly Parameter[] {
  return scope === 'every list' ? [] : [scope.join(',')];
}

/** How many columns a statement selects of an account; the last says whether it is the one that was expected. */
export const ACCOUNT_WIDTH = 9;

/** Whether the row is of the account that was expected: then the lead was read with it. */
export function isExpected(account: Row): boolean {
  return Number(account[ACCOUNT_WIDTH - 1]) === 1;
}

/**
 * How many columns a statement selects of a lead: the documented fields, the entry list, whether it is a customer, and the
 * `phone_code`.
 */
export const LEAD_WIDTH = LEAD_FIELDS.length + 3;
const ENTRY_LIST = LEAD_FIELDS.length;
const CUSTOMER = ENTRY_LIST + 1;
const PHONE_CODE = ENTRY_LIST + 2;

/** A lead as the dialer has it. */
export interface DialerLead {
  readonly lead: Lead;
  /** The list whose custom table holds its values; 0: that of the lead itself. */
  readonly entryListId: number;
  readonly isCustomer: boolean;
  readonly numbers: Pick<Customer, 'phoneCode'>;
}

/** @param from where the lead's columns begin; undefined: no lead was joined */
export function dialerLeadOf(row: Row, from = 0): DialerLead | undefined {
  const leadId = row[from];
  if (leadId === null || leadId === undefined) return undefined;
  return {
    lead: leadOf(Number(leadId), row, from),
    entryListId: Number(row[from + ENTRY_LIST] ?? 0),
    isCustomer: row[from + CUSTOMER] !== null,
    numbers: numbersOf(row, from),
  };
}

function numbersOf(row: Row, from: number): DialerLead['numbers'] {
  const phoneCode = textOf(row[from + PHONE_CODE]);
  return phoneCode === null ? {} : { phoneCode };
}

/** Written out, so that every lead has one shape: quicker to make and to serialize. */
function leadOf(leadId: number, row: Row, from: number): Lead {
  return {
    lead_id: leadId,
    list_id: Number(row[from + 1] ?? 0),
    title: textOf(row[from + 2]),
    first_name: textOf(row[from + 3]),
    middle_initial: textOf(row[from + 4]),
    last_name: textOf(row[from + 5]),
    phone_number: textOf(row[from + 6]),
    alt_phone: textOf(row[from + 7]),
    email: textOf(row[from + 8]),
    address1: textOf(row[from + 9]),
    address2: textOf(row[from + 10]),
    address3: textOf(row[from + 11]),
    city: textOf(row[from + 12]),
    state: textOf(row[from + 13]),
    province: textOf(row[from + 14]),
    postal_code: textOf(row[from + 15]),
    country_code: textOf(row[from + 16]),
    gender: textOf(row[from + 17]),
    date_of_birth: textOf(row[from + 18]),
    status: textOf(row[from + 19]),
    user: textOf(row[from + 20]),
    comments: textOf(row[from + 21]),
  };
}

/**
 * The custom values of a lead.
 *
 * @param from where `columns` begin in the row
 * @returns null when the lead has no row in the table
 */
export function customInfoOf(
  { fields }: { readonly fields: readonly { readonly label: string; readonly isNumber: boolean }[] },
  row: Row,
  from = 0,
): CustomInfo | null {
  if (row[from] === null || row[from] === undefined) return null;
  return fields.map(({ label, isNumber }, at) => [label, valueOf(row[from + 1 + at], isNumber)] as const);
}

/** A whole number that JSON's readers would round is given as text. */
function valueOf(value: unknown, isNumber: boolean): CustomValue {
  if (value === null || value === undefined) return null;
  if (!isNumber) return textOf(value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : textOf(value);
}

/** A lead that has the number, and how many have it. A later place counts only if the earlier ones gave nothing. */
export function winnerOf(
  searched: readonly { readonly match: NumberMatch }[],
  rows: readonly Row[],
  from: number,
) {
  for (const { match: column } of searched) {
    if (column === 'block') return longestBlock(rows, from);
    const row = rows.find((cells) => cells[from] === column);
    const matches = countedMatches(Number(row?.[from + 1] ?? 0));
    if (row === undefined || matches === 0) continue;
    const [leadId = 0, listId = 0, entryListId = 0] = numbersIn(row[from + 2]);
    return { column, matches, leadId, listId, entryListId };
  }
  return undefined;
}

/** The winner of the longest block in any place; the earlier of two places with the same. */
function longestBlock(rows: readonly Row[], from: number) {
  const blocks = rows
    .filter((cells) => cells[from] === 'block' && cells[from + 2] !== null)
    .flatMap((cells) => String(cells[from + 2]).split(','))
    .map(numbersIn)
    .filter((numbers) => numbers.length === 4);
  const longest = Math.max(...blocks.map(([, , , order = -Infinity]) => order));
  const best = blocks.filter(([, , , order]) => order === longest);
  const [leadId, listId = 0, entryListId = 0] = best[0] ?? [];
  if (leadId === undefined) return undefined;
  const matches = countedMatches(new Set(best.map(([id]) => id)).size);
  return { column: 'block' as const, matches, leadId, listId, entryListId };
}

/** `lead:list:entry list`, as winners are selected. */
function numbersIn(cell: unknown): readonly number[] {
  return String(cell).split(':').map(Number);
}

/** The text of a statement for a key, or for none: each is made once. */
export function textFor<Key extends object>(
  make: (key: Key | undefined) => string,
): (key: Key | undefined) => string {
  const without = make(undefined);
  const texts = new WeakMap<Key, string>();
  return (key) => {
    if (key === undefined) return without;
    const known = texts.get(key);
    if (known !== undefined) return known;
    const text = make(key);
    texts.set(key, text);
    return text;
  };
}
