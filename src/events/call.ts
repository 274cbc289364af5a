import { randomBytes } from 'node:crypto';

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

export const DIRECTIONS = ['inbound', 'outbound'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What a dialer or a PBX says about a call: the number, the lead, or both. */
export interface CallNotification {
  /** As it was sent; read as any other number when the card asks for it. */
  readonly phone?: string | undefined;
  readonly leadId?: number | undefined;
  /** The sender's own name for the call. */
  readonly callId?: string | undefined;
  readonly direction?: Direction | undefined;
}

/** The longest text that one of our processes writes. */
const MAX_TEXT = 300;
/** How far the clocks of several machines may differ. */
const MAX_AHEAD_MS = 60_000;

/** 12 characters, unique. */
export function makeCallId(): string {
  return randomBytes(9).toString('base64url');
}

/** A call on its way to the cards of one user. */
export interface Call extends CallTarget, CallNotification {
  /** Unique over all processes. */
  readonly id: string;
  /** Milliseconds since 1970, UTC, by the clock of the process that was notified. */
  readonly at: number;
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
  const { id, domain, user, account, store, at, phone, leadId, callId, direction } = parseObject(text);
  if (!isText(id) || !/^[\w-]{12}$/.test(id) || !isText(domain) || !isText(user)) return undefined;
  // One of the future would hide all that come before it.
  if (typeof at !== 'number' || !(at <= now + MAX_AHEAD_MS)) return undefined;
  const way = DIRECTIONS.find((known) => known === direction);
  return {
    id,
    domain,
    user,
    at,
    ...(isText(account) ? { account } : {}),
    ...(isText(store) ? { store } : {}),
    ...(isText(phone) ? { phone } : {}),
    ...(Number.isSafeInteger(leadId) ? { leadId: Number(leadId) } : {}),
    ...(isText(callId) ? { callId } : {}),
    ...(way === undefined ? {} : { direction: way }),
  };
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
