import type { Config } from '../config/settings.ts';
import type { OpenedStore, PostgresqlStore, SqliteStore } from './open-store.ts';
import type { EmbeddedConfig, OpenStoreOptions, OwnConfig } from './store-config.ts';

// For the words of a command that cannot reach the server.
export { DatabaseFailure } from './network/failure.ts';

/**
 * Opens the store that the configuration names, as `openStore` does, and loads the code of its engine alone: a command starts
 * faster by it.
 *
 * @throws {StoreRefusal} with what to do about it; nothing was changed
 */
export function loadStore(config: EmbeddedConfig, options?: OpenStoreOptions): Promise<SqliteStore>;
export function loadStore(
  config: OwnConfig,
  options?: OpenStoreOptions,
): Promise<SqliteStore | PostgresqlStore>;
export function loadStore(config: Config, options?: OpenStoreOptions): Promise<OpenedStore>;
export async function loadStore(config: Config, options: OpenStoreOptions = {}): Promise<OpenedStore> {
  const { database } = config;
  if (database.engine === 'sqlite') {
    const { openEmbedded } = await import('./open-embedded.ts');
    return openEmbedded({ ...config, database }, options);
  }
  if (database.engine === 'mariadb') {
    const { openDialerStore } = await import('./open-dialer.ts');
    return openDialerStore({ ...config, database }, options);
  }
  const { openPostgresqlStore } = await import('./open-postgresql.ts');
  return openPostgresqlStore({ ...config, database }, options);
}
