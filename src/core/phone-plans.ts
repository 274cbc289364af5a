import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type PhoneNumber as ParsedNumber,
} from 'libphonenumber-js/min';

/** An ISO 3166-1 alpha-2 code in capitals of a country that has a numbering plan. */
export type Country = CountryCode;

/** True for an ISO 3166-1 alpha-2 code in capitals that has a numbering plan. */
export function isCountry(code: string): code is Country {
  return isSupportedCountry(code);
}

/**
 * A country in which one subscriber has several spellings that a numbering library does not bring together, because they
 * ended with an old plan or are only said to be the same. Sources: docs/phone-numbers.md.
 */
interface SpellingRules {
  readonly callingCode: string;
  /**
   * The one national number of every spelling, from the digits that are dialled at home.
   *
   * @returns undefined where they are no number of the plan: the library decides
   */
  readonly national: (digits: string) => string | undefined;
  /** The same for the digits behind the country's code; left out where they are spelled as at home. */
  readonly afterCode?: (digits: string) => string | undefined;
  /** Whether bare digits are a number without its area code, which means nobody elsewhere. */
  readonly isLocal: (digits: string) => boolean;
  /** Other national spellings of the one national number, for stores that can only compare texts. */
  readonly spellings: (national: string) => readonly string[];
}

/**
 * Mexico: ten national digits that do not start with 0 or 1. Before them may stand the dialling prefixes that
 * ended in 2019 (01 long distance, 044 and 045 to mobiles), or the country code, after which a 1 once told a
 * mobile. Seven or eight digits are a number without its area code, as it was dialled until 2019.
 */
const MEXICO: SpellingRules = {
  callingCode: '52',
  national: (digits) => /^(?:01|044|045)?([2-9]\d{9})$/.exec(digits)?.[1],
  afterCode: (digits) => /^(?:1|01|044|045)?([2-9]\d{9})$/.exec(digits)?.[1],
  isLocal: (digits) => digits.length <= 8,
  spellings: (national) => ['', '1', '01', '044', '045'].map((before) => before + national),
};

/**
 * Argentina: ten national digits, area (2 to 4 digits) and number. A mobile is dialled with 15 between both at home and
 * with 9 before both from abroad. Without its area it is 15 and six to eight digits.
 */
const ARGENTINA: SpellingRules = {
  callingCode: '54',
  national: (digits) => {
    const plain = /^0?9?((?:11|[23]\d)\d{8})$/.exec(digits)?.[1];
    if (plain !== undefined || !/^0?9?(?:11|[23]\d{2,3})15\d+$/.test(digits)) return plain;
    // Where the area ends, and 15 begins, the library knows.
    const parsed = parseByPlan(digits.replace(/^0?9?/, ''), 'AR')?.nationalNumber ?? '';
    return /^9((?:11|[23]\d)\d{8})$/.exec(parsed)?.[1];
  },
  isLocal: (digits) => digits.length <= 8 || /^15\d{6,8}$/.test(digits),
  spellings: (national) => {
    const dialled = parseByPlan(`+549${national}`, undefined)?.formatNational().replace(/\D/g, '') ?? '';
    const mobile = dialled.length === 13 ? [dialled, dialled.slice(1)] : [];
    return [national, `0${national}`, `9${national}`, ...mobile];
  },
};

/**
 * Brazil: two digits of area, then eight of a fixed line (2 to 5) or nine of a mobile, whose 9 was put before the eight
 * between 2012 and 2016. Eight that begin with 6 to 9 were a mobile's; `9 2…` to `9 5…` without its 9 would be a fixed line.
 * At home 0 stands before the area, mostly with the two digits of a carrier. Some numbers of eight digits are the whole
 * country's.
 */
const BRAZIL: SpellingRules = {
  callingCode: '55',
  national: (digits) => {
    const [, area, fixed, old, mobile] =
      /^(?:0(?:1[245]|2[1-35]|31|4[13]|[56]5|99)?)?([1-9][1-9])(?:([2-5]\d{7})|([6-9]\d{7})|(9\d{8}))$/.exec(
        digits,
      ) ?? [];
    if (area === undefined) return undefined;
    return area + (fixed ?? mobile ?? `9${old}`);
  },
  isLocal: (digits) => digits.length <= 9 && !/^(?:300\d|400\d|4020|4370|4864)\d{4}$/.test(digits),
  spellings: (national) => {
    const old = national.replace(/^(\d\d)9([6-9]\d{7})$/, '$1$2');
    return [national, `0${national}`, old, `0${old}`];
  },
};

/**
 * Colombia: since September 2021 ten digits, 60, the area and seven; before, the area and seven, dialled with 0 and
 * the digit of a carrier. To a mobile, 03 was dialled from a fixed line.
 */
const COLOMBIA: SpellingRules = {
  callingCode: '57',
  national: (digits) => {
    const mobile = /^(?:03|0)?(3\d{9})$/.exec(digits)?.[1];
    const fixed =
      /^0?60([124-8]\d{7})$/.exec(digits)?.[1] ?? /^(?:0[3579]?)?([124-8]\d{7})$/.exec(digits)?.[1];
    return mobile ?? (fixed === undefined ? undefined : `60${fixed}`);
  },
  isLocal: (digits) => digits.length <= 7,
  spellings: (national) => {
    const old = national.replace(/^60(?=[124-8]\d{7}$)/, '');
    return old === national ? [national, `0${national}`, `03${national}`] : [national, old, `0${old}`];
  },
};

/**
 * Chile: nine digits, dialled alike from everywhere; before, 09 and the eight digits of a mobile, and 02 and seven of a
 * fixed line in Santiago, which have a 2 before them now.
 */
const CHILE: SpellingRules = {
  callingCode: '56',
  national: (digits) => {
    const now = /^0?([2-79]\d{8})$/.exec(digits)?.[1];
    const santiago = /^0?2(\d{7})$/.exec(digits)?.[1];
    return now ?? (santiago === undefined ? undefined : `22${santiago}`);
  },
  isLocal: (digits) => digits.length <= 8,
  spellings: (national) => {
    const old = /^22(\d{7})$/.exec(national)?.[1];
    return [national, `0${national}`, ...(old === undefined ? [] : [`2${old}`, `02${old}`])];
  },
};

const RULES: Readonly<Partial<Record<Country, SpellingRules>>> = {
  MX: MEXICO,
  AR: ARGENTINA,
  BR: BRAZIL,
  CO: COLOMBIA,
  CL: CHILE,
};
const RULES_BY_CODE = new Map(Object.values(RULES).map((rules) => [rules.callingCode, rules] as const));

/** Keys of numbers that are compared only with others like them begin so: no outside number's key has letters. */
const LOCAL = 'local:';
const INTERNAL = 'internal:';

/** The key of a number of two to five digits inside a company. */
export function internalKey(digits: string): string {
  return INTERNAL + digits;
}

/** Whether a key is that of a number which is known to a network or town alone. */
export function isInnerKey(key: string): boolean {
  return key.startsWith(LOCAL) || key.startsWith(INTERNAL);
}

/** Fewer digits than this are no number with a country's code before it, but one without its area code. */
const LOCAL_DIGITS = 8;

/**
 * The comparable form of digits as somebody in `country` dials or stores them: national first, then without an area code, then
 * international without its sign. Digits that no plan has stand for themselves.
 */
export function keyOfDialled(digits: string, country: Country): string {
  const rules = RULES[country];
  if (rules === undefined) return keyElsewhere(digits, country);
  const national = rules.national(digits);
  if (national !== undefined) return rules.callingCode + national;
  if (!digits.startsWith('0') && rules.isLocal(digits)) return LOCAL + digits;
  if (digits.startsWith(rules.callingCode)) {
    const coded = keyByRules(digits);
    if (coded !== undefined) return coded;
  }
  const international = digits.startsWith('00') ? keyOfInternational(digits.slice(2)) : undefined;
  // In Mexico, the rules are all there is.
  const byPlan = country === 'MX' ? undefined : keyByPlan(digits, country);
  return international ?? byPlan ?? keyOfInternational(digits) ?? digits;
}

function keyElsewhere(digits: string, country: Country): string {
  const international = digits.startsWith('00') ? keyOfInternational(digits.slice(2)) : undefined;
  const key = international ?? keyByPlan(digits, country);
  if (key !== undefined) return key;
  if (digits.length <= LOCAL_DIGITS && !digits.startsWith('0')) return LOCAL + digits;
  return keyOfInternational(digits) ?? digits;
}

/** Country code and national number, or undefined when that country has no numbers of that length. */
export function keyOfInternational(digits: string): string | undefined {
  if (digits.startsWith('0')) return undefined;
  return keyByRules(digits) ?? keyByPlan(`+${digits}`, undefined);
}

/** The key of digits with their country's code, where that country has rules here. */
function keyByRules(digits: string): string | undefined {
  const rules = RULES_BY_CODE.get(digits.slice(0, 2));
  if (rules === undefined) return undefined;
  const national = (rules.afterCode ?? rules.national)(digits.slice(2));
  return national === undefined ? undefined : rules.callingCode + national;
}

/** A space may be a lost `+` or just a space: only a number that its country really gives out settles it. */
export function keyOfLostPlus(digits: string): string | undefined {
  return isGivenOut(digits) ? keyOfInternational(digits) : undefined;
}

/** Whether a country gives out such numbers; `digits` begin with its code. */
export function isGivenOut(digits: string): boolean {
  if (digits.startsWith('0')) return false;
  return hasRules(digits) || parseByPlan(`+${digits}`, undefined)?.isValid() === true;
}

/** Whether digits with their country's code are a number by the rules of this file. */
export function hasRules(digits: string): boolean {
  return keyByRules(digits) !== undefined;
}

/** `52` of Mexico. */
export function callingCodeOf(country: Country): string {
  return getCountryCallingCode(country);
}

function keyByPlan(text: string, country: Country | undefined): string | undefined {
  const parsed = parseByPlan(text, country);
  if (parsed?.isPossible() !== true) return undefined;
  const digits = parsed.number.slice(1);
  return keyByRules(digits) ?? digits;
}

/** What the numbering plans say of a text that is a number and nothing else. */
export function parseByPlan(text: string, country: Country | undefined): ParsedNumber | undefined {
  return parsePhoneNumberFromString(
    text,
    country === undefined ? { extract: false } : { extract: false, defaultCountry: country },
  );
}

/**
 * National spellings of a subscriber in a country with rules of its own here.
 *
 * @param key country code and national number
 * @returns undefined where there are no such rules, or the key is no number of them
 */
export function nationalSpellings(
  key: string,
): { readonly callingCode: string; readonly spellings: readonly string[] } | undefined {
  const rules = RULES_BY_CODE.get(key.slice(0, 2));
  if (rules === undefined || keyByRules(key) !== key) return undefined;
  return { callingCode: rules.callingCode, spellings: rules.spellings(key.slice(2)) };
}
