import { hash, randomBytes } from 'node:crypto';

import { isFurther } from '../core/call-store.ts';
import { CALL_STATES, type CallState, DIRECTIONS, type Direction } from '../core/reported-call.ts';

/** At whose card a call is shown. */
export interface CallTarget {
  /** The domain's name. */
  readonly domain: string;
  /** The user as `userIdentity` writes it: one user, whatever the spelling. */
  readonly user: string;
  /** The store's own id of the user, which is never used again: somebody of the same name who comes later is another one. */
  readonly account?: string | undefined;
  /** Which file the domain's store is in, if it is one of ours: in another one the same id is another user. */
  readonly store?: string | undefined;
}

/** What a dialer or a PBX says about a call: the number, the lead, or both. */
export interface CallNotification {
  /** As it was sent; read as any other number when the card asks for it. */
  readonly phone?: string | undefined;
  readonly leadId?: number | undefined;
  /** The sender's own name for the call. */
  readonly callId?: string | undefined;
  readonly direction?: Direction | undefined;
  /** Undefined: it rings. */
  readonly state?: CallState | undefined;
  /** The queue, campaign or number that was called. */
  readonly line?: string | undefined;
  /** The agent's user name who has it, where it ended here because somebody else answered. */
  readonly answeredBy?: string | undefined;
  /** Milliseconds since 1970, UTC. */
  readonly answeredAt?: number | undefined;
  readonly endedAt?: number | undefined;
}

/** The longest text that one of our processes writes. */
const MAX_TEXT = 300;
/** How far the clocks of several machines may differ. */
const MAX_AHEAD_MS = 60_000;

/** 12 characters, unique. */
export function makeCallId(): string {
  return randomBytes(9).toString('base64url');
}

/** The same for every report of a call at one user, where the sender has its own id of it and no store keeps the call. */
export function callIdOf(target: CallTarget, source: string, callId: string): string {
  return hash('sha256', `${source}\0${keyOf(target)}\0${callId}`, 'base64url').slice(0, 12);
}

/** A call on its way to the cards of one user. */
export interface Call extends CallTarget, CallNotification {
  /** Unique over all processes. */
  readonly id: string;
  /** When it was first heard of: milliseconds since 1970, UTC, by the clock of the process that was notified. */
  readonly at: number;
}

/** Whether a call has come further than what is known of the same one. */
export function isNews(call: Call, known: Call): boolean {
  return call.id === known.id && isFurther(call.state ?? 'ringing', known.state ?? 'ringing');
}

/** The key of a user; a domain's name has no space. */
export function keyOf({ domain, user, account }: CallTarget): string {
  return account === undefined ? `${domain} ${user}` : `${domain} ${user} ${account}`;
}

/**
 * Reads a call as the processes send it to each other: as JSON.
 *
 * @param now milliseconds since 1970, UTC
 * @returns undefined for what none of our processes wrote, as far as that can be seen: others may have the same Redis
 */
export function readCall(text: string, now: number): Call | undefined {
  const sent = parseObject(text);
  const { id, domain, user, at } = sent;
  if (!isText(id) || !/^[\w-]{12}$/.test(id) || !isText(domain) || !isText(user)) return undefined;
  // One of the future would hide all that come before it.
  if (typeof at !== 'number' || !(at <= now + MAX_AHEAD_MS)) return undefined;
  const direction = DIRECTIONS.find((known) => known === sent.direction);
  const state = CALL_STATES.find((known) => known === sent.state);
  return {
    ...{ id, domain, user, at },
    ...pick(sent, TEXTS, isText),
    ...pick(sent, NUMBERS, isWhole),
    ...(direction === undefined ? {} : { direction }),
    ...(state === undefined ? {} : { state }),
  };
}

const TEXTS = ['account', 'store', 'phone', 'callId', 'line', 'answeredBy'] as const;
const NUMBERS = ['leadId', 'answeredAt', 'endedAt'] as const;

/** Those members that are as they should be. */
function pick<Name extends string, Value>(
  sent: Readonly<Record<string, unknown>>,
  names: readonly Name[],
  isGood: (value: unknown) => value is Value,
): Partial<Record<Name, Value>> {
  const good: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const value = sent[name];
    if (isGood(value)) good[name] = value;
  }
  return good;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}
