import type { LookupQuery } from '../core/query.ts';
import { refusing, type AnswerInquiry, type Answer } from './answer-inquiry.ts';
import type { RequestContext } from './pipeline.ts';
import type { LookupPorts } from './lookup.ts';
import { createRateLimit } from '../throttle/rate-limit.ts';

/** Somebody tells that a call is at an agent's desk. */
export interface CallRequest extends RequestContext {
  /** Whose call it is: what the card will ask for. */
  readonly question: LookupQuery;
  /** At whose card it is to be shown, as somebody wrote it. */
  readonly agent: string;
}

export interface NotifiedCall {
  /** As names compare; undefined: there is no such user, which nobody is told. */
  readonly recipient: string | undefined;
}

/** Whether somebody may tell this call, and whose it is; that it is told is written down. */
export type NotifyCall = (request: CallRequest) => Promise<Answer<NotifiedCall>>;

/**
 * Calls a second for one agent by one teller, so that no other one takes the PBX's; twice that in a burst. Nobody talks to more, and
 * each makes a card ask for a lead.
 */
const CALLS_PER_SECOND = 5;

export function createNotifyCall(
  { accounts, clock }: Pick<LookupPorts, 'accounts' | 'clock'>,
  answerAs: AnswerInquiry,
): NotifyCall {
  const takeCall = createRateLimit(CALLS_PER_SECOND, clock);
  return ({ question, agent, ...request }) =>
    answerAs<NotifiedCall>(request, { question, amount: 1 }, async ({ user }) => {
      const { account, identity } = await accounts.account(agent, undefined);
      const retryAfterSeconds = takeCall(`${user}\0${identity}`);
      if (retryAfterSeconds > 0) return refusing({ code: 'rate_limited', retryAfterSeconds }, question);
      const recipient = account === undefined ? undefined : identity;
      return { told: [{ deed: 'call_told', question, recipient }], result: { recipient } };
    });
}
