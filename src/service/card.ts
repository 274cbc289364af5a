import type { Principal, RequestContext } from '../auth/principal.ts';
import type { Clock } from '../core/clock.ts';
import type { LeadPage, ListDescription, LookupResult, Page } from '../core/lead-store.ts';
import type { ListScope, NumberMatch } from '../core/lead.ts';
import { isNumberLine, maskLine } from '../core/masks.ts';
import type { PhoneNumber } from '../core/phone.ts';
import type { Problem } from '../core/problem.ts';
import { parseQuery, type LookupQuery, type ParameterValue, type QueryByPhone } from '../core/query.ts';
import { type CardEditing, createReadEditing } from './card-editing.ts';
import { type CallOfNumber, type CardFacts, readCallsOf, readFacts } from './card-facts.ts';
import type { PastPorts } from './card-past.ts';
import { type ListNames, listNames } from './list-names.ts';
import { costOfShared, type LeadPorts } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import { type Answer, type LookupRecord, problemOf, refused, type Work } from './work.ts';
import type { RecordPorts } from './record-work.ts';
import { callerOf, recordsOf, type Caller, type FindOne, type MaskPort, type ScopePort } from './search.ts';

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
  readonly facts: CardFacts;
}

/** Several people, the winner first. */
export interface FoundPeople extends Pick<LeadPage, 'matches' | 'total'> {
  readonly phone: PhoneNumber;
  readonly lists: ListNames;
  /** Of the number, the newest first. */
  readonly calls: readonly CallOfNumber[];
}

/** Nobody, and why; of a number that nobody has, its calls. */
export interface FoundNobody {
  readonly problem: Problem;
  readonly calls?: readonly CallOfNumber[];
}

export type CardContent = { readonly customer: FoundCustomer } | FoundPeople | FoundNobody;

/** What cards read beside leads. */
export interface CardPorts extends LeadPorts, RecordPorts, ScopePort, PastPorts, MaskPort {
  readonly clock: Clock;
}

export interface OpenedCard {
  readonly caller: Caller;
  readonly found: CardContent;
  /** Undefined: this user changes nothing here. */
  readonly editing?: CardEditing;
}

/** Reads something that an answer can do without. @param causes where it fails, the cause is added here, to be recorded */
async function orElse<Value>(
  read: () => Promise<Value>,
  otherwise: Value,
  causes: unknown[],
): Promise<Value> {
  try {
    return await read();
  } catch (cause) {
    causes.push(cause);
    return otherwise;
  }
}

/** What cards say beside leads; without it, a card is better than none, and why it has none is recorded. */
function createWithFacts(ports: PastPorts & Pick<CardPorts, 'clock' | 'hidesNumbers'>) {
  const { leadsFor, calls, clock, hidesNumbers } = ports;

  /** With its list's captions, and what happened before. */
  async function withList(
    principal: Principal,
    found: Pick<FoundCustomer, 'result' | 'matched' | 'phone'>,
    record: LookupRecord,
  ): Promise<Work<CardContent>> {
    const { result } = found;
    const causes: unknown[] = [];
    // A dialer's logs may be busy where its lists are not.
    const [list, facts] = await Promise.all([
      orElse(() => leadsFor(principal).describeList(result.lead.list_id), undefined, causes),
      orElse(() => readFacts(ports, principal, result, clock.wall()), {}, causes),
    ]);
    const failures = causes.slice(0, 1).map(failureOf);
    return { records: [record, ...failures], answer: { customer: { ...found, list, facts } } };
  }

  async function callsOf(principal: Principal, phone: PhoneNumber, scope: ListScope) {
    const ofNumber = { leads: leadsFor(principal), calls: calls() };
    const found = await readCallsOf(phone, ofNumber, scope, clock.wall());
    if (!found.some(({ line }) => isNumberLine(line)) || !(await hidesNumbers(principal))) return found;
    return found.map((call) => ({ ...call, line: call.line && maskLine(call.line) }));
  }

  /** With the names of their lists, and the calls of the number. */
  async function withLists(
    principal: Principal,
    scope: ListScope,
    found: Omit<FoundPeople, 'lists' | 'calls'>,
    records: readonly LookupRecord[],
  ): Promise<Work<CardContent>> {
    try {
      const [lists, calls] = await Promise.all([
        listNames(leadsFor(principal), found.matches),
        callsOf(principal, found.phone, scope),
      ]);
      return { records, answer: { ...found, lists, calls } };
    } catch (cause) {
      return { records: [...records, failureOf(cause)], answer: { ...found, lists: new Map(), calls: [] } };
    }
  }

  async function withCalls(
    principal: Principal,
    phone: PhoneNumber,
    scope: ListScope,
    records: readonly LookupRecord[],
  ): Promise<Work<CardContent>> {
    const problem = { code: 'phone_not_found', asked: phone.asSent } as const;
    try {
      return { records, answer: { problem, calls: await callsOf(principal, phone, scope) } };
    } catch (cause) {
      return { records: [...records, failureOf(cause)], answer: { problem } };
    }
  }

  return { withList, withLists, withCalls };
}

/** Finds what a card shows. */
function createFindShown(pipeline: Pipeline, ports: CardPorts, findOne: FindOne) {
  const { leadsFor, scopeOf } = ports;
  const { withList, withLists, withCalls } = createWithFacts(ports);

  async function findById(principal: Principal, query: LookupQuery): Promise<Work<CardContent>> {
    const record = await findOne(principal, await scopeOf(principal), query);
    const { outcome } = record;
    if ('problem' in outcome) return { records: [record], answer: outcome };
    const { result, phoneMatch } = outcome;
    const matched = phoneMatch === 'none' ? undefined : phoneMatch;
    return withList(principal, { result, matched, phone: query.phone }, record);
  }

  async function findByPhone(
    principal: Principal,
    query: QueryByPhone,
    { address, page }: Pick<CardRequest, 'address' | 'page'>,
  ): Promise<Work<CardContent>> {
    const { phone } = query;
    const scope = await scopeOf(principal);
    const { matches, total } = await leadsFor(principal).findAll(phone, scope, page);
    pipeline.charge(principal, address, matches.length - 1 + costOfShared(total));
    const records = recordsOf(query, matches);
    const [[first], [only]] = [matches, records];
    if (total > 1) return withLists(principal, scope, { matches, total, phone }, records);
    if (first !== undefined && only !== undefined)
      return withList(principal, { result: first, matched: first.foundBy?.column, phone }, only);
    return withCalls(principal, phone, scope, records);
  }

  return (principal: Principal, query: LookupQuery, request: Pick<CardRequest, 'address' | 'page'>) =>
    query.by === 'lead_id' ? findById(principal, query) : findByPhone(principal, query, request);
}

function failureOf(cause: unknown): LookupRecord {
  return { query: undefined, outcome: { problem: problemOf(cause) } };
}

/**
 * Finds a customer with the description of their list, or everybody with a number. It counts as one lookup, and one more for
 * each further person. A problem: the caller is not let in.
 */
export function createOpenCard(pipeline: Pipeline, ports: CardPorts, findOne: FindOne) {
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
      const { editing, failed } = await readEditing(principal, shownIn(answer), phoneIn(answer, read));
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

/** The number of whoever is shown that was asked for. */
function phoneIn(found: CardContent, query: LookupQuery | undefined): PhoneNumber | undefined {
  return 'customer' in found && found.customer.matched === undefined ? undefined : query?.phone;
}
