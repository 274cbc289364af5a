import type { Principal, RequestContext } from '../auth/principal.ts';
import type { ListDescription, LookupResult, Page } from '../core/lead-store.ts';
import type { NumberMatch } from '../core/lead.ts';
import type { PhoneNumber } from '../core/phone.ts';
import type { Problem } from '../core/problem.ts';
import { parseQuery, type LookupQuery, type ParameterValue, type QueryByPhone } from '../core/query.ts';
import { type CardEditing, createReadEditing } from './card-editing.ts';
import { costOfShared, type LeadPorts } from './lookup.ts';
import { problemOf, refused, type Pipeline } from './pipeline.ts';
import type { Answer, LookupRecord, Work } from './work.ts';
import type { RecordPorts } from './record-work.ts';
import { callerOf, recordsOf, type Caller, type FindOne, type ScopePort } from './search.ts';

interface CardRequest extends RequestContext {
  /** A lead by its id; undefined: everybody with the number. */
  readonly leadId: ParameterValue | undefined;
  readonly phone: ParameterValue | undefined;
  /** Of several people. */
  readonly page: Page;
}

export interface FoundCustomer {
  readonly result: LookupResult;
  /** What of the customer matched the number somebody asked for. */
  readonly matched: NumberMatch | undefined;
  /** That number; undefined: none was. */
  readonly phone: PhoneNumber | undefined;
  readonly list: ListDescription | undefined;
}

export type CardContent =
  | { readonly customer: FoundCustomer }
  /** Several people, the winner first. */
  | { readonly matches: readonly LookupResult[]; readonly total: number; readonly phone: PhoneNumber }
  | { readonly problem: Problem };

export interface OpenedCard {
  readonly caller: Caller;
  readonly found: CardContent;
  /** Undefined: this user changes nothing here. */
  readonly editing?: CardEditing;
}

/** Finds what a card shows. */
function createFindShown(
  pipeline: Pipeline,
  { store, scopeOf }: Pick<LeadPorts & ScopePort, 'store' | 'scopeOf'>,
  findOne: FindOne,
) {
  /** A card without its list's captions is better than none; why it has none is recorded. */
  async function withList(
    found: Omit<FoundCustomer, 'list'>,
    record: LookupRecord,
  ): Promise<Work<CardContent>> {
    try {
      const list = await store().leads.describeList(found.result.lead.list_id);
      return { records: [record], answer: { customer: { ...found, list } } };
    } catch (cause) {
      const failed: LookupRecord = { query: undefined, outcome: { problem: problemOf(cause) } };
      return { records: [record, failed], answer: { customer: { ...found, list: undefined } } };
    }
  }

  async function findById(principal: Principal, query: LookupQuery): Promise<Work<CardContent>> {
    const record = await findOne(principal, await scopeOf(principal), query);
    const { outcome } = record;
    if ('problem' in outcome) return { records: [record], answer: outcome };
    const { result, phoneMatch } = outcome;
    const matched = phoneMatch === 'none' ? undefined : phoneMatch;
    return withList({ result, matched, phone: query.phone }, record);
  }

  async function findByPhone(
    principal: Principal,
    query: QueryByPhone,
    { address, page }: Pick<CardRequest, 'address' | 'page'>,
  ): Promise<Work<CardContent>> {
    const { phone } = query;
    const { matches, total } = await store().leads.findAll(phone, await scopeOf(principal), page);
    pipeline.charge(principal, address, matches.length - 1 + costOfShared(total));
    const records = recordsOf(query, matches);
    const [[first], [only]] = [matches, records];
    if (total > 1) return { records, answer: { matches, total, phone } };
    if (first !== undefined && only !== undefined)
      return withList({ result: first, matched: first.foundBy?.column, phone }, only);
    return { records, answer: { problem: { code: 'phone_not_found', asked: phone.asSent } } };
  }

  return (principal: Principal, query: LookupQuery, request: Pick<CardRequest, 'address' | 'page'>) =>
    query.by === 'lead_id' ? findById(principal, query) : findByPhone(principal, query, request);
}

/**
 * Finds a customer with the description of their list, or everybody with a number. It counts as one lookup, and one more for
 * each further person. A problem: the caller is not let in.
 */
export function createOpenCard(pipeline: Pipeline, ports: LeadPorts & RecordPorts, findOne: FindOne) {
  const { country, numbers } = ports;
  const findShown = createFindShown(pipeline, ports, findOne);
  const readEditing = createReadEditing(ports);

  return async ({ leadId, phone, page, ...context }: CardRequest): Promise<Answer<OpenedCard>> => {
    let caller: Caller | undefined;
    const query = parseQuery({ leadId, phoneNumber: phone }, country(), numbers);
    const read = 'code' in query ? undefined : query;
    const opened = await pipeline.run<OpenedCard>(context, { query: read }, async (principal) => {
      caller = callerOf(principal);
      const { address } = context;
      const shown = 'code' in query ? refused(query) : await findShown(principal, query, { address, page });
      const { records, answer } = shown;
      const { editing, failed } = await readEditing(principal, shownIn(answer));
      return {
        records: [...records, ...failed],
        answer: { caller, found: answer, ...(editing && { editing }) },
      };
    });
    // Whoever was let in stays signed in where nothing can be shown.
    return 'problem' in opened && caller !== undefined ? { caller, found: opened } : opened;
  };
}

/** What can be changed of it. */
function shownIn(found: CardContent): LookupResult | 'nobody' | undefined {
  if ('customer' in found) return found.customer.result;
  return 'problem' in found && found.problem.code === 'phone_not_found' ? 'nobody' : undefined;
}
