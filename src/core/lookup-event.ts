import type { PhoneColumn } from './lead.ts';
import { maskPhone } from './phone.ts';
import type { ProblemCode, Enumeration } from './problem.ts';
import type { LookupQuery } from './query.ts';

/** Through which door a lookup came. */
export const ENDPOINTS = ['goapi', 'command', 'api', 'caller-id', 'card'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** What somebody may do beside looking up, and what its records are called: neither tells anything of a lead. */
export const AUDIT_ACTIONS = { signed_in: 'sign-in', call_told: 'call' } as const;
export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** One lookup, or a deed beside it, for log, metrics and audit: who asked, for what, what was found, how long it took. */
export interface LookupEvent {
  /** Milliseconds of the wall clock when the answer was known. */
  readonly at: number;
  readonly door: Endpoint;
  /** Whose users and leads were asked: the domain's name. */
  readonly domain: string;
  readonly requestId: string;
  readonly address: string;
  /** The account's own name, also of one who was refused; undefined when there is no such account. */
  readonly user: string | undefined;
  readonly query: LookupQuery | undefined;
  readonly result: 'found' | ProblemCode | AuditAction;
  /** At whose card a told call is to be shown, as names compare. */
  readonly recipient?: string | undefined;
  /** `rate_limited` because the user walks through lead ids. */
  readonly enumeration?: Enumeration;
  readonly leadId: number | undefined;
  readonly foundBy: 'lead_id' | PhoneColumn | undefined;
  readonly durationMs: number;
  /** The private cause of a fault of ours, for the log. */
  readonly cause: unknown;
  /** What `membersOf` wrote, once for log and audit. */
  members?: string | undefined;
}

/** An event as it may be written down; what is undefined is left out. */
export interface RedactedEvent {
  readonly door: Endpoint;
  readonly domain: string;
  readonly requestId: string;
  readonly address: string;
  readonly user: string | undefined;
  readonly askedLead: number | undefined;
  readonly askedPhone: string | undefined;
  readonly result: LookupEvent['result'];
  readonly leadId: number | undefined;
  readonly foundBy: LookupEvent['foundBy'];
  readonly recipient: string | undefined;
  /** Milliseconds. */
  readonly ms: number;
  readonly err: unknown;
}

/** What may be written down of an event: no password, no field values, the searched number masked. */
export function redactEvent(event: LookupEvent): RedactedEvent {
  const { query: question } = event;
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
    recipient: event.recipient,
    ms: Math.round(event.durationMs * 1000) / 1000,
    err: event.cause,
  };
}

/** Beyond this, what others chose (an account's name, a proxy's idea of an address) is cut: a line stays short. */
const TEXT_LIMIT = 100;
/** What stands in JSON as it is: printable ASCII without quote and backslash. */
const SIMPLE = /^[ !#-[\]-~]*$/;
/** Beyond printable ASCII there are characters that end a line, move a cursor or turn the text around. */
const NOT_PLAIN = /[^ -~]/g;

/**
 * What may be written down of an event, as members of a JSON object in ASCII; without its time, how long it took, its
 * domain and its cause. Written once, by hand: a third of the time of JSON.stringify and a search for what must be escaped,
 * for each of log and audit, and this is done for each lookup.
 */
export function membersOf(event: LookupEvent): string {
  if (event.members === undefined) {
    const { result, user, address, door, askedLead, askedPhone, leadId, foundBy, recipient, requestId } =
      redactEvent(event);
    event.members =
      `"result":"${result}"${user === undefined ? '' : `,"user":${quote(user)}`},"address":${quote(address)},"door":"${door}"` +
      (askedLead === undefined ? '' : `,"askedLead":${askedLead}`) +
      (askedPhone === undefined ? '' : `,"askedPhone":"${askedPhone}"`) +
      (leadId === undefined ? '' : `,"leadId":${leadId},"foundBy":"${foundBy}"`) +
      (recipient === undefined ? '' : `,"recipient":${quote(recipient)}`) +
      `,"requestId":${quote(requestId)}`;
  }
  return event.members;
}

/** What log and audit call it. */
export function kindOf({
  result,
}: Pick<LookupEvent, 'result'>): 'lookup' | (typeof AUDIT_ACTIONS)[AuditAction] {
  return result in AUDIT_ACTIONS ? AUDIT_ACTIONS[result as AuditAction] : 'lookup';
}

/** A text as JSON in ASCII, cut to a hundred characters. */
export function quote(text: string): string {
  const short = text.length <= TEXT_LIMIT ? text : text.slice(0, TEXT_LIMIT);
  return SIMPLE.test(short) ? `"${short}"` : inAscii(JSON.stringify(short));
}

/** JSON in which nothing but ASCII stands. */
export function inAscii(json: string): string {
  return json.replace(NOT_PLAIN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
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
