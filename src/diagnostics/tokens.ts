import type { TokenEntry } from '../core/token-store.ts';
import type { Inspection } from '../core/inspection.ts';
import { DAY_MS, dayOf } from '../cli/expiry.ts';

/** So long before the end somebody should know. */
const SOON_MS = 30 * DAY_MS;

/**
 * Tokens that end soon, or have ended lately: a telephone that asks with one shows no names any more, and nobody tells it.
 *
 * @param now milliseconds of the wall clock
 */
export function inspectTokens(tokens: readonly TokenEntry[], now: number): readonly Inspection[] {
  return tokens
    .filter(({ isRevoked, expiresAt }) => !isRevoked && Math.abs(expiresAt - now) < SOON_MS)
    .map(({ name, expiresAt }) => ({
      level: 'advice',
      subject: 'tokens',
      message: `the token ${name} ${expiresAt > now ? 'ends' : 'has ended'} on ${dayOf(expiresAt)}`,
      advice: `make another one with "callercard token create", put it where that one is used, and then "callercard token revoke ${name}"`,
    }));
}
