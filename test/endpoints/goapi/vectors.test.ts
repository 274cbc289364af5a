import { describe } from 'node:test';

import { createApp } from '../../../src/app.ts';
import { describeDataset, loadDataset, readDataset } from '../../support/dataset.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { loadDatasetIntoDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb } from '../../support/mariadb-server.ts';
import { postgresqlSkip, startPostgresql } from '../../support/postgresql-server.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from '../../stores/postgresql/filled-store.ts';
import { listenReady, startTestApp, temporaryFolder } from '../../support/test-app.ts';
import { contractVectors } from './contract-vectors.ts';

contractVectors('every vector of the contract, from the embedded store', () =>
  startTestApp(temporaryFolder(), loadDataset),
);

describe('a dialer on a real MariaDB', { skip: mariadbSkip }, () => {
  contractVectors('every vector of the contract, from a dialer', async () => {
    const server = await startMariadb();
    await loadDatasetIntoDialer(server, undefined, { altPhoneIndex: true });
    const account = { user: 'callercard', password: 'planted-secret of the database' };
    await createReadOnlyUser(server, account.user, account.password);
    const app = createApp(dialerConfig(server, account));
    const url = await listenReady(app);
    return {
      url,
      async close() {
        await app.close();
        await server.stop();
      },
    };
  });
});

describe('a store in a real PostgreSQL', { skip: postgresqlSkip }, () => {
  contractVectors('every vector of the contract, from PostgreSQL', async () => {
    const server = await startPostgresql();
    await createDatabaseFor(server);
    const config = postgresqlConfig(server);
    const app = createApp(config, { store: await openFilled(config, describeDataset(readDataset())) });
    const url = await listenReady(app);
    return {
      url,
      async close() {
        await app.close();
        await server.stop();
      },
    };
  });
});
