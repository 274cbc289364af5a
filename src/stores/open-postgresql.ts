import type { PostgresqlConfig } from './postgresql/address.ts';
import { openPostgresql, type PostgresqlStore } from './postgresql/open-postgresql.ts';
import type { OpenStoreOptions } from './store-config.ts';

/** @throws {StoreRefusal} a file that the settings name cannot be read */
export function openPostgresqlStore(
  config: PostgresqlConfig,
  { create = false, isPatient = false, log, clock, shared }: OpenStoreOptions,
): PostgresqlStore {
  return openPostgresql(config, {
    ...{ mayCreate: create, mayMigrate: log !== undefined },
    ...{ isPatient, log, clock, shared },
  });
}
