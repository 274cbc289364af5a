import { setTimeout as pause } from 'node:timers/promises';

import type { RequestContext } from '../auth/principal.ts';
import { charactersOf, createAnswerSize } from '../core/answer-size.ts';
import { type Clock, inTurn } from '../core/clock.ts';
import type { LeadList, LeadRecord } from '../core/lead-archive.ts';
import type { LeadFilter, LeadStore, LookupResult } from '../core/lead-store.ts';
import { MAX_LEAD_ID, type MasksOf } from '../core/lead.ts';
import { maskDetails, masksOfSeen } from '../core/masks.ts';
import type { Problem, ProblemCode } from '../core/problem.ts';
import { TOO_LARGE } from './answer-budget.ts';
import type { ChangeRequest, createChangeLead } from './change-lead.ts';
import type { LeadPorts } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import { byLeadId, type IsAsRead, malformed, type RecordPorts } from './record-work.ts';
import { type FindOne, within } from './search.ts';
import { showing } from './showing-lists.ts';
import { type LookupRecord, refused, type Work } from './work.ts';

export interface LookThroughRequest extends RequestContext {
  readonly filter: LeadFilter;
  /** Of those that the caller may see, these alone. */
  readonly lists?: readonly number[] | undefined;
  /** Only ids below this one; undefined: from the newest on. */
  readonly below: number | undefined;
  /** So many customers at most. */
  readonly limit: number;
}

export interface FoundCustomers {
  /** The newest first. */
  readonly matches: readonly LookupResult[];
  /** It goes on with the ids below this one; undefined: there are none. */
  readonly below: number | undefined;
}

export interface ChangeManyRequest extends RequestContext {
  /** At most MOST_AT_ONCE. */
  readonly leads: readonly { readonly leadId: number; readonly isAsRead?: IsAsRead | undefined }[];
  /** As of `changeLead`, the same for each. */
  readonly patch: unknown;
}

export interface ChangedMany {
  /** Why a lead was not changed; undefined: it was, or was so already. */
  readonly outcomes: readonly { readonly leadId: number; readonly problem: Problem | undefined }[];
}

export interface ExportRequest extends RequestContext {
  /** At most MOST_AT_ONCE. */
  readonly leadIds: readonly number[];
}

/** Leads for a file, with the lists that they are in. */
export interface ExportedLeads {
  readonly leads: readonly LeadRecord[];
  readonly lists: readonly LeadList[];
}

export interface CustomerOptions extends LeadPorts, RecordPorts {
  /** By the setting `maskedFields`. */
  readonly masks: MasksOf;
  readonly clock: Clock;
  readonly findOne: FindOne;
  readonly changeLead: ReturnType<typeof createChangeLead>;
}

/** So many customers are changed or exported by one request. */
export const MOST_AT_ONCE = 100;
/** So long one request looks through leads: the caller goes on from there. */
const LOOK_MS = 1_000;
/** So many leads are looked at in the time of a lookup. */
const LOOKED_PER_LOOKUP = 1_000;

/** What admins do with several customers at once. Each that is shown is audited and counted like one of a lookup. */
export function createCustomerService(pipeline: Pipeline, options: CustomerOptions) {
  return {
    lookThrough: createLookThrough(pipeline, options),
    changeLeads: createChangeLeads(options),
    exportLeads: createExportLeads(pipeline, options),
  };
}

/** Customers by what no index has: the newest first, as far as they are found within a second. */
function createLookThrough(pipeline: Pipeline, options: CustomerOptions) {
  const { leadsFor, scopeOf, clock } = options;
  return ({ filter, lists, below, limit, ...context }: LookThroughRequest) =>
    pipeline.run<FoundCustomers>(context, {}, async (principal) => {
      const { lookThrough } = leadsFor(principal);
      if (lookThrough === undefined) return refused({ code: 'text_search_unavailable' });
      const seen = within(await scopeOf(principal), lists);
      const scope = filter.status === undefined ? seen : await showing('status', principal, seen, options);
      const until = clock.monotonic() + LOOK_MS;
      const matches: LookupResult[] = [];
      let [next, looked]: [number | undefined, number] = [below ?? MAX_LEAD_ID + 1, 0];
      do {
        const part = await lookThrough(filter, scope, { below: next, limit: limit - matches.length });
        matches.push(...part.matches);
        looked += part.looked;
        next = part.below;
      } while (next !== undefined && matches.length < limit && clock.monotonic() < until);
      const more = matches.length - 1 + Math.floor(looked / LOOKED_PER_LOOKUP);
      pipeline.charge(principal, context.address, more);
      return { records: recordsOf(matches), answer: { matches, below: next } };
    });
}

/** One record for each lead that is shown, or one that nobody was found. */
function recordsOf(matches: readonly LookupResult[]): readonly LookupRecord[] {
  const problem: Problem = { code: 'lead_not_found', asked: '' };
  if (matches.length === 0) return [{ query: undefined, outcome: { problem } }];
  return matches.map((result) => ({ query: undefined, outcome: { result, phoneMatch: undefined } }));
}

/** What concerns the request and not one lead: the others would hear the same. */
const OF_ALL: ReadonlySet<ProblemCode> = new Set([
  'credentials_invalid',
  'locked_out',
  'api_not_allowed',
  'read_only_store',
  'store_unavailable',
  'audit_unavailable',
]);
/** So long a request waits in all for its turns under the rate limit. */
const MOST_WAITING_MS = 10_000;

/** Changes several customers alike, each by `changeLead`: what is refused of one does not keep the others. */
function createChangeLeads({ changeLead, clock }: Pick<CustomerOptions, 'changeLead' | 'clock'>) {
  async function changeInTime(request: ChangeRequest, until: number): Promise<Problem | undefined> {
    for (;;) {
      const answer = await changeLead(request);
      if (!('problem' in answer)) return undefined;
      const { problem } = answer;
      const isShort = problem.code === 'rate_limited' && problem.dailyLeads === undefined;
      const waitMs = isShort ? problem.retryAfterSeconds * 1000 : Infinity;
      if (clock.monotonic() + waitMs > until) return problem;
      await pause(waitMs);
    }
  }

  return async ({
    leads,
    patch,
    ...context
  }: ChangeManyRequest): Promise<ChangedMany | { readonly problem: Problem }> => {
    if (leads.length > MOST_AT_ONCE) return { problem: malformed(TOO_MANY) };
    const until = clock.monotonic() + MOST_WAITING_MS;
    const outcomes: { readonly leadId: number; readonly problem: Problem | undefined }[] = [];
    let ended: Problem | undefined;
    for (const lead of leads) {
      const problem = ended ?? (await changeInTime({ ...context, ...lead, patch }, until));
      if (problem !== undefined && OF_ALL.has(problem.code)) ended = problem;
      outcomes.push({ leadId: lead.leadId, problem });
    }
    const [first] = outcomes;
    return ended !== undefined && first?.problem === ended ? { problem: ended } : { outcomes };
  };
}

const TOO_MANY = { field: 'leads', reason: `has more than ${MOST_AT_ONCE}` };

/** Customers for a file: all of them, or none and why. */
function createExportLeads(pipeline: Pipeline, { leadsFor, scopeOf, findOne }: CustomerOptions) {
  return ({ leadIds, ...context }: ExportRequest) =>
    pipeline.run<ExportedLeads>(
      context,
      { cost: Math.max(1, leadIds.length) },
      async (principal): Promise<Work<ExportedLeads>> => {
        if (leadIds.length > MOST_AT_ONCE) return refused(malformed(TOO_MANY));
        const leads = leadsFor(principal);
        const scope = await scopeOf(principal);
        const size = createAnswerSize();
        const records = await inTurn(leadIds, (leadId) => findOne(principal, scope, byLeadId(leadId)));
        const found: LookupResult[] = [];
        for (const { query, outcome } of records) {
          if ('problem' in outcome) return refused(outcome.problem, query);
          if (!size.add(charactersOf(outcome.result))) return refused(TOO_LARGE, query);
          found.push(outcome.result);
        }
        const answer = {
          leads: await inTurn(found, (result) => recordOf(leads, result)),
          lists: await listsOf(leads, found),
        };
        return {
          records: [...records, { action: 'administered', act: { action: 'export', leadIds } }],
          answer,
        };
      },
    );
}

async function recordOf(leads: LeadStore, result: LookupResult): Promise<LeadRecord> {
  const details = maskDetails(await leads.readDetails(result.leadId), masksOfSeen(result));
  const { last_local_call_time: called, modify_date: modified } = details;
  // One by one: those of an embedded store are read from its row when they are asked for.
  const { lead, custom, isCustomer, further } = result;
  return {
    ...{ lead, custom, isCustomer, ...(further && { further }) },
    lastLocalCallTime: called === undefined || called === null ? null : String(called),
    modifyDate: String(modified ?? ''),
  };
}

async function listsOf(leads: LeadStore, found: readonly LookupResult[]): Promise<readonly LeadList[]> {
  const ids = [...new Set(found.map(({ lead }) => lead.list_id))].sort((a, b) => a - b);
  return inTurn(ids, async (listId) => {
    const { name = null, fields = [] } = (await leads.describeList(listId)) ?? {};
    const customFields = fields.map(({ label, type, caption }) =>
      caption === label ? { label, type } : { label, type, caption },
    );
    return { listId, name, customFields };
  });
}
