import { COUNTED_MATCHES, type ListScope } from './lead.ts';
import type { Page } from './lead-store.ts';
import type { CallState, Direction } from './reported-call.ts';

/** What reports calls: a program at `POST /v1/calls` or `/pop`, or a telephone system that callercard listens to. */
export const CALL_SOURCES = ['api', 'asterisk', 'dialer'] as const;
export type CallSource = (typeof CALL_SOURCES)[number];

/** How many characters of a call's texts are kept. */
export const CALL_TEXTS = { phone: 64, callId: 128, line: 128, outcome: 64, note: 4_000 } as const;

/**
 * For so long after a call was first heard of, reports with the source's id of it are about that call. Some systems begin to
 * count anew: a later one with the same id is another call.
 */
export const SAME_CALL_MS = 24 * 60 * 60 * 1000;

/** A call at one agent. Times are milliseconds of the wall clock, UTC. */
export interface KeptCall {
  /** By which the API knows it: 12 characters. */
  readonly callId: string;
  readonly source: CallSource;
  /** The source's own id: the same at each agent at whom the call rang. */
  readonly sourceCallId?: string;
  /** The agent's `Account.id`. */
  readonly account: string;
  /** The agent's name, as it was then. */
  readonly user: string;
  readonly state: CallState;
  readonly direction?: Direction;
  /** The number of the other side, as it was sent. */
  readonly phone?: string;
  /** That the source named, or the only one that had the number then. */
  readonly leadId?: number;
  /** The queue, campaign or number that was called. */
  readonly line?: string;
  readonly startedAt: number;
  readonly answeredAt?: number;
  readonly endedAt?: number;
  /** The agent who has it, where it ended here because somebody else answered. */
  readonly answeredBy?: string;
  /** How it ended, in the word of whoever said so. */
  readonly outcome?: string;
  readonly note?: string;
}

/** What is reported of a call. What is undefined is not known. */
export interface CallReport {
  readonly source: CallSource;
  /** Undefined: each report is a call of its own. */
  readonly sourceCallId?: string | undefined;
  /** The `callId` of the call, if it begins with this report: cards know it by that already. Undefined: the store makes one. */
  readonly newCallId?: string | undefined;
  readonly account: string;
  readonly user: string;
  readonly state: CallState;
  /** When it came to be in that state. */
  readonly at: number;
  readonly direction?: Direction | undefined;
  readonly phone?: string | undefined;
  /** The comparable form of the number, as in `PhoneNumber.key`. */
  readonly numberKey?: string | undefined;
  readonly leadId?: number | undefined;
  readonly line?: string | undefined;
  readonly answeredBy?: string | undefined;
  readonly outcome?: string | undefined;
  /** It is of a call that may be new; else only of one that is kept already. */
  readonly mayBegin: boolean;
}

/** What came of a report: the call as it is kept, and what is new of it. */
export interface ReportedAs {
  readonly call: KeptCall;
  /** `none`: the report came twice, or late. */
  readonly news: 'call' | 'state' | 'none';
}

/** What somebody says of a call that is kept; an empty text takes back what was said. */
export interface CallAmendment {
  readonly state?: CallState | undefined;
  readonly outcome?: string | undefined;
  readonly note?: string | undefined;
  /** With whom the call was, where that was not known. */
  readonly leadId?: number | undefined;
  /** Whether the call is as somebody has read it who says this; undefined: it need not be. */
  readonly isAsRead?: ((call: KeptCall) => boolean) | undefined;
  /** When. */
  readonly at: number;
}

/** What came of an amendment; `changed`: the call is not as it was read, and nothing was written. */
export type Amended = { readonly call: KeptCall; readonly news: 'state' | 'none' } | 'changed';

/** Whose calls. */
export type CallChoice = { readonly leadId: number } | { readonly account: string } | CallsOfNumber;

/** Those of leads in these lists, and of no lead. Within a scope, among the newest NEWEST_OF_NUMBER of the number. */
export interface CallsOfNumber {
  readonly numberKey: string;
  readonly scope: ListScope;
  /** Those of no lead are left out: the number is of somebody beyond the scope. */
  readonly isOthers?: boolean;
}

/** So many calls of a number are looked through for those of some lists, however many there are. */
export const NEWEST_OF_NUMBER = 5_000;

export interface CallPage {
  /** On all pages; at most COUNTED_MATCHES and one. */
  readonly total: number;
  /** The newest first. */
  readonly calls: readonly KeptCall[];
}

/**
 * The port through which calls are kept, of stores that are callercard's own. One test body (test/stores/calls.contract.ts) runs
 * against every engine. Its methods reject with StoreFailure.
 */
export interface CallStore {
  /**
   * Keeps a report. A call does not go back: whatever order reports come in, it is as the furthest of them says.
   *
   * @returns undefined: there is no such call, and none may begin
   */
  report(report: CallReport): Promise<ReportedAs | undefined>;
  /** @returns undefined: there is no such call */
  read(callId: string): Promise<KeptCall | undefined>;
  /**
   * The state goes forward only.
   *
   * @returns undefined: there is no such call
   */
  amend(callId: string, amendment: CallAmendment): Promise<Amended | undefined>;
  find(choice: CallChoice, page: Page): Promise<CallPage>;
  /** How many calls of no lead that is known began before a moment. */
  countUnknown(before: number): Promise<number>;
  /**
   * Deletes those among the next calls, in the order in which they were heard of.
   *
   * @param after where the last time ended; 0: nowhere
   */
  forgetUnknown(before: number, after: number): Promise<ForgottenCalls>;
}

export interface ForgottenCalls {
  readonly count: number;
  /** Where to go on; undefined: there are no more calls. */
  readonly next: number | undefined;
}

/** So many calls are looked at in one transaction to forget some of them: others wait meanwhile. */
export const CALLS_AT_ONCE = 1_000;

/** As many are counted. */
export const MOST_COUNTED = COUNTED_MATCHES + 1;

const RANK = { ringing: 0, answered: 1, ended: 2 } as const satisfies Record<CallState, number>;

/** Whether a call that was in one state has come further. */
export function isFurther(state: CallState, than: CallState): boolean {
  return RANK[state] > RANK[than];
}

/** The call with a report of it, which fills in what was not known and brings it further where it says so. */
export function withReport(call: KeptCall, report: CallReport): KeptCall {
  const { direction, phone, leadId, line } = report;
  const known = {
    ...(direction !== undefined && { direction }),
    ...(phone !== undefined && { phone }),
    ...(leadId !== undefined && { leadId }),
    ...(line !== undefined && { line }),
    ...call,
  };
  return withState(known, report);
}

/** @param to where it is no further, nothing of it counts */
export function withState(
  call: KeptCall,
  to: Pick<CallReport, 'at' | 'answeredBy' | 'outcome'> & { readonly state: CallState },
): KeptCall {
  const { state, answeredBy, outcome } = to;
  if (!isFurther(state, call.state)) return call;
  // Also where the clock of a telephone system goes back.
  const at = Math.max(to.at, call.answeredAt ?? call.startedAt);
  if (state === 'answered') return { ...call, state, answeredAt: at };
  return {
    ...call,
    state,
    endedAt: at,
    ...(answeredBy !== undefined && { answeredBy }),
    // What somebody said of it meanwhile counts.
    ...(outcome !== undefined && call.outcome === undefined && { outcome }),
  };
}

/** The call with what somebody says of it. */
export function withAmendment(
  call: KeptCall,
  { state, outcome, note, leadId, isAsRead, at }: CallAmendment,
): Amended {
  if (isAsRead?.(call) === false) return 'changed';
  const forward = state === undefined ? call : withState(call, { state, at });
  const { outcome: outcomeBefore, note: noteBefore, ...rest } = forward;
  const said = { outcome: outcome ?? outcomeBefore, note: note ?? noteBefore };
  return {
    call: {
      ...(leadId !== undefined && { leadId }),
      ...rest,
      ...(said.outcome !== undefined && said.outcome !== '' && { outcome: said.outcome }),
      ...(said.note !== undefined && said.note !== '' && { note: said.note }),
    },
    news: forward === call ? 'none' : 'state',
  };
}

/** How Asterisk says that it tried to reach somebody (its DIALSTATUS). */
export const DIAL_STATUSES = ['ANSWER', 'BUSY', 'CANCEL', 'CHANUNAVAIL', 'CONGESTION', 'NOANSWER'] as const;
export type DialStatus = (typeof DIAL_STATUSES)[number];

/** @returns undefined: what is kept of its end is somebody's own word */
export function dialStatusOf({
  source,
  outcome,
  answeredAt,
}: Pick<KeptCall, 'source' | 'outcome' | 'answeredAt'>): DialStatus | undefined {
  const status = source === 'dialer' ? undefined : DIAL_STATUSES.find((known) => known === outcome);
  // An agent's word for a call that was answered may be CANCEL, too.
  return (status === 'ANSWER') === (answeredAt !== undefined) ? status : undefined;
}
