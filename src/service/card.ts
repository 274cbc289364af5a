import type { PhoneColumn } from '../core/lead.ts';
import type { LookupResult, ListDescription, Page } from '../core/lead-store.ts';
import type { Problem } from '../core/problem.ts';
import { parseQuery, type ParameterValue, type LookupQuery, type QueryProblem } from '../core/query.ts';
import { refusing, type Answered, type AnswerInquiry, type Telling, type Answer } from './answer-inquiry.ts';
import type { Principal, Entrance, RequestContext } from './pipeline.ts';
import { problemOf, type LookupPorts } from './lookup.ts';
import { answeredOf, callerOf, createAskOne, type Caller } from './search.ts';

export interface CardRequest extends RequestContext {
  /** A lead by its id; undefined: everybody with the number. */
  readonly leadId: ParameterValue | undefined;
  readonly phone: ParameterValue | undefined;
  /** Of several people. */
  readonly page: Page;
}

export interface FoundCustomer {
  readonly finding: LookupResult;
  /** The column that holds the number somebody asked for. */
  readonly matched: PhoneColumn | undefined;
  readonly list: ListDescription | undefined;
}

export type Found =
  | { readonly customer: FoundCustomer }
  /** Several people, the winner first. */
  | { readonly matches: readonly LookupResult[]; readonly total: number }
  | { readonly problem: Problem };

export interface OpenedCard {
  readonly caller: Caller;
  readonly found: Found;
}

/**
 * A customer with the description of their list: one lookup of the asker's allowance, beside those of further people. A
 * problem: the asker is not let in.
 */
export type OpenCard = (request: CardRequest) => Promise<Answer<OpenedCard>>;

type Work = Telling<Found>;
type QuestionByPhone = Extract<LookupQuery, { by: 'phone_number' }>;

export function createOpenCard(ports: LookupPorts, entrance: Entrance, answerAs: AnswerInquiry): OpenCard {
  const { leads } = ports;
  const askOne = createAskOne(ports, entrance);

  /** A card without its list's captions is better than none; why it has none is written down. */
  async function describe(
    finding: LookupResult,
    matched: PhoneColumn | undefined,
    told: Answered,
  ): Promise<Work> {
    try {
      const list = await leads.describeList(finding.lead.list_id);
      return { told: [told], result: { customer: { finding, matched, list } } };
    } catch (cause) {
      const untold: Answered = { question: undefined, outcome: { problem: problemOf(cause) } };
      return { told: [told, untold], result: { customer: { finding, matched, list: undefined } } };
    }
  }

  async function findLead(admitted: Principal, question: LookupQuery): Promise<Work> {
    const told = await askOne(admitted, await admitted.scope(), question);
    const { outcome } = told;
    if ('problem' in outcome) return { told: [told], result: outcome };
    const { finding, phoneMatch } = outcome;
    return describe(finding, phoneMatch === 'none' ? undefined : phoneMatch, told);
  }

  async function findEverybody(
    admitted: Principal,
    { address, page }: CardRequest,
    question: QuestionByPhone,
  ): Promise<Work> {
    const { matches, total } = await leads.findAll(question.phone, await admitted.scope(), page);
    entrance.owe(admitted, address, Math.max(0, matches.length - 1));
    const told = answeredOf(question, matches);
    const [first] = matches;
    const [only] = told;
    if (total > 1) return { told, result: { matches, total } };
    if (first !== undefined && only !== undefined) return describe(first, first.foundBy?.column, only);
    return { told, result: { problem: { code: 'phone_not_found', asked: question.phone.asSent } } };
  }

  function find(
    admitted: Principal,
    request: CardRequest,
    question: LookupQuery | QueryProblem,
  ): Promise<Work> {
    if ('code' in question) return Promise.resolve(refusing(question));
    return question.by === 'lead_id'
      ? findLead(admitted, question)
      : findEverybody(admitted, request, question);
  }

  return async (request) => {
    let caller: Caller | undefined;
    const read = parseQuery({ leadId: request.leadId, phoneNumber: request.phone }, leads.country);
    const about = { question: 'code' in read ? undefined : read, amount: 1 };
    const opened = await answerAs<OpenedCard>(request, about, async (admitted) => {
      caller = callerOf(admitted.user);
      const { told, result } = await find(admitted, request, read);
      return { told, result: { caller, found: result } };
    });
    // Who was let in stays so where nothing can be told.
    return 'problem' in opened && caller !== undefined ? { caller, found: opened } : opened;
  };
}
