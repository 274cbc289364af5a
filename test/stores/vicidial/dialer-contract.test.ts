import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { openStore } from '../../../src/app.ts';
import { readPhone } from '../../../src/core/phone.ts';
import { parseQuery, type QueryParameters } from '../../../src/core/query.ts';
import { createFakeClock, createTestServices } from '../../service/test-services.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { runRootSql } from '../../support/root-sql.ts';
import { CONTRACT_DATA } from '../contract-data.ts';
import { NUMBER_DATA, numbersContract } from '../numbers.contract.ts';
import { leadStoreContract } from '../lead-store.contract.ts';
import { searchesContract, type OpenSearchedStore } from '../searches.contract.ts';

const READER = { user: 'callercard', password: 'p@ss/word %' } as const;

function phoneOf(text: string) {
  const reading = readPhone(text, 'MX');
  assert.ok('value' in reading);
  return reading.value;
}

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

  it('finds leads by their other numbers where it has no table of further ones, or our account may not read it', async () => {
    const fixture = async (sql: string) => {
      await (await openFilled(NUMBER_DATA, { address3IsPhone: false })).close();
      await runRootSql(server, sql);
      return openStore(dialerConfig(server, READER));
    };
    for (const sql of [
      'DROP TABLE asterisk.vicidial_list_alt_phones',
      `REVOKE SELECT ON asterisk.vicidial_list_alt_phones FROM '${READER.user}'@'%'`,
    ]) {
      const store = await fixture(sql);
      try {
        const find = (parameters: QueryParameters) => {
          const query = parseQuery(parameters, 'MX');
          assert.ok('by' in query);
          return store.leads.find(query, 'every list');
        };
        assert.equal(await find({ phoneNumber: '3355550005' }), undefined);
        assert.equal((await find({ phoneNumber: '5512340005' }))?.leadId, 5);
        assert.equal((await find({ leadId: '5' }))?.further, undefined);
        const [first] = (
          await store.leads.findAll(phoneOf('5512340003'), 'every list', { offset: 0, limit: 1 })
        ).matches;
        assert.equal(first?.leadId, 4);
      } finally {
        await store.close();
      }
    }
  });

  it('knows which of a lead’s numbers was sent beside its id: a further one, one of its country, a block', async () => {
    await (await openFilled(NUMBER_DATA, { address3IsPhone: false })).close();
    const store = openStore(dialerConfig(server, READER, { numberBlocks: true }));
    try {
      const { lookup } = createTestServices(store, {
        clock: createFakeClock(),
        numbers: { numberBlocks: true },
      });
      const matchOf = async (leadId: number, phoneNumber: string) => {
        const outcome = await lookup({
          endpoint: 'cli',
          right: 'read',
          requestId: 'r-1',
          address: '192.0.2.1',
          credentials: { kind: 'operator' },
          parameters: { leadId: String(leadId), phoneNumber },
        });
        return 'result' in outcome ? outcome.phoneMatch : outcome.problem.code;
      };
      assert.equal(await matchOf(5, '3355550005'), 'further');
      assert.equal(await matchOf(9, '+1 212 555 0199'), 'further');
      assert.equal(await matchOf(5, '3355550105'), 'none');
      assert.equal(await matchOf(1, '+1 212 555 0142'), 'phone_number');
      assert.equal(await matchOf(10, '3312345678'), 'block');
      assert.equal(await matchOf(10, '3312355678'), 'none');
    } finally {
      await store.close();
    }
  });

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
