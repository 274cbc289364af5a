import type { ServerAddress } from '../../config/addresses.ts';
import { type PoolAddress, serverName } from './address.ts';
import { DialerFailureError, dialerFailure } from './failure.ts';
import { openConnection } from './open-connection.ts';
import type { Parameter, Read, Row } from './rows.ts';

/** No answer for so long, with statements in flight: the server or the network hangs. */
export const SILENCE_MS = 1_300;
/** Answers come, but one statement has waited so long: the server does not keep up. */
export const LATE_MS = 1_700;
/** Another connection is opened when each has so many statements in flight. */
const GROW_AT = 4;
/**
 * So many statements of one iteration of the event loop go to one connection, in one write, before the next is used: a
 * seventh less of our CPU time than four connections, and the server is as quick.
 */
const BATCH_SIZE = 8;
/** After a connection that could not be had beside others, none is tried for so long: the server may be at its limit. */
const GROW_AGAIN_MS = 1_000;

/** The connections to one server, opened on demand up to the number of the settings. */
export function createConnections(address: PoolAddress, server: ServerAddress) {
  const name = serverName(server);
  const connections = new Set<DialerConnection>();
  let opening: Promise<DialerConnection> | undefined;
  let growAfter = -Infinity;
  let isEnded = false;

  function open(): Promise<DialerConnection> {
    opening ??= openNow().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function openNow(): Promise<DialerConnection> {
    const connection = carryStatements(await openConnection(address, server), name);
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
  function pick(): DialerConnection | undefined {
    let best: DialerConnection | undefined;
    for (const connection of connections) {
      if (connection.isLost) connections.delete(connection);
      else if (best === undefined || comesBefore(connection, best)) best = connection;
    }
    return best;
  }

  const execute: Read = async (sql, parameters) => {
    if (isEnded) throw new DialerFailureError('lost', `${name}: not in use any more`);
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

function comesBefore(one: DialerConnection, other: DialerConnection): boolean {
  const isBatching = hasOpenBatch(one);
  return isBatching === hasOpenBatch(other) ? one.inFlight < other.inFlight : isBatching;
}

function hasOpenBatch({ batched }: DialerConnection): boolean {
  return batched > 0 && batched < BATCH_SIZE;
}

type DialerConnection = ReturnType<typeof carryStatements>;

/** One connection that pipelines statements: the server answers them in the order in which they were sent. */
function carryStatements({ connection, socket }: Awaited<ReturnType<typeof openConnection>>, name: string) {
  const pending = createPending();
  let batched = 0;

  function lose(failure: DialerFailureError): void {
    if (pending.isOver()) return;
    pending.abandon(failure);
    // With a reset: after a normal end the server would still execute everything that was sent.
    socket.resetAndDestroy();
  }

  function explain(cause: unknown): DialerFailureError {
    const failure = dialerFailure(cause, name);
    if (failure.kind === 'lost') lose(failure);
    return failure;
  }

  connection.on('error', (cause) => lose(dialerFailure(cause, name)));
  connection.on('end', () => lose(ended(name)));

  return {
    /** Statements sent and not answered. */
    get inFlight() {
      return pending.count();
    },
    /** Those of them that wait for the write at the end of this iteration of the event loop. */
    get batched() {
      return batched;
    },
    get isLost() {
      return pending.isOver();
    },
    /** @throws {DialerFailureError} */
    execute(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
      if (pending.isOver()) return Promise.reject(ended(name));
      // The statements of one iteration of the event loop leave in one write: each write costs more than a statement.
      if (batched === 0) {
        socket.cork();
        setImmediate(() => {
          batched = 0;
          socket.uncork();
        });
      }
      batched += 1;
      return pending.add(connection.execute<Row[]>(sql, parameters), explain);
    },
    /** Closes the connection when nothing comes, or all too late; to be called periodically. */
    checkSilence(now: number): void {
      if (pending.stillSince(now) > SILENCE_MS) {
        lose(new DialerFailureError('silent', `${name}: no answer for ${SILENCE_MS} ms`));
      } else if (pending.oldestSince(now) > LATE_MS) {
        lose(new DialerFailureError('silent', `${name}: answers take longer than ${LATE_MS} ms`));
      }
    },
    /** Ends the connection after the last answer, which it waits for no longer than SILENCE_MS. */
    async end(): Promise<void> {
      const late = new DialerFailureError('silent', `${name}: no answer at the end`);
      const limit = setTimeout(lose, SILENCE_MS, late);
      await pending.whenIdle();
      clearTimeout(limit);
      if (pending.isOver()) return;
      await connection.end().catch(() => undefined);
      lose(ended(name));
    },
  };
}

function ended(name: string): DialerFailureError {
  return new DialerFailureError('lost', `${name}: the connection ended`);
}

/** The statements in flight on one connection. Abandoned, each fails at once; a later answer reaches nobody. */
export function createPending() {
  /** Each by the function that fails it, with when it was sent; the oldest first. */
  const waiting = new Map<(failure: DialerFailureError) => void, number>();
  let isOver = false;
  let movedAt = 0;
  let idle = Promise.withResolvers<undefined>();
  idle.resolve(undefined);

  function settle(abandon: (failure: DialerFailureError) => void): void {
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
    add<Result>(work: Promise<Result>, explain: (cause: unknown) => DialerFailureError): Promise<Result> {
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
    abandon(failure: DialerFailureError) {
      isOver = true;
      for (const reject of waiting.keys()) reject(failure);
      waiting.clear();
      idle.resolve(undefined);
    },
  };
}
