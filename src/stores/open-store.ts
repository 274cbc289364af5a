import type { Config, DomainConfig } from '../config/settings.ts';
import type { Floor } from '../core/floor.ts';
import { openDialerStore } from './open-dialer.ts';
import { openEmbedded, type SqliteStore } from './open-embedded.ts';
import { openPostgresqlStore } from './open-postgresql.ts';
import type { PostgresqlStore } from './postgresql/open-postgresql.ts';
import type { EmbeddedConfig, OpenStoreOptions, OwnConfig } from './store-config.ts';
import { openFloor } from './vicidial/live-calls.ts';
import type { DialerStore } from './vicidial/open-dialer.ts';

export type { DialerStore } from './vicidial/open-dialer.ts';
export type { PostgresqlStore } from './postgresql/open-postgresql.ts';
export type { SqliteStore } from './open-embedded.ts';

export type OpenedStore = SqliteStore | PostgresqlStore | DialerStore;

/**
 * Opens the store that the configuration names, for a server: its domains may have any engine. A database over the network need not
 * answer yet.
 *
 * @throws {StoreRefusal} with what to do about it; nothing was changed
 */
export function openStore(config: EmbeddedConfig, options?: OpenStoreOptions): SqliteStore;
export function openStore(config: OwnConfig, options?: OpenStoreOptions): SqliteStore | PostgresqlStore;
export function openStore(config: Config, options?: OpenStoreOptions): OpenedStore;
export function openStore(config: Config, options: OpenStoreOptions = {}): OpenedStore {
  const { database } = config;
  if (database.engine === 'sqlite') return openEmbedded({ ...config, database }, options);
  if (database.engine === 'mariadb') return openDialerStore({ ...config, database }, options);
  return openPostgresqlStore({ ...config, database }, options);
}

/** Who is on which call at the dialer that the configuration of a domain names. */
export function openFloorOf({ name, config }: DomainConfig): Floor {
  const { database } = config;
  if (database.engine !== 'mariadb') throw new Error('the store is no dialer');
  return openFloor({ ...config, database }, name);
}
