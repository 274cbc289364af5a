import { type LeadState, valueOf } from '../core/lead-state.ts';
import { type FurtherNumber, PHONE_COLUMNS } from '../core/lead.ts';
import { foldName, joinName } from '../core/person-names.ts';
import type { PersonMatch, PersonTrace } from '../core/person-store.ts';
import { type Country, storedKeys } from '../core/phone.ts';
import { BLOCK_END, countryNamed } from './number-keys.ts';

/** So many last digits of a number are looked for in a text, whatever stands between them. */
const TAIL = 7;

/** Digits that the search of a text, which looks for 0 to 9, would not see. */
const OTHER_DIGITS = /(?![0-9])\p{Nd}/u;

/** Numbers that are looked for in all that is kept. */
export interface WantedNumbers {
  /** Their comparable forms. */
  readonly keys: ReadonlySet<string>;
  /** Their last digits. */
  readonly tails: readonly string[];
}

/** @param phone its comparable form, and its digits */
export function wantedNumber({
  key,
  digits,
}: {
  readonly key: string;
  readonly digits: string;
}): WantedNumbers {
  return { keys: new Set([key]), tails: tailsOf([key, digits]) };
}

/** All of both. */
export function withNumber(numbers: WantedNumbers, phone: Parameters<typeof wantedNumber>[0]): WantedNumbers {
  const more = wantedNumber(phone);
  const tails = [...new Set([...numbers.tails, ...more.tails])];
  return { keys: new Set([...numbers.keys, ...more.keys]), tails };
}

/** @param keys comparable forms; blocks among them are left out */
export function wantedNumbers(keys: Iterable<string>): WantedNumbers {
  const numbers = new Set([...keys].filter((key) => !key.endsWith(BLOCK_END)));
  return { keys: numbers, tails: tailsOf([...numbers]) };
}

/** The last digits of each number; of a shorter one all of them. */
function tailsOf(numbers: readonly string[]): readonly string[] {
  const tails = numbers.map((number) => number.replace(/\D/g, '').slice(-TAIL));
  return [...new Set(tails.filter((tail) => tail.length > 1))];
}

/** Those by which a number is known in a text. An internal one is too short to be told from others. */
export function longTails({ tails }: WantedNumbers): readonly string[] {
  return tails.filter((tail) => tail.length === TAIL);
}

/** What was found, by lead. */
export type FoundMatches = Map<number, Set<PersonMatch>>;

export function noteMatch(found: FoundMatches, leadId: number, match: PersonMatch): void {
  const matches = found.get(leadId);
  if (matches === undefined) found.set(leadId, new Set([match]));
  else if (match !== 'former' || matches.size === 0) matches.add(match);
}

/** Whether a state, as a change keeps it, has one of the numbers. @param json null: there was none */
export function hasNumber(json: unknown, { keys, tails }: WantedNumbers, country: Country): boolean {
  if (typeof json !== 'string' || !mayHold(json, tails)) return false;
  return keysOfState(JSON.parse(json) as LeadState, country).some((key) => keys.has(key));
}

/** The comparable forms of the numbers in a state, or in some of its fields. */
export function keysOfState(state: LeadState, country: Country): readonly string[] {
  const own = valueOf(state, 'country_code');
  const ownCountry = typeof own === 'string' ? countryNamed(own) : undefined;
  const further = (valueOf(state, 'numbers') ?? []) as readonly FurtherNumber[];
  const numbers = [
    ...PHONE_COLUMNS.map((column) => valueOf(state, column)),
    ...further.map(({ number }) => number),
  ];
  return numbers.flatMap((number) => {
    if (typeof number !== 'string' || number === '') return [];
    const keys = storedKeys(number, country, ownCountry, { internalNumbers: true });
    return keys === undefined ? [] : [keys.own, ...(keys.byDefault === undefined ? [] : [keys.byDefault])];
  });
}

/** Whether the digits of a text, without what stands between them, hold one of these. */
function mayHold(text: string, tails: readonly string[]): boolean {
  if (OTHER_DIGITS.test(text)) return true;
  const digits = text.replace(/\D+/g, '');
  return tails.some((tail) => digits.includes(tail));
}

/** A number in a text: digits with at most two signs between two of them. */
const NUMBERS_IN_TEXT = /\d(?:[\s().+/-]{0,2}\d){6,}/g;

/** Whether a text that people wrote speaks of one of the numbers. @param tails long ones */
export function speaksOf(text: string, tails: readonly string[]): boolean {
  return (text.match(NUMBERS_IN_TEXT) ?? []).some((number) => mayHold(number, tails));
}

/** Whether the name of an imported file has one of the numbers in it. @param tails long ones */
export function isNamedByNumber(fileName: string, tails: readonly string[]): boolean {
  const digits = fileName.replace(/\D/g, '');
  return tails.some((tail) => digits.includes(tail));
}

/** Tells of a lead in which something was found. @param state of one that was removed: as it was */
export function traceOf(
  leadId: number,
  state: LeadState,
  isRemoved: boolean,
  matches: ReadonlySet<PersonMatch> | undefined,
): PersonTrace {
  const texts = ['first_name', 'middle_initial', 'last_name'].map((field) => valueOf(state, field));
  const name = joinName(texts as readonly (string | null)[]);
  const listId = Number(valueOf(state, 'list_id'));
  return { leadId, listId, name, comparedName: foldName(name), isRemoved, matches: [...(matches ?? [])] };
}
