import { isGivenOut, isInnerKey } from './phone-plans.ts';
import { phoneForms, readPhone, type Country } from './phone.ts';

/** From so many digits on, only what is written with all prefixes is a number; E.164 has 15 with the country's code. */
const TOO_MANY = 15;

/** Dates are written in groups of digits, too: `2026-05-01`, `1.5.2026`. */
const DATE = /^(?:(?:19|20)\d{2}([ ./-])\d{1,2}\1\d{1,2}|\d{1,2}([ ./-])\d{1,2}\2(?:19|20)\d{2})$/;

/**
 * Mexico's 044 and 045 before ten digits, as a spreadsheet keeps them that takes a number for one to count with: 44 and 45 are
 * the codes of other countries.
 */
const LOST_ZERO = /^4[45][2-9]\d{9}$/;

/**
 * Whether a text may be a telephone number: a numbering plan has such a number, or one without area code. What else has six to
 * eighteen digits can be stored and found, but is hardly a number.
 *
 * @param country the operator's default country, or the lead's own
 */
export function isPossiblePhone(text: string, country: Country): boolean {
  const reading = readPhone(text, country);
  if ('fault' in reading) return false;
  const { key, digits } = reading.value;
  if (isInnerKey(key)) return digits.length >= 7 && !DATE.test(text.trim());
  return phoneForms(text, country) !== undefined;
}

/**
 * Why a number that can be read is probably not what was meant: digits are missing or too many.
 *
 * @returns a clause that completes "phone_number …", without a character of the text; undefined for a number that a plan
 *   gives out, and for what is none at all (`readPhone` says why)
 */
export function doubtOf(text: string, country: Country): string | undefined {
  const reading = readPhone(text, country);
  if ('fault' in reading) return undefined;
  const { key, digits } = reading.value;
  if (isInnerKey(key) && DATE.test(text.trim())) return 'is a date';
  if (/^(\d)\1+$/.test(digits)) return 'is one digit over and over';
  if (isInnerKey(key)) return `has ${digits.length} digits and no area code`;
  if (country === 'MX' && LOST_ZERO.test(text.trim()))
    return `is of another country, or has lost the zero of 0${digits.slice(0, 2)}; write +${digits.slice(0, 2)}, or ten digits`;
  const forms = phoneForms(text, country);
  if (forms !== undefined && isGivenOut(key)) return undefined;
  if (digits.length >= TOO_MANY) return `has ${digits.length} digits, more than a telephone number has`;
  return forms === undefined
    ? `has ${digits.length} digits, as no number of its country has`
    : 'is not among the numbers that its country gives out';
}
