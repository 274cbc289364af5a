import { MAX_LEAD_ID } from '../../../core/lead.ts';
import type { LookupResult } from '../../../core/lead-store.ts';
import { joinName } from '../../../core/person-names.ts';
import { isOnePerson, isOwn, type PersonTrace } from '../../../core/person-store.ts';
import { readPhone } from '../../../core/phone.ts';
import type { Problem } from '../../../core/problem.ts';
import { PERSON_WORDS } from '../../../files/person-page.ts';
import type { AdminRequest } from '../admin-request.ts';
import { PRIVACY_WORDS } from './privacy-words.ts';

/** So many are offered to choose from, and chosen at once. */
const MOST = 100;

/** A lead in which somebody may be. */
export interface FoundLead {
  readonly id: string;
  readonly list: string;
  readonly name: string;
  readonly as: string;
  readonly isChosen: boolean;
}

export interface FoundPeople {
  readonly leads: readonly FoundLead[];
  /** How many more there are. */
  readonly more: number;
  /** A number that nobody has or had, with which there are calls. */
  readonly called?: { readonly phone: string; readonly calls: number };
}

/** Who is meant: leads, or somebody who has none, by a number. */
export type Meant =
  | { readonly leadIds: readonly number[]; readonly sent: { readonly lead_ids: readonly number[] } }
  | { readonly leadIds: readonly []; readonly sent: { readonly phone: string } };

/** @returns undefined: the form means nobody */
export function meantIn(form: URLSearchParams): Meant | undefined {
  const leadIds = leadIdsIn(form);
  if (leadIds.length > 0) return meantBy(leadIds);
  const phone = (form.get('phone') ?? '').slice(0, 200);
  return phone === '' ? undefined : { leadIds: [], sent: { phone } };
}

export function meantBy(leadIds: readonly number[]): Meant {
  return { leadIds, sent: { lead_ids: leadIds } };
}

/** Finds leads by what somebody typed: a number with all that had it, or words of a name. */
export async function findPeople(
  admin: AdminRequest,
  text: string,
): Promise<FoundPeople | { readonly problem: Problem }> {
  const { domain, context } = admin;
  const { country, settings } = domain.numbering();
  const isNumber = 'value' in readPhone(text, country, { ...settings, internalNumbers: true });
  if (isNumber || !domain.findsNames()) {
    const found = await domain.findPersons({ ...context, phone: text });
    if ('problem' in found) return found;
    const { traces, calls } = found;
    const isCalled = calls > 0 && !traces.some(isOwn);
    return { ...viewTraces(traces, admin), ...(isCalled && { called: { phone: text, calls } }) };
  }
  const page = { offset: 0, limit: MOST };
  const found = await domain.searchText({ ...context, text, field: 'q', page });
  if ('problem' in found) return found;
  const { matches, total } = found.page;
  return { leads: matches.map(viewMatch), more: Math.max(0, total - matches.length) };
}

/** All leads of one person are chosen; of several, nobody is. */
function viewTraces(traces: readonly PersonTrace[], { reader }: AdminRequest): FoundPeople {
  const own = traces.filter(isOwn);
  const isOne = own.length > 0 && isOnePerson(own);
  const words = PRIVACY_WORDS[reader.language];
  const { matches: names } = PERSON_WORDS[reader.language];
  const leads = traces.slice(0, MOST).map((trace) => ({
    id: String(trace.leadId),
    list: String(trace.listId),
    name: [trace.name, ...(trace.isRemoved ? [words.deleted] : [])].filter((part) => part !== '').join(', '),
    as: trace.matches.map((match) => names[match]).join(', '),
    isChosen: isOne && isOwn(trace),
  }));
  return { leads, more: traces.length - leads.length };
}

function viewMatch({ leadId, lead }: LookupResult): FoundLead {
  return {
    id: String(leadId),
    list: String(lead.list_id),
    name: joinName([lead.first_name, lead.middle_initial, lead.last_name]),
    as: '',
    isChosen: false,
  };
}

/** The leads that a form means: those of `lead`, or of `#14246`. */
function leadIdsIn(form: URLSearchParams): readonly number[] {
  const ids = form.getAll('lead').slice(0, MOST).map(Number);
  return [...new Set(ids)].filter((id) => Number.isInteger(id) && id >= 1 && id <= MAX_LEAD_ID);
}
