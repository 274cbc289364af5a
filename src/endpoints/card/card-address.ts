import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

import { isAnybody, pairsOf, readPairs, type Wanted } from './card-query.ts';

/** What an address of ours says to the browser that it was made for. */
export interface Addressed {
  readonly wanted: Wanted;
  /** A page of another site led here: nothing is looked up before a person has agreed. */
  readonly asks?: boolean;
  /** Milliseconds of the wall clock; not given: as long as the cookie is there. */
  readonly until?: number;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The address of a card, in which whose it is cannot be read: browsers keep addresses for months, in histories and on disk
 * (docs/decisions/0028-card-addresses.md). It is encrypted for one cookie, so nothing of it is kept here.
 *
 * @param secret the value of the cookie
 */
export function cardAddress({ wanted, asks = false, until }: Addressed, secret: string): string {
  if (!isAnybody(wanted)) return '/card';
  const pairs = pairsOf(wanted);
  if (asks) pairs.push(['asks', '1']);
  if (until !== undefined) pairs.push(['until', String(until)]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce);
  const text = cipher.update(new URLSearchParams(pairs).toString(), 'utf8');
  const sealed = Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]);
  return `/card?c=${sealed.toString('base64url')}`;
}

/**
 * Reads what cardAddress wrote for the same cookie.
 *
 * @param now milliseconds of the wall clock
 * @returns undefined: it was made for another cookie, or its time is over
 */
export function readAddress(sealed: string, secret: string, now: number): Addressed | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, keyOf(secret), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  let text: string;
  try {
    text =
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
  const query = new URLSearchParams(text);
  if (Number(query.get('until') ?? Infinity) < now) return undefined;
  return { wanted: readPairs(query), asks: query.has('asks') };
}

/** The secret itself is in a cookie, or in the form of a page. */
function keyOf(secret: string): Buffer {
  return createHmac('sha256', secret).update('card address').digest();
}
