import type { CallSource, KeptCall, ReportedAs } from '../core/call-store.ts';
import type { CallHub } from './call-hub.ts';
import { type CallNotification, callIdOf, type CallTarget, makeCallId } from './call.ts';

/**
 * Shows what came of a report on the cards of its agent.
 *
 * @param target undefined: there is no such user. Nothing is kept for somebody whom there is not, and nobody learns of that
 * @param said `id`: under which cards know the call, where that is said; else that of the store
 * @param reported as the store keeps the call; undefined: it keeps none, because calls are kept elsewhere, or cannot now
 * @returns the id of the call
 */
export function publishReport(
  calls: CallHub,
  target: CallTarget | undefined,
  said: CallNotification & {
    readonly source: CallSource;
    readonly at?: number | undefined;
    readonly id?: string | undefined;
  },
  reported: ReportedAs | undefined,
): string {
  const { source, id: shownId, ...about } = said;
  if (target === undefined) return makeCallId();
  if (reported !== undefined) {
    const { call, news } = reported;
    // As it was sent: the lead that was found by the number alone is not what the card asks for.
    if (news !== 'none') calls.publish(target, { ...about, ...aboutKept(call), id: shownId ?? call.callId });
    return call.callId;
  }
  const id = shownId ?? (about.callId === undefined ? makeCallId() : callIdOf(target, source, about.callId));
  return calls.publish(target, { ...about, id }).id;
}

/** What is new of a call that is kept. */
export function aboutKept(call: KeptCall) {
  const { callId: id, startedAt: at, state, direction, phone, leadId, line } = call;
  const { answeredAt, endedAt, answeredBy } = call;
  return {
    ...{ id, at, state },
    ...(direction !== undefined && { direction }),
    // Without a number it was named, and is what a card asks for that has not heard of the call.
    ...(phone === undefined && leadId !== undefined && { leadId }),
    ...(phone !== undefined && { phone }),
    ...(line !== undefined && { line }),
    ...(answeredAt !== undefined && { answeredAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(answeredBy !== undefined && { answeredBy }),
  };
}
