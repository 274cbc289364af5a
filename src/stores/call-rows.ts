import { randomBytes } from 'node:crypto';

import { type CallReport, type CallSource, type KeptCall, withState } from '../core/call-store.ts';
import type { LeadCall, TimelineEntry } from '../core/record-store.ts';
import type { Direction } from '../core/reported-call.ts';

type Row = Readonly<Record<string, unknown>>;

/** The columns of the table calls that a call is read from. */
export const CALL_COLUMNS = [
  ...['call_id', 'source', 'source_call_id', 'user_id', 'user_name', 'direction', 'phone', 'lead_id', 'line'],
  ...['started_at', 'answered_at', 'ended_at', 'answered_by', 'outcome', 'note'],
] as const;

/** What is written of a new call: CALL_COLUMNS, then the comparable number. */
export const NEW_CALL_COLUMNS = [...CALL_COLUMNS, 'number_key'] as const;

/** What of a call that is there may change; what is NULL there is kept. */
export const CHANGED_COLUMNS = [
  ...['direction', 'phone', 'lead_id', 'line', 'answered_at', 'ended_at', 'answered_by', 'outcome', 'note'],
] as const;

/** SQL. Of no lead, or of one of which nothing is kept: the import that added it was taken back. */
export const OF_NOBODY = `(calls.lead_id IS NULL
  OR NOT EXISTS (SELECT 1 FROM leads WHERE leads.lead_id = calls.lead_id)
    AND NOT EXISTS (SELECT 1 FROM lead_changes WHERE lead_changes.lead_id = calls.lead_id))`;

/** @param row of the table calls */
export function callOf(row: Row): KeptCall {
  const text = (column: string) => (typeof row[column] === 'string' ? row[column] : undefined);
  const number = (column: string) => (row[column] === null ? undefined : Number(row[column]));
  const all = {
    callId: String(row.call_id),
    source: String(row.source) as CallSource,
    sourceCallId: text('source_call_id'),
    account: String(row.user_id),
    user: String(row.user_name),
    state: stateOf(row),
    direction: text('direction') as Direction | undefined,
    phone: text('phone'),
    leadId: number('lead_id'),
    line: text('line'),
    startedAt: Number(row.started_at),
    answeredAt: number('answered_at'),
    endedAt: number('ended_at'),
    answeredBy: text('answered_by'),
    outcome: text('outcome'),
    note: text('note'),
  };
  // What is not known is left out.
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as unknown as KeptCall;
}

/** The call as a timeline has it. */
export function entryOf(call: KeptCall): LeadCall {
  return { type: 'call', at: call.startedAt, ...call };
}

/** The timeline of a lead with calls that are of its numbers, and of no lead. */
export function newestFirst(
  timeline: readonly TimelineEntry[],
  calls: readonly LeadCall[],
): readonly TimelineEntry[] {
  return calls.length === 0 ? timeline : [...timeline, ...calls].sort((a, b) => b.at - a.at);
}

function stateOf({ answered_at: answeredAt, ended_at: endedAt }: Row): KeptCall['state'] {
  if (endedAt !== null) return 'ended';
  return answeredAt === null ? 'ringing' : 'answered';
}

/** The number by which a call that is not over is distinguished from an earlier one with the same id of its source. */
export function begunNumber({ state, numberKey }: CallReport): string | null {
  return state === 'ended' ? null : (numberKey ?? null);
}

/** A call by the first report of it. */
export function newCall(report: CallReport): KeptCall {
  const { source, sourceCallId, account, user, direction, phone, leadId, line, at } = report;
  const ringing: KeptCall = {
    callId: report.newCallId ?? randomBytes(9).toString('base64url'),
    ...{ source, account, user, state: 'ringing', startedAt: at },
    ...(sourceCallId !== undefined && { sourceCallId }),
    ...(direction !== undefined && { direction }),
    ...(phone !== undefined && { phone }),
    ...(leadId !== undefined && { leadId }),
    ...(line !== undefined && { line }),
  };
  return withState(ringing, report);
}

const bound = (call: KeptCall): Readonly<Record<string, string | number | null>> => ({
  call_id: call.callId,
  source: call.source,
  source_call_id: call.sourceCallId ?? null,
  user_id: Number(call.account),
  user_name: call.user,
  direction: call.direction ?? null,
  phone: call.phone ?? null,
  lead_id: call.leadId ?? null,
  line: call.line ?? null,
  started_at: call.startedAt,
  answered_at: call.answeredAt ?? null,
  ended_at: call.endedAt ?? null,
  answered_by: call.answeredBy ?? null,
  outcome: call.outcome ?? null,
  note: call.note ?? null,
});

/** What both engines bind to write columns of a call. */
export function boundByCall(call: KeptCall, columns: readonly string[]): (string | number | null)[] {
  const values = bound(call);
  return columns.map((column) => values[column] ?? null);
}
