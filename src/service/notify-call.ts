import type { RequestContext } from '../auth/principal.ts';
import type { AccountStore } from '../core/account-store.ts';
import type { Clock } from '../core/clock.ts';
import type { LookupQuery } from '../core/query.ts';
import { createRateLimit } from '../throttle/throttle.ts';
import { refused, type Pipeline } from './pipeline.ts';

/** A PBX or program notifies that a call rings at an agent. */
interface CallRequest extends RequestContext {
  /** Whose call it is: what the card will ask for. */
  readonly query: LookupQuery;
  /** At whose card it is to be shown, as somebody wrote it. */
  readonly agent: string;
}

/** At whose card a call is shown. */
interface Recipient {
  /** The name as names compare. */
  readonly user: string;
  /** `Account.id` */
  readonly account: string;
}

/**
 * Calls a second for one agent by one notifier, so that no other one takes the PBX's; twice that in a burst. Nobody talks to
 * more, and each makes a card ask for a lead.
 */
const CALLS_PER_SECOND = 5;

/**
 * Whether somebody may notify a call, and at whose card it is shown; the notification is recorded.
 *
 * @returns the recipient; undefined: there is no such user, which nobody hears
 */
export function createNotifyCall({ run }: Pipeline, accounts: () => AccountStore, clock: Clock) {
  const throttleCalls = createRateLimit(CALLS_PER_SECOND, clock);
  return ({ query, agent, ...context }: CallRequest) =>
    run<{ readonly recipient: Recipient | undefined }>(context, { query }, async ({ user }) => {
      const { account, identity } = await accounts().read(agent);
      const retryAfterSeconds = throttleCalls(`${user}\0${identity}`);
      if (retryAfterSeconds > 0) return refused({ code: 'rate_limited', retryAfterSeconds }, query);
      const recipient = account === undefined ? undefined : identity;
      const found = account === undefined ? undefined : { user: identity, account: account.id };
      return { records: [{ action: 'call_notified', query, recipient }], answer: { recipient: found } };
    });
}
