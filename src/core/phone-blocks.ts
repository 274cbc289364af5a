import { callingCodeOf, hasRules, isGivenOut, isInnerKey } from './phone-plans.ts';
import { readPhoneText } from './phone-text.ts';
import { phoneKey, type Country, type PhoneNumber } from './phone.ts';

/** Fewer digits would be thousands of companies. */
const MIN_DIGITS = 6;
/** E.164: a number with its country's code has no more. */
const MAX_DIGITS = 15;

/** At least six digits, then what stands for the rest: `33123456xx`, `+52 33 1234 56*`. An `x` before digits is an extension. */
const BLOCK = /^(.*?\d[ .()/-]*)(?:([xX]+)|\*+)$/;

/**
 * The comparable form of a stored block of numbers (setting `numberBlocks`): the beginning of the keys of all its numbers.
 *
 * @param stored what stands in the place of a number; each `x` of several stands for a digit, one `x` or `*` for the rest
 * @param country the country under which the number is read
 * @returns undefined when the text is no block
 */
export function blockKey(stored: string, country: Country): string | undefined {
  const [, number = '', places = ''] = BLOCK.exec(stored.trim().slice(0, 40)) ?? [];
  const read = readPhoneText(number);
  if ('fault' in read || read.value.extension !== undefined) return undefined;
  const { digits, country: says } = read.value;
  if (digits.length < MIN_DIGITS || digits.length >= MAX_DIGITS) return undefined;
  const begin = (says === 'plus' ? '+' : '') + digits;
  const rest = Array.from({ length: MAX_DIGITS - digits.length }, (_, at) => MAX_DIGITS - digits.length - at);
  const lengths = places.length > 1 ? [places.length, ...rest] : rest;
  const home = callingCodeOf(country);
  // National first, as numbers are read; rules before the library's patterns, which are wider.
  for (const accepts of [
    (key: string) => key.startsWith(home) && hasRules(key),
    (key: string) => key.startsWith(home) && isGivenOut(key),
    isGivenOut,
  ]) {
    for (const length of lengths) {
      const key = commonBeginning(begin, length, country, accepts);
      if (key !== undefined) return key;
    }
  }
  return undefined;
}

/** What is the same in the keys of the first and the last number of a block; undefined where they are no numbers. */
function commonBeginning(
  begin: string,
  places: number,
  country: Country,
  accepts: (key: string) => boolean,
): string | undefined {
  const [first, last] = ['0', '9'].map((digit) => phoneKey(begin + digit.repeat(places), country));
  if (first === undefined || last === undefined || isInnerKey(first)) return undefined;
  const prefix = first.slice(0, -places);
  if (prefix.length < MIN_DIGITS || prefix !== last.slice(0, -places)) return undefined;
  return accepts(first) || accepts(last) ? prefix : undefined;
}

/**
 * The keys of the blocks that a number may belong to, the longest first.
 *
 * @returns at most ten; none for a number without area code or inside a company
 */
export function blockKeysOf({ key }: Pick<PhoneNumber, 'key'>): readonly string[] {
  if (isInnerKey(key)) return [];
  const longest = Math.min(key.length, MAX_DIGITS);
  return Array.from({ length: Math.max(0, longest - MIN_DIGITS + 1) }, (_, at) => key.slice(0, longest - at));
}
