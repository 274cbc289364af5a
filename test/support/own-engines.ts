import { after, before, describe } from 'node:test';

import type { OwnConfig } from '../../src/stores/store-config.ts';
import { createDatabaseFor, postgresqlConfig } from '../stores/postgresql/filled-store.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from './postgresql-server.ts';

/**
 * The same tests on each engine of our own stores.
 *
 * @param body is called with what makes the setting of an empty store, to be called while tests run
 */
export function onOwnEngines(
  title: string,
  body: (emptyStore: () => Pick<Partial<OwnConfig>, 'database'>) => void,
): void {
  describe(`${title}, in the embedded store`, () => body(() => ({})));
  describe(`${title}, in PostgreSQL`, { skip: postgresqlSkip }, () => {
    let server: PostgresqlServer;
    before(async () => {
      server = await startPostgresql();
      await createDatabaseFor(server);
    });
    body(() => ({ database: postgresqlConfig(server).database }));
    // After what the body does at its end.
    after(() => server.stop());
  });
}
