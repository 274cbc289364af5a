import { createClient, type RedisClientType } from '@redis/client';

import type { OpenRelay } from '../core/call-relay.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { OpenChannel } from './call-channel.ts';
import { type CallTarget, keyOf } from './call.ts';
import { type ChannelEvent, MAX_WAITING, openRelayChannel } from './relay-channel.ts';

/**
 * Calls through Redis (6 or newer; Valkey too), which is found again by itself.
 *
 * @param url `redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB]`; installations that share a server take different DBs
 */
export function openRedisChannel(
  url: string,
  log: (event: ChannelEvent) => void,
  clock: Clock = systemClock,
): OpenChannel {
  return openRelayChannel(openRedisRelay(url), 'Redis', log, clock);
}

function openRedisRelay(url: string): OpenRelay {
  return (listener) => {
    const commands: RedisClientType = createClient(clientOptions(url));
    const subscriber: RedisClientType = createClient(clientOptions(url));
    const channel = channelOf(url);
    const fault = (cause: unknown) => listener.fault(reasonOf(cause));
    // To catch up takes both: what comes from now on, and what is kept.
    const isJoined = () => commands.isReady && subscription.isOn();
    const joined = () => {
      if (isJoined()) listener.joined();
    };
    for (const client of [commands, subscriber]) client.on('error', fault);
    const subscription = keepSubscribed(subscriber, channel, {
      take: (text) => listener.take(text),
      joined,
      refused: fault,
    });
    commands.on('ready', () => {
      listener.canSend();
      joined();
    });
    for (const client of [commands, subscriber]) void client.connect().catch(() => undefined);

    /** The connection itself reports, once, that Redis is away. */
    async function ask<Answer>(command: Promise<Answer>): Promise<Answer> {
      try {
        return await command;
      } catch (cause) {
        if (commands.isReady) fault(cause);
        throw cause;
      }
    }

    return {
      isJoined,
      async send({ key, text, keptMs }) {
        const expiration = { type: 'PX', value: keptMs } as const;
        await ask(commands.multi().set(nameOf(key), text, { expiration }).publish(channel, text).exec());
      },
      read: async (key) => (await ask(commands.get(nameOf(key)))) ?? undefined,
      close() {
        subscription.end();
        for (const client of [commands, subscriber]) client.destroy();
        return Promise.resolve();
      },
    };
  };
}

/** Between two tries where Redis refuses: until its operator has allowed the channel. */
const PAUSE_MS = 2_000;

/**
 * Subscribes at each connection, and again after a pause where Redis refused.
 *
 * @param on `take` gets messages: always the same function, because the library adds any other one
 */
function keepSubscribed(
  client: RedisClientType,
  channel: string,
  on: { take: (text: string) => void; joined: () => void; refused: (cause: unknown) => void },
) {
  let isSubscribed = false;
  let again: NodeJS.Timeout | undefined;

  async function subscribe(): Promise<void> {
    clearTimeout(again);
    if (!client.isReady) return;
    try {
      // What the library has subscribed again by itself is not asked for twice.
      await client.subscribe(channel, on.take);
      isSubscribed = true;
      on.joined();
    } catch (cause) {
      on.refused(cause);
      again = setTimeout(() => void subscribe(), PAUSE_MS).unref();
    }
  }

  client.on('ready', () => {
    isSubscribed = false;
    void subscribe();
  });
  return {
    isOn: () => client.isReady && isSubscribed,
    end: () => clearTimeout(again),
  };
}

/** Between two tries to connect; also how long a process that ends may wait for one. */
const MAX_PAUSE_MS = 500;
const CONNECT_MS = 2_000;
/** A connection on which nothing is heard is given up after the second of these; the first asks for a sign of life. */
const PING_MS = 5_000;
const SILENCE_MS = 12_000;

/** What every connection to Redis has; nothing waits for one that is away. */
export function clientOptions(url: string) {
  return {
    url,
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), MAX_PAUSE_MS),
    },
    pingInterval: PING_MS,
    commandsQueueMaxLength: MAX_WAITING,
    disableOfflineQueue: true,
    // What the library would tell the server about itself, or ask of a cluster.
    disableClientInfo: true,
    maintNotifications: 'disabled',
  } as const;
}

/** Published calls know nothing of databases; so the channel's name does. */
export function channelOf(url: string): string {
  const [, database = '0'] = /^\/(\d+)$/.exec(new URL(url).pathname) ?? [];
  return `callercard:calls:${database}`;
}

/** Under which a user's last call is kept. */
export function storedName(target: CallTarget): string {
  return nameOf(keyOf(target));
}

function nameOf(key: string): string {
  return `callercard:last:${key}`;
}

/** The kind alone: older servers repeat in their messages what they were sent, and that may be the password. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  const { code } = cause as Error & { readonly code?: unknown };
  if (typeof code === 'string') return code;
  const [, answered] = /^([A-Z]{2,20})\b/.exec(cause.message) ?? [];
  return answered ?? cause.constructor.name;
}
