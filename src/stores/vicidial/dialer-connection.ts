import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

import type { Connection, ConnectionConfig, StreamCallback } from 'mariadb';

import type { ServerAddress } from '../../config/addresses.ts';
import { serverName, type DialerAddress } from './dialer-address.ts';
import { DialerFailureError, dialerFailure } from './dialer-failure.ts';
import type { Parameter, Row } from './parameter.ts';
import { createPreparedStatements } from './prepared-statements.ts';
import { createPending } from './pending.ts';
import { createWriteBatch } from './write-batch.ts';

/** A connection must be there by then, its session set: six or seven ways there and back, far away and over TLS. */
export const CONNECT_MS = 800;
/** The server itself gives a statement up after this time. */
export const STATEMENT_SECONDS = 1;
/** Nothing at all came for so long, while something was asked: the server or the way to it stands still. */
export const SILENCE_MS = 1_300;
/** Answers come, but one was waited for so long: the server does not keep up, and a lookup would come too late. */
export const LATE_MS = 1_700;

/** One connection that carries many statements at a time, answered in the order in which they were sent. */
export interface DialerConnection {
  /** Statements under way. */
  readonly underWay: number;
  /** Those of them that leave together, at the end of this turn of the event loop. */
  readonly gathered: number;
  readonly isLost: boolean;
  /** @throws {DialerFailureError} */
  execute(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]>;
  /** Gives the connection up when nothing comes, or all too late; to be called now and then. */
  checkSilence(now: number): void;
  /** Ends it once what is under way is answered, or does not come. */
  end(): Promise<void>;
}

/**
 * What each session asks of its server, each by itself, because versions differ: a limit for statements; index
 * statistics instead of a probe for each of the spellings of a number (28,000 instead of 14,000 lookups a second);
 * little thought about plans that have one way only (82 instead of 94 us of the server for a lookup).
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
  address: DialerAddress,
  server: ServerAddress,
): Promise<DialerConnection> {
  const name = serverName(server);
  // A socket of our own can be cut at once; the connector would first ask for another connection, to kill this one.
  const socket = connect({ host: server.host, port: server.port, noDelay: true, keepAlive: true });
  const late = Promise.withResolvers<never>();
  // The connector's own limit ends before the session is set.
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
      // The server may not send us elsewhere.
      permitRedirect: false,
      connectTimeout: CONNECT_MS,
      collation: 'UTF8MB4_UNICODE_CI',
      rowsAsArray: true,
      dateStrings: true,
      autoJsonMap: false,
      checkDuplicate: false,
      // We keep our prepared statements ourselves.
      prepareCacheLength: 0,
      // An error's text would hold what was bound.
      logParam: false,
      // Its own would print.
      logger: { warning: () => undefined },
    };
    const connection = await Promise.race([connectWith(options), late.promise]);
    return watch(connection, name, socket);
  } catch (cause) {
    socket.destroy();
    throw dialerFailure(cause, name, true);
  } finally {
    clearTimeout(limit);
  }
}

/** The connector knows our socket and no host: by itself it would look for `localhost` in the certificate. */
function tlsTo({ host }: ServerAddress, tls: NonNullable<DialerAddress['tls']>) {
  return {
    ...tls,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate),
  };
}

async function connectWith(options: ConnectionConfig): Promise<Connection> {
  // Only now: without a dialer nobody needs the connector, whose loading is a tenth of a start.
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

function watch(connection: Connection, name: string, socket: Socket): DialerConnection {
  const underWay = createPending();
  const together = createWriteBatch(socket);
  const statements = createPreparedStatements(connection);

  function lose(failure: DialerFailureError): void {
    if (underWay.isOver()) return;
    underWay.abandon(failure);
    // With a reset: after a mere end, the server would still work on everything that was sent.
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
    get underWay() {
      return underWay.count();
    },
    get gathered() {
      return together.count;
    },
    get isLost() {
      return underWay.isOver();
    },
    execute(sql, parameters) {
      if (underWay.isOver()) return Promise.reject(ended(name));
      together.note();
      return underWay.add(statements.execute(sql, parameters), explain);
    },
    checkSilence(now) {
      if (underWay.stillSince(now) > SILENCE_MS) {
        lose(new DialerFailureError('silent', `${name}: no answer for ${SILENCE_MS} ms`));
      } else if (underWay.oldestSince(now) > LATE_MS) {
        lose(new DialerFailureError('silent', `${name}: answers take longer than ${LATE_MS} ms`));
      }
    },
    async end() {
      const limit = setTimeout(
        () => lose(new DialerFailureError('silent', `${name}: no answer at the end`)),
        SILENCE_MS,
      );
      await underWay.whenIdle();
      clearTimeout(limit);
      if (underWay.isOver()) return;
      await connection.end().catch(() => undefined);
      lose(ended(name));
    },
  };
}

function ended(name: string): DialerFailureError {
  return new DialerFailureError('lost', `${name}: the connection ended`);
}
