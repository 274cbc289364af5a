import { randomBytes } from 'node:crypto';

import { CUSTOM_PREFIX } from '../../core/lead-state.ts';
import type { CardEditing } from '../../service/card-editing.ts';
import type { Numbering } from '../../service/services.ts';
import { cardOf, pairsOf } from './card-query.ts';
import { ADD_NUMBER, type Attempt, type EditView, viewEdits } from './edit-groups.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Pairs, ViewContext } from './page-parts.ts';
import type { CustomerView } from './view-customer.ts';
import { hasThirdPhone } from './view-fields.ts';
import { viewNotes } from './view-notes.ts';
import { type OwnCallView, viewOwnCall } from './view-own-call.ts';

export type EditingView = NonNullable<ReturnType<typeof viewEditing>>;

/**
 * What a card has for those who may change the customer: a form beside each value, by key, and one for each that is missing.
 */
export function viewEditing(
  { record, call }: CardEditing,
  shown: CustomerView,
  context: ViewContext,
  numbering: Numbering,
  attempt: Attempt | undefined,
) {
  const { reader, wanted, addressOf } = context;
  if (record === undefined) return undefined;
  const lead = String(record.leadId);
  const forms = viewEdits(record, hasThirdPhone(numbering), reader.language, attempt);
  const card = { ...cardOf(wanted), lead };
  const places = placesIn(shown);
  return {
    forms: Object.fromEntries(forms.map((form): [string, EditView] => [form.key, form])),
    missing: forms.filter(({ key }) => key !== ADD_NUMBER && !places.has(key)),
    addNumber: forms.find(({ key }) => key === ADD_NUMBER),
    call: call && viewOwnCall(call, record.statuses, context, attempt),
    notes: viewNotes(record.notes, reader, attempt),
    /** What every form sends along. */
    about: pairsOf(card),
    /** Where a form leads that is given up. */
    back: addressOf(card),
    timeline: addressOf({ ...card, view: 'timeline' }),
    once: onceKey(),
  };
}

/** What a page about a number that nobody has needs for a form. */
export interface NumberEditing {
  readonly about: Pairs;
  readonly back: string;
  readonly call: OwnCallView | undefined;
}

/** The form for what a call with a number was about that nobody has. */
export function viewNumberEditing(
  { call }: CardEditing,
  context: ViewContext,
  attempt: Attempt | undefined,
): NumberEditing {
  const card = cardOf(context.wanted);
  return {
    about: pairsOf(card),
    back: context.addressOf(card),
    call: call && viewOwnCall(call, [], context, attempt),
  };
}

/** The keys of forms beside whose values the card has a place. */
function placesIn({
  comments,
  email,
  birth,
  address,
  numbers,
  facts,
  custom,
  glance,
}: CustomerView): ReadonlySet<string> {
  return new Set([
    ...['name', 'is_customer', 'status', 'list_id'],
    ...(comments === undefined ? [] : ['comments']),
    ...(email === undefined ? [] : ['email']),
    ...(birth === undefined ? [] : ['date_of_birth']),
    ...(address.length === 0 ? [] : ['address']),
    ...[...numbers.first, ...numbers.others].map(({ key }) => key),
    ...facts.flatMap(({ key }) => key ?? []),
    ...[...custom, ...glance.pinned].map(({ label = '' }) => CUSTOM_PREFIX + label),
  ]);
}

/** By which a form that is sent twice is known. */
export function onceKey(): string {
  return randomBytes(16).toString('base64url');
}

/** For how long a page says what was done, in milliseconds. */
const SAID_MS = 10_000;

/** What the page says was just done; nothing once it is some time ago. */
export function viewDone({ wanted, reader }: ViewContext, now: number) {
  const { done } = wanted;
  if (done === undefined || now - done.at > SAID_MS) return undefined;
  return { text: EDIT_WORDS[reader.language].done[done.what], changeId: done.changeId };
}

export type DoneView = NonNullable<ReturnType<typeof viewDone>>;
