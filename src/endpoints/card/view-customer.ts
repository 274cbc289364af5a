import type { Customer, Lead } from '../../core/lead.ts';
import type { Words } from './language.ts';
import { hasThirdPhone, viewBirth, viewCustom, viewNumbers } from './view-fields.ts';
import { type GlanceContext, viewGlance } from './view-glance.ts';
import { viewStatus } from './view-status.ts';

export type CustomerView = ReturnType<typeof viewCustomer>;

/** A customer as the page shows it: every text ready, nothing empty. Without a name it shows a number, or the lead's id. */
export function viewCustomer(customer: Customer, context: GlanceContext) {
  const { lead, custom, isCustomer } = customer;
  const { reader, words, now } = context;
  const numbers = viewNumbers(customer, context, words);
  const name = nameOf(lead);
  const glance = viewGlance(customer, context);
  const pinned = new Set(glance.pinned.map(({ label }) => label));
  return {
    title: textOf(lead.title),
    name: name ?? numbers.first[0]?.shown ?? words.lead(String(lead.lead_id)),
    isNamed: name !== undefined,
    isCustomer,
    status: viewStatus(lead.status, reader.language),
    glance,
    numbers,
    email: viewEmail(lead.email),
    address: viewAddress(lead, context.country, reader.tag, hasThirdPhone(context)),
    birth: viewBirth(lead.date_of_birth, now, reader, words),
    facts: viewFacts(lead, context),
    comments: textOf(lead.comments),
    custom: viewCustom(custom, context.fields, reader.tag).filter(({ label }) => !pinned.has(label)),
  };
}

/** First name, initial, last name: undefined where none is stored. */
export function nameOf({ first_name, middle_initial, last_name }: Lead): string | undefined {
  return textOf(join([first_name, middle_initial, last_name].map(textOf), ' '));
}

/** Agent, gender, id; those that are stored. */
function viewFacts(lead: Lead, { words }: GlanceContext) {
  const facts = [
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

export function countryName(code: string, tag: string): string {
  if (!/^[A-Za-z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(tag, { type: 'region', fallback: 'code' }).of(code.toUpperCase()) ?? code;
}
