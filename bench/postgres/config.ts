import { loadConfig } from '../../src/config/load.ts';
import type { PostgresqlConfig } from '../../src/stores/postgresql/address.ts';
import { RAISED_LIMITS } from '../lookups/store.ts';

/** The product's defaults over a store in PostgreSQL, with the audit in files of a folder; the limits on a caller's rate raised. */
export function benchConfig(address: string, folder: string): PostgresqlConfig {
  const { config } = loadConfig({ flags: { database: address, audit: folder }, environment: {} });
  const { database } = config;
  if (database.engine !== 'postgresql') throw new Error(`${address} is no PostgreSQL`);
  return { ...config, ...RAISED_LIMITS, database, host: '127.0.0.1', port: 0 };
}
