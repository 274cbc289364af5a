import type { Inquiry } from '../access/entrance.ts';
import type { Desk } from '../http/desks.ts';
import type { PhoneColumn } from '../lead/lead.ts';
import type { Finding, ListDescription } from '../lead/lead-store.ts';
import type { Problem } from '../lead/problem.ts';
import type { Wanted } from './wanted.ts';

/** So many people are on one page of a chooser. */
const MATCHES = 20;

export interface FoundCustomer {
  readonly finding: Finding;
  /** The column that holds the number somebody asked for. */
  readonly matched: PhoneColumn | undefined;
  readonly list: ListDescription | undefined;
}

export type Found =
  | { readonly customer: FoundCustomer }
  /** Several people, the winner first. */
  | { readonly matches: readonly Finding[]; readonly total: number }
  | { readonly problem: Problem };

/** Whom an address means: a lead by its id, or everybody with a number. */
export async function findCustomer(desk: Desk, inquiry: Inquiry, { lead, phone }: Wanted): Promise<Found> {
  if (lead !== undefined) {
    const outcome = await desk.lookup({ ...inquiry, parameters: { leadId: lead, phoneNumber: phone } });
    if ('problem' in outcome) return outcome;
    const { finding, phoneMatch } = outcome;
    return withList(desk, inquiry, finding, phoneMatch === 'none' ? undefined : phoneMatch);
  }
  const outcome = await desk.search({ ...inquiry, phone, page: { offset: 0, limit: MATCHES } });
  if ('problem' in outcome) return outcome;
  const { matches, total } = outcome.page;
  const [first] = matches;
  if (first === undefined) return { problem: { code: 'phone_not_found', asked: phone?.trim() ?? '' } };
  return total > 1 ? { matches, total } : withList(desk, inquiry, first, first.foundBy?.column);
}

/** A card without its list's captions is better than none. */
async function withList(
  desk: Desk,
  inquiry: Inquiry,
  finding: Finding,
  matched: PhoneColumn | undefined,
): Promise<Found> {
  const described = await desk.describeList({ ...inquiry, listId: finding.lead.list_id });
  return { customer: { finding, matched, list: 'list' in described ? described.list : undefined } };
}
