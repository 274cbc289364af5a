import type { Customer, Lead } from '../../core/lead.ts';
import type { Reader, Words } from './language.ts';
import {
  type BirthView,
  type CustomView,
  type FieldCaption,
  hasThirdPhone,
  type NumbersContext,
  type NumberView,
  type StatusView,
  viewBirth,
  viewCustom,
  viewNumbers,
  viewStatus,
} from './view-fields.ts';

/** A customer as the page shows it: every text ready, nothing empty. */
export interface CustomerView {
  readonly title: string | undefined;
  /** The name; where none is stored a number, or the lead's id. */
  readonly name: string;
  readonly isNamed: boolean;
  readonly isCustomer: boolean;
  readonly status: StatusView | undefined;
  readonly numbers: readonly NumberView[];
  readonly email: EmailView | undefined;
  readonly address: readonly string[];
  readonly birth: BirthView | undefined;
  /** Short facts: list, agent, gender, id. */
  readonly facts: readonly { readonly label: string; readonly value: string; readonly isNumber: boolean }[];
  readonly comments: string | undefined;
  readonly custom: readonly CustomView[];
}

/** An address as it is stored; its parts and a link only where it is one. */
export interface EmailView {
  readonly shown: string;
  readonly user: string;
  readonly host: string;
  readonly href: string | undefined;
}

/** What a customer is shown with. */
export interface ViewContext extends NumbersContext {
  readonly reader: Reader;
  readonly words: Words;
  /** Milliseconds of the wall clock. */
  readonly now: number;
  readonly fields: readonly FieldCaption[];
  readonly listName: string | undefined;
}

export function viewCustomer({ lead, custom, isCustomer }: Customer, context: ViewContext): CustomerView {
  const { reader, words, now } = context;
  const numbers = viewNumbers(lead, context, words);
  const name = nameOf(lead);
  return {
    title: textOf(lead.title),
    name: name ?? numbers[0]?.shown ?? words.lead(String(lead.lead_id)),
    isNamed: name !== undefined,
    isCustomer,
    status: viewStatus(lead.status, reader.language),
    numbers,
    email: viewEmail(lead.email),
    address: viewAddress(lead, context.country, reader.tag, hasThirdPhone(context)),
    birth: viewBirth(lead.date_of_birth, now, reader, words),
    facts: viewFacts(lead, context),
    comments: textOf(lead.comments),
    custom: viewCustom(custom, context.fields, reader.tag),
  };
}

/** First name, initial, last name: undefined where none is stored. */
export function nameOf({ first_name, middle_initial, last_name }: Lead): string | undefined {
  const parts = [first_name, middle_initial, last_name].flatMap((part) => textOf(part) ?? []);
  return parts.length === 0 ? undefined : parts.join(' ');
}

function viewFacts(lead: Lead, { words, listName }: ViewContext): CustomerView['facts'] {
  const id = String(lead.list_id);
  const facts = [
    { label: words.list, value: listName === undefined ? id : `${listName} (${id})`, isNumber: true },
    { label: words.agent, value: textOf(lead.user), isNumber: false },
    { label: words.gender, value: genderOf(lead.gender, words), isNumber: false },
    { label: words.leadId, value: String(lead.lead_id), isNumber: true },
  ];
  return facts.flatMap(({ value, ...fact }) => (value === undefined ? [] : [{ ...fact, value }]));
}

/** U, undefined, is no news. */
function genderOf(stored: string | null, { genders }: Words): string | undefined {
  return stored === 'F' || stored === 'M' ? genders[stored] : undefined;
}

function viewEmail(stored: string | null): EmailView | undefined {
  const shown = textOf(stored);
  if (shown === undefined) return undefined;
  const [, user = '', host = ''] = /^([^\s@]+)@([^\s@]+\.[^\s@]+)$/.exec(shown.toWellFormed()) ?? [];
  const href = user === '' ? undefined : `mailto:${encodeURIComponent(user)}@${encodeURIComponent(host)}`;
  return { shown, user, host, href };
}

function textOf(stored: string | null): string | undefined {
  const text = stored?.trim() ?? '';
  return text === '' ? undefined : text;
}

/** Where the postal code stands after the town: `Austin, TX 78701`. */
const CODE_AFTER_TOWN: ReadonlySet<string> = new Set(['US', 'CA', 'GB', 'AU', 'IE', 'NZ', 'IN', 'ZA']);

/**
 * The lead's address, line by line, as it is written on an envelope of its country.
 *
 * @param home the operator's default country, for leads without one
 * @param isThirdPhone whether `address3` holds a telephone number
 */
export function viewAddress(lead: Lead, home: string, tag: string, isThirdPhone: boolean): readonly string[] {
  const country = text(lead.country_code);
  const streets = [lead.address1, lead.address2, isThirdPhone ? null : lead.address3].map(text);
  const town = townLine(lead, country === '' ? home : country.toUpperCase());
  const lines = [...streets, town].filter((line) => line !== '');
  // A country alone is no address.
  return lines.length === 0 || country === '' ? lines : [...lines, countryName(country, tag)];
}

function townLine(lead: Lead, country: string): string {
  const [city, code, state] = [text(lead.city), text(lead.postal_code), text(lead.state)];
  const province = text(lead.province);
  const regions = [state, province === state ? '' : province];
  if (CODE_AFTER_TOWN.has(country)) {
    return join([city, [...regions.filter((region) => region !== ''), code].join(' ').trim()]);
  }
  return join([`${code} ${city}`.trim(), ...regions]);
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

function countryName(code: string, tag: string): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(tag, { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
}

function text(stored: string | null): string {
  return stored?.trim() ?? '';
}
