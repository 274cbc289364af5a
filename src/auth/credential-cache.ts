import type { Account } from '../core/account-store.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import type { Clock } from '../core/clock.ts';
import { createKeyedHash } from './keyed-hash.ts';

const LIMIT = 10_000;
export const REMEMBER_MS = 60_000;

export interface CredentialCache {
  /** Names this password for this account as it is stored now; says nothing about either. */
  token(account: Account, password: string): string;
  has(token: string): boolean;
  remember(token: string): void;
  /** How many; those that are too old among them. */
  size(): number;
}

/**
 * Successful checks of a password, so that the slow hash is not needed for each request. A token covers the
 * stored verifier: a changed password makes it worthless at once. The key lives in this process only.
 */
export function createCredentialCache(clock: Clock): CredentialCache {
  const hmac = createKeyedHash();
  const expiries = new BoundedMap<string, number>(LIMIT);
  return {
    token: (account, password) => hmac(`${account.id}\0${account.verifier}\0${password}`),
    has(token) {
      const expiry = expiries.get(token);
      return expiry !== undefined && clock.monotonic() < expiry;
    },
    size: () => expiries.size,
    remember: (token) => expiries.set(token, clock.monotonic() + REMEMBER_MS),
  };
}
