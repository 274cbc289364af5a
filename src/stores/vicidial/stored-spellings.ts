import { countryTexts } from '../../core/country-names.ts';
import { callingCodeOf, isInnerKey, nationalSpellings, parseByPlan } from '../../core/phone-plans.ts';
import type { NumberMatch } from '../../core/lead.ts';
import { phoneKey, type Country, type PhoneNumber } from '../../core/phone.ts';
import { blockTexts, MAX_BLOCK_TEXTS } from './block-texts.ts';
import type { Parameter } from './rows.ts';

/** The most spellings that any number has here: a statement with that many placeholders serves every lookup. */
export const MAX_STORED_SPELLINGS = 24;

/** The most national spellings under which another country's leads may have their numbers. */
export const MAX_FOREIGN_SPELLINGS = 8;

/** What statements ask for, once for a number. */
export interface NumberTexts {
  readonly digits: string;
  /** The number under the default country. */
  readonly spellings: readonly string[];
  /** Those that read so in every country. */
  readonly sure: readonly string[];
  /** The number as it is dialled in its own country, where that is another one: only its leads may have it so. */
  readonly foreign: readonly string[];
  /** What the dialer's `phone_code` or `country_code` says where a lead is of the number's country. */
  readonly countries: readonly string[];
}

/** The texts by which a dialer is asked for a number. */
export function textsOf(phone: PhoneNumber, country: Country): NumberTexts {
  const { key, digits } = phone;
  const spellings = storedSpellings(phone, country);
  const parsed = isInnerKey(key) ? undefined : numberOf(key);
  if (parsed === undefined) return { digits, spellings, sure: spellings, foreign: [], countries: [] };
  const { callingCode } = parsed;
  const isHome = callingCode === callingCodeOf(country);
  const isSure = (text: string) =>
    text.startsWith('+') || text.startsWith('00') || (text.length > 10 && text.startsWith(callingCode));
  const foreign = isHome ? [] : parsed.national().filter((text) => !spellings.includes(text));
  return {
    digits,
    spellings,
    sure: spellings.filter(isSure),
    foreign: foreign.slice(0, MAX_FOREIGN_SPELLINGS),
    countries: textsOfCountry(callingCode),
  };
}

/** Where a number may stand (number-places.ts), as far as it decides what is bound. */
interface Place {
  readonly match: NumberMatch;
}

/** What statements bind for a number, by place. */
export interface NumberParameters {
  /** As `orderOf` binds it. */
  readonly order: (place: Place) => readonly Parameter[];
  /** As the winner of a place binds it: a block is selected with what puts it in order. */
  readonly winner: (place: Place) => readonly Parameter[];
  /** As `hasNumber` binds it. */
  readonly match: (place: Place) => readonly Parameter[];
}

export function hasBlocks(searched: readonly Place[]): boolean {
  return searched.some(({ match }) => match === 'block');
}

/** @param withBlocks whether a place may ask for blocks of numbers */
export function numberParameters(
  phone: PhoneNumber,
  country: Country,
  withBlocks: boolean,
): NumberParameters {
  const { digits, spellings, sure, foreign, countries } = textsOf(phone, country);
  const own = countries.join(',');
  const order = [own, own, sure.join(','), digits];
  const match = [
    ...filled(spellings, MAX_STORED_SPELLINGS),
    ...filled(foreign, MAX_FOREIGN_SPELLINGS),
    own,
    own,
  ];
  const blocks = withBlocks ? blockTexts(phone, country) : [];
  const blockOrder = [blocks.join(',')];
  const blockMatch = filled(blocks, MAX_BLOCK_TEXTS);
  return {
    order: (place) => (place.match === 'block' ? blockOrder : order),
    winner: (place) => (place.match === 'block' ? [...blockOrder, ...blockOrder] : order),
    match: (place) => (place.match === 'block' ? blockMatch : match),
  };
}

/** Those that are left over match nothing. */
function filled(texts: readonly string[], count: number): readonly Parameter[] {
  return Array.from({ length: count }, (_, at) => (texts[at] === '' ? null : (texts[at] ?? null)));
}

const countryTextsByCode = new Map<string, readonly string[]>();

function textsOfCountry(callingCode: string): readonly string[] {
  const known = countryTextsByCode.get(callingCode);
  if (known !== undefined) return known;
  const texts = countryTexts(callingCode);
  countryTextsByCode.set(callingCode, texts);
  return texts;
}

/** The calling code of a key and its national spellings; undefined where no plan has it. */
function numberOf(key: string) {
  const rules = nationalSpellings(key);
  if (rules !== undefined) return { callingCode: rules.callingCode, national: () => rules.spellings };
  const parsed = parseByPlan(`+${key}`, undefined);
  if (parsed?.isPossible() !== true) return undefined;
  const { countryCallingCode: callingCode, nationalNumber } = parsed;
  return { callingCode, national: () => byPlan(nationalNumber, digitsOf(parsed.format('NATIONAL'))) };
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
  // Without area code, or inside a company: there is one spelling.
  if (isInnerKey(key)) return [digits];
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
  return countryCallingCode === callingCodeOf(country) ? unique([...national, ...coded]) : coded;
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
