import { createClient, ErrorReply, type RedisClientType } from '@redis/client';

import type { Inspection } from '../core/store.ts';
import { channelOf, clientOptions, reasonOf, storedName } from '../events/redis-channel.ts';

/** Longer than any Redis takes that is of use here. */
const ANSWER_MS = 5_000;
/** A domain's name is never empty, so this is nobody's last call; and what is sent is no call. */
const TRIAL = { key: storedName({ domain: '', user: 'check' }), text: 'check', keptMs: 1_000 } as const;

/**
 * Does once with Redis what a server does all day: connects, stores and publishes, and waits until the channel brings it
 * back. Nothing stays there.
 */
export async function inspectRedis(url: string): Promise<Inspection> {
  const [commands, subscriber] = [clientOf(url), clientOf(url)];
  const { hostname, port } = new URL(url);
  const place = `Redis at ${hostname}:${port === '' ? '6379' : port}`;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new NoAnswer()), ANSWER_MS);
  try {
    await Promise.race([tryOnce(commands, subscriber, channelOf(url)), late.promise]);
    return { level: 'ok', subject: 'live pop', message: `${place} takes calls and brings them back` };
  } catch (cause) {
    const { what, advice } = wordsFor(cause, url);
    const message = `${place} ${what}; calls reach only the cards of the process that is told of them`;
    return { level: 'problem', subject: 'live pop', message, advice };
  } finally {
    clearTimeout(timer);
    for (const client of [commands, subscriber]) client.destroy();
  }
}

class NoAnswer extends Error {
  readonly code = `no answer in ${ANSWER_MS / 1000} s`;
}

function clientOf(url: string): RedisClientType {
  const options = clientOptions(url);
  const client: RedisClientType = createClient({
    ...options,
    socket: { ...options.socket, reconnectStrategy: false },
  });
  // What fails is told by what was asked.
  client.on('error', () => undefined);
  return client;
}

async function tryOnce(
  commands: RedisClientType,
  subscriber: RedisClientType,
  channel: string,
): Promise<void> {
  await Promise.all([commands.connect(), subscriber.connect()]);
  await commands.ping();
  const heard = Promise.withResolvers<undefined>();
  await subscriber.subscribe(channel, (text) => {
    if (text === TRIAL.text) heard.resolve(undefined);
  });
  await commands.get(TRIAL.key);
  const expiration = { type: 'PX', value: TRIAL.keptMs } as const;
  await commands.multi().set(TRIAL.key, TRIAL.text, { expiration }).publish(channel, TRIAL.text).exec();
  await heard.promise;
}

interface Words {
  readonly what: string;
  readonly advice: string;
}

function wordsFor(cause: unknown, url: string): Words {
  const reason = reasonOf(cause);
  if (!(cause instanceof ErrorReply)) {
    const advice = 'start it, or correct host and port in redis; a Redis with TLS needs rediss://';
    return { what: `cannot be reached (${reason})`, advice };
  }
  switch (reason) {
    case 'WRONGPASS':
    case 'NOAUTH':
      return { what: 'does not take the user name and the password', advice: 'correct them in redis' };
    case 'NOPERM':
    case 'EXECABORT':
      return { what: `does not let its account ${lackingRight(cause, url)}`, advice: rightsAdvice(url) };
    case 'READONLY':
      return { what: 'is a replica, which takes no calls', advice: 'name its primary in redis' };
    default:
      return {
        what: `refuses calls (${reason})`,
        advice: 'see its log; is there a database of that number?',
      };
  }
}

/** Redis names no more than the command, or the kind of thing. */
function lackingRight({ message }: ErrorReply, url: string): string {
  const [, command] = /'(\w{1,20})' command/.exec(message) ?? [];
  if (command !== undefined) return `run ${command.toUpperCase()}`;
  return message.includes('channel') ? `use the channel ${channelOf(url)}` : 'use the keys callercard:*';
}

function rightsAdvice(url: string): string {
  const { username } = new URL(url);
  const user = username === '' ? 'default' : decodeURIComponent(username);
  const rights = `~callercard:* &${channelOf(url)} +ping +select +get +set +multi +exec +publish +subscribe`;
  return `allow it there: ACL SETUSER ${user} ${rights}`;
}
