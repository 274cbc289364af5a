import { createClient, type RedisClientType } from '@redis/client';

import { keyOf, readCall, writeCall, type Call, type CallTarget } from './call.ts';
import { LAST_CALL_MS, type CallChannel, type OpenChannel } from './call-channel.ts';

/** Redis answers in under a millisecond; who waits longer is better off with what this process knows. */
const ANSWER_MS = 500;
/** Between two tries to connect; also how long a process that ends may wait for one. */
const MAX_PAUSE_MS = 500;
const CONNECT_MS = 2_000;
/** A connection on which nothing is heard is given up after the second of these; the first asks for a sign of life. */
const PING_MS = 5_000;
const SILENCE_MS = 12_000;
/** Calls that wait for a server which does not answer, or is away. */
const MAX_WAITING = 10_000;

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
export function openRedisChannel(url: string, tell: (event: ChannelEvent) => void): OpenChannel {
  return (listener) => {
    const options = clientOptions(url);
    const commands: RedisClientType = createClient({ ...options, disableOfflineQueue: true });
    const subscriber: RedisClientType = createClient(options);
    const state = watchState([commands, subscriber], tell);
    const subscribe = async (): Promise<void> => {
      await subscriber.subscribe(channelOf(url), (text) => {
        const call = readCall(text);
        if (call !== undefined) listener.onCall(call);
      });
      // To catch up takes both: what comes from now on, and what is kept.
      const connected = () => {
        if (commands.isReady && subscriber.isReady) listener.onConnected();
      };
      for (const client of [commands, subscriber]) client.on('ready', connected);
      connected();
    };
    // Subscribed once, it subscribes again by itself after each reconnect.
    subscriber.once('ready', () => void subscribe().catch(state.fault));
    for (const client of [commands, subscriber]) void client.connect().catch(() => undefined);
    return channelOver(commands, channelOf(url), state, () => {
      for (const client of [commands, subscriber]) client.destroy();
    });
  };
}

function channelOver(
  commands: RedisClientType,
  channel: string,
  state: ReturnType<typeof watchState>,
  disconnect: () => void,
): CallChannel {
  // That it is away is told by the connection itself, once.
  const refused = (cause: unknown) => (commands.isReady ? state.fault(cause) : undefined);
  /** The last call of each user that could not be passed on. */
  const unsent = new Map<string, Call>();

  async function publish(call: Call): Promise<void> {
    const text = writeCall(call);
    try {
      await commands
        .multi()
        .set(storedName(call), text, { expiration: { type: 'PX', value: LAST_CALL_MS } })
        .publish(channel, text)
        .exec();
    } catch (cause) {
      if (unsent.size < MAX_WAITING) unsent.set(keyOf(call), call);
      refused(cause);
    }
  }

  async function readLast(target: CallTarget): Promise<Call | undefined> {
    const reading = commands.get(storedName(target)).catch(refused);
    const text = await Promise.race([reading, afterAnswerTime()]);
    const call = typeof text === 'string' ? readCall(text) : undefined;
    // What is under a user's name is for that user, or it is not ours.
    return call !== undefined && keyOf(call) === keyOf(target) ? call : undefined;
  }

  async function publishUnsent(): Promise<void> {
    const calls = [...unsent.values()];
    unsent.clear();
    for (const call of calls) {
      const stored = await readLast(call);
      if (stored === undefined || stored.at < call.at) await publish(call);
    }
  }
  commands.on('ready', () => void publishUnsent());

  return {
    publish: (call) => void publish(call),
    readLast,
    close() {
      state.end();
      disconnect();
      return Promise.resolve();
    },
  };
}

/** One line when it goes, one when it is back, whatever happens in between. */
function watchState(clients: readonly RedisClientType[], tell: (event: ChannelEvent) => void) {
  let isAway = false;
  let hasEnded = false;

  function fault(cause: unknown): undefined {
    if (hasEnded || isAway) return undefined;
    isAway = true;
    const message = 'Redis does not answer: calls reach only cards of this process until it does';
    tell({ level: 'warn', message, reason: reasonOf(cause) });
    return undefined;
  }

  function back(): void {
    if (hasEnded || !isAway || !clients.every((client) => client.isReady)) return;
    isAway = false;
    tell({ level: 'info', message: 'Redis is back: calls reach the cards of every process' });
  }

  for (const client of clients) client.on('error', fault).on('ready', back);
  return {
    fault,
    end() {
      hasEnded = true;
    },
  };
}

/** The kind alone: older servers repeat in their messages what they were sent, and that may be the password. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  const { code } = cause as Error & { readonly code?: unknown };
  if (typeof code === 'string') return code;
  const [, answered] = /^([A-Z]{2,20})\b/.exec(cause.message) ?? [];
  return answered ?? cause.constructor.name;
}

function clientOptions(url: string) {
  return {
    url,
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), MAX_PAUSE_MS),
    },
    pingInterval: PING_MS,
    commandsQueueMaxLength: MAX_WAITING,
    // What the library would tell the server about itself, or ask of a cluster.
    disableClientInfo: true,
    maintNotifications: 'disabled',
  } as const;
}

/** Published calls know nothing of databases; so the channel's name does. */
function channelOf(url: string): string {
  const [, database = '0'] = /^\/(\d+)$/.exec(new URL(url).pathname) ?? [];
  return `callercard:calls:${database}`;
}

function storedName(target: CallTarget): string {
  return `callercard:last:${keyOf(target)}`;
}

function afterAnswerTime(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ANSWER_MS).unref();
  });
}
