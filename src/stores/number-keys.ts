import { NUMBER_MATCHES, type NumberMatch } from '../core/lead.ts';
import { readCountry } from '../core/country-names.ts';
import { blockKey } from '../core/phone-blocks.ts';
import { type Country, storedKeys } from '../core/phone.ts';
import { furtherNumbersOf } from './rows.ts';

/** The number of each part of a lead in the table lead_numbers: the order of search. */
export const PART = Object.fromEntries(NUMBER_MATCHES.map((match, part) => [match, part])) as Readonly<
  Record<NumberMatch, number>
>;

/** What of a stored lead decides by which numbers it is found. */
export interface NumberedLead {
  readonly leadId: number;
  readonly listId: number;
  readonly phone_number: string | null;
  readonly alt_phone: string | null;
  readonly address3: string | null;
  readonly country_code: string | null;
  /** As stored (`furtherJsonOf`). */
  readonly furtherNumbers: string | null;
  readonly lastLocalCallTime: string | null;
  readonly modifyDate: string;
}

/** What the key of a block ends with, and no number's. */
export const BLOCK_END = '*';
export const keyOfBlock = (prefix: string) => `${prefix}${BLOCK_END}`;

/** Nearly no number ends so. */
const MAY_BE_BLOCK = /[xX*]\s*$/;

/** Called for each row of lead_numbers that a lead has. */
type OnKey = (key: string, part: number, reading: number, number: string) => void;

/**
 * The keys by which a lead is found. A key comes once, for the first part that has it; address3 counts apart, because it is
 * searched only where the operator says so.
 */
export function eachKey(lead: NumberedLead, country: Country, onKey: OnKey): void {
  const seen = new Set<string>();
  const own = lead.country_code === null ? undefined : countryNamed(lead.country_code);
  function add(number: string | null, part: number): void {
    if (number === null || number === '') return;
    const block = MAY_BE_BLOCK.test(number) ? blockKey(number, country) : undefined;
    if (block !== undefined) {
      addKey(keyOfBlock(block), PART.block, 0, number);
      return;
    }
    const keys = storedKeys(number, country, own, { internalNumbers: true });
    if (keys === undefined) return;
    addKey(keys.own, part, 0, number);
    if (keys.byDefault !== undefined) addKey(keys.byDefault, part, 1, number);
  }
  function addKey(key: string, part: number, reading: number, number: string): void {
    if (seen.has(key)) return;
    if (part !== PART.address3) seen.add(key);
    onKey(key, part, reading, number);
  }
  add(lead.phone_number, PART.phone_number);
  add(lead.alt_phone, PART.alt_phone);
  add(lead.address3, PART.address3);
  for (const { number } of furtherNumbersOf(lead.furtherNumbers)) add(number, PART.further);
}

/** Most leads of a store name their country in a few ways. */
const COUNTRIES = new Map<string, Country | undefined>();
const MOST_COUNTRIES = 1_000;

/** @see readCountry */
export function countryNamed(text: string): Country | undefined {
  if (COUNTRIES.has(text)) return COUNTRIES.get(text);
  const country = readCountry(text);
  if (COUNTRIES.size < MOST_COUNTRIES) COUNTRIES.set(text, country);
  return country;
}
