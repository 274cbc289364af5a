import type { DateOrder } from './column-plan.ts';

export const NO_DATE = '0000-00-00';

/**
 * Reads a date: `YYYY-MM-DD`, the dialer's `0000-00-00`, or with `order` also `31/12/1990`, `31-12-1990`,
 * `31.12.1990`. The year 0000 is none: a birthday of which only day and month are known.
 *
 * @returns `YYYY-MM-DD`, or undefined when it is no day of the calendar
 */
export function readDate(text: string, order: DateOrder | undefined): string | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    if (text === NO_DATE) return text;
    return isDay(digitsAt(text, 0, 4), digitsAt(text, 5, 7), digitsAt(text, 8, 10)) ? text : undefined;
  }
  const local = order === undefined ? null : /^(\d\d?)([/.-])(\d\d?)\2(\d{4})$/.exec(text);
  if (local?.[1] === undefined || local[3] === undefined || local[4] === undefined) return undefined;
  const [day, month] = order === 'dmy' ? [local[1], local[3]] : [local[3], local[1]];
  return dateOf(Number(local[4]), Number(month), Number(day));
}

/** Characters. Longer is no date with its time; the patterns below are for short texts. */
const LONGEST = 100;

/**
 * Reads a date as people and programs write it: what `readDate` reads, with a time behind it that is left away, years of two
 * digits (the last hundred years), `15-mar-85`, `15 de marzo de 1985`, `March 15, 1985`, `19850315`, `--03-15` (no year, as
 * vCards and Google write it), and a spreadsheet's day number such as 31121.
 *
 * @returns `YYYY-MM-DD`; null for what programs write where there is no date (`0/0/00`); undefined when it is none
 */
export function readAnyDate(text: string, order: DateOrder): string | null | undefined {
  const exact = readDate(text, order);
  if (exact !== undefined) return exact;
  if (text.length > LONGEST) return undefined;
  const day = text.replace(/[T ,]+\d{1,2}:\d\d.*$/s, '').trim();
  if (/^[0/.\- ]+$/.test(day) && day.includes('0')) return null;
  const yearless = /^--(\d\d)-?(\d\d)$/.exec(day);
  if (yearless !== null) return dateOf(0, Number(yearless[1]), Number(yearless[2]));
  if (/^[\d/.\- ]+$/.test(day)) return readDigits(day, order);
  return readWords(day);
}

/** Days of a spreadsheet begin on this one (for dates after February 1900): 1899-12-30. */
const SHEET_EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;

function readDigits(text: string, order: DateOrder): string | undefined {
  const compact = /^((?:19|20)\d\d)(\d\d)(\d\d)$/.exec(text);
  if (compact !== null) return dateOf(Number(compact[1]), Number(compact[2]), Number(compact[3]));
  const serial = /^(\d{5})(?:\.\d+)?$/.exec(text)?.[1];
  return serial === undefined ? readParts(text, order) : dayOfSheet(Number(serial));
}

/** Five digits are a day between 1927 and 2100; fewer are a year, or nothing that can be told. */
function dayOfSheet(days: number): string | undefined {
  if (days < 10_000 || days > 73_050) return undefined;
  return new Date(SHEET_EPOCH_MS + days * DAY_MS).toISOString().slice(0, 10);
}

function readParts(text: string, order: DateOrder): string | undefined {
  const [first = '', second = '', third = '', ...more] = text.split(/[/.\- ]+/);
  if (more.length > 0 || second.length > 2) return undefined;
  if (first.length === 4 && third !== '') return dateOf(Number(first), Number(second), Number(third));
  if (first.length > 2 || !isYear(third)) return undefined;
  const [day, month] = order === 'dmy' ? [first, second] : [second, first];
  return dateOf(yearOf(third), Number(month), Number(day));
}

/** Of two or four digits. */
function isYear(digits: string): boolean {
  return digits.length === 2 || digits.length === 4;
}

/** The months in English, Spanish and Portuguese. */
const MONTHS = [
  'january enero janeiro',
  'february febrero fevereiro',
  'march marzo marco',
  'april abril',
  'may mayo maio',
  'june junio junho',
  'july julio julho',
  'august agosto',
  'september septiembre setiembre setembro',
  'october octubre outubro',
  'november noviembre novembro',
  'december diciembre dezembro',
].map((names) => names.split(' '));
/** What may stand beside a date in words: prepositions and the days of the week. */
const AROUND =
  /^(?:de|del|do|of|the|on|el|em|dia|(?:mon|tues|wednes|thurs|fri|satur|sun)day|lunes|martes|miercoles|jueves|viernes|sabado|domingo|(?:segunda|terca|quarta|quinta|sexta)|feira)$/;

function readWords(text: string): string | undefined {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && !AROUND.test(word));
  const at = words.findIndex((word) => monthOf(word) !== undefined);
  const month = monthOf(words[at] ?? '');
  const numbers = words
    .filter((_, index) => index !== at)
    .map((word) => /^(\d+)(?:st|nd|rd|th|ro|o)?$/.exec(word)?.[1]);
  if (month === undefined || numbers.length > 2) return undefined;
  const [first, second] = numbers;
  if (first === undefined) return undefined;
  if (numbers.length === 1) return first.length > 2 ? undefined : dateOf(0, month, Number(first));
  if (second === undefined) return undefined;
  const [day, year] = first.length === 4 ? [second, first] : [first, second];
  if (day.length > 2 || !isYear(year)) return undefined;
  return dateOf(yearOf(year), month, Number(day));
}

/** A month's name, whole or cut after three letters or more. */
function monthOf(word: string): number | undefined {
  if (word.length < 3) return undefined;
  const found = MONTHS.findIndex((names) => names.some((name) => name.startsWith(word)));
  return found < 0 ? undefined : found + 1;
}

/** Two digits are a year of the last hundred. */
function yearOf(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  const thisYear = new Date().getUTCFullYear();
  const century = thisYear - (thisYear % 100);
  return century + year > thisYear ? century + year - 100 : century + year;
}

function dateOf(year: number, month: number, day: number): string | undefined {
  if (!isDay(year, month, day)) return undefined;
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/**
 * Reads a moment: a date, a space or `T`, and `HH:MM` or `HH:MM:SS`; of an ISO moment the fraction and the zone are left away.
 *
 * @returns `YYYY-MM-DD HH:MM:SS`; null for the dialer's "never"; undefined when it is no moment
 */
export function readMoment(text: string, order: DateOrder | undefined): string | null | undefined {
  const parts = /^(\S+?)(?: +|T)(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (parts?.[1] === undefined || parts[2] === undefined || parts[3] === undefined) return undefined;
  const date = readDate(parts[1], order);
  const seconds = parts[4] ?? '00';
  if (date === undefined || Number(parts[2]) > 23 || Number(parts[3]) > 59 || Number(seconds) > 59)
    return undefined;
  return date === NO_DATE ? null : `${date} ${parts[2].padStart(2, '0')}:${parts[3]}:${seconds}`;
}

/** Reads a moment with a date as `readAnyDate` has it; a date alone is its beginning. */
export function readAnyMoment(text: string, order: DateOrder): string | null | undefined {
  const exact = readMoment(text, order);
  if (exact !== undefined) return exact;
  const date = readAnyDate(text, order);
  if (typeof date !== 'string') return date;
  const [, hour = '0', minute = '00', half = ''] =
    /[T ,](\d{1,2}):(\d\d)(?::\d\d)?\s*([ap])?/i.exec(text) ?? [];
  const hours = half === '' ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return hours > 23 || Number(minute) > 59
    ? undefined
    : `${date} ${String(hours).padStart(2, '0')}:${minute}:00`;
}

/** The number that digits make. Without a piece of text for each, which millions of dates would cost a second. */
function digitsAt(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - 0x30;
  return number;
}

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

/** The year 0 (none) has a 29 February: somebody may be born on it. */
function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
