import { createHmac, randomBytes } from 'node:crypto';

import type { Account } from '../core/account-store.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';

const LIMIT = 10_000;
export const CACHE_MS = 60_000;

export interface CredentialCache {
  /** Names this password for this account as it is stored now; says nothing about either. */
  keyOf(account: Account, password: string): string;
  has(key: string): boolean;
  add(key: string): void;
  /** How many entries, those that are too old among them. */
  size(): number;
}

/**
 * Successful password checks, so that not each request needs the slow hash. A key covers the stored verifier: a changed
 * password makes it worthless at once. The secret of the HMAC lives in this process only.
 */
export function createCredentialCache(clock: Clock): CredentialCache {
  const secret = randomBytes(32);
  const expiries = new BoundedMap<string, number>(LIMIT);
  return {
    keyOf: ({ id, verifier }, password) =>
      createHmac('sha256', secret).update(`${id}\0${verifier}\0${password}`).digest('binary'),
    has(key) {
      const expiry = expiries.get(key);
      return expiry !== undefined && clock.monotonic() < expiry;
    },
    add: (key) => expiries.set(key, clock.monotonic() + CACHE_MS),
    size: () => expiries.size,
  };
}
