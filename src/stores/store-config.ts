import type { PostgresqlAddress, SqliteAddress } from '../config/addresses.ts';
import type { Config } from '../config/settings.ts';
import type { MachineClock } from '../core/clock.ts';
import type { Country } from '../core/phone.ts';
import type { LogStoreEvent } from '../core/store.ts';
import type { SharedServers } from './postgresql/shared-servers.ts';

export type EmbeddedConfig = Config & { readonly database: SqliteAddress };
/** Of a store of callercard's own. */
export type OwnConfig = Config & { readonly database: SqliteAddress | PostgresqlAddress };

export interface OpenStoreOptions {
  /** Make the store when it is not there yet. */
  readonly create?: boolean;
  /** Nobody but the operator will ask: what only callers need is not made. */
  readonly forOperator?: boolean;
  /** For a command: no request waits, and a database over the network may take its time. */
  readonly isPatient?: boolean;
  /** The country that somebody chose for it; undefined: the store's own. */
  readonly country?: Country | undefined;
  /**
   * Reads its file through the memory where the engine can. It is faster, and whoever cuts the file short meanwhile ends the
   * process: not where others depend on it.
   */
  readonly mapped?: boolean;
  /**
   * Logs what happens to a store: servers that fail and come back. With it, a store of an older version is brought up to date,
   * and refused without it.
   */
  readonly log?: LogStoreEvent;
  /** The stores of this process that have it share their connections to servers of PostgreSQL; undefined: it has its own. */
  readonly shared?: SharedServers | undefined;
  /** The machine's clocks; a test has its own. */
  readonly clock?: MachineClock;
}

/** Whether leads and users are callercard's own: they are not a dialer's. */
export function isOwnStore(config: Config): config is OwnConfig {
  return config.database.engine !== 'mariadb';
}

/** Whether they are in a file. */
export function isEmbedded(config: Config): config is EmbeddedConfig {
  return config.database.engine === 'sqlite';
}
