import { join } from 'node:path';

import { loadConfig } from '../../../src/config/load.ts';
import type { PostgresqlConfig } from '../../../src/stores/postgresql/address.ts';
import { openPostgresql, type PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import type { PostgresqlServer } from '../../support/postgresql-server.ts';
import { temporaryFolder } from '../../support/test-app.ts';
import { addUser, type StoreDescription } from '../described-store.ts';
import { fillPostgresql } from './fill-postgresql.ts';

export const ACCOUNT = { user: 'callercard', password: 'p@ss/word %' } as const;

/** A database of the test's own, and an account that owns it. */
export async function createDatabaseFor(server: PostgresqlServer): Promise<void> {
  await server.runSql(
    `CREATE ROLE ${ACCOUNT.user} LOGIN PASSWORD '${ACCOUNT.password}';
     CREATE DATABASE calls OWNER ${ACCOUNT.user};`,
  );
}

let schemas = 0;

/** The defaults, over a schema of its own on the server, without log. */
export function postgresqlConfig(
  servers: Pick<PostgresqlServer, 'host' | 'port'> | readonly Pick<PostgresqlServer, 'host' | 'port'>[],
  changes: Partial<PostgresqlConfig> = {},
): PostgresqlConfig {
  const { config } = loadConfig({ flags: {}, environment: {} });
  schemas += 1;
  return {
    ...config,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    database: {
      engine: 'postgresql',
      servers: [servers].flat().map(({ host, port }) => ({ host, port })),
      ...ACCOUNT,
      database: 'calls',
      schema: `s${process.pid}_${schemas}`,
      tls: undefined,
    },
    stateFile: join(temporaryFolder(), 'state.db'),
    ...changes,
  };
}

/** Opens a store that holds a description. */
export async function openFilled(
  config: PostgresqlConfig,
  description: StoreDescription,
): Promise<PostgresqlStore> {
  const store = openPostgresql(config, { mayMigrate: true });
  await fillPostgresql(store, description);
  for (const user of description.users) await addUser(store, user);
  return store;
}

/** Brings the words of all leads into the index. */
export async function indexWords(
  store: Pick<PostgresqlStore, 'indexWords'>,
): Promise<{ readonly leads: number; readonly left: number }> {
  let [leads, left] = [0, 1];
  while (left > 0) {
    const some = await store.indexWords();
    [leads, left] = [leads + some.leads, some.left];
  }
  return { leads, left };
}
