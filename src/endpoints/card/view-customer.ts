import type { Customer, Lead } from '../../core/lead.ts';
import type { Reader } from './language.ts';
import { viewStatus, type StatusView } from './status-names.ts';
import { viewAddress } from './view-address.ts';
import { viewBirth, type BirthView } from './view-birth.ts';
import { viewCustom, type CustomView, type FieldCaption } from './view-custom.ts';
import { hasThirdPhone, viewNumbers, type NumbersContext, type NumberView } from './view-numbers.ts';
import type { Words } from './words.ts';

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
