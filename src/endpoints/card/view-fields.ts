import {
  type CustomFieldType,
  type CustomInfo,
  type CustomValue,
  type Lead,
  PHONE_COLUMNS,
  type PhoneColumn,
} from '../../core/lead.ts';
import { type Country, phoneForms } from '../../core/phone.ts';
import type { Numbering } from '../../service/services.ts';
import type { Language, Reader, Words } from './language.ts';

/** What is known of a custom field. */
export interface FieldCaption {
  readonly label: string;
  readonly type: CustomFieldType;
  /** What stands before it on a form; the label where there is nothing else. */
  readonly caption?: string;
  readonly help?: string | undefined;
}

export interface CustomView {
  readonly caption: string;
  readonly help: string | undefined;
  /** `lines`: with line breaks; `items`: several values. */
  readonly kind: 'text' | 'number' | 'lines' | 'items';
  readonly values: readonly string[];
}

/** The custom values of a lead in their list's order; those without a value are left out. */
export function viewCustom(
  custom: CustomInfo | null,
  fields: readonly FieldCaption[],
  tag: string,
): readonly CustomView[] {
  const known = new Map(fields.map((field) => [field.label, field]));
  return (custom ?? []).flatMap(([label, value]) => {
    if (value === null || value === '') return [];
    const field = known.get(label);
    const { kind, values } = viewValue(value, field?.type ?? 'TEXT', tag);
    const caption = captionOf(label, field);
    return values.length === 0 ? [] : [{ caption, help: helpOf(field, caption), kind, values }];
  });
}

function captionOf(label: string, field: FieldCaption | undefined): string {
  const caption = field?.caption?.trim() ?? '';
  // A label is a column's name: without a caption, its underscores at least need not be read.
  const shown = caption === '' || caption === label ? label.replaceAll('_', ' ') : caption;
  return shown.slice(0, 1).toUpperCase() + shown.slice(1);
}

function helpOf(field: FieldCaption | undefined, caption: string): string | undefined {
  const help = field?.help?.trim() ?? '';
  return help === '' || help === caption ? undefined : help;
}

function viewValue(
  value: Exclude<CustomValue, null>,
  type: CustomFieldType,
  tag: string,
): Pick<CustomView, 'kind' | 'values'> {
  if (typeof value === 'number') {
    return { kind: 'number', values: [new Intl.NumberFormat(tag).format(value)] };
  }
  switch (type) {
    case 'AREA':
      return { kind: 'lines', values: [value] };
    case 'CHECKBOX':
    case 'MULTI':
      return { kind: 'items', values: itemsOf(value) };
    case 'DATE': {
      const date = readDate(value);
      return {
        kind: 'number',
        values: /^[0-]+$/.test(value) ? [] : [date === undefined ? value : writeDate(date, tag)],
      };
    }
    case 'TIME':
      return { kind: 'number', values: [value] };
    case 'TEXT':
    case 'SELECT':
    case 'RADIO':
    case 'NUMBER':
      return { kind: 'text', values: [value] };
  }
}

/** The dialer keeps several choices in one text, with commas between. */
function itemsOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export interface NumberView {
  readonly label: string;
  /** In the form of the country. */
  readonly shown: string;
  /** `tel:` with the international form; undefined where nothing can be dialled. */
  readonly href: string | undefined;
  /** What a copy button gives. */
  readonly copied: string;
  /** Whether it is the number that was asked for. */
  readonly isMatched: boolean;
}

export interface NumbersContext extends Numbering {
  readonly matched: PhoneColumn | undefined;
}

/** The lead's numbers, the one that was asked for first. */
export function viewNumbers(lead: Lead, context: NumbersContext, words: Words): readonly NumberView[] {
  // A second number that has no index is not searched, but it is one.
  const shown = PHONE_COLUMNS.filter((column) => column !== 'address3' || hasThirdPhone(context));
  const numbers = shown.flatMap((column) => {
    const stored = lead[column]?.trim() ?? '';
    if (stored === '') return [];
    return [viewNumber(stored, context.country, words[column], column === context.matched)];
  });
  return numbers.sort((one, other) => Number(other.isMatched) - Number(one.isMatched));
}

/** Whether `address3` holds a number and not a part of the address. */
export function hasThirdPhone({ columns }: Pick<Numbering, 'columns'>): boolean {
  return columns.includes('address3');
}

function viewNumber(stored: string, country: Country, label: string, isMatched: boolean): NumberView {
  const forms = phoneForms(stored, country);
  if (forms !== undefined) {
    const { e164, national } = forms;
    return { label, shown: national, href: `tel:${e164}`, copied: e164, isMatched };
  }
  const digits = stored.replace(/[^0-9+*]/g, '');
  const href = digits === '' ? undefined : `tel:${digits}`;
  return { label, shown: stored, href, copied: stored, isMatched };
}

/**
 * What the statuses that every dialer of the VICIdial family has mean. Others, which an operator made, are shown as
 * they are stored.
 */
const STATUS_NAMES: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  NEW: { en: 'New lead', es: 'Lead nuevo' },
  QUEUE: { en: 'To be called', es: 'Por llamar' },
  INCALL: { en: 'In a call', es: 'En llamada' },
  CALLBK: { en: 'Call back', es: 'Volver a llamar' },
  CBHOLD: { en: 'Call back later', es: 'Volver a llamar después' },
  A: { en: 'Answering machine', es: 'Contestadora' },
  AA: { en: 'Answering machine', es: 'Contestadora' },
  AM: { en: 'Message left', es: 'Mensaje grabado' },
  AL: { en: 'Message played', es: 'Mensaje reproducido' },
  B: { en: 'Busy', es: 'Ocupado' },
  AB: { en: 'Busy', es: 'Ocupado' },
  N: { en: 'No answer', es: 'No contesta' },
  NA: { en: 'No answer', es: 'No contesta' },
  DC: { en: 'Disconnected number', es: 'Número desconectado' },
  ADC: { en: 'Disconnected number', es: 'Número desconectado' },
  DEC: { en: 'Declined the sale', es: 'No aceptó la venta' },
  NI: { en: 'Not interested', es: 'Sin interés' },
  NP: { en: 'No pitch, no price', es: 'Sin oferta ni precio' },
  SALE: { en: 'Sale made', es: 'Venta hecha' },
  XFER: { en: 'Call transferred', es: 'Llamada transferida' },
  PU: { en: 'Call picked up', es: 'Llamada contestada' },
  PM: { en: 'Message played', es: 'Mensaje reproducido' },
  DROP: { en: 'No agent was free', es: 'Ningún agente libre' },
  TIMEOT: { en: 'Waited too long', es: 'Esperó demasiado' },
  AFTHRS: { en: 'Called after hours', es: 'Llamó fuera de horario' },
  ERI: { en: 'Agent error', es: 'Error del agente' },
  DNC: { en: 'Do not call', es: 'No llamar' },
  DNCL: { en: 'Do not call', es: 'No llamar' },
  DNCC: { en: 'Do not call', es: 'No llamar' },
};

export interface StatusView {
  readonly code: string;
  /** What it means, where every dialer means the same by it. */
  readonly name: string | undefined;
  /** The customer asked not to be called: must not be overlooked. */
  readonly isLoud: boolean;
}

/** @returns undefined where no status is stored */
export function viewStatus(stored: string | null, language: Language): StatusView | undefined {
  const code = stored?.trim() ?? '';
  if (code === '') return undefined;
  const name = Object.hasOwn(STATUS_NAMES, code) ? STATUS_NAMES[code]?.[language] : undefined;
  return { code, name, isLoud: /^DNC[LC]?$/.test(code) };
}

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
