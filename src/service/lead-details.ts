import type { Principal, RequestContext } from '../auth/principal.ts';
import { inBatches } from '../core/clock.ts';
import { type CallLogs, type DetailedLead, NO_CALL_LOGS } from '../core/lead-details.ts';
import type { LeadStore, ListDescription, LookupResult, Page } from '../core/lead-store.ts';
import { maskCallLogs, maskDetails, masksOfSeen } from '../core/masks.ts';
import { parseQuery, type QueryParameters } from '../core/query.ts';
import { TOO_LARGE } from './answer-budget.ts';
import { agentWhoReads } from './lead-history.ts';
import { costOfShared, type LeadPorts, outcomeOf } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import { recordsOf, type ScopePort } from './search.ts';
import { refused } from './work.ts';

interface DetailsRequest extends RequestContext {
  /** A lead id decides where there is a number, too. */
  readonly parameters: QueryParameters;
  /** Of the leads with a number. */
  readonly page: Page;
}

interface LeadInfoRequest extends RequestContext {
  readonly parameters: QueryParameters;
  /** Entries of each log of its calls, at most MOST_LOG_ENTRIES. */
  readonly mostCalls: number;
}

export interface LeadInfo extends DetailedLead {
  readonly calls: CallLogs;
  /** Undefined: the store has no such list. */
  readonly list: ListDescription | undefined;
}

/** So many leads are read at once: a dialer takes their statements together. */
const LEADS_AT_ONCE = 25;

async function readDetailsOf(
  leads: LeadStore,
  results: readonly LookupResult[],
): Promise<readonly DetailedLead[]> {
  const detailed: DetailedLead[] = [];
  for (let at = 0; at < results.length; at += LEADS_AT_ONCE) {
    const some = await inBatches(results.slice(at, at + LEADS_AT_ONCE), async (result) => ({
      result,
      details: maskDetails(await leads.readDetails(result.leadId), masksOfSeen(result)),
    }));
    detailed.push(...some);
  }
  return detailed;
}

async function readInfoOf(
  leads: LeadStore,
  principal: Principal,
  result: LookupResult,
  mostCalls: number,
): Promise<LeadInfo> {
  const { leadId, lead } = result;
  const masks = masksOfSeen(result);
  const [details, list, calls = NO_CALL_LOGS] = await Promise.all([
    leads.readDetails(leadId),
    leads.describeList(lead.list_id),
    leads.readCallLogs?.(leadId, mostCalls, agentWhoReads(principal)),
  ]);
  return { result, details: maskDetails(details, masks), list, calls: maskCallLogs(calls, masks) };
}

/** Leads with all that their store has of them, as the dialer's own APIs show them. */
export function createLeadDetails(
  pipeline: Pipeline,
  { leadsFor, country, numbers, scopeOf }: LeadPorts & ScopePort,
) {
  return {
    /** The lead of an id, or every lead with a number; none is an empty list. */
    readDetails({ parameters, page: wanted, ...context }: DetailsRequest) {
      const query = parseQuery(parameters, country(), numbers);
      if ('code' in query) return pipeline.run<never>(context, {}, () => Promise.resolve(refused(query)));
      return pipeline.run<{ readonly found: readonly DetailedLead[] }>(
        context,
        { query, readsLead: query.by === 'lead_id' },
        async (principal) => {
          const leads = leadsFor(principal);
          if (query.by === 'lead_id') {
            const result = await leads.find(query, principal.viewer);
            const outcome = outcomeOf(query, result, leads, numbers);
            const found = await readDetailsOf(leads, result === undefined ? [] : [result]);
            return { records: [{ query, outcome }], answer: { found } };
          }
          const scope = await scopeOf(principal);
          const page = await leads.findAll(query.phone, scope, wanted);
          pipeline.charge(principal, context.address, page.matches.length - 1 + costOfShared(page.total));
          if (page.isCut === true) return refused(TOO_LARGE, query);
          return {
            records: recordsOf(query, page.matches),
            answer: { found: await readDetailsOf(leads, page.matches) },
          };
        },
      );
    },

    /** One lead with its list and the newest entries of its calls. */
    readLeadInfo({ parameters, mostCalls, ...context }: LeadInfoRequest) {
      const query = parseQuery(parameters, country(), numbers);
      if ('code' in query) return pipeline.run<never>(context, {}, () => Promise.resolve(refused(query)));
      return pipeline.run<{ readonly info: LeadInfo }>(
        context,
        { query, readsLead: true },
        async (principal) => {
          const leads = leadsFor(principal);
          const found = await leads.find(query, principal.viewer);
          const outcome = outcomeOf(query, found, leads, numbers);
          if ('problem' in outcome) return refused(outcome.problem, query);
          const { result } = outcome;
          const info = await readInfoOf(leads, principal, result, mostCalls);
          return { records: [{ query, outcome }], answer: { info } };
        },
      );
    },
  };
}
