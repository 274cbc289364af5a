import { type Customer, LEAD_TEXT_FIELDS, type ListField, PHONE_COLUMNS } from '../../core/lead.ts';
import { countryOf, readPhone } from '../../core/phone.ts';
import type { CardFacts } from '../../service/card-facts.ts';
import type { LastCall } from '../../service/card-past.ts';
import { fieldLabel } from './edit-inputs.ts';
import { writeTime } from './edit-problem.ts';
import type { Language, Reader } from '../pages/reader.ts';
import type { Words } from './language.ts';
import { offsetOf } from './local-time.ts';
import { type NumbersContext, viewBirth, viewCustom } from './view-fields.ts';
import { viewEnding, viewStatus } from './view-status.ts';

export interface GlanceContext extends NumbersContext {
  readonly reader: Reader;
  readonly words: Words;
  readonly now: number;
  readonly fields: readonly ListField[];
  readonly listName: string | null | undefined;
  readonly facts: CardFacts;
  /** Fields that the operator wants to be seen first (setting `cardFields`): names, labels or captions. */
  readonly cardFields: readonly string[];
}

/** What an agent must see before anything else, beside who it is. */
export function viewGlance(customer: Customer, context: GlanceContext) {
  const { reader, words, facts, now, listName } = context;
  const { lead } = customer;
  return {
    doNotCall: viewDoNotCall(lead.status, facts, reader.language, words),
    lastCall: facts.lastCall && viewLastCall(facts.lastCall, now, reader, words),
    list: { id: String(lead.list_id), name: listName?.trim() ?? '' },
    offset: offsetOf(facts.gmtOffset, countryIn(customer, context), now),
    pinned: viewPinned(customer, context),
  };
}

function countryIn({ lead }: Customer, { phone, country }: GlanceContext) {
  if (phone !== undefined) return countryOf(phone);
  const read = readPhone(lead.phone_number ?? '', country);
  return 'value' in read ? countryOf(read.value) : undefined;
}

/** Why nobody is to call; undefined: nothing says so. */
function viewDoNotCall(
  stored: string | null,
  { doNotCall }: CardFacts,
  language: Language,
  words: Words,
): string | undefined {
  if (typeof doNotCall === 'object') return words.doNotCall.campaign(doNotCall.campaign);
  return doNotCall === 'everywhere' || viewStatus(stored, language)?.isLoud === true
    ? words.doNotCall.text
    : undefined;
}

export type CallView = ReturnType<typeof viewLastCall>;

export function viewLastCall(
  { at, by, direction, line, ...ended }: LastCall,
  now: number,
  reader: Reader,
  words: Words,
) {
  return {
    ago: viewAgo(at, now, reader, words),
    when: writeTime(at, reader),
    iso: new Date(at).toISOString(),
    facts: [direction && words.directions[direction], by, viewEnding(ended, reader.language), line].filter(
      (fact) => fact !== undefined && fact !== '',
    ),
  };
}

const STEPS = [
  ['minute', 60],
  ['hour', 60],
  ['day', 24],
  ['month', 30],
  ['year', 12],
] as const;

/** `3 days ago`. */
export function viewAgo(at: number, now: number, { tag }: Reader, words: Words): string {
  let passed = Math.floor(Math.max(0, now - at) / 1000);
  let text: string = words.call.justNow;
  for (const [unit, size] of STEPS) {
    passed = Math.floor(passed / size);
    if (passed === 0) break;
    text = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(-passed, unit);
  }
  return text;
}

/** `label`: of a custom field. */
type PinnedView = Omit<ReturnType<typeof viewCustom>[number], 'label'> & { readonly label?: string };

/** They have a place of their own. */
const PHONES: ReadonlySet<string> = new Set(PHONE_COLUMNS);

/** The pinned fields that this customer has a value in, in the operator's order. */
function viewPinned(
  customer: Customer,
  { cardFields, fields, reader, words, now }: GlanceContext,
): readonly PinnedView[] {
  const { lead, custom } = customer;
  const views = viewCustom(custom, fields, reader.tag);
  return cardFields.flatMap((name): PinnedView[] => {
    const found = views.find((view) => isCalled(view, name));
    if (found !== undefined) return [found];
    const field = LEAD_TEXT_FIELDS.find((known) => known === name && !PHONES.has(known));
    if (field === undefined) return [];
    const birth =
      field === 'date_of_birth' ? viewBirth(lead.date_of_birth, now, reader, words)?.shown : undefined;
    const text = field === 'date_of_birth' ? birth : lead[field]?.trim();
    if (text === undefined || text === '') return [];
    const caption = fieldLabel(field, reader.language);
    return [{ caption, kind: 'lines', values: [text] }];
  });
}

/** By its label, or by what people call it, in any case. */
function isCalled({ label, caption }: { readonly label: string; readonly caption: string }, name: string) {
  const same = (one: string) =>
    one.localeCompare(name, undefined, { sensitivity: 'base', usage: 'search' }) === 0;
  return same(label) || same(caption);
}
