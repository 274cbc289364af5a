import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import type { DialerConfig } from '../../../src/stores/vicidial/address.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { fillForReader, numberOf, openDialerFixture, type DialerFixture } from './dialer-fixture.ts';

/** Lead 10 is a customer, lead 11 is none. */
const DESCRIPTION = {
  lists: [{ list_id: 100, name: 'list 100' }],
  leads: [10, 11].map((lead_id) => ({
    lead_id,
    list_id: 100,
    phone_number: numberOf(lead_id),
    isCustomer: lead_id === 10,
  })),
  users: [{ name: 'Todo', password: PASSWORD }],
};

describe("GOautodial's customers", { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  let fixture: DialerFixture | undefined;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  beforeEach(() => fillForReader(server, DESCRIPTION));
  afterEach(async () => {
    await fixture?.close();
    fixture = undefined;
  });

  /** Who is a customer, of both leads; by id and by number, and for the operator, it must be the same. */
  async function customers(changes: Partial<DialerConfig> = {}): Promise<readonly boolean[]> {
    const asked = (fixture ??= openDialerFixture(server, changes));
    const isCustomer = async (lead: number) => {
      const byId = await asked.lookup('Todo', { leadId: String(lead) });
      const byNumber = await asked.lookup('Todo', { phoneNumber: numberOf(lead) });
      const query = { by: 'lead_id', leadId: lead, asSent: String(lead), phone: undefined } as const;
      const byOperator = await asked.store.leads.find(query, 'every list');
      assert.ok(
        'result' in byId && 'result' in byNumber && byOperator !== undefined,
        JSON.stringify([byId, byNumber]),
      );
      assert.equal(byNumber.result.isCustomer, byId.result.isCustomer);
      assert.equal(byOperator.isCustomer, byId.result.isCustomer);
      return byId.result.isCustomer;
    };
    return [await isCustomer(10), await isCustomer(11)];
  }

  it('are the leads that have a row, once or more', async () => {
    await server.runRootSql('INSERT INTO goautodial.go_customers (lead_id) VALUES (10), (10)');
    assert.deepEqual(await customers(), [true, false]);
    await server.runRootSql('UPDATE goautodial.go_customers SET lead_id = 11');
    assert.deepEqual(await customers(), [false, true]);
    await server.runRootSql('DELETE FROM goautodial.go_customers');
    assert.deepEqual(await customers(), [false, false]);
  });

  for (const [what, sql] of [
    ['there is no such database', 'DROP DATABASE goautodial'],
    ['there is no such table', 'DROP TABLE goautodial.go_customers'],
    ['our account may not read the table', "REVOKE SELECT ON goautodial.go_customers FROM callercard@'%'"],
    [
      'our account may only write the table',
      "REVOKE SELECT ON goautodial.go_customers FROM callercard@'%'; GRANT INSERT ON goautodial.go_customers TO callercard@'%'",
    ],
    ['the table has no lead_id', 'ALTER TABLE goautodial.go_customers CHANGE lead_id lead int unsigned'],
  ] as const) {
    it(`are nobody where ${what}`, async () => {
      await server.runRootSql(sql);
      assert.deepEqual(await customers(), [false, false]);
    });
  }

  it('are nobody at once when the index goes away', async () => {
    assert.deepEqual(await customers(), [true, false]);
    await server.runRootSql('ALTER TABLE goautodial.go_customers DROP KEY lead_id');
    assert.deepEqual(await customers(), [false, false]);
  });

  it('are nobody where the operator names no database', async () => {
    assert.deepEqual(await customers({ goautodialDatabase: 'none' }), [false, false]);
  });

  it('are nobody where the named database is not there, and those of the named one where it is', async () => {
    assert.deepEqual(await customers({ goautodialDatabase: { name: 'elsewhere' } }), [false, false]);
    await fixture?.close();
    fixture = undefined;
    await server.runRootSql(
      "CREATE DATABASE `else-where`; CREATE TABLE `else-where`.go_customers (lead_id int, KEY (lead_id)); INSERT INTO `else-where`.go_customers VALUES (11); GRANT SELECT ON `else-where`.go_customers TO callercard@'%'",
    );
    assert.deepEqual(await customers({ goautodialDatabase: { name: 'else-where' } }), [false, true]);
    await server.runRootSql('DROP DATABASE `else-where`');
  });

  it('are nobody where the table has no index on the lead, and it is not read through', async () => {
    await server.runRootSql(
      'ALTER TABLE goautodial.go_customers DROP KEY lead_id, ADD KEY other (group_list_id, lead_id)',
    );
    await server.runRootSql(`INSERT INTO goautodial.go_customers (lead_id) VALUES ${'(9),'.repeat(999)}(9)`);
    assert.deepEqual(await customers(), [false, false]);
    const scanned = await rowsScanned(() => customers());
    assert.ok(scanned < 500, `${scanned} rows were read`);
    // Such a scan would be seen.
    assert.ok(
      (await rowsScanned(() => server.runRootSql('SELECT COUNT(avatar) FROM goautodial.go_customers'))) >=
        1_000,
    );
  });

  /** Rows that the server read one after the other meanwhile. */
  async function rowsScanned(work: () => Promise<unknown>): Promise<number> {
    const read = async () => {
      const [row] = (await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'")) as {
        Value: string;
      }[];
      return Number(row?.Value);
    };
    // Reading the counter moves it too, each time by as much.
    const cost = -(await read()) + (await read());
    const before = await read();
    await work();
    return (await read()) - before - cost;
  }

  describe('on a server of their own', () => {
    let other: MariadbServer;
    before(async () => {
      other = await startMariadb();
    });
    after(() => other.stop());
    beforeEach(async () => {
      await other.runRootSql(`CREATE OR REPLACE DATABASE crm;
        CREATE TABLE crm.go_customers (id int AUTO_INCREMENT PRIMARY KEY, lead_id int unsigned, KEY lead_id (lead_id));
        INSERT INTO crm.go_customers (lead_id) VALUES (11), (11);
        CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'p@ss';
        GRANT SELECT ON crm.go_customers TO reader@'%'`);
    });

    function elsewhere(): Partial<DialerConfig> {
      return {
        goautodialDatabase: {
          engine: 'mariadb',
          servers: [{ host: other.host, port: other.port }],
          user: 'reader',
          password: 'p@ss',
          database: 'crm',
        },
      };
    }

    it('are read there, and not beside the dialer', async () => {
      assert.deepEqual(await customers(elsewhere()), [false, true]);
      await other.runRootSql('UPDATE crm.go_customers SET lead_id = 10');
      assert.deepEqual(await customers(), [true, false]);
    });

    for (const [what, sql] of [
      ['has no index', 'ALTER TABLE crm.go_customers DROP KEY lead_id'],
      ['is missing', 'DROP TABLE crm.go_customers'],
      [
        'may not be read',
        "REVOKE SELECT ON crm.go_customers FROM reader@'%'; GRANT INSERT ON crm.go_customers TO reader@'%'",
      ],
    ] as const) {
      it(`are nobody where the table there ${what}`, async () => {
        await other.runRootSql(sql);
        assert.deepEqual(await customers(elsewhere()), [false, false]);
      });
    }

    it('are nobody at once when the table there goes away', async () => {
      assert.deepEqual(await customers(elsewhere()), [false, true]);
      await other.runRootSql('DROP TABLE crm.go_customers');
      assert.deepEqual(await customers(), [false, false]);
    });

    it('cost no statement for who is not found or not let in', async () => {
      await customers(elsewhere());
      const asked = fixture;
      assert.ok(asked !== undefined);
      const before = await executed(other);
      assert.equal(await asked.outcome('Todo', { leadId: '99' }), 'lead_not_found');
      assert.equal(await asked.outcome('Todo', { leadId: '10' }, 'wrong'), 'credentials_invalid');
      assert.equal(await executed(other), before);
      assert.equal(await asked.outcome('Todo', { leadId: '10' }), 10);
      assert.equal(await executed(other), before + 1);
    });

    it('that cannot be read are a failure, not an answer that they are none', async () => {
      assert.deepEqual(await customers(elsewhere()), [false, true]);
      await other.kill();
      const asked = fixture;
      assert.ok(asked !== undefined);
      assert.equal(await asked.outcome('Todo', { leadId: '11' }), 'store_unavailable');
      assert.equal(await asked.outcome('Todo', { leadId: '11' }, 'wrong'), 'credentials_invalid');
      await other.restart();
    });
  });
});

async function executed(server: MariadbServer): Promise<number> {
  const [row] = (await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as {
    Value: string;
  }[];
  return Number(row?.Value);
}
