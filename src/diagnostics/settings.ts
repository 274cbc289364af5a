import { ConfigError } from '../config/load.ts';
import { withMetricsToken } from '../config/metrics-token.ts';
import type { Config } from '../config/settings.ts';
import type { ReadingAccount } from '../core/daily-leads.ts';
import type { Inspection } from '../core/store.ts';
import type { TokenEntry } from '../core/credential-store.ts';
import { advise, ok, problem } from './inspection.ts';

/** Checks what carries calls to the cards of other machines. */
export async function inspectCalls({ redis }: Pick<Config, 'redis'>): Promise<readonly Inspection[]> {
  if (redis === '') return [];
  // Loaded only here: no other command needs the library of Redis.
  const { inspectRedis } = await import('./redis.ts');
  return [await inspectRedis(redis)];
}

/** Checks to whom the metrics are open. */
export function inspectMetrics(
  config: Pick<Config, 'metrics' | 'metricsToken' | 'metricsTokenFile'>,
): Inspection {
  const named = config.metrics.filter((reader) => reader !== 'local');
  try {
    if (config.metrics.length === 0) return ok('metrics', 'off');
    if (withMetricsToken(config).metricsToken !== '') return ok('metrics', 'open with metricsToken');
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return problem('metrics', cause.message, 'correct metricsTokenFile; until then no server starts');
  }
  if (named.length === 0) return ok('metrics', 'closed, because metricsToken is not set');
  return advise(
    'metrics',
    `open without a token to whatever connects from ${named.join(', ')}, also to a proxy there that adds no header`,
    'set metricsToken',
  );
}

/** Users and tokens that have read most of the different leads that they may read today, or unusually many. */
export function inspectDailyLeads(accounts: readonly ReadingAccount[]): readonly Inspection[] {
  if (accounts.length === 0) return [];
  const named = accounts.slice(0, MOST_NAMED).map(({ user, leads }) => `${user} (${leads})`);
  const others = accounts.length > MOST_NAMED ? ` and ${accounts.length - MOST_NAMED} others` : '';
  return [
    advise(
      'leads of today',
      `many different leads were read today by ${named.join(', ')}${others}`,
      'look at what they read with "callercard audit search --user NAME"; dailyLeads limits it',
    ),
  ];
}

const MOST_NAMED = 10;

/** A token that ends within this time is mentioned. */
const SOON_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Tokens that end soon, or have ended lately: a telephone with an expired one silently shows no names.
 *
 * @param now milliseconds of the wall clock
 */
export function inspectTokens(tokens: readonly TokenEntry[], now: number): readonly Inspection[] {
  return tokens
    .filter(({ isRevoked, expiresAt }) => !isRevoked && Math.abs(expiresAt - now) < SOON_MS)
    .map(({ name, expiresAt }) =>
      advise(
        'tokens',
        `the token ${name} ${expiresAt > now ? 'ends' : 'has ended'} on ${new Date(expiresAt).toISOString().slice(0, 10)}`,
        `make another one with "callercard token create", put it where that one is used, and then "callercard token revoke ${name}"`,
      ),
    );
}
