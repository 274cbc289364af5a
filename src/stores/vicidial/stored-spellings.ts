import { getCountryCallingCode } from 'libphonenumber-js/min';

import { nationalSpellings, parseByPlan } from '../../core/phone-plans.ts';
import { phoneKey, type Country, type PhoneNumber } from '../../core/phone.ts';
import type { Parameter } from './rows.ts';

/** The most spellings that any number has here: a statement with that many placeholders serves every lookup. */
export const MAX_STORED_SPELLINGS = 24;

/** The spellings of a number as parameters; those that are left over match nothing. */
export function spellingParameters(phone: PhoneNumber, country: Country): readonly Parameter[] {
  const spellings = storedSpellings(phone, country);
  return Array.from({ length: MAX_STORED_SPELLINGS }, (_, at) => spellings[at] ?? null);
}

/** What a dialer's column takes (`varchar(18)`): nothing longer can be stored there. */
const LONGEST_STORED = 18;

/**
 * The texts under which a dialer may have stored this subscriber: digits only, and `+` and digits. A dialer's own
 * database keeps no key, only an index on the text, so there a lookup asks for each of these.
 *
 * Each of them has the number's key, so none is somebody else: the digits of `+5587654321`, which is no Mexican
 * number, are left out where `5587654321` is one.
 *
 * @param phone a number read under `country`
 * @returns at most MAX_STORED_SPELLINGS texts, none twice
 */
export function storedSpellings(phone: PhoneNumber, country: Country): readonly string[] {
  const { digits, key } = phone;
  const national = MEXICAN_KEY.exec(key)?.[1];
  // Mexico at home is the hot path: its rules are written out, so nothing has to be parsed to know them.
  const others =
    country === 'MX' && national !== undefined
      ? BEFORE_MEXICAN_NUMBER.map((before) => before + national)
      : candidates(key, country).filter(
          (text) => text.length <= LONGEST_STORED && phoneKey(text, country) === key,
        );
  const own = phoneKey(digits, country) === key ? [digits] : [];
  return [...own, ...others.filter((text) => text !== digits)].slice(0, MAX_STORED_SPELLINGS);
}

const MEXICAN_KEY = /^52([2-9]\d{9})$/;

/** What may stand between Mexico's code and the ten digits, and before them: the rules in phone-plans.ts, spelled out. */
const AFTER_MEXICAN_CODE = ['', '1', '01', '044', '045'];
const BEFORE_MEXICAN_NUMBER = ['', '01', '044', '045'].concat(
  ['', '+', '00'].flatMap((before) => AFTER_MEXICAN_CODE.map((after) => `${before}52${after}`)),
);

/** What may be a spelling, the likely ones first; the key decides. */
function candidates(key: string, country: Country): readonly string[] {
  const parsed = parseByPlan(`+${key}`, undefined);
  if (parsed === undefined) return [key, `+${key}`];
  const { countryCallingCode, nationalNumber } = parsed;
  const exit = exitCode(parsed.format('IDD', { fromCountry: country }), key);
  const national =
    nationalSpellings(key)?.spellings ?? byPlan(nationalNumber, digitsOf(parsed.format('NATIONAL')));
  // The key itself for digits that stand for themselves; the national ones for `+44 (0)20 …`, stored with its zero.
  const coded = international(unique([key, ...national.map((text) => countryCallingCode + text)]), exit);
  return countryCallingCode === getCountryCallingCode(country) ? unique([...national, ...coded]) : coded;
}

/** The number; as it is dialled at home, `020 …`; that without its zero; the number with one. */
function byPlan(significant: string, dialled: string): readonly string[] {
  return unique([significant, dialled, dialled.replace(/^0/, ''), `0${significant}`]);
}

function international(coded: readonly string[], exit: string): readonly string[] {
  return unique(['', '+', '00', exit]).flatMap((before) => coded.map((text) => before + text));
}

/**
 * What the country dials before a foreign country's code: `011` in the US.
 *
 * @param dialledAbroad the number as it is dialled there; without an exit code where the number is at home, and
 *   undefined where each carrier has a code of its own (the library's types do not say so)
 */
function exitCode(dialledAbroad: string | undefined, key: string): string {
  const digits = digitsOf(dialledAbroad ?? '');
  return digits.endsWith(key) ? digits.slice(0, -key.length) : '';
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
