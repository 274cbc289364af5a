import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

/** For the sign-in form and its cookie: both have it, and a page of another site can read and set neither. */
export function makeFormToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What forms of somebody who is signed in send back. It says nothing of the session's secret. */
export function formTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('form').digest('base64url');
}

/**
 * Whether a form was filled in on a page of ours, so that no other site makes a browser sign in or out.
 *
 * @param sent what came with the form
 * @param expected what our page put into it; undefined: there was no such page
 */
export function isOwnForm(
  request: FastifyRequest,
  sent: string | null,
  expected: string | undefined,
): boolean {
  return !isFromElsewhere(request) && sent !== null && expected !== undefined && isSame(sent, expected);
}

/** What the browser says of where the form stands; without an encrypted connection it may say nothing. */
function isFromElsewhere({ headers, host }: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, origin } = headers;
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  // Our pages send no referrer, and a browser then writes `null`.
  if (origin === undefined || origin === 'null') return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
