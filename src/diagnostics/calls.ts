import { inspectRedis } from '../app.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/inspection.ts';

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
