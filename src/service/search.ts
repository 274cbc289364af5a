import { setImmediate } from 'node:timers/promises';

import type { LookupResult, LeadPage, ListDescription, Page } from '../core/lead-store.ts';
import type { Problem } from '../core/problem.ts';
import {
  parseQuery,
  type ParameterValue,
  type LookupQuery,
  type QueryParameters,
  type QueryProblem,
} from '../core/query.ts';
import { userIdentity } from '../auth/user-name.ts';
import { refusing, type AnswerInquiry, type Answered, type Telling, type Answer } from './answer-inquiry.ts';
import type { Principal, Entrance, RequestContext } from './pipeline.ts';
import { inBatches } from '../core/clock.ts';
import { answer, type LookupOutcome, type LookupPorts } from './lookup.ts';

/** So many items of a request are worked on at once: a dialer takes their statements together. */
const AT_ONCE = 32;

export interface SearchRequest extends RequestContext {
  readonly phone: ParameterValue | undefined;
  readonly page: Page;
}

export interface ManyRequest extends RequestContext {
  /** The doors say how many there may be. */
  readonly items: readonly QueryParameters[];
}

export interface ListRequest extends RequestContext {
  readonly listId: number;
}

/** Somebody whom a door has let in. */
export interface Caller {
  /** As log and audit name them: the account's own name, or `token:` and the token's. */
  readonly user: string;
  /** The name as it compares: one for every spelling. */
  readonly identity: string;
}

/** What is asked beside the lookup of one lead. Nothing is thrown: what fails is a problem like any other. */
export interface SearchService {
  /** Every lead with a number; none is an empty page. */
  search(request: SearchRequest): Promise<Answer<{ readonly page: LeadPage }>>;
  /** The outcome of each item, in their order; what concerns them all is one problem. */
  lookupMany(request: ManyRequest): Promise<Answer<{ readonly outcomes: readonly LookupOutcome[] }>>;
  /** A list that the asker may see, with its fields. It tells nothing of leads, so only a refusal is written down. */
  describeList(request: ListRequest): Promise<Answer<{ readonly list: ListDescription }>>;
  /**
   * Who somebody is, by the same checks as for a lookup; no lead is asked for, so only a refusal is written down.
   *
   * @param amount how many lookups of the caller's allowance it takes: one, or none where nobody asked
   */
  identify(request: RequestContext, amount?: number): Promise<Answer<Caller>>;
}

/**
 * Searches go the way of a lookup: credentials, right, rate, question, store. Every lead that is told, and that nobody was
 * found, is one record in the audit before anything leaves, and one event.
 */
export function createSearches(
  ports: LookupPorts,
  entrance: Entrance,
  answerAs: AnswerInquiry,
): SearchService {
  const { leads } = ports;
  const askOne = createAskOne(ports, entrance);

  /** Of a number that cannot be read, too, only those hear who may ask. */
  function refuseQuestion(request: SearchRequest, question: LookupQuery | QueryProblem) {
    const problem: Problem = 'code' in question ? question : { code: 'parameters_missing' };
    return answerAs<{ page: LeadPage }>(request, { amount: 1 }, () => Promise.resolve(refusing(problem)));
  }

  return {
    search(request) {
      const question = parseQuery({ phoneNumber: request.phone }, leads.country);
      if (!('by' in question) || question.by === 'lead_id') return refuseQuestion(request, question);
      return answerAs(request, { question, amount: 1 }, async (admitted) => {
        const scope = await admitted.scope();
        const page = await leads.findAll(question.phone, scope, request.page);
        entrance.owe(admitted, request.address, Math.max(0, page.matches.length - 1));
        // That there are some is told by a page beyond the last one, too.
        const isBeyond = page.matches.length === 0 && page.total > 0;
        const { matches } = isBeyond ? await leads.findAll(question.phone, scope, FIRST) : page;
        return { told: answeredOf(question, matches), result: { page } };
      });
    },

    lookupMany: (request) =>
      answerAs(request, { amount: Math.max(1, request.items.length) }, async (admitted) => {
        const scope = await admitted.scope();
        const told: Answered[] = [];
        for (let at = 0; at < request.items.length; at += AT_ONCE) {
          const items = request.items.slice(at, at + AT_ONCE);
          told.push(
            ...(await inBatches(items, (item) => askOne(admitted, scope, parseQuery(item, leads.country)))),
          );
          await setImmediate();
        }
        return { told, result: { outcomes: told.map(({ outcome }) => outcome) } };
      }),

    describeList: (request) =>
      answerAs<{ list: ListDescription }>(request, { amount: 1 }, async (admitted) => {
        const { listId } = request;
        const scope = await admitted.scope();
        const list = isWithin(scope, listId) ? await leads.describeList(listId) : undefined;
        const problem: Problem = { code: 'list_not_found', asked: String(listId) };
        return { told: [], result: list === undefined ? { problem } : { list } };
      }),

    identify: (request, amount = 1) =>
      answerAs(request, { amount }, ({ user }) => nothingTold(callerOf(user))),
  };
}

/** One question among others of somebody who was admitted, or what is wrong with it. */
export function createAskOne({ leads }: Pick<LookupPorts, 'leads'>, entrance: Pick<Entrance, 'watchStep'>) {
  return async (
    admitted: Principal,
    scope: Scope,
    question: LookupQuery | QueryProblem,
  ): Promise<Answered> => {
    if ('code' in question) return { question: undefined, outcome: { problem: question } };
    const walk = question.by === 'lead_id' ? entrance.watchStep(admitted, question.leadId) : undefined;
    if (walk !== undefined) return { question, outcome: { problem: walk } };
    return { question, outcome: answer(question, await leads.find(question, scope), leads) };
  };
}

export function callerOf(user: string): Caller {
  return { user, identity: userIdentity(user) };
}

type Scope = Awaited<ReturnType<Principal['scope']>>;

function isWithin(scope: Scope, listId: number): boolean {
  return scope === 'every list' || scope.includes(listId);
}

/** For what says nothing of leads. */
function nothingTold<Result>(result: Result): Promise<Telling<Result>> {
  return Promise.resolve({ told: [], result });
}

const FIRST: Page = { offset: 0, limit: 1 };

/** Everybody who has a number, or that nobody has. */
export function answeredOf(
  question: Extract<LookupQuery, { by: 'phone_number' }>,
  matches: readonly LookupResult[],
): readonly Answered[] {
  if (matches.length === 0) {
    const problem: Problem = { code: 'phone_not_found', asked: question.phone.asSent };
    return [{ question, outcome: { problem } }];
  }
  return matches.map((finding) => ({
    question,
    outcome: { finding, phoneMatch: finding.foundBy?.column },
  }));
}
