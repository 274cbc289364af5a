import type { Principal, RequestContext } from '../auth/principal.ts';
import { userIdentity } from '../auth/lockout.ts';
import type { ListDescription, LookupResult, Page } from '../core/lead-store.ts';
import type { ListScope } from '../core/lead.ts';
import type { Problem } from '../core/problem.ts';
import {
  parseQuery,
  type LookupQuery,
  type QueryByPhone,
  type ParameterValue,
  type QueryProblem,
} from '../core/query.ts';
import { TOO_LARGE } from './answer-budget.ts';
import { costOfShared, outcomeOf, type LeadPorts } from './lookup.ts';
import type { Pipeline } from './pipeline.ts';
import { type LookupRecord, refused } from './work.ts';

interface SearchRequest extends RequestContext {
  readonly phone: ParameterValue | undefined;
  readonly page: Page;
  /** Of those that the caller may see, these alone. */
  readonly lists?: readonly number[] | undefined;
}

interface ListRequest extends RequestContext {
  readonly listId: number;
}

/** Somebody whom an endpoint has let in. */
export interface Caller {
  /** As log and audit name them: the account's own name, or `token:` and the token's. */
  readonly user: string;
  /** The name as it compares: one for every spelling. */
  readonly identity: string;
  /** `Principal.accountId` */
  readonly accountId: string | undefined;
  /** At the card: some leads' numbers are masked for this user, so what rings is not told, either. */
  readonly hidesNumbers?: true;
}

export type FindOne = ReturnType<typeof createFindOne>;

/** Whoever asks for several leads, or for a card, is shown all their numbers. */
const WITH_NUMBERS = { further: true } as const;

/** Finds one lead among others of a request whose caller is known. */
export function createFindOne(
  { checkLeadId }: Pick<Pipeline, 'checkLeadId'>,
  { leadsFor, numbers }: Pick<LeadPorts, 'leadsFor' | 'numbers'>,
) {
  return async (
    principal: Principal,
    scope: ListScope,
    query: LookupQuery | QueryProblem,
  ): Promise<LookupRecord> => {
    if ('code' in query) return { query: undefined, outcome: { problem: query } };
    const refusal = query.by === 'lead_id' ? checkLeadId(principal, query.leadId) : undefined;
    if (refusal !== undefined) return { query, outcome: { problem: refusal } };
    const leads = leadsFor(principal);
    return { query, outcome: outcomeOf(query, await leads.find(query, scope, WITH_NUMBERS), leads, numbers) };
  };
}

export interface ScopePort {
  /** The lists that somebody may see. */
  readonly scopeOf: (principal: Principal) => Promise<ListScope>;
}

export interface MaskPort {
  /** Whether numbers of some leads are masked for somebody. */
  readonly hidesNumbers: (principal: Principal) => Promise<boolean>;
}

/** What is asked beside the lookup of one lead. */
export function createSearchService(
  pipeline: Pipeline,
  { leadsFor, country, numbers, scopeOf, hidesNumbers }: LeadPorts & ScopePort & MaskPort,
) {
  return {
    /** Every lead with a number; none is an empty page. */
    search({ phone, page: wanted, lists, ...context }: SearchRequest) {
      const query = parseQuery({ phoneNumber: phone }, country(), numbers);
      if ('code' in query || query.by === 'lead_id') {
        // Of a number that cannot be read, too, only those hear to whom the API is open.
        const problem: Problem = 'code' in query ? query : { code: 'parameters_missing' };
        return pipeline.run<never>(context, {}, () => Promise.resolve(refused(problem)));
      }
      return pipeline.run(context, { query }, async (principal) => {
        const scope = within(await scopeOf(principal), lists);
        const leads = leadsFor(principal);
        const page = await leads.findAll(query.phone, scope, wanted);
        const more = page.matches.length - 1 + costOfShared(page.total);
        pipeline.charge(principal, context.address, more);
        if (page.isCut === true) return refused(TOO_LARGE, query);
        // A page beyond the last one reveals, too, that there are some.
        const isBeyond = page.matches.length === 0 && page.total > 0;
        const { matches } = isBeyond ? await leads.findAll(query.phone, scope, FIRST) : page;
        return { records: recordsOf(query, matches), answer: { page } };
      });
    },

    /** A list that the caller may see, with its fields. It reveals nothing of leads, so only a refusal is recorded. */
    describeList: ({ listId, ...context }: ListRequest) =>
      pipeline.run<{ readonly list: ListDescription }>(context, {}, async (principal) => {
        const scope = await scopeOf(principal);
        const isVisible = scope === 'every list' || scope.includes(listId);
        const list = isVisible ? await leadsFor(principal).describeList(listId) : undefined;
        const problem: Problem = { code: 'list_not_found', asked: String(listId) };
        return { records: [], answer: list === undefined ? { problem } : { list } };
      }),

    /**
     * Who somebody is, by the same checks as for a lookup; only a refusal is recorded.
     *
     * @param cost how many lookups it counts as: one, or none where nobody asked
     */
    identify: (context: RequestContext, cost?: number) =>
      pipeline.run<Caller>(context, { cost }, async (principal) => {
        const hidden = context.endpoint === 'card' && (await hidesNumbers(principal));
        return { records: [], answer: { ...callerOf(principal), ...(hidden && { hidesNumbers: true }) } };
      }),
  };
}

export function callerOf({ user, accountId }: Pick<Principal, 'user' | 'accountId'>): Caller {
  return { user, identity: userIdentity(user), accountId };
}

/** Of the lists that somebody may see, these alone; undefined: all of them. */
export function within(scope: ListScope, lists: readonly number[] | undefined): ListScope {
  if (lists === undefined) return scope;
  return scope === 'every list' ? lists : lists.filter((list) => scope.includes(list));
}

export const FIRST: Page = { offset: 0, limit: 1 };

/** One record for each lead that has the number, or one that nobody has it. */
export function recordsOf(query: QueryByPhone, matches: readonly LookupResult[]): readonly LookupRecord[] {
  if (matches.length === 0) {
    return [{ query, outcome: { problem: { code: 'phone_not_found', asked: query.phone.asSent } } }];
  }
  return matches.map((result) => ({ query, outcome: { result, phoneMatch: result.foundBy?.column } }));
}
