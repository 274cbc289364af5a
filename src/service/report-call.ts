import type { RequestContext } from '../auth/principal.ts';
import {
  CALL_TEXTS,
  type CallReport,
  type CallSource,
  type CallStore,
  type ReportedAs,
} from '../core/call-store.ts';
import type { Clock } from '../core/clock.ts';
import type { LeadStore } from '../core/lead-store.ts';
import type { Problem } from '../core/problem.ts';
import type { LookupQuery } from '../core/query.ts';
import type { ReportedCall } from '../core/reported-call.ts';
import type { Store } from '../core/store.ts';
import { createDailyCalls } from '../throttle/daily-calls.ts';
import { createRateLimit } from '../throttle/throttle.ts';
import { NOT_YET } from './change-lead.ts';
import type { Pipeline } from './pipeline.ts';
import { type Answer, problemOf, refused } from './work.ts';

/** A PBX or a program reports a call at an agent. */
export interface CallRequest
  extends RequestContext, Omit<ReportedCall, 'callId' | 'phone' | 'leadId' | 'direction'> {
  /** Whose call it is: what the card will ask for. Undefined: it is of a call that is known already. */
  readonly query: LookupQuery | undefined;
  readonly source: CallSource;
  readonly callId?: string | undefined;
  /** Under which the call is kept, if it begins with this report; undefined: the store chooses. */
  readonly newCallId?: string | undefined;
  readonly direction?: ReportedCall['direction'] | undefined;
}

/** At whose card a call is shown. */
export interface Recipient {
  /** The name as names compare. */
  readonly user: string;
  /** `Account.id` */
  readonly account: string;
}

/** What came of a report. */
export interface Reported {
  /** Undefined: there is no such user, which nobody hears. */
  readonly recipient: Recipient | undefined;
  /** The call as it is kept; undefined: calls are kept elsewhere, or this one is not known. */
  readonly reported?: ReportedAs | undefined;
  /** Why a telephone system's call could not be kept. It may be shown: its record is written. */
  readonly unkept?: Problem | undefined;
}

export type CallPorts = () => Pick<Store, 'accounts' | 'calls' | 'leads'>;

/**
 * Calls a second for one agent by one notifier, so that no other one takes the PBX's; twice that in a burst. Nobody talks to
 * more, and each makes a card ask for a lead.
 */
const CALLS_PER_SECOND = 5;

/** How far a telephone system's clock may be from ours; else a report counts as made when it came. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

/** Whether somebody may report a call, and at whose card it is shown; the report is recorded, and the call kept. */
export function createReportCall({ run }: Pipeline, store: CallPorts, clock: Clock) {
  const throttleCalls = createRateLimit(CALLS_PER_SECOND, clock);
  const today = createDailyCalls(clock);
  return (request: CallRequest): Promise<Answer<Reported>> => {
    const { query, agent } = request;
    return run<Reported>(request, { query }, async ({ user, accountId }) => {
      const { accounts, calls, leads } = store();
      const { account, identity } = await accounts.read(agent);
      const retryAfterSeconds =
        accountId === undefined ? 0 : throttleCalls(`${user}\0${identity}`) || today.secondsUntilMore(user);
      if (retryAfterSeconds > 0) return refused({ code: 'rate_limited', retryAfterSeconds }, query);
      const recipient = account && { user: identity, account: account.id };
      const record = {
        action: 'call_notified',
        ...(query && { query }),
        recipient: recipient?.user,
      } as const;
      if (account === undefined || calls === undefined) return { records: [record], answer: { recipient } };
      const leadId = await leadOf(leads, query);
      const report = reportOf(request, clock.wall(), { account: account.id, user: account.name, leadId });
      return {
        records: [record],
        answer: NOT_YET,
        async commit() {
          const kept = await keep(calls, report, recipient);
          if (accountId !== undefined && 'reported' in kept && kept.reported?.news === 'call')
            today.add(user);
          return kept;
        },
        disclosed: ({ unkept }) => (unkept === undefined ? [] : refused(unkept, query).records),
      };
    });
  };
}

/** Whoever sends a report hears that it was not kept, and can send it again; telephone systems do not. */
async function keep(
  calls: CallStore,
  report: CallReport,
  recipient: Recipient | undefined,
): Promise<Answer<Reported>> {
  try {
    return { recipient, reported: await calls.report(report) };
  } catch (cause) {
    const unkept = problemOf(cause);
    if (report.source === 'api' || unkept.code !== 'store_unavailable') throw cause;
    return { recipient, unkept };
  }
}

/** The lead that was named, or the only one that has the number: nobody is shown it. */
async function leadOf(leads: LeadStore, query: LookupQuery | undefined): Promise<number | undefined> {
  const found = query && (await leads.find(query, 'every list'));
  const { matches = 1 } = found?.foundBy ?? {};
  return matches === 1 ? found?.leadId : undefined;
}

function reportOf(
  request: CallRequest,
  now: number,
  whose: { readonly account: string; readonly user: string; readonly leadId: number | undefined },
): CallReport {
  const { query, source, state, direction, at = now } = request;
  return {
    ...whose,
    ...{ source, state, direction },
    at: at <= now && now - at < CLOCKS_DIFFER_MS ? at : now,
    sourceCallId: textOf(request.callId, CALL_TEXTS.callId),
    newCallId: request.newCallId,
    phone: textOf(query?.phone?.asSent, CALL_TEXTS.phone),
    numberKey: query?.phone?.key,
    line: textOf(request.line, CALL_TEXTS.line),
    answeredBy: textOf(request.answeredBy, CALL_TEXTS.line),
    outcome: textOf(request.outcome, CALL_TEXTS.outcome),
    mayBegin: query !== undefined,
  };
}

/** As a store takes it: telephone systems send what they like. */
function textOf(text: string | undefined, most: number): string | undefined {
  const kept = text
    ?.toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, most)
    .toWellFormed();
  return kept === '' ? undefined : kept;
}
