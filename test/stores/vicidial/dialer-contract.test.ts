import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { openStore } from '../../../src/app.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { runRootSql } from '../../support/root-sql.ts';
import { CONTRACT_DATA } from '../contract-data.ts';
import { numbersContract } from '../numbers.contract.ts';
import { leadStoreContract } from '../lead-store.contract.ts';
import { searchesContract, type OpenSearchedStore } from '../searches.contract.ts';

const READER = { user: 'callercard', password: 'p@ss/word %' } as const;

describe('a dialer on a real MariaDB', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  const openFilled: OpenSearchedStore = async (description, options) => {
    await fillDialer(server, description, { altPhoneIndex: true, address3Index: true });
    await createReadOnlyUser(server, READER.user, READER.password);
    return openStore(dialerConfig(server, READER, options));
  };

  leadStoreContract('a dialer, read with an account that may only read', openFilled);
  numbersContract('a dialer, read with an account that may only read', openFilled);
  searchesContract('a dialer, read with an account that may only read', openFilled);

  it('whose custom fields are switched off has its lists without them, and no others', async () => {
    await (await openFilled(CONTRACT_DATA, { address3IsPhone: true })).close();
    await runRootSql(server, "UPDATE asterisk.system_settings SET custom_fields_enabled = '0'");
    // The settings are read when a store is opened, and then only now and then.
    const store = openStore(dialerConfig(server, READER, { address3IsPhone: true }));
    try {
      assert.deepEqual(await store.leads.describeList(200), { listId: 200, name: 'South', fields: [] });
      assert.deepEqual(await store.leads.describeList(300), { listId: 300, name: 'Policies', fields: [] });
      assert.equal(await store.leads.describeList(999), undefined);
    } finally {
      await store.close();
    }
  });
});
