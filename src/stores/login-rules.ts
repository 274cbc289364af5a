import { createHmac } from 'node:crypto';

/** A request of a known user needs its key, which is the same all day. */
export const CACHED_KEYS = 10_000;
export const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** After so many failures and logins, and once an hour, at most 2,000 old ones are forgotten. */
export const CLEAN_EVERY = 1_000;

/** How long rows are kept, by how many there are. */
type Kept = readonly { readonly rows: number; readonly ms: number }[];

/**
 * How long a failed name is kept, by how many there are. A day is longer than any lock, whatever the clock does. Two hours
 * outlast a lock of 15 minutes and a clock that is set by an hour. Half a million names take some 60 MB; beyond them only those stay
 * whose lock runs, each of which cost its sender ten attempts.
 */
export const KEPT_NAMES: Kept = [
  { rows: 0, ms: DAY_MS },
  { rows: 100_000, ms: 2 * HOUR_MS },
  { rows: 500_000, ms: 0 },
];
/** Somebody who comes back from holidays is still known. */
export const KEPT_NETWORKS: Kept = [
  { rows: 0, ms: 30 * DAY_MS },
  { rows: 100_000, ms: 0 },
];

/**
 * By what a store keeps user names and networks of those who try to log in: HMAC-SHA-256 with a secret of this store, in
 * base64url. The secret is in the same store: it keeps what people mistyped out of sight, not from somebody who guesses names
 * with the store in hand.
 */
export function loginKeys(secret: string): (text: string) => string {
  return (text) => createHmac('sha256', secret).update(text).digest('base64url');
}
