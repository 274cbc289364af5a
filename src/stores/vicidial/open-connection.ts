import { connect } from 'node:net';

import type { Connection, ConnectionConfig, StreamCallback } from 'mariadb';

import type { ServerAddress } from '../../config/addresses.ts';
import { withDeadline } from '../../core/clock.ts';
import { type OpenConnection, serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { DatabaseLogin } from '../network/login.ts';
import { tlsTo } from '../network/tls-to.ts';
import { dialerFailure } from './dialer-failure.ts';

/** Limit for a connection and its session: six or seven round trips, to a distant server and over TLS. */
export const CONNECT_MS = 800;
/** The server itself aborts a statement after this time. */
export const STATEMENT_SECONDS = 1;
/** So many statements stay prepared: a few for all leads, and one for each list with custom fields. */
const PREPARED_STATEMENTS = 250;

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

/** @throws {DatabaseFailure} of kind `unreachable` */
export async function openConnection(login: DatabaseLogin, server: ServerAddress): Promise<OpenConnection> {
  const name = serverName(server);
  // Our own socket can be reset at once; the connector would open another connection to kill this one.
  const socket = connect({ host: server.host, port: server.port, noDelay: true, keepAlive: true });
  const message = `${name}: no connection in ${CONNECT_MS} ms`;
  const late = new DatabaseFailure('unreachable', message, 'ETIMEDOUT');
  try {
    const options = {
      stream: (take: StreamCallback) => take(undefined, socket),
      user: login.user,
      password: login.password,
      database: login.database,
      ...(login.tls === undefined ? {} : { ssl: tlsTo(server, login.tls) }),
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
    // The connector's own limit does not include the session's settings.
    const connection = await withDeadline(connectWith(options), CONNECT_MS, late);
    return { socket, ...statementsOf(connection) };
  } catch (cause) {
    socket.destroy();
    throw dialerFailure(cause, name, true);
  }
}

function statementsOf(connection: Connection): Omit<OpenConnection, 'socket'> {
  return {
    execute: connection.execute.bind(connection),
    onLost(lost) {
      connection.on('error', lost);
      connection.on('end', () => lost(undefined));
    },
    end: () => connection.end(),
  };
}

async function connectWith(options: ConnectionConfig): Promise<Connection> {
  // Loaded only for a dialer: the connector takes a tenth of the start.
  const { createConnection } = await import('mariadb');
  const connection = await createConnection(options);
  const ignoreUnknown = (cause: unknown) => {
    if ((cause as { errno?: unknown }).errno !== UNKNOWN_VARIABLE) throw cause;
  };
  await Promise.all(SESSION.map((statement) => connection.query(statement).catch(ignoreUnknown)));
  return connection;
}
