import type { Numbering } from '../../service/services.ts';
import type { CardContent, FoundCustomer, OpenedCard } from '../../service/card.ts';
import type { LookupResult } from '../../core/lead-store.ts';
import { writeMatches } from '../../core/lead.ts';
import { phoneForms } from '../../core/phone.ts';
import type { Problem } from '../../core/problem.ts';
import { noticePage, type PageContext } from './answer.ts';
import type { Attempt } from './edit-groups.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Page } from './pages.ts';
import { viewDone, viewEditing } from './view-editing.ts';
import { matchedLabel, viewStatus } from './view-fields.ts';
import { nameOf, viewCustomer } from './view-customer.ts';

/** The page for what was found, or for why nothing was. */
export function viewFound(
  { found, editing }: Pick<OpenedCard, 'found' | 'editing'>,
  context: PageContext,
  numbering: Numbering,
  attempt?: Attempt,
): Page {
  if ('customer' in found) {
    const page = customerPage(found.customer, context, numbering);
    const done = viewDone(context, Date.now());
    return {
      ...page,
      editing: editing && viewEditing(editing, page.customer, context, numbering, attempt),
      done,
    };
  }
  if ('matches' in found) return matchesPage(found, context, numbering);
  const notice = noticePage(asWritten(found.problem, numbering), context.reader.language);
  const actions = editing === undefined ? [] : waysOn(context);
  return { ...notice, action: otherReading(found, context), actions };
}

/** What somebody who may change customers does with a number that nobody has. */
function waysOn({ reader, wanted: { phone }, addressOf }: PageContext) {
  const words = EDIT_WORDS[reader.language];
  return [
    { href: addressOf({ phone, view: 'new' }), label: words.newCustomer },
    { href: addressOf({ phone, view: 'attach' }), label: words.attach },
  ];
}

function customerPage(
  { result, matched, phone: asked, list }: FoundCustomer,
  context: PageContext,
  numbering: Numbering,
): Extract<Page, { template: 'customer' }> {
  const { reader, words, wanted, addressOf } = context;
  const customer = viewCustomer(result, {
    ...numbering,
    reader,
    words,
    matched,
    phone: asked,
    now: Date.now(),
    fields: list?.fields ?? [],
    listName: list?.name,
  });
  const { phone, of } = wanted;
  if (phone === undefined || of === undefined) return { template: 'customer', customer };
  const back = { href: addressOf({ phone }), label: words.backToMatches(writeMatches(of)) };
  return { template: 'customer', customer, back };
}

function matchesPage(
  { matches, total, phone: asked }: Extract<CardContent, { matches: readonly LookupResult[] }>,
  { reader, words, wanted, addressOf }: PageContext,
  numbering: Numbering,
): Page {
  const phone = wanted.phone ?? '';
  const viewMatch = (match: LookupResult) => {
    const { lead, isCustomer, foundBy } = match;
    const status = viewStatus(lead.status, reader.language);
    const matched = foundBy?.column ?? 'phone_number';
    const other =
      matched === 'phone_number' ? null : matchedLabel(match, { ...numbering, matched, phone: asked }, words);
    const about = [lead.city, status?.name ?? status?.code, other, `${words.list} ${lead.list_id}`];
    return {
      href: addressOf({ lead: String(lead.lead_id), phone, of: total }),
      name: nameOf(lead) ?? words.lead(String(lead.lead_id)),
      isCustomer,
      about: about.flatMap((text) => text?.trim() ?? []).filter((text) => text !== ''),
    };
  };
  return {
    template: 'matches',
    asked: phoneForms(phone, numbering.country)?.national ?? phone.trim(),
    total,
    count: writeMatches(total),
    matches: matches.map(viewMatch),
  };
}

/** Writes a number that was not found in the form of the country, which is easier to check. */
function asWritten(problem: Problem, { country }: Numbering): Problem {
  if (problem.code !== 'phone_not_found') return problem;
  return { ...problem, asked: phoneForms(problem.asked, country)?.national ?? problem.asked };
}

/** Offers to search digits that are nobody's number as a lead's id. */
function otherReading(
  { problem }: Extract<CardContent, { problem: unknown }>,
  { wanted, words, addressOf }: PageContext,
): { href: string; label: string } | undefined {
  const id =
    problem.code === 'phone_not_found' ? /^\d{6,10}$/.exec(wanted.phone?.trim() ?? '')?.[0] : undefined;
  if (id === undefined) return undefined;
  return { href: addressOf({ lead: id }), label: words.tryLead(id) };
}
