import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { openStore } from '../../../src/stores/open-store.ts';
import { CALL_LOGS, type CallLogName } from '../../../src/core/lead-details.ts';
import { readPhone } from '../../../src/core/phone.ts';
import { parseQuery, type QueryParameters } from '../../../src/core/query.ts';
import { allowCallLogs, CALL_LOG_TABLES, createCallLogs } from '../../support/dialer-call-logs.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { asDatabaseRoot, runRootSql } from '../../support/root-sql.ts';
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

  it('reads further numbers only for who shows or compares them, a hundred at most, in the dialer’s order', async () => {
    const further = Array.from({ length: 120 }, (_, at) => ({ number: String(3355550000 + at) }));
    const lists = [{ list_id: 100, name: 'North' }];
    const leads = [
      { lead_id: 1, list_id: 100, phone_number: '5512340001', further },
      { lead_id: 2, list_id: 100, phone_number: '5512340002', further: further.slice(0, 100) },
    ];
    const store = await openFilled({ lists, leads, users: [] }, { address3IsPhone: false });
    try {
      await runRootSql(
        server,
        'UPDATE asterisk.vicidial_list_alt_phones SET alt_phone_count = 1000 - alt_phone_count WHERE lead_id = 1',
      );
      const find = async (parameters: QueryParameters, isWanted: boolean) => {
        const query = parseQuery(parameters, 'MX');
        assert.ok('by' in query);
        const result = await store.leads.find(query, 'every list', { further: isWanted });
        return [result?.further?.length, result?.hasMoreNumbers, result?.further?.[0]?.number];
      };
      for (const parameters of [{ leadId: '1' }, { phoneNumber: '5512340001' }]) {
        assert.deepEqual(await find(parameters, true), [100, true, '3355550119']);
        assert.deepEqual(await find(parameters, false), [undefined, undefined, undefined]);
      }
      assert.deepEqual(await find({ leadId: '2' }, true), [100, undefined, '3355550000']);
      assert.deepEqual(await find({ leadId: '9' }, true), [undefined, undefined, undefined]);
    } finally {
      await store.close();
    }
  });

  it('reads the newest calls of one lead, no more of each log than are asked for', async () => {
    const leads = [10, 20].map((id) => ({ lead_id: id, list_id: 100, phone_number: `55123400${id}` }));
    const lists = [{ list_id: 100, name: 'North' }];
    const store = await openFilled({ lists, leads, users: [] }, { address3IsPhone: false });
    try {
      await createCallLogs(server, [10]);
      await allowCallLogs(server, READER.user);
      const read = store.leads.readCallLogs;
      assert.ok(read !== undefined);
      const datesOf = async (most: number) => (await read(10, most, undefined)).calls.map(([date]) => date);
      assert.deepEqual(await datesOf(10), ['2026-03-11 10:00:00', '2026-03-10 10:00:00']);
      assert.deepEqual(await datesOf(1), ['2026-03-11 10:00:00']);
      const { closerlog, agentlog, record } = await read(10, 10, undefined);
      assert.deepEqual([closerlog.length, agentlog.length, record.length], [1, 1, 1]);
      const newest = await read(10, 1, undefined);
      for (const [name, columns] of Object.entries(CALL_LOGS)) {
        assert.equal(newest[name as CallLogName][0]?.length, columns.length, name);
      }
      assert.deepEqual((await read(20, 10, undefined)).calls, []);
    } finally {
      await store.close();
      await asDatabaseRoot(server, (root) =>
        root.query(`DROP TABLE ${CALL_LOG_TABLES.map((table) => `asterisk.${table}`).join(', ')}`),
      );
    }
  });

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
          return store.leads.find(query, 'every list', { further: true });
        };
        assert.equal(await find({ phoneNumber: '3355550005' }), undefined);
        const byNumber = await find({ phoneNumber: '5512340005' });
        assert.deepEqual([byNumber?.leadId, byNumber?.further], [5, undefined]);
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
