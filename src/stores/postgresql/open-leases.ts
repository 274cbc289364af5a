import { uptime } from 'node:os';

import type { Config } from '../../config/settings.ts';
import type { OpenLease } from '../../core/lease.ts';
import { directAddress, type PostgresqlConfig } from './address.ts';
import { type DirectTimes, keepDirectConnection } from './direct-connection.ts';
import { createLease, type LeaseTimes } from './lease.ts';

/** The system's own answer each time: a process's clock stands still while its machine sleeps. */
const MACHINE = { uptime: () => uptime() * 1000 };

/** Leases by the store's database, each on a connection of its own. The tables are there already. */
export function openLeases(
  config: PostgresqlConfig,
  times: Partial<DirectTimes & LeaseTimes> = {},
  address = () => directAddress(config),
): OpenLease {
  return (name, listener) => {
    const { user, lease } = createLease(config.database.schema, name, listener, MACHINE, times);
    const connection = keepDirectConnection(address, [user], times);
    return {
      isHeld: () => lease.isHeld(),
      async close() {
        await lease.close();
        await connection.close();
      },
    };
  };
}

/** The same by the settings of a domain; undefined: its store is one of a single machine, or a dialer's. */
export function openStoreLeases(config: Config): OpenLease | undefined {
  const { database } = config;
  return database.engine === 'postgresql' ? openLeases({ ...config, database }) : undefined;
}
