import { formsUnder } from '../../core/lead-numbers.ts';
import type { Country } from '../../core/phone.ts';
import { plainNumber } from '../../core/phone-text.ts';

/** One separator between groups of digits: a blank, or a dash or dot with or without blanks. */
const SEPARATOR = '(?: ?[-.] ?| )';

/**
 * A number as people write it: groups of digits, `+` in front, one group in brackets (`(33) 1234-5678`, `+49 (0)30 …`), a slash
 * after an area code (`030/123456`; `5512345678/79` are two numbers). Nothing else: no letters, no `*72`, no `#31#`.
 */
const NUMBER = new RegExp(
  `^(?:\\+ ?)?(?:\\(\\+?\\d{1,5}\\) ?)?(?:\\d{2,6} ?/ ?)?` +
    `\\d+(?:${SEPARATOR}\\d+)*(?: ?\\(\\d{1,5}\\) ?\\d+(?:${SEPARATOR}\\d+)*)?$`,
);

/** `… ext 12`, `… ext. 12`, `… extensión 12`, `…x12`, `…;ext=12`: a number, and its extension. */
const WITH_EXTENSION = /^(.*?\d) ?[,;]? ?(?:ext(?:ensi[oó]n|n)?[.:=]?|x[.:]?) ?(\d{1,7})$/i;

/** Blanks of all kinds, hyphens of all kinds, and the invisible marks that come with a paste. */
const BLANKS = /[\s\u00a0\u2007\u2009\u202f]+/g;
const HYPHENS = /[\u2010-\u2015]/g;
const MARKS = /[\u200e\u200f\u202a-\u202c\u2060]/g;

/** Of a number with its country's code (E.164). Some plans allow for more. */
const MAX_DIGITS = 15;

/** Numbers of a network itself, and local ones without an area code; zeros alone stand for none. Others are in a numbering plan. */
const SHORT = /^(?!0+$)(?:\d{3,8}|\d{3,4}[ -]\d{4}|\d{2}(?:[ -]\d{2}){2,3})$/;
/** Dates are written in groups of digits, too. */
const DATE = /^(?:\d{4}([ .-])\d{1,2}\1\d{1,2}|\d{1,2}([ .-])\d{1,2}\2(?:19|20)\d{2})$/;
/** As a spreadsheet writes a number; a click dials the decimals, too, unless they are read away. */
const WITH_DECIMALS = /^\+?\d+\.0+$/;

function isWrittenAsNumber(text: string): boolean {
  if (!NUMBER.test(text) || DATE.test(text)) return false;
  return !WITH_DECIMALS.test(text) || plainNumber(text) !== text;
}

export type NumberView = ReturnType<typeof viewNumber>;

/**
 * A stored number as the card shows it: as the agent's country writes it, what the copy button gives, and what a click dials.
 *
 * @param home the agent's country
 * @param readings the countries under which the number is read, the likeliest first (`readingsOf`)
 * @returns `href` a URI of RFC 3966, undefined for all that is not surely one number: a wrong link calls a stranger
 */
export function viewNumber(stored: string, home: Country, readings: readonly Country[] = [home]) {
  const text = stored
    .trim()
    .replace(/^tel:/i, '')
    .replace(MARKS, '')
    .replace(BLANKS, ' ')
    .replace(HYPHENS, '-');
  const asStored = { shown: stored, copied: stored, href: undefined };
  const [, base = '', extension = ''] = WITH_EXTENSION.exec(text) ?? [];
  const number = extension === '' ? text : base;
  if (!isWrittenAsNumber(number)) return asStored;
  const forms = formsUnder(number, readings, home);
  if (forms !== undefined && forms.e164.length > '+'.length + MAX_DIGITS) return asStored;
  // Only a number from outside has an extension.
  if (extension !== '') {
    return forms === undefined ? asStored : { ...asStored, href: `tel:${forms.e164};ext=${extension}` };
  }
  if (forms !== undefined) return { shown: forms.national, copied: forms.e164, href: `tel:${forms.e164}` };
  return SHORT.test(number) ? { ...asStored, href: `tel:${number.replace(/[ -]/g, '')}` } : asStored;
}
