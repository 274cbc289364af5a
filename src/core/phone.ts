import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type PhoneNumber as ParsedNumber,
} from 'libphonenumber-js/min';

import type { Parsed } from './problem.ts';

/** A number that a telephone system or a person has at hand, and what it means. */
export interface PhoneNumber {
  /** As it came, without surrounding spaces: for messages. */
  readonly asSent: string;
  /** The digits alone. */
  readonly digits: string;
  /**
   * The comparable form: two spellings of one subscriber have the same key. Country code and national number
   * where the number can be understood (`525587654321`), else the digits as they are.
   */
  readonly key: string;
}

export type Country = CountryCode;

/** True for an ISO 3166-1 alpha-2 code in capitals that has a numbering plan. */
export function isCountry(code: string): code is Country {
  return isSupportedCountry(code);
}

const MIN_DIGITS = 6;
const MAX_DIGITS = 18;

/** What people and address books put between digits; the last group are invisible marks that come with a paste. */
const FORMATTING = /[ .()/\-\t\u00a0\u2007\u2009\u202f\u2010-\u2015\u200e\u200f\u202a-\u202c\u2060]/g;

/**
 * Reads a number as it was sent or stored. Rules: docs/goapi-compatibility.md, Telephone numbers.
 *
 * @param text any text; a leading space before digits counts as `+` when that makes a number (a `+` in a query
 *   string often arrives as a space)
 * @param country the operator's default country
 * @returns the number, or `fault`: a clause that completes "phone_number …"
 */
export function readPhone(text: string, country: Country): Parsed<PhoneNumber> {
  const asSent = text.trim();
  const bare = asSent.replace(/^tel:/i, '').replace(FORMATTING, '');
  const plus = bare.startsWith('+');
  const digits = plus ? bare.slice(1) : bare;
  const fault = faultOf(digits, asSent);
  if (fault !== undefined) return { fault };
  if (plus) return { value: { asSent, digits, key: keyOfInternational(digits) ?? digits } };
  const lostPlus = /^ +[\d(]/.test(text) ? keyOfLostPlus(digits) : undefined;
  return { value: { asSent, digits, key: lostPlus ?? keyOfDialled(digits, country) } };
}

/**
 * The comparable form of a stored number.
 *
 * @returns undefined when the text is no telephone number, which then cannot be searched for
 */
export function phoneKey(stored: string, country: Country): string | undefined {
  // Almost every stored number is bare digits: spare those the formatting rules.
  if (/^\d{6,18}$/.test(stored)) return keyOfDialled(stored, country);
  const reading = readPhone(stored, country);
  return 'value' in reading ? reading.value.key : undefined;
}

/** For logs: the last two digits, the rest masked. */
export function maskPhone(digits: string): string {
  return '*'.repeat(Math.max(0, digits.length - 2)) + digits.slice(-2);
}

function faultOf(digits: string, asSent: string): string | undefined {
  if (digits === '') return asSent === '' ? 'is empty' : 'has no digits';
  if (/;|ext|x\d/i.test(digits)) return 'has an extension; send the number alone';
  if (/\p{L}/u.test(digits)) return 'has letters; only digits and + - ( ) . / are understood';
  if (/[^0-9]/.test(digits)) return 'has a character that does not belong in a telephone number';
  if (digits.length < MIN_DIGITS) return `has ${digits.length} digits; at least ${MIN_DIGITS} are needed`;
  if (digits.length > MAX_DIGITS) return `has ${digits.length} digits; at most ${MAX_DIGITS} are possible`;
  return undefined;
}

/** A space may be a lost `+` or just a space: only a number that its country really gives out settles it. */
function keyOfLostPlus(digits: string): string | undefined {
  const valid = parseByPlan(`+${digits}`, undefined)?.isValid() === true;
  return valid || MEXICAN_INTERNATIONAL.test(digits) ? keyOfInternational(digits) : undefined;
}

/** Digits as somebody in `country` dials or stores them: national first, then international without its sign. */
function keyOfDialled(digits: string, country: Country): string {
  return (
    (country === 'MX' ? keyOfMexican(digits, MEXICAN_NATIONAL) : undefined) ??
    (digits.startsWith('00') ? keyOfInternational(digits.slice(2)) : undefined) ??
    (country === 'MX' ? undefined : keyByPlan(digits, country)) ??
    keyOfInternational(digits) ??
    digits
  );
}

/**
 * Mexico: ten national digits that do not start with 0 or 1. Before them may stand the dialling prefixes that
 * ended in 2019 (01 long distance, 044 and 045 to mobiles), or the country code, after which a 1 once told a
 * mobile. All of them mean the same subscriber.
 */
const MEXICAN_NATIONAL = /^(?:01|044|045)?([2-9]\d{9})$/;
const MEXICAN_INTERNATIONAL = /^52(?:1|01|044|045)?([2-9]\d{9})$/;

function keyOfMexican(digits: string, spelling: RegExp): string | undefined {
  const national = spelling.exec(digits)?.[1];
  return national === undefined ? undefined : `52${national}`;
}

/** Country code and national number, or undefined when that country has no numbers of that length. */
function keyOfInternational(digits: string): string | undefined {
  if (digits.startsWith('0')) return undefined;
  return keyOfMexican(digits, MEXICAN_INTERNATIONAL) ?? keyByPlan(`+${digits}`, undefined);
}

function keyByPlan(text: string, country: Country | undefined): string | undefined {
  const parsed = parseByPlan(text, country);
  return parsed?.isPossible() === true ? parsed.number.slice(1) : undefined;
}

/** What the numbering plans say of a text that is a number and nothing else. */
export function parseByPlan(text: string, country: Country | undefined): ParsedNumber | undefined {
  return parsePhoneNumberFromString(
    text,
    country === undefined ? { extract: false } : { extract: false, defaultCountry: country },
  );
}

/** Written with its country's code: after `+` or 00, or as digits without a gap. */
const SAYS_COUNTRY = /^(?:\D{0,2}\+|\D?00|\d+$)/;

/**
 * A stored number as programs write it (`+525587654321`), and as people of the default country do (`55 8765 4321`; a foreign
 * number with its country code).
 *
 * @param country the operator's default country
 * @returns undefined where no numbering plan has such a number; also for digits in groups that would be another country's
 *   without saying so: `55 8765 4321 12` is a number of Mexico with an extension, not one of Brazil
 */
export function phoneForms(stored: string, country: Country) {
  const key = phoneKey(stored, country);
  const parsed = key === undefined ? undefined : parseByPlan(`+${key}`, undefined);
  if (parsed?.isPossible() !== true) return undefined;
  const isAtHome = parsed.country === country || parsed.getPossibleCountries().includes(country);
  if (!isAtHome && !SAYS_COUNTRY.test(stored.trim())) return undefined;
  return {
    e164: parsed.number,
    national: isAtHome ? parsed.formatNational() : parsed.formatInternational(),
  };
}
