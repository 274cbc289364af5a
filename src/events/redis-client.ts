import { keyOf, type CallTarget } from './call.ts';

/** Between two tries to connect; also how long a process that ends may wait for one. */
const MAX_PAUSE_MS = 500;
const CONNECT_MS = 2_000;
/** A connection on which nothing is heard is given up after the second of these; the first asks for a sign of life. */
const PING_MS = 5_000;
const SILENCE_MS = 12_000;
/** Calls that wait for a server which does not answer, or is away. */
export const MAX_WAITING = 10_000;

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
