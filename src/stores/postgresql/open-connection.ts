import { Socket } from 'node:net';

import type { Client, ClientConfig } from 'pg';

import type { ServerAddress } from '../../config/addresses.ts';
import { withDeadline } from '../../core/clock.ts';
import { serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { DatabaseLogin } from '../network/login.ts';
import { tlsTo } from '../network/tls-to.ts';
import { postgresqlFailure } from './postgresql-failure.ts';
import {
  pooledStatements,
  type PostgresqlConnection,
  type Settings,
  statementsOf,
} from './session-statements.ts';

/** Limit for a connection and its session, to a distant server and over TLS, while requests wait. */
export const CONNECT_MS = 800;

/** As whom, and for what, a connection is made. */
export interface PostgresqlLogin extends DatabaseLogin {
  readonly schema: string;
  /** Limit for the connection and its session. */
  readonly connectMs: number;
  /** The server itself ends a statement after this time. */
  readonly statementMs: number;
  /** More settings, as `name=value`. */
  readonly session: readonly string[];
  /** Of several servers; undefined: there is one. */
  readonly timelines: Timelines | undefined;
  /** A standby is wanted, and no server that takes writes. */
  readonly isReplica?: true;
}

/**
 * A promoted standby begins a new timeline. The old primary goes on with its own where nobody has stopped it: what is written
 * there is lost when it follows the new one.
 */
export type Timelines = ReturnType<typeof createTimelines>;

export function createTimelines() {
  let newest = 0;
  return {
    /** @throws {DatabaseFailure} another server has taken over from this one */
    check(timeline: number, name: string): void {
      if (timeline < newest)
        throw new DatabaseFailure('not ready', `${name}: another server was promoted after it`, '25006');
      newest = timeline;
    },
  };
}

/** No compilation of statements that take less time than it; what is read at all is read by an index. */
const SESSION = ['jit=off', 'plan_cache_mode=force_generic_plan', 'enable_seqscan=off'];

/** For lookups, which end after a few rows: a bitmap would have all rows of a number first. A search by words cannot do without. */
export const LOOKUP_SESSION = ['enable_bitmapscan=off'];

/** @throws {DatabaseFailure} of kind `unreachable`, or `not ready`: it is a standby, or none where one is wanted */
export async function openConnection(
  login: PostgresqlLogin,
  server: ServerAddress,
): Promise<PostgresqlConnection> {
  const name = serverName(server);
  // Our own socket can be reset at once, and corked.
  const socket = new Socket();
  const message = `${name}: no connection in ${login.connectMs} ms`;
  const late = new DatabaseFailure('unreachable', message, 'ETIMEDOUT');
  // Loaded only for this engine, every command loads this file; and not in the time of a connection.
  const { default: pg } = await import('pg');
  try {
    const client = new pg.Client(optionsOf(login, server, socket));
    const isPooled = await withDeadline(connect(client, login, server), login.connectMs, late);
    const { schema } = login;
    const statements = statementsOf(client, pg.Query, schema);
    if (!isPooled) return { socket, ...statements };
    const settingsFor = (other: string) => settingsOf({ ...login, schema: other });
    return { socket, ...pooledStatements(statements, client, schema, settingsFor) };
  } catch (cause) {
    socket.destroy();
    throw postgresqlFailure(cause, name, true);
  }
}

/**
 * Settings follow the connection, because a pooler refuses those that come with it. The process of a session is told twice:
 * with the connection, where a pooler says a number of its own, and by the server.
 */
const BEGIN_SESSION = `SELECT pg_backend_pid() = $1, current_setting('in_hot_standby'),
  (SELECT count(set_config(name, value, false)) FROM unnest($2::text[], $3::text[]) AS settings (name, value)
   WHERE pg_backend_pid() = $1)`;

/** In hexadecimal digits. */
const TIMELINE = 'SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)';

/** @returns whether a pooler stands in between */
async function connect(client: Client, login: PostgresqlLogin, server: ServerAddress): Promise<boolean> {
  // Before there is anybody who hears it: without this an error would end the process.
  client.on('error', () => undefined);
  await client.connect();
  // The types leave it out.
  const { processID = null } = client as Client & { readonly processID?: number | null };
  const settings = settingsOf(login);
  const { rows } = await client.query<[boolean | null, string]>({
    text: BEGIN_SESSION,
    values: [processID, settings.map(([name]) => name), settings.map(([, value]) => value)],
    rowMode: 'array',
  });
  const [isOwn, isStandby] = rows[0] ?? [];
  checkRole(isStandby === 'on', login.isReplica === true, serverName(server));
  if (login.timelines !== undefined) {
    const found = await client.query<[string]>({ text: TIMELINE, rowMode: 'array' });
    login.timelines.check(Number.parseInt(String(found.rows[0]?.[0]), 16), serverName(server));
  }
  return isOwn !== true;
}

/** @throws {DatabaseFailure} of kind `not ready` */
function checkRole(isStandby: boolean, isReplica: boolean, name: string): void {
  if (isStandby === isReplica) return;
  const is = isStandby ? 'is a standby, which takes no writes' : 'is no standby (any more): it takes writes';
  throw new DatabaseFailure('not ready', `${name}: ${is}`, '25006');
}

function settingsOf({
  schema,
  statementMs,
  session: more,
}: Pick<PostgresqlLogin, 'schema' | 'statementMs' | 'session'>): Settings {
  return [...SESSION, ...more, `search_path=${schema}`, `statement_timeout=${statementMs}`].map((setting) => {
    const [name = '', value = ''] = setting.split('=');
    return [name, value];
  });
}

function optionsOf(
  { user, password, database, tls }: PostgresqlLogin,
  server: ServerAddress,
  socket: Socket,
): ClientConfig {
  // Everything is said: what is left out the connector takes from the environment.
  return {
    ...{ host: server.host, port: server.port, user, password, database },
    ssl: tls === undefined ? false : tlsTo(server, tls),
    stream: () => socket,
    pipeline: true,
    keepAlive: true,
    application_name: 'callercard',
    types: { getTypeParser },
  };
}

/** int8, int2, int4: none here is beyond 53 bits. */
const WHOLE_NUMBERS: ReadonlySet<number> = new Set([20, 21, 23]);
const BOOLEAN = 16;

/** Whole numbers and booleans as such; everything else as the text that the server sends. */
function getTypeParser(oid: number): (text: string) => string | number | boolean {
  if (WHOLE_NUMBERS.has(oid)) return Number;
  return oid === BOOLEAN ? (text) => text === 't' : (text) => text;
}
