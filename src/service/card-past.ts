import type { Principal } from '../auth/principal.ts';
import { type CallStore, type DialStatus, dialStatusOf, type KeptCall } from '../core/call-store.ts';
import type { DialerCall, DialerCallback, LeadHistory } from '../core/lead-history.ts';
import type { LookupResult } from '../core/lead-store.ts';
import { isNumberLine, maskCall } from '../core/masks.ts';
import type { Direction } from '../core/reported-call.ts';
import { RIGHT_BIT } from '../core/rights.ts';
import { historyOf } from './lead-history.ts';
import type { LeadPorts } from './lookup.ts';
import type { RecordPorts } from './record-work.ts';

/** When somebody last spoke with a customer, or tried to, and what came of it; what is left out is not known. */
export interface LastCall {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  /** The agent. */
  readonly by?: string | undefined;
  /** As the agent or the dialer called it: a disposition. */
  readonly outcome?: string | undefined;
  /** What the telephone system says of its end, where nobody has called it anything. */
  readonly dialStatus?: DialStatus | undefined;
  readonly direction?: Direction | undefined;
  /** Queue, campaign or number of ours. */
  readonly line?: string | undefined;
}

export interface PastCall extends LastCall {
  readonly type: 'call';
  readonly note?: string | undefined;
}

export interface PastNote {
  readonly type: 'note';
  readonly at: number;
  /** Undefined: that is not known. */
  readonly by?: string | undefined;
  readonly text: string;
}

/** What happened with a customer, of what an agent asks at a call. */
export type PastEntry = PastCall | PastNote | DialerCallback;

/** From where it is read. */
export interface PastPorts extends Pick<LeadPorts, 'leadsFor'>, Pick<RecordPorts, 'recordsFor'> {
  /** Undefined: the store keeps no calls. */
  readonly calls: () => CallStore | undefined;
  /** What is masked of a lead for somebody in any list that it is or was in. */
  readonly masksEver: (principal: Principal, leadId: number) => Promise<ReadonlySet<string>>;
}

/** The newest entries of a lead's past. */
interface Past {
  /** The newest first. */
  readonly entries: readonly PastEntry[];
  readonly doNotCall?: LeadHistory['doNotCall'];
  /** It is kept here, not by a dialer. */
  readonly isOwn: boolean;
}

/** Some calls may go on, and are passed over. */
const CALLS = { offset: 0, limit: 8 };
const NOTES = { offset: 0, limit: 5 };
const OF_DIALER = { offset: 0, limit: 20 };

/**
 * Of an own store, calls and notes; but no notes for those who have them on the card anyway, because they may write them. Of a
 * dialer what it keeps.
 *
 * @returns undefined: nothing of it can be read
 */
export async function readPast(
  ports: PastPorts,
  principal: Principal,
  result: LookupResult,
  now: number,
): Promise<Past | undefined> {
  const calls = ports.calls();
  if (calls === undefined) {
    const history = await historyOf(ports.leadsFor(principal), principal, result, OF_DIALER);
    return history && pastOfDialer(history, now);
  }
  const { leadId } = result;
  const records = (principal.rights & RIGHT_BIT.edit) === 0 ? ports.recordsFor(principal) : undefined;
  const [kept, noted] = await Promise.all([calls.find({ leadId }, CALLS), records?.notes(leadId, NOTES)]);
  const finished = finishedCalls(kept.calls, now);
  const masks = finished.some(({ note, line }) => note !== undefined || isNumberLine(line))
    ? await ports.masksEver(principal, leadId)
    : NO_MASKS;
  const entries: PastEntry[] = [
    ...finished.map((call) => pastCall(maskCall(call, masks))),
    ...(noted?.notes ?? []).map(({ at, user, text }) => ({ type: 'note', at, by: user, text }) as const),
  ];
  return { isOwn: true, entries: entries.sort((one, other) => other.at - one.at) };
}

const NO_MASKS: ReadonlySet<string> = new Set();

function pastOfDialer({ entries, doNotCall }: LeadHistory, now: number): Past {
  const shown = entries.flatMap((entry): readonly PastEntry[] => {
    if (entry.type === 'call') return finishedCalls([entry], now).map(pastCall);
    if (entry.type === 'callback') return [entry];
    const { at, user, text } = entry;
    return [{ type: 'note', at, by: nameIn(user), text }];
  });
  return { isOwn: false, entries: shown, doNotCall };
}

function pastCall(call: KeptCall | DialerCall): PastCall {
  return { type: 'call', ...lastCallIn(call), ...('note' in call && { note: call.note }) };
}

export function lastCallIn(call: KeptCall | DialerCall): LastCall {
  const { startedAt, user, outcome, direction, line } = call;
  const by = ('answeredBy' in call ? call.answeredBy : undefined) ?? nameIn(user);
  const dialStatus = dialStatusOf(call);
  return { at: startedAt, by, ...(dialStatus === undefined ? { outcome } : { dialStatus }), direction, line };
}

/** A dialer names nobody by an empty text. */
function nameIn(user: string): string | undefined {
  return user === '' ? undefined : user;
}

/** A call that rings longer has ended, and nobody reported it. */
const RINGS_MS = 2 * 60 * 1000;
/** The same for an answered call. */
const TAKES_MS = 4 * 60 * 60 * 1000;

/** Without what goes on now: that is the call for which the card is open. */
export function finishedCalls<Call extends KeptCall | DialerCall>(
  calls: readonly Call[],
  now: number,
): readonly Call[] {
  const goesOn = ({ state, startedAt }: Call) =>
    state !== 'ended' && now - startedAt < (state === 'ringing' ? RINGS_MS : TAKES_MS);
  return calls.filter((call) => !goesOn(call));
}
