import type { KeptCall } from '../../core/call-store.ts';
import type { CallResource } from './schemas-calls.ts';

/** A call as the API shows it. */
export function callResource(call: KeptCall): CallResource {
  const { callId, source, sourceCallId, user, state, direction, phone, leadId, line } = call;
  return {
    call: callId,
    user,
    state,
    direction: direction ?? null,
    phone: phone ?? null,
    lead_id: leadId ?? null,
    line: line ?? null,
    started_at: timeOf(call.startedAt),
    answered_at: call.answeredAt === undefined ? null : timeOf(call.answeredAt),
    ended_at: call.endedAt === undefined ? null : timeOf(call.endedAt),
    answered_by: call.answeredBy ?? null,
    outcome: call.outcome ?? null,
    note: call.note ?? null,
    source,
    call_id: sourceCallId ?? null,
  };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
