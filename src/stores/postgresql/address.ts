import type { PostgresqlAddress, ServerAddress } from '../../config/addresses.ts';
import type { Config } from '../../config/settings.ts';
import { StoreRefusal } from '../../core/store.ts';
import type { PoolAddress } from '../network/connector.ts';
import { type DatabaseLogin, databaseLogin } from '../network/login.ts';
import { CONNECT_MS, LOOKUP_SESSION, openConnection, type PostgresqlLogin } from './open-connection.ts';
import { postgresqlFailure } from './postgresql-failure.ts';
import { type PostgresqlConnection, withSettings } from './session-statements.ts';
import { createSharedServers, type SharedServers } from './shared-servers.ts';
import type { SharedTransactions } from './shared-transactions.ts';

export type PostgresqlConfig = Config & { readonly database: PostgresqlAddress };

/** How the servers are reached: for statements by themselves, which share connections, and for work that has one of its own. */
export interface PostgresqlServers extends PoolAddress {
  readonly schema: string;
  /** Whose connections transactions have. */
  readonly transactions: SharedTransactions;
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

/** By what connections to the same server are the same, whatever their schemas are. */
function loginKey(config: PostgresqlConfig, purpose: string): string {
  const { servers, user, password, database, tls } = config.database;
  const { databaseTls, databaseCa, databasePasswordFile } = config;
  const account = [user, password, database, tls, databaseTls, databaseCa, databasePasswordFile];
  return JSON.stringify([purpose, servers, ...account]);
}

/** For statements by themselves. */
type ForStatements = Pick<PoolAddress, 'connections' | 'open' | 'explain' | 'join'>;

/** @param share.most connections of this store at a time, at most */
function forStatements(
  config: PostgresqlConfig,
  open: (server: ServerAddress) => Promise<PostgresqlConnection>,
  share: { readonly shared: SharedServers; readonly key: string; readonly most?: number | undefined },
): ForStatements {
  const { databaseConnections: bound, database } = config;
  const { shared, key, most = bound } = share;
  const about = { schema: database.schema, most, bound, explain: postgresqlFailure };
  const openForStatements = async (server: ServerAddress) => withSettings(await open(server));
  return {
    connections: most,
    open: openForStatements,
    join: (server) => shared.connectionsTo(server, key).join({ ...about, open: openForStatements }),
    explain: postgresqlFailure,
  };
}

/**
 * The replicas that the settings name, for lookups alone.
 *
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function replicaAddress(config: PostgresqlConfig, shared = createSharedServers()): PoolAddress {
  const login = createLogin(config);
  const about: Omit<PostgresqlLogin, keyof ReturnType<typeof login>> = {
    ...{ connectMs: CONNECT_MS, statementMs: STATEMENT_MS, session: LOOKUP_SESSION },
    ...{ timelines: undefined, isReplica: true },
  };
  const open = (server: ServerAddress) => openConnection({ ...login(), ...about }, server);
  return {
    ...forStatements(config, open, { shared, key: loginKey(config, 'replica') }),
    servers: config.databaseReplicas,
    probe: REPLICA_PROBE,
  };
}

/** How a store uses its servers. */
export interface ServersUse {
  /** Limit for a connection; undefined: that of a server, whose callers wait. */
  readonly connectMs?: number | undefined;
  /** With whom it shares its connections; undefined: with nobody. */
  readonly shared?: SharedServers | undefined;
  /** For what it has connections of its own kind; undefined: whatever stores do. */
  readonly purpose?: string;
  /** Connections for statements by themselves, at most; undefined: as the settings say. */
  readonly most?: number;
}

/**
 * By the settings.
 *
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function poolAddress(
  config: PostgresqlConfig,
  { connectMs = CONNECT_MS, shared = createSharedServers(), purpose = 'store', most }: ServersUse = {},
): PostgresqlServers {
  const { servers, schema } = config.database;
  const key = `${loginKey(config, purpose)} ${connectMs}`;
  const timelines = servers.length > 1 ? shared.timelinesOf(loginKey(config, 'timelines')) : undefined;
  const read = createLogin(config);
  const login = () => ({ ...read(), connectMs, timelines });
  const open = (server: ServerAddress) =>
    openConnection({ ...login(), statementMs: STATEMENT_MS, session: LOOKUP_SESSION }, server);
  return {
    ...forStatements(config, open, { shared, key, most }),
    servers,
    schema,
    probe: PROBE,
    transactions: shared.transactionsOf(key),
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
  };
}
