import type { OpenRelay } from '../../core/call-relay.ts';
import type { Config } from '../../config/settings.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { systemMachineClock } from '../machine-clock.ts';
import { directAddress, type PostgresqlConfig } from './address.ts';
import { createCallRelay } from './call-relay.ts';
import { createDatabase } from './database.ts';
import { type DirectTimes, keepDirectConnection } from './direct-connection.ts';

/** Carries calls by the store's database, over one connection. */
export function openPostgresqlRelay(
  config: PostgresqlConfig,
  log: LogStoreEvent,
  times: Partial<DirectTimes> = {},
): OpenRelay {
  return (listener) => {
    const prepared = prepareOnce(config, log);
    const { user, relay } = createCallRelay(config.database.schema, prepared, listener);
    const connection = keepDirectConnection(() => directAddress(config), [user], times);
    return { ...relay, close: () => connection.close() };
  };
}

/** The same by the settings of a domain; undefined: its store is one of a single machine, or a dialer's. */
export function openStoreRelay(config: Config, log: LogStoreEvent): OpenRelay | undefined {
  const { database } = config;
  return database.engine === 'postgresql' ? openPostgresqlRelay({ ...config, database }, log) : undefined;
}

/** Brings the tables up to date where no other process has done so; it makes no store. */
function prepareOnce(config: PostgresqlConfig, log: LogStoreEvent) {
  const options = {
    country: config.defaultCountry,
    mayMigrate: true,
    mayCreate: false,
    log,
    machine: systemMachineClock,
  };
  let isDone = false;
  return async (): Promise<void> => {
    if (isDone) return;
    const database = createDatabase(config, options);
    try {
      await database.prepared();
      isDone = true;
    } finally {
      await database.close();
    }
  };
}
