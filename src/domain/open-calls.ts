import type { Config } from '../config/settings.ts';
import type { OpenRelay } from '../core/call-relay.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { describeError } from '../core/problem.ts';
import { lazyChannel } from '../events/call-channel.ts';
import { createCallHub, type CallHub } from '../events/call-hub.ts';
import { createDomainChannels } from '../events/domain-channels.ts';
import { openRelayChannel } from '../events/relay-channel.ts';
import { callChannelsOf, type CallLog } from './call-channels.ts';

export interface OpenCalls extends CallHub {
  /** Takes the domains of another configuration. */
  takeDomains(next: Config): void;
}

export interface CallsOptions {
  readonly clock?: Clock;
  /** Carries calls between the workers of one primary. */
  readonly openRelay?: OpenRelay;
}

/**
 * Live pop of one process: by Redis; without it for each domain by the database in which its store is, or else between the
 * workers.
 */
export function openCalls(
  config: Config,
  log: CallLog,
  { clock = systemClock, openRelay }: CallsOptions,
): OpenCalls {
  if (config.redis !== '')
    return { ...openRedisCalls(config.redis, log, clock), takeDomains: () => undefined };
  const ofWorkers =
    openRelay &&
    openRelayChannel(
      openRelay,
      'The primary process',
      ({ level, message, reason }) => log[level]({ reason }, message),
      clock,
    );
  const channels = createDomainChannels(ofWorkers);
  const takeDomains = (next: Config) => channels.take(callChannelsOf(next, log, clock));
  takeDomains(config);
  return { ...createCallHub(clock, channels.open), takeDomains };
}

function openRedisCalls(redis: string, log: CallLog, clock: Clock): CallHub {
  const logLost = (cause: unknown) =>
    log.error(
      { reason: describeError(cause) },
      'Redis cannot be used: calls reach only cards of this process',
    );
  const openChannel = lazyChannel(async () => {
    const { openRedisChannel } = await import('../events/redis-channel.ts');
    return openRedisChannel(redis, ({ level, message, reason }) => log[level]({ reason }, message), clock);
  }, logLost);
  return createCallHub(clock, openChannel);
}
