import type { PhoneColumn } from '../lead/lead.ts';
import { maskPhone } from '../lead/phone.ts';
import type { ProblemCode, Walk } from '../lead/problem.ts';
import type { Question } from '../lead/question.ts';

/** Through which door a lookup came. */
export type Door = 'goapi' | 'command' | 'api' | 'caller-id' | 'card';

/** One lookup, for log, metrics and audit: who asked, for what, what was found, how long it took. */
export interface LookupEvent {
  /** Milliseconds of the wall clock when the answer was known. */
  readonly at: number;
  readonly door: Door;
  /** Whose users and leads were asked: the domain's name. */
  readonly domain: string;
  readonly requestId: string;
  readonly address: string;
  /** The account's own name, also of one who was refused; undefined when there is no such account. */
  readonly user: string | undefined;
  readonly question: Question | undefined;
  readonly result: 'found' | ProblemCode;
  /** `rate_limited` because the user walks through lead ids. */
  readonly walk?: Walk;
  readonly leadId: number | undefined;
  readonly foundBy: 'lead_id' | PhoneColumn | undefined;
  readonly durationMs: number;
  /** The private cause of a fault of ours, for the log. */
  readonly cause: unknown;
}

/** An event as it may be written down; what is undefined is left out. */
export interface RedactedEvent {
  readonly door: Door;
  readonly domain: string;
  readonly requestId: string;
  readonly address: string;
  readonly user: string | undefined;
  readonly askedLead: number | undefined;
  readonly askedPhone: string | undefined;
  readonly result: LookupEvent['result'];
  readonly leadId: number | undefined;
  readonly foundBy: LookupEvent['foundBy'];
  /** Milliseconds. */
  readonly ms: number;
  readonly err: unknown;
}

/** What may be written down of an event: no password, no field values, the searched number masked. */
export function redactEvent(event: LookupEvent): RedactedEvent {
  const { question } = event;
  return {
    door: event.door,
    domain: event.domain,
    requestId: event.requestId,
    address: event.address,
    user: event.user,
    askedLead: question?.by === 'lead_id' ? question.leadId : undefined,
    askedPhone: question?.phone === undefined ? undefined : maskPhone(question.phone.digits),
    result: event.result,
    leadId: event.leadId,
    foundBy: event.foundBy,
    ms: Math.round(event.durationMs * 1000) / 1000,
    err: event.cause,
  };
}

let lastTime = { at: NaN, text: '' };

/**
 * A time as it is written down, in UTC. Remembers the last one: log and audit write the same one, and a busy server writes
 * several in a millisecond.
 *
 * @param at milliseconds of the wall clock
 */
export function timeOf(at: number): string {
  if (lastTime.at !== at) lastTime = { at, text: new Date(at).toISOString() };
  return lastTime.text;
}
