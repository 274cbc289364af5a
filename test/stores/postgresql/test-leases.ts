import type { OpenLease } from '../../../src/core/lease.ts';
import {
  directAddress,
  type PostgresqlConfig,
  type PostgresqlServers,
} from '../../../src/stores/postgresql/address.ts';
import { openLeases } from '../../../src/stores/postgresql/open-leases.ts';
import type { PostgresqlServer } from '../../support/postgresql-server.ts';
import { postgresqlConfig } from './filled-store.ts';

export const TEST_LEASE = 'test';

/** Shorter than in use, so that a test need not wait. */
const TIMES = { tryMs: 100, heldMs: 1_500, pingMs: 500, silentMs: 1_000, idleMs: 3_000, pauseMs: 100 };

export function openTestLeases(
  server: Pick<PostgresqlServer, 'host' | 'port'>,
  schema: string,
  isPooled: boolean,
): OpenLease {
  const config = postgresqlConfig(server);
  return openLeases({ ...config, database: { ...config.database, schema } }, TIMES, () =>
    addressOf(config, schema, isPooled),
  );
}

/** @param isPooled as if a pooler stood in between: it says another process than the server has */
export function addressOf(config: PostgresqlConfig, schema: string, isPooled: boolean): PostgresqlServers {
  const address = directAddress({ ...config, database: { ...config.database, schema } });
  if (!isPooled) return address;
  return {
    ...address,
    openOwn: async (to) => ({ ...(await address.openOwn(to)), processId: 0 }),
  };
}
