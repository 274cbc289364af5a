import type { PostgresqlAddress, ServerAddress } from '../../config/addresses.ts';
import type { Config } from '../../config/settings.ts';
import { StoreRefusal } from '../../core/store.ts';
import type { PoolAddress } from '../network/connector.ts';
import { type DatabaseLogin, databaseLogin } from '../network/login.ts';
import {
  CONNECT_MS,
  createTimelines,
  LOOKUP_SESSION,
  openConnection,
  type PostgresqlConnection,
  type PostgresqlLogin,
  withSettings,
} from './open-connection.ts';
import { postgresqlFailure } from './postgresql-failure.ts';

export type PostgresqlConfig = Config & { readonly database: PostgresqlAddress };

/** How the servers are reached: for statements by themselves, which share connections, and for work that has one of its own. */
export interface PostgresqlServers extends PoolAddress {
  /** @param session more settings of the session, as `name=value` */
  readonly openOwn: (server: ServerAddress, session?: readonly string[]) => Promise<PostgresqlConnection>;
  readonly openForMaintenance: (server: ServerAddress) => Promise<PostgresqlConnection>;
  /** For an import, an undo or an export, whose statements may take long. */
  readonly openSession: (server: ServerAddress) => Promise<PostgresqlConnection>;
}

/** The same, for what must reach the server itself where a pooler stands in between. */
export function directAddress(config: PostgresqlConfig): PostgresqlServers {
  const { database, databaseDirect: direct } = config;
  return poolAddress(
    direct === undefined ? config : { ...config, database: { ...direct, schema: database.schema } },
  );
}

/** Fails where the server is a standby: one to which a pooler's connections went over. */
const PROBE = 'SELECT 1 / (CASE WHEN pg_is_in_recovery() THEN 0 ELSE 1 END)';
/** Fails where the server is none. */
const REPLICA_PROBE = 'SELECT 1 / (CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END)';
/** The server ends a statement of a lookup after this time. */
const STATEMENT_MS = 1_000;
/** The same, of a transaction, which may wait for another one. */
export const TRANSACTION_STATEMENT_MS = 5_000;
/** The same, of what is in no transaction, such as writing a table anew. */
export const MAINTENANCE_STATEMENT_MS = 30 * 60_000;
/** So long it waits for a lock: whoever comes later waits behind it. */
const MAINTENANCE_LOCK_MS = 500;
/** The same, of an import, an undo or an export, which nobody waits for. */
export const SESSION_STATEMENT_MS = 120_000;
/** And for its connection: nobody waits for it. */
const SESSION_CONNECT_MS = 10_000;
const SESSION = [
  // What is staged has no statistics: it is joined with leads by their index, however few there were at first.
  ...['enable_hashjoin=off', 'enable_mergejoin=off'],
  // In seconds: the server hears within a minute that the machine of an import is gone, which has the claim of the store.
  ...['tcp_keepalives_idle=30', 'tcp_keepalives_interval=10', 'tcp_keepalives_count=3'],
];

/**
 * Files are read again for each connection: a password may be another one meanwhile. One that cannot be read any more counts as it
 * was.
 *
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
function createLogin(config: PostgresqlConfig): () => DatabaseLogin & Pick<PostgresqlLogin, 'schema'> {
  const { schema, tls: databaseTls = config.databaseTls, ...account } = config.database;
  const read = () => ({ ...databaseLogin({ ...config, databaseTls }, account), schema });
  let last = read();
  return () => {
    try {
      last = read();
    } catch (cause) {
      if (!(cause instanceof StoreRefusal)) throw cause;
    }
    return last;
  };
}

/**
 * The replicas that the settings name, for lookups alone.
 *
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function replicaAddress(config: PostgresqlConfig): PoolAddress {
  const login = createLogin(config);
  const about: Omit<PostgresqlLogin, keyof ReturnType<typeof login>> = {
    ...{ connectMs: CONNECT_MS, statementMs: STATEMENT_MS, session: LOOKUP_SESSION },
    ...{ timelines: undefined, isReplica: true },
  };
  return {
    servers: config.databaseReplicas,
    connections: config.databaseConnections,
    probe: REPLICA_PROBE,
    open: async (server) => withSettings(await openConnection({ ...login(), ...about }, server)),
    explain: postgresqlFailure,
  };
}

/**
 * By the settings.
 *
 * @param connectMs limit for a connection
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function poolAddress(config: PostgresqlConfig, connectMs = CONNECT_MS): PostgresqlServers {
  const { servers } = config.database;
  const timelines = servers.length > 1 ? createTimelines() : undefined;
  const read = createLogin(config);
  const login = () => ({ ...read(), connectMs, timelines });
  return {
    servers,
    connections: config.databaseConnections,
    probe: PROBE,
    open: async (server) =>
      withSettings(
        await openConnection({ ...login(), statementMs: STATEMENT_MS, session: LOOKUP_SESSION }, server),
      ),
    openOwn: (server, session = []) =>
      openConnection({ ...login(), statementMs: TRANSACTION_STATEMENT_MS, session }, server),
    openForMaintenance: (server) =>
      openConnection(
        {
          ...login(),
          statementMs: MAINTENANCE_STATEMENT_MS,
          session: [`lock_timeout=${MAINTENANCE_LOCK_MS}`],
        },
        server,
      ),
    openSession: (server) =>
      openConnection(
        { ...login(), statementMs: SESSION_STATEMENT_MS, connectMs: SESSION_CONNECT_MS, session: SESSION },
        server,
      ),
    explain: postgresqlFailure,
  };
}
