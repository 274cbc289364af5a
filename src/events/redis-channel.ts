import { setTimeout as delay } from 'node:timers/promises';

import { createClient, type RedisClientType } from '@redis/client';

import { type Clock, systemClock } from '../core/clock.ts';
import { createUnsentCalls, LAST_CALL_MS, type OpenChannel } from './call-channel.ts';
import { type Call, type CallTarget, keyOf, readCall } from './call.ts';

/** Redis answers in under a millisecond; after this time the card shows what this process knows. */
const ANSWER_MS = 500;

/** What happens to the connections, in words that hold no secret. */
export interface ChannelEvent {
  readonly level: 'info' | 'warn';
  readonly message: string;
  /** The kind of error: a code such as ECONNREFUSED or WRONGPASS. */
  readonly reason?: string;
}

/**
 * Calls through Redis (6 or newer; Valkey too): published to every process, and each user's last one kept for those that
 * come later. While Redis is away nothing here fails, and it is found again by itself.
 *
 * @param url `redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB]`; installations that share a server take different DBs
 */
export function openRedisChannel(
  url: string,
  log: (event: ChannelEvent) => void,
  clock: Clock = systemClock,
): OpenChannel {
  return (listener) => {
    const commands: RedisClientType = createClient(clientOptions(url));
    const subscriber: RedisClientType = createClient(clientOptions(url));
    const take = (text: string) => {
      const call = readCall(text, clock.wall());
      if (call !== undefined) listener.onCall(call);
    };
    // To catch up takes both: what comes from now on, and what is kept.
    const isWhole = () => commands.isReady && subscription.isOn();
    const joined = () => {
      if (!isWhole()) return;
      state.back();
      listener.onConnected();
    };
    const state = watchState(isWhole, log);
    for (const client of [commands, subscriber]) client.on('error', state.fault);
    const subscription = keepSubscribed(subscriber, channelOf(url), { take, joined, refused: state.fault });
    const channel = channelOver(commands, channelOf(url), state, clock);
    commands.on('ready', () => {
      channel.publishUnsent();
      joined();
    });
    for (const client of [commands, subscriber]) void client.connect().catch(() => undefined);
    return {
      ...channel,
      close() {
        state.end();
        subscription.end();
        for (const client of [commands, subscriber]) client.destroy();
        return Promise.resolve();
      },
    };
  };
}

function channelOver(
  commands: RedisClientType,
  channel: string,
  state: ReturnType<typeof watchState>,
  clock: Clock,
) {
  // The connection itself reports, once, that Redis is away.
  const refused = (cause: unknown) => {
    if (commands.isReady) state.fault(cause);
  };
  const unsent = createUnsentCalls(MAX_WAITING);

  async function publish(call: Call): Promise<boolean> {
    const text = JSON.stringify(call);
    const value = LAST_CALL_MS - Math.max(0, clock.wall() - call.at);
    if (value <= 0) return true;
    try {
      await commands
        .multi()
        .set(storedName(call), text, { expiration: { type: 'PX', value } })
        .publish(channel, text)
        .exec();
      state.back();
      return true;
    } catch (cause) {
      unsent.keep(call);
      refused(cause);
      return false;
    }
  }

  async function readLast(target: CallTarget): Promise<Call | 'nothing' | 'no answer'> {
    const reading = commands.get(storedName(target)).catch((cause: unknown) => {
      refused(cause);
      return 'no answer' as const;
    });
    const text = await Promise.race([reading, delay(ANSWER_MS, 'no answer' as const, { ref: false })]);
    if (text === 'no answer') return text;
    const call = typeof text === 'string' ? readCall(text, clock.wall()) : undefined;
    // What is under a user's name is for that user, or it is not ours.
    return call !== undefined && keyOf(call) === keyOf(target) ? call : 'nothing';
  }

  async function publishUnsent(): Promise<void> {
    for (const call of unsent.takeAll()) {
      const stored = await readLast(call);
      // It may be newer than this one.
      if (stored === 'no answer') unsent.keep(call);
      else if (stored === 'nothing' || stored.at < call.at) await publish(call);
    }
  }

  return {
    publish(call: Call) {
      void publish(call).then((isSent) => {
        // Redis took nothing for a while, without having been away.
        if (isSent && unsent.size() > 0) void publishUnsent();
      });
    },
    readLast,
    publishUnsent: () => void publishUnsent(),
  };
}

/** One line when it goes, one when it is back, whatever happens in between. */
function watchState(isWhole: () => boolean, log: (event: ChannelEvent) => void) {
  let isAway = false;
  let hasEnded = false;

  const fault = (cause: unknown): void => {
    if (hasEnded || isAway) return;
    isAway = true;
    const message = 'Redis does not answer: calls reach only cards of this process until it does';
    log({ level: 'warn', message, reason: reasonOf(cause) });
  };

  return {
    fault,
    back() {
      if (hasEnded || !isAway || !isWhole()) return;
      isAway = false;
      log({ level: 'info', message: 'Redis is back: calls reach the cards of every process' });
    },
    end() {
      hasEnded = true;
    },
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
/** Calls that wait for a server which does not answer, or is away. */
const MAX_WAITING = 10_000;

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
  return `callercard:last:${keyOf(target)}`;
}

/** The kind alone: older servers repeat in their messages what they were sent, and that may be the password. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  const { code } = cause as Error & { readonly code?: unknown };
  if (typeof code === 'string') return code;
  const [, answered] = /^([A-Z]{2,20})\b/.exec(cause.message) ?? [];
  return answered ?? cause.constructor.name;
}
