import { createClient, type RedisClientType } from '@redis/client';

import { systemClock, type Clock } from '../core/clock.ts';
import { keyOf, readCall, writeCall, type Call, type CallTarget } from './call.ts';
import { LAST_CALL_MS, type CallChannel, type OpenChannel } from './call-channel.ts';
import { channelOf, clientOptions, MAX_WAITING, reasonOf, storedName } from './redis-client.ts';
import { keepSubscribed } from './redis-subscription.ts';
import { createUnsentCalls } from './unsent-calls.ts';

/** Redis answers in under a millisecond; who waits longer is better off with what this process knows. */
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
  tell: (event: ChannelEvent) => void,
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
    const state = watchState(isWhole, tell);
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

interface ChannelOver extends Omit<CallChannel, 'close'> {
  publishUnsent(): void;
}

function channelOver(
  commands: RedisClientType,
  channel: string,
  state: ReturnType<typeof watchState>,
  clock: Clock,
): ChannelOver {
  // That it is away is told by the connection itself, once.
  const refused = (cause: unknown) => {
    if (commands.isReady) state.fault(cause);
  };
  const unsent = createUnsentCalls(MAX_WAITING);

  async function publish(call: Call): Promise<boolean> {
    const text = writeCall(call);
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
    const text = await Promise.race([reading, afterAnswerTime()]);
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
    publish(call) {
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
function watchState(isWhole: () => boolean, tell: (event: ChannelEvent) => void) {
  let isAway = false;
  let hasEnded = false;

  const fault = (cause: unknown): void => {
    if (hasEnded || isAway) return;
    isAway = true;
    const message = 'Redis does not answer: calls reach only cards of this process until it does';
    tell({ level: 'warn', message, reason: reasonOf(cause) });
  };

  return {
    fault,
    back() {
      if (hasEnded || !isAway || !isWhole()) return;
      isAway = false;
      tell({ level: 'info', message: 'Redis is back: calls reach the cards of every process' });
    },
    end() {
      hasEnded = true;
    },
  };
}

function afterAnswerTime(): Promise<'no answer'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('no answer'), ANSWER_MS).unref();
  });
}
