import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

import type { Connection, ConnectionConfig, StreamCallback } from 'mariadb';

import type { ServerAddress } from '../../config/addresses.ts';
import { serverName, type PoolAddress } from './address.ts';
import { DialerFailureError, dialerFailure } from './failure.ts';
import type { Parameter, Row } from './sql.ts';

/** Limit for a connection and its session: six or seven round trips, to a distant server and over TLS. */
export const CONNECT_MS = 800;
/** The server itself aborts a statement after this time. */
export const STATEMENT_SECONDS = 1;
/** No answer for so long, with statements in flight: the server or the network hangs. */
export const SILENCE_MS = 1_300;
/** Answers come, but one statement has waited so long: the server does not keep up. */
export const LATE_MS = 1_700;

/** So many statements stay prepared: a few for all leads, and one for each list with custom fields. */
const PREPARED_STATEMENTS = 250;

/** One connection that pipelines statements: the server answers them in the order in which they were sent. */
export interface DialerConnection {
  /** Statements sent and not answered. */
  readonly inFlight: number;
  /** Those of them that wait for the write at the end of this iteration of the event loop. */
  readonly batched: number;
  readonly isLost: boolean;
  /** @throws {DialerFailureError} */
  execute(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  /** Closes the connection when nothing comes, or all too late; to be called periodically. */
  checkSilence(now: number): void;
  /** Ends the connection after the last answer, which it waits for no longer than SILENCE_MS. */
  end(): Promise<void>;
}

/**
 * Settings of each session, one statement each, because versions differ: a time limit for statements; index statistics
 * instead of an index dive for each spelling of a number (28,000 instead of 14,000 lookups a second); no search among
 * plans where only one is possible (82 instead of 94 us of the server for a lookup).
 */
export const SESSION = [
  `SET SESSION max_statement_time = ${STATEMENT_SECONDS}`,
  'SET SESSION eq_range_index_dive_limit = 1',
  'SET SESSION optimizer_search_depth = 1',
  'SET SESSION optimizer_use_condition_selectivity = 1',
  "SET SESSION use_stat_tables = 'never'",
  "SET SESSION sql_mode = ''",
] as const;
const UNKNOWN_VARIABLE = 1193;

/** @throws {DialerFailureError} of kind `unreachable` */
export async function openDialerConnection(
  address: PoolAddress,
  server: ServerAddress,
): Promise<DialerConnection> {
  const name = serverName(server);
  // Our own socket can be reset at once; the connector would open another connection to kill this one.
  const socket = connect({ host: server.host, port: server.port, noDelay: true, keepAlive: true });
  const late = Promise.withResolvers<never>();
  // The connector's own limit does not include the session's settings.
  const limit = setTimeout(
    () =>
      late.reject(
        new DialerFailureError('unreachable', `${name}: no connection in ${CONNECT_MS} ms`, 'ETIMEDOUT'),
      ),
    CONNECT_MS,
  );
  try {
    const options = {
      stream: (take: StreamCallback) => take(undefined, socket),
      user: address.user,
      password: address.password,
      database: address.database,
      ...(address.tls === undefined ? {} : { ssl: tlsTo(server, address.tls) }),
      // The server may not redirect us.
      permitRedirect: false,
      connectTimeout: CONNECT_MS,
      collation: 'UTF8MB4_UNICODE_CI',
      rowsAsArray: true,
      dateStrings: true,
      autoJsonMap: false,
      checkDuplicate: false,
      prepareCacheLength: PREPARED_STATEMENTS,
      // Else an error's text would hold the parameters.
      logParam: false,
      // The connector's own logger prints.
      logger: { warning: () => undefined },
    };
    const connection = await Promise.race([connectWith(options), late.promise]);
    return carryStatements(connection, name, socket);
  } catch (cause) {
    socket.destroy();
    throw dialerFailure(cause, name, true);
  } finally {
    clearTimeout(limit);
  }
}

/** The connector has our socket and no host: it would look for `localhost` in the certificate. */
function tlsTo({ host }: ServerAddress, tls: NonNullable<PoolAddress['tls']>) {
  return {
    ...tls,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate),
  };
}

async function connectWith(options: ConnectionConfig): Promise<Connection> {
  // Loaded only for a dialer: the connector takes a tenth of the start.
  const { createConnection } = await import('mariadb');
  const connection = await createConnection(options);
  await Promise.all(SESSION.map((statement) => setSession(connection, statement)));
  return connection;
}

async function setSession(connection: Connection, statement: string): Promise<void> {
  try {
    await connection.query(statement);
  } catch (cause) {
    if ((cause as { errno?: unknown }).errno !== UNKNOWN_VARIABLE) throw cause;
  }
}

function carryStatements(connection: Connection, name: string, socket: Socket): DialerConnection {
  const pending = createPending();
  const batch = createWriteBatch(socket);

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
    get inFlight() {
      return pending.count();
    },
    get batched() {
      return batch.size();
    },
    get isLost() {
      return pending.isOver();
    },
    execute(sql, parameters) {
      if (pending.isOver()) return Promise.reject(ended(name));
      batch.add();
      return pending.add(connection.execute<Row[]>(sql, parameters), explain);
    },
    checkSilence(now) {
      if (pending.stillSince(now) > SILENCE_MS) {
        lose(new DialerFailureError('silent', `${name}: no answer for ${SILENCE_MS} ms`));
      } else if (pending.oldestSince(now) > LATE_MS) {
        lose(new DialerFailureError('silent', `${name}: answers take longer than ${LATE_MS} ms`));
      }
    },
    async end() {
      const limit = setTimeout(
        () => lose(new DialerFailureError('silent', `${name}: no answer at the end`)),
        SILENCE_MS,
      );
      await pending.whenIdle();
      clearTimeout(limit);
      if (pending.isOver()) return;
      await connection.end().catch(() => undefined);
      lose(ended(name));
    },
  };
}

/** The statements of one iteration of the event loop leave in one write: each write costs more than a statement. */
function createWriteBatch(socket: Socket) {
  let size = 0;
  return {
    size: () => size,
    /** One more statement is about to be written. */
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
