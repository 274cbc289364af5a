import { createHmac, hash, randomBytes } from 'node:crypto';

import type { Account } from '../core/account-store.ts';

/** 256 bits in base64url. Nobody guesses that many, so a fast hash is enough to keep them by. */
const SECRET_BYTES = 32;
const SECRET = /^[\w-]{43}$/;
/** So that people and scanners of code know a token when they see one. */
const TOKEN_PREFIX = 'cc_';
const ENDING_LENGTH = 4;

/** A session's secret: 43 characters of base64url. */
export function makeSessionSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** A token's secret: `cc_` and 43 characters of base64url. */
export function makeTokenSecret(): string {
  return TOKEN_PREFIX + makeSessionSecret();
}

export function isSessionSecret(text: string): boolean {
  return SECRET.test(text);
}

export function isTokenSecret(text: string): boolean {
  return text.startsWith(TOKEN_PREFIX) && SECRET.test(text.slice(TOKEN_PREFIX.length));
}

/** What is stored of a secret, and by which it is found. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** What the owner of a token, and nobody else, knows it by. */
export function endingOf(secret: string): string {
  return secret.slice(-ENDING_LENGTH);
}

/**
 * The key of a domain by which its first admin is made: 43 characters of base64url.
 *
 * @param secret of this start of the server, kept in the memory of its processes alone (`makeSessionSecret`)
 */
export function firstKeyOf(secret: string, domain: string): string {
  return createHmac('sha256', secret).update(`first admin\0${domain}`).digest('base64url');
}

/**
 * Of a user's password as it is stored now. Keyed by the session's secret, which is not stored: in the store it says
 * nothing of the password.
 */
export function fingerprintOf({ id, verifier }: Account, sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update(`${id}\0${verifier}`).digest('base64url');
}
