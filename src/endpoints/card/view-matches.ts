import type { LookupResult, TextPage } from '../../core/lead-store.ts';
import { writeMatches } from '../../core/lead.ts';
import { maskNumber, maskNumbersOf } from '../../core/masks.ts';
import { phoneForms } from '../../core/phone.ts';
import type { FoundPeople } from '../../service/card.ts';
import type { ListNames } from '../../service/list-names.ts';
import type { Numbering } from '../../service/services.ts';
import type { Wanted } from './card-query.ts';
import type { Words } from './language.ts';
import type { PersonView, ViewContext } from './page-parts.ts';
import { nameOf } from './view-customer.ts';
import { matchedLabel } from './view-fields.ts';
import { viewStatus } from './view-status.ts';
import { viewAgo } from './view-glance.ts';
import { viewNumber } from './view-number.ts';

/** Several people, of whom one is to be chosen. */
export interface MatchesPage {
  readonly template: 'matches';
  readonly title: string;
  /** What to do, and whether there are more. */
  readonly hint: string;
  /** The first is the most likely one. */
  readonly isRanked: boolean;
  readonly matches: readonly (PersonView & { readonly href: string })[];
}

/** @param apart what tells them from the others, beside town and status */
export function viewPerson(
  { lead, isCustomer }: LookupResult,
  { reader, words }: Pick<ViewContext, 'reader' | 'words'>,
  apart: readonly (string | null)[],
): PersonView {
  const status = viewStatus(lead.status, reader.language);
  const about = [lead.city, status?.isLoud === true ? null : (status?.name ?? status?.code), ...apart];
  return {
    name: nameOf(lead) ?? words.lead(String(lead.lead_id)),
    isCustomer,
    doNotCall: status?.isLoud === true,
    about: about.flatMap((text) => text?.trim() ?? []).filter((text) => text !== ''),
  };
}

/** Its name; its id where it has none. */
function listIn({ lead }: LookupResult, lists: ListNames, words: Words): string {
  return `${words.list} ${lists.get(lead.list_id) ?? lead.list_id}`;
}

/** Everybody with a number. */
export function matchesPage(
  { matches, total, phone: asked, lists, calls }: FoundPeople,
  context: ViewContext,
  numbering: Numbering,
): MatchesPage {
  const { words, wanted } = context;
  const { phone = '' } = wanted;
  const last = calls.find(({ leadId }) => leadId !== undefined);
  const called = (leadId: number) =>
    last?.leadId === leadId
      ? words.spokeLast(viewAgo(last.at, Date.now(), context.reader, words))
      : undefined;
  const viewMatch = (match: LookupResult) => {
    const matched = match.foundBy?.column ?? 'phone_number';
    const other =
      matched === 'phone_number' ? null : matchedLabel(match, { ...numbering, matched, phone: asked }, words);
    return {
      ...viewPerson(match, context, [other, listIn(match, lists, words)]),
      called: called(match.leadId),
    };
  };
  const asNumber = matches.some(hasMaskedNumbers)
    ? maskNumber(phone)
    : (phoneForms(phone, numbering.country)?.national ?? phone.trim());
  const count = writeMatches(total);
  const more = total > matches.length ? ` ${words.moreMatches(matches.length, count)}` : '';
  return {
    template: 'matches',
    title: words.matchesTitle(count, asNumber),
    hint: words.matchesHint + more,
    isRanked: true,
    matches: viewMatches(matches, viewMatch, { ...context, wanted: { phone, of: total } }),
  };
}

export function hasMaskedNumbers({ masked = [] }: LookupResult): boolean {
  return maskNumbersOf(masked);
}

/** Everybody who has the words that somebody typed. */
export function namedPage(
  { matches, total, isIndexing, lists }: TextPage & { readonly lists: ListNames },
  context: ViewContext,
  { country }: Numbering,
): MatchesPage {
  const { words, wanted } = context;
  const { text = '' } = wanted;
  const viewMatch = (match: LookupResult) =>
    viewPerson(match, context, [phoneOf(match, country), listIn(match, lists, words)]);
  const count = writeMatches(total);
  const more = total > matches.length ? ` ${words.moreNamed(matches.length, count)}` : '';
  return {
    template: 'matches',
    title: words.namedTitle(count, text),
    hint: words.namedHint + more + (isIndexing ? ` ${words.stillIndexing}` : ''),
    isRanked: false,
    matches: viewMatches(matches, viewMatch, { ...context, wanted: { text, of: total } }),
  };
}

/** The main number, as people write it. */
export function phoneOf({ lead }: LookupResult, country: Numbering['country']): string | null {
  return lead.phone_number === null ? null : viewNumber(lead.phone_number, country).shown;
}

/** @param wanted by what they were found */
function viewMatches(
  matches: readonly LookupResult[],
  view: (match: LookupResult) => PersonView,
  { wanted, addressOf }: Pick<ViewContext, 'addressOf'> & { readonly wanted: Wanted },
): MatchesPage['matches'] {
  return matches.map((match) => ({
    ...view(match),
    href: addressOf({ ...wanted, lead: String(match.lead.lead_id) }),
  }));
}
