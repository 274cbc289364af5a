import { setTimeout as delay } from 'node:timers/promises';

import { StoreRefusal } from '../../core/store.ts';
import { type Read, serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { PostgresqlServers } from './address.ts';
import { withSettings } from './session-statements.ts';
import { ownConnection } from './own-connection.ts';
import { postgresqlFailure } from './postgresql-failure.ts';
import { openOnFirst } from './transactions.ts';

export const DIRECT_TIMES = {
  /** Between two tries to connect. */
  pauseMs: 500,
  /** How often an idle connection is asked for a sign of life. */
  pingMs: 2_000,
  /** A statement without an answer for so long: the connection is given up. */
  silentMs: 2_000,
  /** The server ends a session on which nothing comes for so long, as of a process that is frozen, and frees its locks. */
  idleMs: 10_000,
} as const;

export type DirectTimes = { readonly [Time in keyof typeof DIRECT_TIMES]: number };

/** One session of a direct connection. */
export interface DirectSession {
  readonly run: Read;
  /** A pooler stands in between: statements go to any session, so that neither locks nor LISTEN hold. */
  readonly isPooled: boolean;
  /** Gives the session up; another one follows. */
  readonly drop: () => void;
}

/** What uses the connection. */
export interface DirectUser {
  /** A session begins. Where this rejects, it is given up, and another one follows after a pause. */
  begin(session: DirectSession): Promise<void>;
  /** There is no session: it ended, or could not be made. */
  lost(failure: DatabaseFailure | StoreRefusal): void;
  /** Another session sent this by NOTIFY. */
  notice?(payload: string): void;
}

/** One connection of a process to the server itself, for what belongs to a session: LISTEN and locks. */
export interface DirectConnection {
  /** Undefined while there is none. */
  session(): DirectSession | undefined;
  close(): Promise<void>;
}

type DirectAddress = Pick<PostgresqlServers, 'servers' | 'openOwn'>;

/**
 * Keeps the connection, to the first of the servers that takes writes. Never throws: users hear of failures.
 *
 * @param addressOf is asked until it gives the address: it may read files, and throw StoreRefusal
 */
export function keepDirectConnection(
  addressOf: () => DirectAddress,
  users: readonly DirectUser[],
  times: Partial<DirectTimes> = {},
): DirectConnection {
  const allTimes = { ...DIRECT_TIMES, ...times };
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let address: DirectAddress | undefined;
  let current: LiveSession | undefined;

  /** @returns why the session ended */
  async function live(): Promise<DatabaseFailure> {
    address ??= addressOf();
    const session = await beginSession(address, users, allTimes);
    current = session;
    try {
      if (isClosing()) session.drop();
      for (const user of users) await user.begin(session);
      // So that its operator knows it in pg_stat_activity.
      if (!session.isPooled)
        await session.run(`SELECT set_config('application_name', 'callercard direct', false)`, []);
      return await session.ended;
    } finally {
      current = undefined;
      session.drop();
    }
  }

  async function keep(): Promise<void> {
    while (!isClosing()) {
      const failure = await live().catch((cause: unknown) =>
        cause instanceof StoreRefusal ? cause : postgresqlFailure(cause, 'the database'),
      );
      if (isClosing()) return;
      for (const user of users) user.lost(failure);
      await delay(allTimes.pauseMs, undefined, { ref: false, signal: closing.signal }).catch(() => undefined);
    }
  }

  const kept = keep();
  return {
    session: () => current,
    async close() {
      closing.abort();
      // What was sent is answered first, where the server answers.
      await Promise.race([current?.finish(), delay(allTimes.silentMs, undefined, { ref: false })]);
      current?.drop();
      await kept;
    },
  };
}

interface LiveSession extends DirectSession {
  readonly ended: Promise<DatabaseFailure>;
  /** Ends it after the last answer. */
  readonly finish: () => Promise<void>;
}

async function beginSession(
  address: DirectAddress,
  users: readonly DirectUser[],
  { pingMs, silentMs, idleMs }: DirectTimes,
): Promise<LiveSession> {
  // Which servers have failed only a pool knows.
  const { connection, server } = await openOnFirst(address, { servers: [] }, (to) => address.openOwn(to));
  const name = serverName(server);
  const own = ownConnection(withSettings(connection), name, silentMs);
  const { promise: ended, resolve } = Promise.withResolvers<DatabaseFailure>();
  const timer = setInterval(() => void own.run('SELECT 1', []).catch(end), pingMs).unref();

  function end(cause?: unknown): void {
    clearInterval(timer);
    resolve(
      cause === undefined
        ? new DatabaseFailure('lost', `${name}: the connection ended`)
        : postgresqlFailure(cause, name),
    );
    own.destroy();
  }

  connection.onLost(end);
  connection.onNotification((payload) => {
    for (const user of users) user.notice?.(payload);
  });
  try {
    const { isPooled } = own;
    // Behind a pooler it would be set for others.
    if (!isPooled) await own.run(`SELECT set_config('idle_session_timeout', $1, false)`, [String(idleMs)]);
    return { run: own.run, isPooled, ended, drop: () => end(), finish: () => own.end() };
  } catch (cause) {
    end(cause);
    throw cause;
  }
}
