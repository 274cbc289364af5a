import type { Numbering } from '../../service/services.ts';
import type { CardContent, FoundCustomer, OpenedCard } from '../../service/card.ts';
import { writeMatches } from '../../core/lead.ts';
import { domainContextOf } from '../../http/domain-context.ts';
import { noticePage, type PageContext } from './answer.ts';
import { cardOf, type Wanted } from './card-query.ts';
import type { Attempt } from './edit-groups.ts';
import { EDIT_WORDS } from './edit-words.ts';
import type { Page } from './pages.ts';
import { viewEarlier } from './view-earlier.ts';
import { viewDone, viewEditing, viewNumberEditing } from './view-editing.ts';
import { viewCustomer } from './view-customer.ts';
import { hasMaskedNumbers, matchesPage } from './view-matches.ts';
import { newNumberPage } from './view-new-number.ts';

/** The page for what was found, or for why nothing was. */
export function viewFound(
  { found, editing }: Pick<OpenedCard, 'found' | 'editing'>,
  context: PageContext,
  numbering: Numbering,
  attempt?: Attempt,
): Page {
  if ('customer' in found) {
    const page = customerPage(found.customer, context, numbering);
    const forms = editing && viewEditing(editing, page.customer, context, numbering, attempt);
    const now = Date.now();
    return {
      ...page,
      // With the forms are the notes, and the way to all that happened.
      earlier: viewEarlier(
        found.customer.facts,
        now,
        context,
        forms ? undefined : timelineOf(found.customer, context),
      ),
      editing: forms,
      done: viewDone(context, now),
    };
  }
  if ('matches' in found) return matchesPage(found, context, numbering);
  const { problem } = found;
  if (problem.code !== 'phone_not_found') return noticePage(problem, context.reader.language);
  const actions = editing === undefined ? [] : waysOn(context);
  const done = viewDone(context, Date.now());
  const forms = editing && viewNumberEditing(editing, context, attempt);
  return { ...newNumberPage(found, problem.asked, context, numbering), actions, done, editing: forms };
}

/** The address of all that happened with a customer, where the field of search says no masked number, either. */
function timelineOf(customer: FoundCustomer, { wanted, addressOf }: PageContext): string {
  const shown = cardOf(shownWanted({ customer }, wanted));
  return addressOf({ ...shown, lead: String(customer.result.leadId), view: 'timeline' });
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
  { result, matched, phone: asked, list, facts }: FoundCustomer,
  context: PageContext,
  numbering: Numbering,
): Omit<Extract<Page, { template: 'customer' }>, 'earlier'> {
  const { reader, words, wanted, addressOf } = context;
  const customer = viewCustomer(result, {
    ...numbering,
    reader,
    words,
    matched,
    phone: asked,
    now: Date.now(),
    facts,
    cardFields: domainContextOf(context.request).cardFields,
    fields: list?.fields ?? [],
    listName: list?.name,
  });
  const { phone, text, of } = wanted;
  if (of === undefined) return { template: 'customer', customer };
  const count = writeMatches(of);
  const label = phone === undefined ? words.backToNamed(count, text ?? '') : words.backToMatches(count);
  return { template: 'customer', customer, back: { href: addressOf({ phone, text }), label } };
}

/** What the field of search says: no number of a lead whose numbers are masked. */
export function shownWanted(found: CardContent, wanted: Wanted): Wanted {
  if ('problem' in found) return wanted;
  if ('matches' in found) return found.matches.some(hasMaskedNumbers) ? {} : wanted;
  const { result } = found.customer;
  return hasMaskedNumbers(result) ? { lead: String(result.leadId) } : wanted;
}
