import { inspectRedis } from '../app.ts';
import { DAY_MS, dayOf } from '../cli/token.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/store.ts';
import type { TokenEntry } from '../core/credential-store.ts';

/** What is to be said about calls and the cards that they reach. */
export async function inspectCalls({
  workers,
  redis,
}: Pick<Config, 'workers' | 'redis'>): Promise<readonly Inspection[]> {
  if (redis !== '') return [await inspectRedis(redis)];
  if (workers === 1) return [];
  return [
    {
      level: 'advice',
      subject: 'live pop',
      message: `a call reaches only those cards that are open at the one of ${workers} workers that was told of it`,
      advice: 'set redis, if agents use the card with live pop',
    },
  ];
}

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
