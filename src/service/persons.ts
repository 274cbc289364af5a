import { hash } from 'node:crypto';

import type { Principal, RequestContext } from '../auth/principal.ts';
import type { Clock } from '../core/clock.ts';
import { isObject } from '../core/is-object.ts';
import { MAX_LEAD_ID } from '../core/lead.ts';
import type { AuditAction } from '../core/lookup-event.ts';
import { type ErasureReceipt, exportOf, type PersonExport, receiptOf } from '../core/person-documents.ts';
import {
  type DescribedPerson,
  describeTrace,
  isOnePerson,
  isOwn,
  type PersonWork,
  type PersonTrace,
} from '../core/person-store.ts';
import type { Country, NumberSettings } from '../core/phone.ts';
import type { ParameterFault } from '../core/problem.ts';
import { type ParameterValue, parseQuery, type QueryByPhone, type QueryProblem } from '../core/query.ts';
import type { DueData } from '../core/due-data.ts';
import { NOT_YET } from './change-lead.ts';
import type { Pipeline } from './pipeline.ts';
import { byLeadId, malformed, noLead } from './record-work.ts';
import type { ScopePort } from './search.ts';
import { type ActionRecord, refused, type Work } from './work.ts';

export interface PersonFindRequest extends RequestContext {
  readonly phone: ParameterValue | undefined;
}

export interface PersonRequest extends RequestContext {
  /** JSON of `lead_ids` or `phone`: exactly one. */
  readonly sent: unknown;
}

export interface FoundPersons {
  readonly traces: readonly PersonTrace[];
  /** How many calls with the number are of no lead. */
  readonly calls: number;
}

export interface EraseRequest extends PersonRequest {
  /** Whose session asks: the credentials must be those of this user; left out: nobody's. */
  readonly asUser?: string;
}

export interface PersonOptions extends ScopePort {
  readonly persons: () => PersonWork;
  readonly country: () => Country;
  readonly numbers: NumberSettings;
  readonly domain: string;
  readonly clock: Clock;
}

/** Leads of one person at once. */
const MOST_LEADS = 100;
/** Each reads all that is kept. */
const COST = 10;

type PersonAction = Extract<AuditAction, `person_${string}`>;

/**
 * What a domain keeps of a person, for its admins: found, handed over, erased. Masked fields are shown: they are the person's. An
 * admin who is restricted to lists is refused, who could not give all or erase all.
 */
export function createPersonService(pipeline: Pipeline, options: PersonOptions) {
  const { persons, clock } = options;
  const runWhole = createRunWhole(pipeline, options);
  const runChosen = createRunChosen(runWhole, options);
  return {
    /**
     * Every lead in which a number is found, with where, and how many calls with it are of no lead; nobody is an empty list and none.
     */
    findPersons({ phone, ...context }: PersonFindRequest) {
      const query = phoneQuery(phone, options);
      const asked = 'code' in query ? undefined : query;
      return runWhole<FoundPersons>(context, asked, async () => {
        if ('code' in query) return refused(query);
        const traces = await persons().find(query.phone);
        const calls = await persons().countCalls(query.phone);
        return { records: foundRecords(query, traces, calls), answer: { traces, calls } };
      });
    },

    /** What is kept, to look at. */
    readPerson: (request: PersonRequest) =>
      runChosen<{ readonly person: DescribedPerson }>(request, async ({ leadIds, query }) => ({
        records: recordsOf('person_found', leadIds, query),
        answer: { person: await persons().describe(leadIds, query?.phone) },
      })),

    exportPerson: (request: PersonRequest) =>
      runChosen<{ readonly document: PersonExport; readonly person: DescribedPerson }>(
        request,
        async ({ leadIds, query }, principal) => {
          const person = await persons().describe(leadIds, query?.phone);
          const data = { ...person, leads: person.leads ?? [] };
          const document = exportOf(factsOf(principal, clock.wall(), leadIds, options), data);
          return { records: recordsOf('person_exported', leadIds, query), answer: { document, person } };
        },
      ),

    erasePerson: createErasePerson(runChosen, options),

    /** What the setting `retention` would let go: numbers alone, so that only refusals are recorded. */
    readDue: (context: RequestContext) =>
      runWhole<{ readonly due: DueData | undefined }>(context, undefined, async () => ({
        records: [],
        answer: { due: await persons().due(clock.wall()) },
      })),
  };
}

function createErasePerson(runChosen: RunChosen, options: PersonOptions) {
  const { persons, clock } = options;
  return (request: EraseRequest) =>
    runChosen<{ readonly receipt: ErasureReceipt }>(request, ({ leadIds, query }, principal) =>
      Promise.resolve({
        records: recordsOf('person_erased', leadIds, query),
        answer: NOT_YET,
        async commit() {
          const at = clock.wall();
          const erased = await persons().erase(leadIds, at, query?.phone);
          if (erased === undefined) return { problem: { code: 'overloaded', retryAfterSeconds: 10 } };
          const { removed, files, remains } = erased;
          const facts = { ...factsOf(principal, at, leadIds, options), removed, remains };
          return { receipt: receiptOf(facts, files, (text) => hash('sha256', text, 'hex')) };
        },
        disclosed: ({ receipt }) => [{ action: 'person_erased', receipt: receipt.digest }],
      }),
    );
}

function factsOf(
  { user }: Principal,
  at: number,
  leadIds: readonly number[],
  { domain }: Pick<PersonOptions, 'domain'>,
) {
  return { domain, at: new Date(at).toISOString(), by: user, leadIds };
}

type RunChosen = ReturnType<typeof createRunChosen>;

/** @returns runs work with the leads of the one person that a request means */
function createRunChosen(runWhole: ReturnType<typeof createRunWhole>, options: PersonOptions) {
  const choose = createChoose(options);
  return <Result>(
    { sent, asUser, ...context }: EraseRequest,
    work: (chosen: Exclude<Chosen, Work<never>>, principal: Principal) => Promise<Work<Result>>,
  ) =>
    runWhole<Result>(context, undefined, async (principal) => {
      if (asUser !== undefined && principal.user !== asUser) return refused({ code: 'credentials_invalid' });
      const chosen = await choose(sent);
      return 'records' in chosen ? chosen : work(chosen, principal);
    });
}

/** @returns runs work of somebody who sees every list */
function createRunWhole({ run }: Pipeline, { scopeOf }: PersonOptions) {
  return <Result>(
    context: RequestContext,
    query: QueryByPhone | undefined,
    work: (principal: Principal) => Promise<Work<Result>>,
  ) =>
    run<Result>(context, { query, cost: COST }, async (principal) =>
      (await scopeOf(principal)) === 'every list'
        ? work(principal)
        : refused({ code: 'every_list_needed' }, query),
    );
}

/** @returns finds the leads of the one person that is meant; none where there are only calls with the number */
function createChoose(options: PersonOptions) {
  const { persons } = options;
  return async (sent: unknown): Promise<Chosen> => {
    const read = readPerson(sent);
    if ('faults' in read) return refused(malformed(...read.faults));
    if ('leadIds' in read) {
      const known = new Set(await persons().known(read.leadIds));
      const missing = read.leadIds.find((leadId) => !known.has(leadId));
      return missing === undefined ? read : refused(noLead(missing), byLeadId(missing));
    }
    const query = phoneQuery(read.phone, options);
    if ('code' in query) return refused(query);
    const traces = (await persons().find(query.phone)).filter(isOwn);
    if (traces.length === 0 && (await persons().countCalls(query.phone)) > 0) return { leadIds: [], query };
    if (traces.length === 0) return refused({ code: 'phone_not_found', asked: query.phone.asSent }, query);
    if (traces.length > MOST_LEADS) {
      const reason = `is found in ${traces.length} leads; name those of the person with lead_ids, ${MOST_LEADS} at a time`;
      return refused(malformed({ field: 'phone', reason }), query);
    }
    if (isOnePerson(traces)) return { leadIds: traces.map(({ leadId }) => leadId) };
    const people = traces.map((trace) => ({ leadId: trace.leadId, described: describeTrace(trace) }));
    const problem = { code: 'several_people', people } as const;
    return { records: foundRecords(query, traces), answer: { problem } };
  };
}

/** Leads, or a number of which there are only calls, or why there are none. */
type Chosen = { readonly leadIds: readonly number[]; readonly query?: QueryByPhone } | Work<never>;

function phoneQuery(
  phone: ParameterValue | undefined,
  { country, numbers }: Pick<PersonOptions, 'country' | 'numbers'>,
): QueryByPhone | QueryProblem {
  const query = parseQuery({ phoneNumber: phone }, country(), { ...numbers, internalNumbers: true });
  return 'by' in query && query.by === 'lead_id' ? { code: 'parameters_missing' } : query;
}

/** @param sent a JSON value */
function readPerson(
  sent: unknown,
):
  | { readonly leadIds: readonly number[] }
  | { readonly phone: string }
  | { readonly faults: readonly ParameterFault[] } {
  if (!isObject(sent))
    return { faults: [{ field: 'body', reason: 'must be an object with lead_ids or phone' }] };
  const { lead_ids: ids, phone, ...others } = sent;
  const unknown = Object.keys(others).map((name) => ({
    field: name.slice(0, 50),
    reason: 'is unknown here; a person is meant by lead_ids or phone',
  }));
  if (unknown.length > 0) return { faults: unknown };
  if ((ids === undefined) === (phone === undefined))
    return { faults: [{ field: 'body', reason: 'must say who is meant: lead_ids or phone, one of them' }] };
  if (ids === undefined)
    return typeof phone === 'string' ? { phone } : { faults: [{ field: 'phone', reason: 'must be a text' }] };
  const reason = `must be a list of 1 to ${MOST_LEADS} lead ids`;
  return isLeadIds(ids) ? { leadIds: [...new Set(ids)] } : { faults: [{ field: 'lead_ids', reason }] };
}

function isLeadIds(value: unknown): value is readonly number[] {
  const isId = (id: unknown) => Number.isInteger(id) && Number(id) >= 1 && Number(id) <= MAX_LEAD_ID;
  return Array.isArray(value) && value.length >= 1 && value.length <= MOST_LEADS && value.every(isId);
}

/** @param query of somebody who has no lead */
function recordsOf(
  action: PersonAction,
  leadIds: readonly number[],
  query: QueryByPhone | undefined,
): readonly ActionRecord[] {
  return query === undefined ? leadIds.map((leadId) => ({ action, leadId })) : [{ action, query }];
}

/** One record for each lead that is named, or one that there are only calls, or that nobody was found. */
function foundRecords(
  query: QueryByPhone,
  traces: readonly PersonTrace[],
  calls = 0,
): Work<never>['records'] {
  if (traces.length === 0 && calls > 0) return recordsOf('person_found', [], query);
  if (traces.length === 0)
    return [{ query, outcome: { problem: { code: 'phone_not_found', asked: query.phone.asSent } } }];
  return traces.map(({ leadId }) => ({ action: 'person_found', query, leadId }));
}
