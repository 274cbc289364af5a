import { connect, type Socket } from 'node:net';

import { createConnection, type Connection, type StreamCallback } from 'mariadb';

import type { ServerAddress } from '../../config/database-address.ts';
import { serverName, type DialerAddress } from './dialer-address.ts';
import { DialerFailureError, dialerFailure } from './dialer-failure.ts';

/** Only these are ever bound: the connector takes a 0 or `false` for a text that it equals in SQL. */
export type Parameter = string | number | bigint | null;
export type Row = readonly unknown[];

/** A connection must be there by then. */
export const CONNECT_MS = 500;
/** The server itself gives a statement up after this time. */
export const STATEMENT_SECONDS = 1;
/** Nothing at all came for so long, while something was asked: the server or the way to it stands still. */
export const SILENCE_MS = 1_300;

/** One connection that carries many statements at a time, answered in the order in which they were sent. */
export interface DialerConnection {
  /** Statements under way. */
  readonly underWay: number;
  readonly isLost: boolean;
  /** @throws {DialerFailureError} */
  execute(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  /** Gives the connection up when nothing comes; to be called now and then. */
  checkSilence(now: number): void;
  /** Ends it once what is under way is answered. */
  end(): Promise<void>;
}

/**
 * What each session asks of its server, each by itself, because versions differ: a limit for statements, and index
 * statistics instead of a probe for each of the spellings of a number (28,000 instead of 14,000 lookups a second).
 */
const SESSION = [
  `SET SESSION max_statement_time = ${STATEMENT_SECONDS}`,
  'SET SESSION eq_range_index_dive_limit = 1',
  "SET SESSION sql_mode = ''",
] as const;
const UNKNOWN_VARIABLE = 1193;

/** @throws {DialerFailureError} of kind `unreachable` */
export async function openDialerConnection(
  address: DialerAddress,
  server: ServerAddress,
): Promise<DialerConnection> {
  const name = serverName(server);
  // A socket of our own can be cut at once; the connector would first ask for another connection, to kill this one.
  const socket = connect({ host: server.host, port: server.port, noDelay: true, keepAlive: true });
  try {
    const options = {
      stream: (take: StreamCallback) => take(undefined, socket),
      user: address.user,
      password: address.password,
      database: address.database,
      ...(address.tls === undefined ? {} : { ssl: address.tls }),
      // The server may not send us elsewhere.
      permitRedirect: false,
      connectTimeout: CONNECT_MS,
      collation: 'UTF8MB4_UNICODE_CI',
      rowsAsArray: true,
      dateStrings: true,
      autoJsonMap: false,
      checkDuplicate: false,
      // An error's text would hold what was bound.
      logParam: false,
      // Its own would print.
      logger: { warning: () => undefined },
    };
    const connection = await createConnection(options);
    await Promise.all(SESSION.map((statement) => setSession(connection, statement)));
    return watch(connection, name, socket);
  } catch (cause) {
    socket.destroy();
    throw dialerFailure(cause, name, true);
  }
}

async function setSession(connection: Connection, statement: string): Promise<void> {
  try {
    await connection.query(statement);
  } catch (cause) {
    if ((cause as { errno?: unknown }).errno !== UNKNOWN_VARIABLE) throw cause;
  }
}

function watch(connection: Connection, name: string, socket: Socket): DialerConnection {
  const underWay = createUnderWay();
  const writeTogether = createWriteTogether(socket);

  function lose(failure: DialerFailureError): void {
    if (underWay.isOver()) return;
    underWay.abandon(failure);
    socket.destroy();
  }

  connection.on('error', (cause) => lose(dialerFailure(cause, name)));
  connection.on('end', () => lose(ended(name)));

  return {
    get underWay() {
      return underWay.count();
    },
    get isLost() {
      return underWay.isOver();
    },
    execute(sql, parameters) {
      if (underWay.isOver()) return Promise.reject(ended(name));
      writeTogether();
      return underWay.add(
        connection.execute<Row[]>(sql, [...parameters]).catch((cause: unknown) => {
          const failure = dialerFailure(cause, name);
          if (failure.kind === 'lost') lose(failure);
          throw failure;
        }),
      );
    },
    checkSilence(now) {
      if (underWay.stillSince(now) > SILENCE_MS) {
        lose(new DialerFailureError('silent', `${name}: no answer for ${SILENCE_MS} ms`));
      }
    },
    async end() {
      const limit = setTimeout(
        () => lose(new DialerFailureError('silent', `${name}: no answer at the end`)),
        SILENCE_MS,
      );
      await connection.end().catch(() => undefined);
      clearTimeout(limit);
      lose(ended(name));
    },
  };
}

/**
 * Statements of one turn of the event loop leave in one write: each write wakes the server, which costs both sides
 * more than the statement.
 */
function createWriteTogether(socket: Socket): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    isCorked = true;
    socket.cork();
    setImmediate(() => {
      isCorked = false;
      socket.uncork();
    });
  };
}

function ended(name: string): DialerFailureError {
  return new DialerFailureError('lost', `${name}: the connection ended`);
}

/** The statements under way on one connection. Given up, each fails at once; what comes later reaches nobody. */
function createUnderWay() {
  const waiting = new Set<(failure: DialerFailureError) => void>();
  let isOver = false;
  let movedAt = 0;

  return {
    count: () => waiting.size,
    isOver: () => isOver,
    /** For how long nothing came, in milliseconds; 0 when nothing is awaited. */
    stillSince: (now: number) => (waiting.size === 0 ? 0 : now - movedAt),
    add<Result>(work: Promise<Result>): Promise<Result> {
      if (waiting.size === 0) movedAt = performance.now();
      return new Promise((resolve, reject) => {
        waiting.add(reject);
        const settle = () => {
          waiting.delete(reject);
          movedAt = performance.now();
        };
        work.finally(settle).then(resolve, reject);
      });
    },
    abandon(failure: DialerFailureError) {
      isOver = true;
      for (const reject of waiting) reject(failure);
      waiting.clear();
    },
  };
}
