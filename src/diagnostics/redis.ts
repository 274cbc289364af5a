import { createClient, ErrorReply, type RedisClientType } from '@redis/client';

import { withDeadline } from '../core/clock.ts';
import type { Inspection } from '../core/store.ts';
import { channelOf, clientOptions, reasonOf, storedName } from '../events/redis-channel.ts';
import { ok, problem } from './inspection.ts';

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
  const server = `Redis at ${hostname}:${port === '' ? '6379' : port}`;
  const noAnswer = Object.assign(new Error(), { code: `no answer in ${ANSWER_MS / 1000} s` });
  try {
    await withDeadline(tryOnce(commands, subscriber, channelOf(url)), ANSWER_MS, noAnswer);
    return ok('live pop', `${server} takes calls and brings them back`);
  } catch (cause) {
    const [what, advice] = explain(cause, url);
    const effect = 'calls reach only the cards of the process that receives them';
    return problem('live pop', `${server} ${what}; ${effect}`, advice);
  } finally {
    for (const client of [commands, subscriber]) client.destroy();
  }
}

function clientOf(url: string): RedisClientType {
  const options = clientOptions(url);
  const client: RedisClientType = createClient({
    ...options,
    socket: { ...options.socket, reconnectStrategy: false },
  });
  // Each command rejects with its own failure.
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

function explain(cause: unknown, url: string): readonly [what: string, advice: string] {
  const reason = reasonOf(cause);
  if (!(cause instanceof ErrorReply)) {
    return [
      `cannot be reached (${reason})`,
      'start it, or correct host and port in redis; a Redis with TLS needs rediss://',
    ];
  }
  switch (reason) {
    case 'WRONGPASS':
    case 'NOAUTH':
      return ['does not take the user name and the password', 'correct them in redis'];
    case 'NOPERM':
    case 'EXECABORT':
      return [`does not let its account ${lackingRight(cause, url)}`, rightsAdvice(url)];
    case 'READONLY':
      return ['is a replica, which takes no calls', 'name its primary in redis'];
    default:
      return [`refuses calls (${reason})`, 'see its log; is there a database of that number?'];
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
