import { cachedByText } from './bounded-map.ts';
import type { NumberMatch } from './lead.ts';
import type { OperatorAct } from './operator-act.ts';
import { maskPhone } from './phone.ts';
import type { ProblemCode, Enumeration } from './problem.ts';
import type { LookupQuery } from './query.ts';
import type { Right } from './rights.ts';
import type { TextQuery } from './text-query.ts';

/** What a request was sent to: the documented API or VICIdial's non-agent API (`goapi`), `/v1`, the caller-id endpoint, the card, the console, or a command; or which telephone system reported a call. */
export const ENDPOINTS = [
  'goapi',
  'v1',
  'caller-id',
  'card',
  'console',
  'cli',
  'asterisk',
  'dialer',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** Actions other than lookups, by result, and the kind of their records. `person_`, `timeline_read` and `calls_read` disclose leads; the others none. */
export const AUDIT_ACTIONS = {
  signed_in: 'sign-in',
  call_notified: 'call',
  call_changed: 'call',
  calls_read: 'lookup',
  lead_added: 'change',
  lead_changed: 'change',
  lead_removed: 'change',
  note_added: 'note',
  list_changed: 'change',
  timeline_read: 'lookup',
  person_found: 'person',
  person_exported: 'person',
  person_erased: 'person',
  administered: 'operator',
} as const;
export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** What the different leads of an account have come to on a day: most of its limit, all of it, or unusually many without one. */
export type LeadsReached = 'near limit' | 'limit' | 'unusual';

/** What of a lead was found: its id, one of its numbers, or words of it. */
export type FoundBy = 'lead_id' | NumberMatch | 'text';

/** One lookup or action, for log, metrics and audit: who asked, for what, what was found, how long it took. */
export interface LookupEvent {
  /** Milliseconds of the wall clock when the answer was known. */
  readonly at: number;
  readonly endpoint: Endpoint;
  /** The name of the domain that was asked. */
  readonly domain: string;
  readonly requestId: string;
  readonly address: string;
  /** The account's own name, also of one who was refused; undefined when there is no such account. */
  readonly user: string | undefined;
  readonly query: LookupQuery | TextQuery | undefined;
  /** `daily_leads` is no lookup, and not in the audit. */
  readonly result: 'found' | ProblemCode | AuditAction | 'daily_leads';
  /** The user on whose card a call is to be shown, as names compare. */
  readonly recipient?: string | undefined;
  /** Set with a change: the names of the fields that it concerns. */
  readonly fields?: readonly string[] | undefined;
  readonly listId?: number | undefined;
  /** With `administered`: what an admin does at the console. */
  readonly act?: OperatorAct | undefined;
  /** Set with an erasure that is done: the digest of its receipt. */
  readonly receipt?: string | undefined;
  /** With `api_not_allowed` what the user may not; else `edit` where a lookup is part of a change. */
  readonly right?: Right | undefined;
  /** Set with `rate_limited` when the user enumerates lead ids. */
  readonly enumeration?: Enumeration;
  /** With `daily_leads`: what the user has come to, and by how many leads. */
  readonly dailyLeads?: { readonly reached: LeadsReached; readonly leads: number };
  readonly leadId: number | undefined;
  readonly foundBy: FoundBy | undefined;
  readonly durationMs: number;
  /** The private cause of an error of ours, for the log. */
  readonly cause: unknown;
  /** What `writeShared` wrote of it. */
  shared?: string;
}

/** The longest text of strangers, such as an account's name, that is written; the rest is cut. */
export const TEXT_LIMIT = 100;

/**
 * An event as log and audit write it: no password, no field of the lead, the searched number masked, of searched words their
 * number alone. JSON omits undefined.
 */
export function redactEvent(event: LookupEvent) {
  return { domain: event.domain, ...sharedFields(event), ms: millisecondsOf(event), err: event.cause };
}

/** How long it took, to the microsecond. */
export function millisecondsOf({ durationMs }: LookupEvent): number {
  return Math.round(durationMs * 1000) / 1000;
}

/** What both write of an event. */
function sharedFields(event: LookupEvent) {
  const { query } = event;
  const phone = query?.by === 'text' ? query.number?.phone : query?.phone;
  return {
    result: event.result,
    ...sharedAct(event.act),
    right: event.right,
    user: event.user?.slice(0, TEXT_LIMIT),
    address: event.address.slice(0, TEXT_LIMIT),
    endpoint: event.endpoint,
    askedLead: query?.by === 'lead_id' ? query.leadId : undefined,
    askedPhone: phone === undefined ? undefined : maskPhone(phone.digits),
    askedWords: query?.by === 'text' ? query.words.length : undefined,
    leadId: event.leadId,
    foundBy: event.foundBy,
    recipient: event.recipient?.slice(0, TEXT_LIMIT),
    listId: event.listId,
    fields: event.fields?.slice(0, TEXT_LIMIT).map((field) => field.slice(0, TEXT_LIMIT)),
    receipt: event.receipt,
    requestId: event.requestId.slice(0, TEXT_LIMIT),
  };
}

function sharedAct(act: OperatorAct | undefined) {
  return act && { action: act.action, subject: act.subject?.slice(0, TEXT_LIMIT) };
}

/** What both write of an event, as the inside of a JSON object: written once, because it is a tenth of a lookup's time. */
export function writeShared(event: LookupEvent): string {
  return (event.shared ??= membersOf(sharedFields(event)));
}

/** The inside of a JSON object, in printable ASCII, on one line, whatever the texts hold. */
export function membersOf(value: object): string {
  return inAscii(JSON.stringify(value)).slice(1, -1);
}

const DOMAINS_KEPT = 1_000;

/** The member that names the domain: written once for all events of it. */
export const domainMember = cachedByText((domain) => membersOf({ domain }), DOMAINS_KEPT);

/** What log and audit call the event: a lookup, or the kind of its action. */
export function kindOf({
  result,
}: Pick<LookupEvent, 'result'>): 'lookup' | (typeof AUDIT_ACTIONS)[AuditAction] {
  return result in AUDIT_ACTIONS ? AUDIT_ACTIONS[result as AuditAction] : 'lookup';
}

/** Beyond printable ASCII there are characters that end a line, move a cursor or reverse the text. */
const NOT_PRINTABLE_ASCII = /[^ -~]/g;

/** JSON text of one line in printable ASCII; its value is the same. */
export function inAscii(json: string): string {
  return json.replace(
    NOT_PRINTABLE_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

let last = { at: NaN, text: '' };

/**
 * A time in ISO 8601, UTC. Caches the last one: log and audit write the same, and a busy server writes several in a
 * millisecond.
 *
 * @param at milliseconds of the wall clock
 */
export function isoTime(at: number): string {
  if (last.at !== at) last = { at, text: new Date(at).toISOString() };
  return last.text;
}
