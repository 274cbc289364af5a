import type { Socket } from 'node:net';

import type { ServerAddress } from '../../config/addresses.ts';
import { withDeadline } from '../../core/clock.ts';
import {
  type OpenConnection,
  type Parameter,
  type PoolAddress,
  type Read,
  type Row,
  serverName,
} from './connector.ts';
import { DatabaseFailure } from './failure.ts';

/** No answer for so long, with statements in flight: the server or the network hangs. */
export const SILENCE_MS = 1_300;
/** Answers come, but one statement has waited so long: the server does not keep up. */
export const LATE_MS = 1_700;
/** Another connection is opened when each has so many statements in flight. */
export const GROW_AT = 4;
/**
 * So many statements of one iteration of the event loop go to one connection, in one write, before the next is used: a
 * seventh less of our CPU time than four connections, and the server is as quick.
 */
const BATCH_SIZE = 8;
/** After a connection that could not be had beside others, none is tried for so long: the server may be at its limit. */
export const GROW_AGAIN_MS = 1_000;

/** The connections to one server, opened on demand up to the number of the settings. */
export function createConnections(address: PoolAddress, server: ServerAddress) {
  const name = serverName(server);
  const connections = new Set<PipelinedConnection>();
  let opening: Promise<PipelinedConnection> | undefined;
  let growAfter = -Infinity;
  let isEnded = false;

  function open(): Promise<PipelinedConnection> {
    opening ??= openNow().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function openNow(): Promise<PipelinedConnection> {
    const connection = carryStatements(await address.open(server), address, name);
    connections.add(connection);
    return connection;
  }

  /** In the background: while other connections work, one that cannot be opened is no failure of the server. */
  function grow(): void {
    if (connections.size >= address.connections || performance.now() < growAfter) return;
    void open().catch(() => {
      growAfter = performance.now() + GROW_AGAIN_MS;
    });
  }

  /** The connection that is collecting a batch, or the one with the fewest statements in flight. */
  function pick(): PipelinedConnection | undefined {
    let best: PipelinedConnection | undefined;
    for (const connection of connections) {
      if (connection.isLost) connections.delete(connection);
      else if (best === undefined || comesBefore(connection, best)) best = connection;
    }
    return best;
  }

  const execute: Read = async (sql, parameters) => {
    if (isEnded) throw new DatabaseFailure('lost', `${name}: not in use any more`);
    const connection = pick();
    if (connection === undefined) return (await open()).execute(sql, parameters);
    if (connection.inFlight >= GROW_AT) grow();
    return connection.execute(sql, parameters);
  };

  return {
    execute,
    get count() {
      return connections.size;
    },
    checkSilence(now: number): void {
      for (const connection of connections) connection.checkSilence(now);
    },
    async end(): Promise<void> {
      isEnded = true;
      await opening?.catch(() => undefined);
      await Promise.all([...connections].map((connection) => connection.end()));
    },
  };
}

/** Which of two connections takes the next statement: the one that collects a batch, or has fewer in flight. */
export function comesBefore(one: PipelinedConnection, other: PipelinedConnection): boolean {
  const isBatching = hasOpenBatch(one);
  return isBatching === hasOpenBatch(other) ? one.inFlight < other.inFlight : isBatching;
}

function hasOpenBatch({ batched }: PipelinedConnection): boolean {
  return batched > 0 && batched < BATCH_SIZE;
}

export type PipelinedConnection = ReturnType<typeof carryStatements>;

/** One connection that pipelines statements: the server answers them in the order in which they were sent. */
export function carryStatements(
  connection: OpenConnection,
  { explain: explainCause }: Pick<PoolAddress, 'explain'>,
  name: string,
) {
  const pending = createPending();
  const batch = createBatch(connection.socket);

  function lose(failure: DatabaseFailure): void {
    if (pending.isOver()) return;
    pending.abandon(failure);
    // With a reset: after a normal end the server would still execute everything that was sent.
    cut(connection.socket);
  }

  function explain(cause: unknown): DatabaseFailure {
    const failure = explainCause(cause, name);
    if (failure.kind === 'lost') lose(failure);
    return failure;
  }

  connection.onLost((cause) => lose(cause === undefined ? ended(name) : explainCause(cause, name)));

  return {
    /** Statements sent and not answered. */
    get inFlight() {
      return pending.count();
    },
    /** Those of them that wait for the write at the end of this iteration of the event loop. */
    get batched() {
      return batch.size();
    },
    get isLost() {
      return pending.isOver();
    },
    /** @throws {DatabaseFailure} */
    execute(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
      if (pending.isOver()) return Promise.reject(ended(name));
      batch.add();
      return pending.add(connection.execute(sql, parameters), explain);
    },
    /** Something else that is asked of the session. @param work begins it, unless the connection has ended @throws {DatabaseFailure} */
    perform<Result>(work: () => Promise<Result>): Promise<Result> {
      return pending.isOver() ? Promise.reject(ended(name)) : pending.add(work(), explain);
    },
    /** Resolves when nothing is in flight. */
    whenIdle: () => pending.whenIdle(),
    /** Resets it at once; what is in flight fails. */
    drop: () => lose(ended(name)),
    /** Closes the connection when nothing comes, or all too late; to be called periodically. */
    checkSilence(now: number): void {
      if (pending.stillSince(now) > SILENCE_MS) {
        lose(new DatabaseFailure('silent', `${name}: no answer for ${SILENCE_MS} ms`));
      } else if (pending.oldestSince(now) > LATE_MS) {
        lose(new DatabaseFailure('silent', `${name}: answers take longer than ${LATE_MS} ms`));
      }
    },
    /** Ends the connection after the last answer; for that, and then for the end, it waits no longer than SILENCE_MS. */
    async end(): Promise<void> {
      const late = new DatabaseFailure('silent', `${name}: no answer at the end`);
      const limit = setTimeout(lose, SILENCE_MS, late);
      await pending.whenIdle();
      clearTimeout(limit);
      if (pending.isOver()) return;
      await withDeadline(connection.end(), SILENCE_MS, late).catch(() => undefined);
      lose(ended(name));
    },
  };
}

/** The statements of one iteration of the event loop leave in one write: each write costs more than a statement. */
function createBatch(socket: Socket) {
  let size = 0;
  return {
    size: () => size,
    /** To be called before a statement is written. */
    add(): void {
      if (size === 0) {
        socket.cork();
        setImmediate(() => {
          size = 0;
          socket.uncork();
        });
      }
      size += 1;
    },
  };
}

/**
 * Ends a connection at once, with a reset where that may be: after the end of a socket was begun libuv refuses a reset, and
 * Node.js 24 would keep the socket open for ever and never leave its own end.
 */
export function cut(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function ended(name: string): DatabaseFailure {
  return new DatabaseFailure('lost', `${name}: the connection ended`);
}

/** The statements in flight on one connection. Abandoned, each fails at once; a later answer reaches nobody. */
export function createPending() {
  /** Each by the function that fails it, with when it was sent; the oldest first. */
  const waiting = new Map<(failure: DatabaseFailure) => void, number>();
  let isOver = false;
  let movedAt = 0;
  let idle = Promise.withResolvers<undefined>();
  idle.resolve(undefined);

  function settle(abandon: (failure: DatabaseFailure) => void): void {
    waiting.delete(abandon);
    movedAt = performance.now();
    if (waiting.size === 0) idle.resolve(undefined);
  }

  return {
    count: () => waiting.size,
    isOver: () => isOver,
    /** Resolves when nothing is in flight. */
    whenIdle: (): Promise<unknown> => idle.promise,
    /** Milliseconds since the last answer; 0 when nothing is in flight. */
    stillSince: (now: number) => (waiting.size === 0 ? 0 : now - movedAt),
    /** Milliseconds since the oldest was sent; 0 when nothing is in flight. */
    oldestSince(now: number): number {
      const [sentAt = now] = waiting.values();
      return now - sentAt;
    },
    /** @param explain translates a failure of `work` */
    add<Result>(work: Promise<Result>, explain: (cause: unknown) => DatabaseFailure): Promise<Result> {
      const sentAt = performance.now();
      if (waiting.size === 0) {
        movedAt = sentAt;
        idle = Promise.withResolvers();
      }
      return new Promise((resolve, reject) => {
        waiting.set(reject, sentAt);
        work.then(
          (result) => {
            settle(reject);
            resolve(result);
          },
          (cause: unknown) => {
            settle(reject);
            reject(explain(cause));
          },
        );
      });
    },
    abandon(failure: DatabaseFailure) {
      isOver = true;
      for (const reject of waiting.keys()) reject(failure);
      waiting.clear();
      idle.resolve(undefined);
    },
  };
}
