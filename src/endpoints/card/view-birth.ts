import type { Reader } from './language.ts';
import type { Words } from './words.ts';

export interface BirthView {
  readonly shown: string;
  /** For machines; undefined where it is no date. */
  readonly iso: string | undefined;
  /** The age, or why there is none. */
  readonly note: string;
  /** Whether the note asks to look at it again. */
  readonly isDoubtful: boolean;
}

/** Nobody known has become older. */
const OLDEST = 120;

/**
 * A stored birth date as people read it.
 *
 * @param stored `YYYY-MM-DD`, the dialer's `0000-00-00`, or whatever somebody once typed
 * @param now milliseconds of the wall clock; the day is that of this machine
 * @returns undefined where nothing is known
 */
export function viewBirth(
  stored: string | null,
  now: number,
  { tag }: Reader,
  words: Words,
): BirthView | undefined {
  const text = stored?.trim() ?? '';
  if (text === '' || /^[0\-/. ]+$/.test(text)) return undefined;
  const date = readDate(text);
  if (date === undefined) return { shown: text, iso: undefined, note: words.noDate, isDoubtful: true };
  const shown = writeDate(date, tag);
  const age = ageOn(new Date(now), date);
  if (age < 0) return { shown, iso: text, note: words.inFuture, isDoubtful: true };
  if (age > OLDEST) return { shown, iso: text, note: words.tooOld, isDoubtful: true };
  return { shown, iso: text, note: words.age(age), isDoubtful: false };
}

/** A day of the calendar, without a time and a time zone. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** @returns undefined for what is no day of the calendar, such as 30 February */
export function readDate(text: string): Day | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined || year < 1000) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? { year, month, day } : undefined;
}

/** @param tag the reader's, such as `es-MX` */
export function writeDate({ year, month, day }: Day, tag: string): string {
  const format = new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone: 'UTC', calendar: 'gregory' });
  return format.format(new Date(Date.UTC(year, month - 1, day)));
}

/** Full years; negative for a day that is still to come. */
function ageOn(today: Date, { year, month, day }: Day): number {
  const [thisMonth, thisDay] = [today.getMonth() + 1, today.getDate()];
  const hadBirthday = thisMonth > month || (thisMonth === month && thisDay >= day);
  return today.getFullYear() - year - (hadBirthday ? 0 : 1);
}
