import type { Customer, Lead, ListField } from '../../core/lead.ts';
import type { Reader, Words } from './language.ts';
import {
  hasThirdPhone,
  type NumbersContext,
  viewBirth,
  viewCustom,
  viewNumbers,
  viewStatus,
} from './view-fields.ts';

/** What a customer is shown with. */
interface ViewContext extends NumbersContext {
  readonly reader: Reader;
  readonly words: Words;
  /** Milliseconds of the wall clock. */
  readonly now: number;
  readonly fields: readonly ListField[];
  readonly listName: string | null | undefined;
}

export type CustomerView = ReturnType<typeof viewCustomer>;

/** A customer as the page shows it: every text ready, nothing empty. Without a name it shows a number, or the lead's id. */
export function viewCustomer(customer: Customer, context: ViewContext) {
  const { lead, custom, isCustomer } = customer;
  const { reader, words, now } = context;
  const numbers = viewNumbers(customer, context, words);
  const name = nameOf(lead);
  return {
    title: textOf(lead.title),
    name: name ?? numbers.first[0]?.shown ?? words.lead(String(lead.lead_id)),
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
  return textOf(join([first_name, middle_initial, last_name].map(textOf), ' '));
}

/** List, agent, gender, id; those that are stored. */
function viewFacts(lead: Lead, { words, listName }: ViewContext) {
  const id = String(lead.list_id);
  const facts = [
    { label: words.list, value: typeof listName === 'string' ? `${listName} (${id})` : id },
    { label: words.agent, value: textOf(lead.user) },
    { key: 'gender', label: words.gender, value: genderOf(lead.gender, words) },
    { label: words.leadId, value: String(lead.lead_id) },
  ];
  return facts.filter(({ value }) => value !== undefined);
}

/** The dialer's `U` (undefined) is not shown. */
function genderOf(stored: string | null, { genders }: Words): string | undefined {
  return stored === 'F' || stored === 'M' ? genders[stored] : undefined;
}

/** An address as it is stored; its parts and a link only where it is one. */
function viewEmail(stored: string | null) {
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
  const country = textOf(lead.country_code);
  const streets = [lead.address1, lead.address2, isThirdPhone ? null : lead.address3].map(textOf);
  const town = textOf(townLine(lead, country?.toUpperCase() ?? home));
  const lines = [...streets, town].filter((line) => line !== undefined);
  // A country alone is no address.
  return lines.length === 0 || country === undefined ? lines : [...lines, countryName(country, tag)];
}

function townLine(lead: Lead, country: string): string {
  const [city, code, state] = [lead.city, lead.postal_code, lead.state].map(textOf);
  const province = textOf(lead.province);
  const region = province === state ? undefined : province;
  return CODE_AFTER_TOWN.has(country)
    ? join([city, join([state, region, code], ' ')], ', ')
    : join([join([code, city], ' '), state, region], ', ');
}

function join(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}

function countryName(code: string, tag: string): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(tag, { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
}
