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
import type { Language, Words } from './language.ts';
import { readDate, writeDate } from './view-customer.ts';

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
