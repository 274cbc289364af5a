import { after, before, describe, type TestContext } from 'node:test';

import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { adminsContract } from '../admins.contract.ts';
import { callsContract } from '../calls.contract.ts';
import { extensionsContract } from '../extensions.contract.ts';
import { importHistoryContract } from '../import-history.contract.ts';
import { importsContract } from '../imports.contract.ts';
import { leadStoreContract } from '../lead-store.contract.ts';
import { numbersContract } from '../numbers.contract.ts';
import { personsContract } from '../persons.contract.ts';
import { recordsContract } from '../records.contract.ts';
import { textSearchContract } from '../text-search.contract.ts';
import { searchesContract, type OpenSearchedStore } from '../searches.contract.ts';
import { createDatabaseFor, indexWords, openFilled, postgresqlConfig } from './filled-store.ts';

describe('a store in a real PostgreSQL', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  before(async () => {
    server = await startPostgresql();
    await createDatabaseFor(server);
  });
  after(() => server.stop());

  const open: OpenSearchedStore = (description, settings) =>
    openFilled(postgresqlConfig(server, settings), description);

  leadStoreContract('PostgreSQL', open);
  numbersContract('PostgreSQL', open);
  searchesContract('PostgreSQL', open);
  textSearchContract('PostgreSQL', async (description) => {
    const store = await openFilled(postgresqlConfig(server), description);
    const indexAll = () => indexWords(store);
    return { leads: store.leads, records: store.records, close: () => store.close(), indexAll };
  });
  personsContract('PostgreSQL', async (description) => {
    const store = await openFilled(postgresqlConfig(server), description);
    const { leads, records, persons, calls } = store;
    return { leads, records, persons, calls, close: () => store.close(), indexAll: () => indexWords(store) };
  });
  adminsContract('PostgreSQL', (description) => openFilled(postgresqlConfig(server), description));
  extensionsContract('PostgreSQL', (description) => openFilled(postgresqlConfig(server), description));
  const openEmpty = async (t: TestContext) => {
    const store = await openFilled(postgresqlConfig(server), { lists: [], leads: [], users: [] });
    t.after(() => store.close());
    return store;
  };
  importsContract('imports into PostgreSQL', openEmpty);
  importHistoryContract('the history of imports into PostgreSQL', openEmpty);
  callsContract('PostgreSQL', (description) => openFilled(postgresqlConfig(server), description));
  recordsContract('PostgreSQL', (description) => openFilled(postgresqlConfig(server), description));
});
