import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import type { CustomInfo } from '../../../src/core/lead.ts';
import { parseQuery, type QueryParameters } from '../../../src/core/query.ts';
import { REFRESH_AFTER_MS, TOO_OLD_MS } from '../../../src/stores/vicidial/schema-cache.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { asDatabaseRoot } from '../../support/root-sql.ts';
import { defineSql, tableSql } from './custom-lists.ts';
import {
  customOf,
  fillForReader,
  numberOf,
  openDialerFixture,
  type DialerFixture,
} from './dialer-fixture.ts';
import { openParts, type DialerParts } from './dialer-parts.ts';

const DESCRIPTION = {
  lists: [100, 200].map((list_id) => ({ list_id, name: `list ${list_id}` })),
  leads: [10, 11].map((lead_id) => ({
    lead_id,
    list_id: 100,
    phone_number: numberOf(lead_id),
    alt_phone: `56${numberOf(lead_id).slice(2)}`,
    isCustomer: true,
  })),
  users: [{ name: 'Todo', password: PASSWORD }],
};

const CUSTOM =
  tableSql(100, ['plan text', 'visits int'], ['10', "'gold'", '7']) +
  defineSql(100, [{ label: 'plan' }, { label: 'visits', rank: 2 }]);

describe('the cached schema of a dialer', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  beforeEach(async () => {
    await fillForReader(server, DESCRIPTION);
    await run(CUSTOM);
  });

  function run(sql: string): Promise<unknown> {
    return asDatabaseRoot(server, (root) => root.query(`USE asterisk; ${sql}`));
  }

  describe('and has changed beside a warm store is answered right at once', () => {
    let fixture: DialerFixture;
    beforeEach(async () => {
      fixture = openDialerFixture(server);
      for (const query of [BY_ID, BY_NUMBER]) {
        assert.deepEqual(await custom(query), [
          ['plan', 'gold'],
          ['visits', 7],
        ]);
      }
    });
    afterEach(() => fixture.close());

    const BY_ID: QueryParameters = { leadId: '10' };
    const BY_NUMBER: QueryParameters = { phoneNumber: numberOf(10) };

    async function custom(query: QueryParameters): Promise<CustomInfo | null> {
      return customOf(await fixture.lookup('Todo', query));
    }

    async function found(query: QueryParameters) {
      const outcome = await fixture.lookup('Todo', query);
      assert.ok('result' in outcome, JSON.stringify(outcome));
      return outcome.result;
    }

    /** By id first, or by number first: each finds the change with nothing learnt yet. */
    for (const [how, first, second] of [
      ['by id', BY_ID, BY_NUMBER],
      ['by number', BY_NUMBER, BY_ID],
    ] as const) {
      it(`a custom column that is gone, ${how}`, async () => {
        await run('ALTER TABLE custom_100 DROP COLUMN plan');
        assert.deepEqual(await custom(first), [['visits', 7]]);
        assert.deepEqual(await custom(second), [['visits', 7]]);
      });

      it(`a custom table that is gone, ${how}`, async () => {
        await run('DROP TABLE custom_100');
        assert.equal(await custom(first), null);
        assert.equal(await custom(second), null);
      });

      it(`a custom table that our account may no longer read, ${how}`, async () => {
        await run("REVOKE SELECT ON custom_100 FROM callercard@'%'");
        assert.equal(await custom(first), null);
        assert.equal(await custom(second), null);
      });

      it(`a custom table and the definitions that are gone, ${how}`, async () => {
        await run('DROP TABLE custom_100, vicidial_lists_fields');
        assert.equal(await custom(first), null);
        assert.equal(await custom(second), null);
      });

      it(`definitions that are gone before a list is first read, ${how}`, async () => {
        await run(
          'DROP TABLE vicidial_lists_fields; UPDATE vicidial_list SET list_id = 200 WHERE lead_id = 10',
        );
        assert.equal(await custom(first), null);
        assert.equal(await custom(second), null);
      });

      it(`a custom table made anew with its columns in another order and of other kinds, ${how}`, async () => {
        await run(
          tableSql(100, ['visits text', 'other int', 'plan varchar(30)'], ['10', "'seven'", '1', "'silver'"]),
        );
        const expected = [
          ['plan', 'silver'],
          ['visits', 'seven'],
        ];
        assert.deepEqual(await custom(first), expected);
        assert.deepEqual(await custom(second), expected);
      });

      it(`a column of the lead that is gone, ${how}`, async () => {
        await run('ALTER TABLE vicidial_list DROP COLUMN province');
        assert.equal((await found(first)).lead.province, null);
        assert.equal((await found(second)).lead.province, null);
      });

      it(`GOautodial's customers that are gone, ${how}`, async () => {
        assert.equal((await found(first)).isCustomer, true);
        await server.runRootSql('DROP DATABASE goautodial');
        assert.equal((await found(first)).isCustomer, false);
        assert.equal((await found(second)).isCustomer, false);
      });
    }

    it('for many at a time', async () => {
      await run('ALTER TABLE custom_100 DROP COLUMN plan; ALTER TABLE vicidial_list DROP COLUMN province');
      const questions = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? BY_ID : BY_NUMBER));
      const all = await Promise.all(questions.map((query) => custom(query)));
      for (const one of all) assert.deepEqual(one, [['visits', 7]]);
    });
  });

  describe('is read once and again when it is old', () => {
    let parts: DialerParts;
    beforeEach(async () => {
      parts = openParts(server, { address3IsPhone: false });
      for (const query of [{ leadId: '10' }, { phoneNumber: numberOf(10) }]) await find(query);
      parts.takeReads();
    });
    afterEach(() => parts.close());

    async function find(parameters: QueryParameters) {
      const query = parseQuery(parameters, 'MX');
      assert.ok('by' in query);
      const { prefetched } = await parts.lookups.readAccount('Todo', { query, secret: PASSWORD });
      assert.equal(prefetched.query, query);
      return parts.complete(prefetched.lead);
    }

    const aboutSchema = ({ sql }: { sql: string }) =>
      /information_schema|system_settings|lists_fields/.test(sql);

    it('not with every lookup', async () => {
      for (let call = 0; call < 20; call += 1) {
        parts.pass(REFRESH_AFTER_MS / 20);
        await find({ leadId: '10' });
        await find({ phoneNumber: numberOf(10) });
      }
      const reads = parts.takeReads();
      // By id with the custom values that were expected; by number two.
      assert.equal(reads.length, 20 * 3);
      assert.deepEqual(reads.filter(aboutSchema), []);
    });

    it('once for all who come at the same time', async () => {
      parts.pass(TOO_OLD_MS + 1);
      await Promise.all(Array.from({ length: 50 }, () => find({ leadId: '10' })));
      const learning = parts.takeReads().filter(aboutSchema);
      // Columns and indexes of the dialer's tables, of GOautodial's and of the list's, the settings, the fields.
      assert.equal(learning.length, 8, learning.map(({ sql }) => sql).join('\n'));
    });

    it('a new field is not seen before, and seen then', async () => {
      await run(
        "ALTER TABLE custom_100 ADD since int DEFAULT 2026; INSERT INTO vicidial_lists_fields SET list_id = 100, field_label = 'since', field_rank = 3",
      );
      const before = await find({ leadId: '10' });
      assert.deepEqual(
        before?.custom?.map(([label]) => label),
        ['plan', 'visits'],
      );
      for (const query of [{ leadId: '10' }, { phoneNumber: numberOf(10) }]) {
        parts.pass(TOO_OLD_MS + 1);
        const after = await find(query);
        assert.deepEqual(after?.custom?.at(-1), ['since', 2026]);
      }
    });

    it('a list that gets its first fields is seen then', async () => {
      await run('UPDATE vicidial_list SET list_id = 200');
      assert.equal((await find({ leadId: '10' }))?.custom, null);
      await run(tableSql(200, ['color text'], ['10', "'red'"]) + defineSql(200, [{ label: 'color' }]));
      assert.equal((await find({ leadId: '10' }))?.custom, null);
      parts.pass(TOO_OLD_MS + 1);
      assert.deepEqual((await find({ leadId: '10' }))?.custom, [['color', 'red']]);
    });

    it('a list that was never read is seen at once', async () => {
      await run(
        `INSERT INTO vicidial_lists SET list_id = 300, campaign_id = 'NEW'; UPDATE vicidial_list SET list_id = 300; ${tableSql(300, ['color text'], ['10', "'red'"])}${defineSql(300, [{ label: 'color' }])}`,
      );
      assert.deepEqual((await find({ phoneNumber: numberOf(10) }))?.custom, [['color', 'red']]);
    });

    it('an index on alt_phone is used then, and no more as soon as it is gone', async () => {
      const asked = { phoneNumber: `56${numberOf(10).slice(2)}` };
      assert.equal(await find(asked), undefined);
      await run('ALTER TABLE vicidial_list ADD KEY alt_phone (alt_phone)');
      assert.equal(await find(asked), undefined);
      parts.pass(TOO_OLD_MS + 1);
      assert.deepEqual((await find(asked))?.foundBy, { column: 'alt_phone', matches: 1 });
      // A table is not read through in the meantime.
      await run('ALTER TABLE vicidial_list DROP KEY alt_phone');
      assert.equal(await find(asked), undefined);
    });

    it('what is new is read in the background before the old is too old', async () => {
      await run("UPDATE system_settings SET custom_fields_enabled = '0'");
      parts.pass(REFRESH_AFTER_MS + 1);
      assert.notEqual((await find({ leadId: '10' }))?.custom, null);
      for (let tries = 0; tries < 200; tries += 1) {
        if ((await find({ leadId: '10' }))?.custom === null) return;
        parts.pass(REFRESH_AFTER_MS / 2);
      }
      assert.fail('custom fields were never switched off');
    });
  });
});
