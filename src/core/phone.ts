import type { PhoneNumber as ParsedNumber } from 'libphonenumber-js/min';

import {
  type Country,
  internalKey,
  isGivenOut,
  isInnerKey,
  keyOfDialled,
  keyOfInternational,
  keyOfLostPlus,
  parseByPlan,
} from './phone-plans.ts';
import { readPhoneText, type PhoneText } from './phone-text.ts';
import type { Parsed } from './problem.ts';

export { isCountry, type Country } from './phone-plans.ts';

/**
 * The version of the rules by which keys are made. It is raised whenever a stored number may get another key: a store that has
 * keys of an earlier version makes them again.
 */
export const PHONE_RULES_VERSION = 2;

/** A number that a telephone system or a person has at hand, and what it means. */
export interface PhoneNumber {
  /** As it came, without surrounding spaces: for messages. */
  readonly asSent: string;
  /** The digits alone, without those of an extension. */
  readonly digits: string;
  /**
   * The comparable form: two spellings of one subscriber have the same key. Country code and national number
   * where the number can be understood (`525587654321`), else the digits as they are. A number without area code, or one inside
   * a company, has a word before them: no other number has its key.
   */
  readonly key: string;
  /** Dialled once the call is through. It is not compared. */
  readonly extension?: string;
}

export interface PhoneOptions {
  /** Numbers of two to five digits are internal ones (setting `internalNumbers`). */
  readonly internalNumbers?: boolean;
}

/** The settings of a domain that say what is a number. */
export interface NumberSettings extends PhoneOptions {
  /** What ends in `*` or `x` is a block of numbers (setting `numberBlocks`). */
  readonly numberBlocks?: boolean;
}

const MIN_DIGITS = 6;
const MAX_DIGITS = 18;
const INTERNAL = /^\d{2,5}$/;
/** Nearly every number comes so, and is stored so. */
const BARE = /^\d{6,18}$/;

/**
 * Reads a number as it was sent or stored. Rules: docs/phone-numbers.md.
 *
 * @param text any text; a leading space before digits counts as `+` when that makes a number (a `+` in a query
 *   string often arrives as a space)
 * @param country the operator's default country
 * @returns the number, or `fault`: a clause that completes "phone_number …"
 */
export function readPhone(text: string, country: Country, options: PhoneOptions = {}): Parsed<PhoneNumber> {
  if (BARE.test(text)) return { value: { asSent: text, digits: text, key: keyOfDialled(text, country) } };
  const read = readPhoneText(text);
  const asSent = text.trim();
  if ('fault' in read) return isTwoNumbers(asSent) ? TWO_NUMBERS : read;
  const { digits, extension } = read.value;
  const inner = read.value.country === 'plus' ? undefined : readInternal(digits, options);
  const fault = inner === undefined ? faultOfLength(digits) : undefined;
  if (fault !== undefined) return isTwoNumbers(asSent) ? TWO_NUMBERS : { fault };
  const key = inner ?? keyOf(read.value, country);
  if (key === digits && isTwoNumbers(asSent)) return TWO_NUMBERS;
  return { value: { asSent, digits, key, ...(extension === undefined ? {} : { extension }) } };
}

/**
 * The comparable form of a stored number.
 *
 * @returns undefined when the text is no telephone number, which then cannot be searched for
 */
export function phoneKey(stored: string, country: Country, options?: PhoneOptions): string | undefined {
  // Almost every stored number is bare digits: spare those the formatting rules.
  if (BARE.test(stored)) return keyOfDialled(stored, country);
  const reading = readPhone(stored, country, options);
  return 'value' in reading ? reading.value.key : undefined;
}

/** The keys of a stored number. */
export interface StoredKeys {
  /** Under the lead's own country where it has one, else under the default country. */
  readonly own: string;
  /** Where the default country reads the number differently. */
  readonly byDefault?: string;
}

/**
 * The comparable forms of a stored number. A lead's own country adds a reading and takes none away: a number is found by
 * either key, by `own` first.
 *
 * @param country the operator's default country
 * @param ownCountry that of the lead (`readCountry`)
 * @returns undefined when the text is no telephone number
 */
export function storedKeys(
  stored: string,
  country: Country,
  ownCountry?: Country,
  options?: PhoneOptions,
): StoredKeys | undefined {
  const byDefault = phoneKey(stored, country, options);
  if (byDefault === undefined) return undefined;
  if (ownCountry === undefined || ownCountry === country) return { own: byDefault };
  const own = phoneKey(stored, ownCountry, options) ?? byDefault;
  return own === byDefault ? { own } : { own, byDefault };
}

/** For logs: the last two digits, the rest masked. */
export function maskPhone(digits: string): string {
  return '*'.repeat(Math.max(0, digits.length - 2)) + digits.slice(-2);
}

function readInternal(digits: string, { internalNumbers }: PhoneOptions): string | undefined {
  return internalNumbers === true && INTERNAL.test(digits) ? internalKey(digits) : undefined;
}

function faultOfLength({ length }: string): string | undefined {
  if (length < MIN_DIGITS) return `has ${length} digits; at least ${MIN_DIGITS} are needed`;
  if (length > MAX_DIGITS) return `has ${length} digits; at most ${MAX_DIGITS} are possible`;
  return undefined;
}

function keyOf({ digits, country: says, withoutZero }: PhoneText, country: Country): string {
  if (says !== 'plus') {
    return (says === 'perhaps' ? keyOfLostPlus(digits) : undefined) ?? keyOfDialled(digits, country);
  }
  const isZeroless = withoutZero !== undefined && !isGivenOut(digits) && isGivenOut(withoutZero);
  return keyOfInternational(isZeroless ? withoutZero : digits) ?? digits;
}

const TWO_NUMBERS = { fault: 'has two numbers; send one' };

/** Two that no plan knows as one: each has at least seven digits, with what people put between two. */
function isTwoNumbers(text: string): boolean {
  const parts = text
    .slice(0, 100)
    .split(/[/,;|]| [yoe] | and | or /)
    .map((part) => part.replace(/\D/g, '').length);
  return parts.length > 1 && parts.every((digits) => digits >= 7);
}

/** Digits without a gap are another country's number only when they are as many as this. */
const BARE_FOREIGN = /^\d{10,}$/;

/**
 * A stored number as programs write it (`+525587654321`), and as people of a country do (`55 8765 4321`; a foreign number with
 * its country code).
 *
 * @param country the operator's default country, or the lead's own
 * @param home whose people read it
 * @returns undefined where no numbering plan has such a number; also for a number without its area code, and for digits that
 *   would be another country's without saying so: `55 8765 4321 12` is a number of Mexico with an extension, not one of Brazil
 */
export function phoneForms(stored: string, country: Country, home: Country = country) {
  const text = readPhoneText(stored);
  const reading = readPhone(stored, country);
  if ('fault' in text || 'fault' in reading || isInnerKey(reading.value.key)) return undefined;
  const { key, digits } = reading.value;
  const parsed = parseByPlan(`+${key}`, undefined);
  if (parsed?.isPossible() !== true) return undefined;
  const isOf = (one: Country) => parsed.country === one || parsed.getPossibleCountries().includes(one);
  if (!isOf(country) && !saysCountry(text.value, stored, key)) return undefined;
  const dialled = dialledNumber(parsed, digits);
  return {
    e164: dialled.number,
    national: isOf(home) ? dialled.formatNational() : dialled.formatInternational(),
  };
}

/** Written with its country's code: after `+` or 00, by a channel that has it, or as the digits of a number that is given out. */
function saysCountry({ country, digits }: PhoneText, stored: string, key: string): boolean {
  if (country === 'plus' || digits.startsWith('00')) return true;
  return (country === 'perhaps' || BARE_FOREIGN.test(stored.trim())) && isGivenOut(key);
}

/** The country that gives out a number; undefined: no numbering plan has it, or no country alone. */
export function countryOf({ key }: Pick<PhoneNumber, 'key'>): Country | undefined {
  if (isInnerKey(key)) return undefined;
  const parsed = parseByPlan(`+${key}`, undefined);
  return parsed?.isPossible() === true ? parsed.country : undefined;
}

/** Argentina's mobiles have a 9 that is dialled from abroad, and 15 at home; it is no part of their key. */
function dialledNumber(parsed: ParsedNumber, digits: string): ParsedNumber {
  const { countryCallingCode, nationalNumber } = parsed;
  const isMobile = !digits.endsWith(nationalNumber) || digits.endsWith(`9${nationalNumber}`);
  if (countryCallingCode !== '54' || !isMobile) return parsed;
  return parseByPlan(`+549${nationalNumber}`, undefined) ?? parsed;
}
