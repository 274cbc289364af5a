import type { Country } from '../core/phone.ts';
import { quote } from './csv.ts';
import { isPossiblePhone } from '../core/phone-doubts.ts';
import type { ValueFault } from './import-words.ts';

/**
 * What is between two numbers of one cell: `::: / , ; |`, a line break, or a word. Spaces around it are taken off afterwards:
 * a pattern that begins with them takes the square of their number.
 */
const BETWEEN = /:::|[/,;|&\r\n]|(?<=\s)(?:y|e|o|u|ou|and|or)(?=\s)|\s(?=\+\d)/iu;

/** What may also stand between two numbers, but is in the middle of most: only where the whole is none. */
const WEAKLY_BETWEEN = /\s+(?:-\s+)?/u;

/** `ext. 12`, `;ext=5`, `x12`: belongs to the number before it. */
const EXTENSION = /^(?:x|ext|ext\.|extension|extensión|ramal|int|int\.)\s*[.=:]?\s*\d{1,5}$/iu;
const LONGEST_EXTENSION = 40;
/** Parts of a cell that are no numbers are named up to so many. */
const MOST_NAMED = 10;

/** What became of a cell of numbers. */
export interface CellNumbers {
  /** As they are to be stored. */
  readonly numbers: readonly string[];
  /** What was not taken. */
  readonly fault?: ValueFault;
}

/** How many numbers a cell seems to hold: parts of seven digits and more. */
export function countNumbers(cell: string): number {
  if (/^[\d\s()+.-]*$/.test(cell) && digitsIn(cell) <= MOST_DIGITS && !/[\r\n]/.test(cell)) return 1;
  const between = [BETWEEN, WEAKLY_BETWEEN].map((separator) => cell.split(separator));
  const [parts = [], words = []] = between;
  const count = parts.filter((part) => digitsIn(part) >= 7).length;
  return Math.max(count, words.every((word) => digitsIn(word) >= 8) ? words.length : 0);
}

/**
 * The numbers of a cell. Several where every part alone is a possible number (`33 2345 6903 / 33 2345 6904`), else the whole
 * where it is one (`030/1234579`), else the parts that are numbers.
 *
 * @param area stands before what is too short to have an area code
 * @param isNumber whether a part may be a number; left out: a plan has such a number
 */
export function numbersOf(
  cell: string,
  country: Country,
  area: string,
  isNumber = (part: string) => isPossiblePhone(part, country),
): CellNumbers {
  const whole = tidyNumber(cell);
  const damage = spreadsheetDamage(whole);
  if (damage !== undefined) return { numbers: [], fault: { code: 'phone', values: [damage] } };
  const parts = partsOf(whole).map((part) => withArea(tidyNumber(part), area));
  const all = { numbers: [withArea(whole, area)] };
  if (parts.length < 2) {
    const words = whole.split(WEAKLY_BETWEEN);
    const isEach = words.length > 1 && words.every((word) => digitsIn(word) >= 8 && isNumber(word));
    return isEach && !isNumber(whole) ? { numbers: words } : all;
  }
  const good = parts.filter(isNumber);
  if (good.length === parts.length) return { numbers: parts };
  if (good.length === 0 || isNumber(whole) || isCutByItsOwnSlash(whole, parts, isNumber)) return all;
  const bad = parts.filter((part) => !isNumber(part));
  const named = bad.slice(0, MOST_NAMED).map(quote).join(', ');
  return { numbers: good, fault: { code: 'noNumberWithin', values: [named, bad.length - MOST_NAMED] } };
}

/** `030/1234579`: what comes first is only an area code, and the whole is not too long for a number. */
function isCutByItsOwnSlash(
  whole: string,
  [first = '']: readonly string[],
  isNumber: (part: string) => boolean,
): boolean {
  return !isNumber(first) && /^[\d\s()/.+-]*$/.test(whole) && digitsIn(whole) <= MOST_DIGITS;
}

function digitsIn(text: string): number {
  return text.replace(/\D/g, '').length;
}

/** E.164: of a number with its country code. */
const MOST_DIGITS = 15;

/** Parts that are only an extension stay with their number. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (const each of text.split(BETWEEN)) {
    const part = each.trim();
    const last = parts.length - 1;
    if (part === '') continue;
    if (last >= 0 && part.length <= LONGEST_EXTENSION && EXTENSION.test(part))
      parts[last] = `${parts[last] ?? ''} ${part}`;
    else parts.push(part);
  }
  return parts;
}

/** Stands for a number on WhatsApp: the digits are international. */
const WHATSAPP_ID = /^\+?(\d{6,18})(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/i;

/** A number without what a spreadsheet or a program puts around it. */
export function tidyNumber(cell: string): string {
  let text = cell.trim();
  text = /^="(.*)"$/s.exec(text)?.[1]?.trim() ?? text;
  if (/^'\s*[\d+(]/.test(text)) text = text.slice(1).trim();
  text = text.replace(/^(?:tel|p|phone|whatsapp|callto):\s*/i, '').replace(/^sips?:([^@;]+).*$/is, '$1');
  const id = WHATSAPP_ID.exec(text)?.[1];
  if (id !== undefined) return `+${id}`;
  // 3315550031.0 and 3,315,550,032 are how spreadsheets show numbers.
  if (/^\d{6,}[.,]0{1,2}$/.test(text)) return text.replace(/[.,]0+$/, '');
  if (/^\d{1,3}(?:,\d{3}){2,}(?:\.0+)?$/.test(text)) return text.replace(/\.0+$/, '').replaceAll(',', '');
  return readExponent(text) ?? text;
}

/** `3.315550030e9`, where the mantissa holds every digit. */
function readExponent(text: string): string | undefined {
  const [, whole = '', fraction = '', power = ''] = EXPONENT.exec(text) ?? [];
  return power !== '' && fraction.length === Number(power) ? `${whole}${fraction}` : undefined;
}

const EXPONENT = /^(\d)[.,]?(\d*)e\+?(\d{1,2})$/i;

/** What spreadsheets make of long numbers; the digits that are gone cannot be guessed. */
function spreadsheetDamage(text: string): string | undefined {
  if (!/^\d+(?:[.,]\d+)?e\+?\d+$/i.test(text)) return undefined;
  return 'was changed by a spreadsheet; format the column as text, put the numbers in again and save again';
}

/** A number of at most eight digits has no area code. */
function withArea(number: string, area: string): string {
  if (area === '' || number.startsWith('+')) return number;
  const digits = number.replace(/\D/g, '').length;
  return digits > 0 && digits <= 8 ? `${area} ${number}` : number;
}
