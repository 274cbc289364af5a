import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * `session`: who is signed in. `form`: that a form for who is not is ours, and whose card they want; it goes with the browser.
 */
const NAMES = { session: 'callercard', form: 'callercard-form' } as const;
type CookieName = keyof typeof NAMES;

/** 256 bits in base64url, as both cookies have them. */
const VALUE = /^[\w-]{43}$/;

/**
 * The cookie's value; undefined where there is none, or none of ours.
 *
 * @param name over TLS it has a prefix by which browsers refuse one that another host or an unencrypted page has set
 */
export function readCookie(request: FastifyRequest, name: CookieName): string | undefined {
  const wanted = nameOf(request, name);
  let found: string | undefined;
  // The last of several: version 0.1 set one for /card alone, which browsers send first.
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value = ''] = pair.trim().split('=', 2);
    if (key === wanted && VALUE.test(value)) found = value;
  }
  return found;
}

/**
 * Scripts never see it. Other sites' pages never cause `session` to be sent, and `form` only by leading to a page of ours, which
 * then knows whose card is wanted.
 *
 * @param maxAgeSeconds undefined: until the browser is closed; 0: the cookie is removed
 */
export function setCookie(
  reply: FastifyReply,
  name: CookieName,
  value: string,
  maxAgeSeconds?: number,
): void {
  const { request } = reply;
  const isSafe = isEncrypted(request);
  const parts = [
    `${nameOf(request, name)}=${value}`,
    'Path=/',
    'HttpOnly',
    `SameSite=${name === 'session' ? 'Strict' : 'Lax'}`,
    ...(isSafe ? ['Secure'] : []),
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
  ];
  // Fastify appends further cookies to the first.
  void reply.header('set-cookie', parts.join('; '));
}

/** As a trusted proxy says; otherwise by the connection itself. */
export function isEncrypted({ protocol }: FastifyRequest): boolean {
  return protocol === 'https';
}

function nameOf(request: FastifyRequest, name: CookieName): string {
  return `${isEncrypted(request) ? '__Host-' : ''}${NAMES[name]}`;
}

/**
 * For forms of who is not signed in, and for their cookie: a page of another site can neither read nor set them. One token for
 * all forms that a browser has open.
 */
export function keepFormToken(request: FastifyRequest, reply: FastifyReply): string {
  const token = readCookie(request, 'form') ?? randomBytes(32).toString('base64url');
  setCookie(reply, 'form', token);
  return token;
}

/** The token in forms of a signed-in user; the session's secret cannot be derived from it. */
export function formTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('form').digest('base64url');
}

/**
 * Whether a form comes from a page of ours, so that no other site makes a browser sign in or out.
 *
 * @param sent the token that came with the form
 * @param expected the token that our page put into it; undefined: there was no such page
 */
export function isOwnForm(
  request: FastifyRequest,
  sent: string | null,
  expected: string | undefined,
): boolean {
  return !isFromElsewhere(request) && sent !== null && expected !== undefined && isSame(sent, expected);
}

/** Whether headers of the browser name another site; without TLS it may send none. */
function isFromElsewhere({ headers, host }: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, origin = 'null', referer } = headers;
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  // Our pages send no referrer, and a browser then writes `null`.
  const source = origin === 'null' ? referer : origin;
  return source !== undefined && (!URL.canParse(source) || new URL(source).host !== host);
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
