import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { PASSWORD } from '../../service/lookup-fixture.ts';
import { createCountingUser } from '../../support/dialer-accounts.ts';
import type { DialerOptions } from '../../support/dialer-columns.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { until } from '../../support/until.ts';
import {
  customOf,
  fillForReader,
  numberOf,
  openDialerFixture,
  READER,
  type DialerFixture,
} from './dialer-fixture.ts';

const ALT = '5600000010';

/** What fits a stock installation's columns, where a lead's text is short and has no emoji. */
const DESCRIPTION = {
  lists: [
    {
      list_id: 100,
      name: 'list 100',
      fields: [
        { label: 'plan', type: 'TEXT' },
        { label: 'visits', type: 'NUMBER' },
      ],
    },
    { list_id: 101, name: 'list 101' },
  ],
  leads: [
    {
      lead_id: 10,
      list_id: 100,
      phone_number: numberOf(10),
      alt_phone: ALT,
      title: 'Lic',
      first_name: 'Ñandú',
      middle_initial: 'M',
      state: 'JA',
      province: 'Jalisco',
      comments: 'c'.repeat(255),
      date_of_birth: '0000-00-00',
      isCustomer: true,
      lastLocalCallTime: '2026-05-01 10:00:00',
      modifyDate: '2026-05-02 10:00:00',
      custom: [
        ['plan', 'oro ñ'],
        ['visits', 7],
      ],
    },
    { lead_id: 11, list_id: 101, phone_number: numberOf(10), modifyDate: '2026-05-01 10:00:00' },
    { lead_id: 12, list_id: 101, phone_number: numberOf(12) },
  ],
  users: [
    { name: 'Todo', password: PASSWORD },
    { name: 'Ana', password: PASSWORD, lists: [101] },
  ],
} as const;

const BY_ID = { leadId: '10' };
const BY_NUMBER = { phoneNumber: numberOf(10) };

describe("a dialer's tables", { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  let fixture: DialerFixture | undefined;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  afterEach(() => fixture?.close());

  function run(sql: string): Promise<unknown> {
    return server.runRootSql(`SET sql_mode = ''; USE asterisk; ${sql}`);
  }

  async function open(
    options?: DialerOptions,
    ...changes: Parameters<typeof openDialerFixture>[1][]
  ): Promise<DialerFixture> {
    await fillForReader(server, DESCRIPTION, options);
    fixture = openDialerFixture(server, changes[0]);
    return fixture;
  }

  async function resultOf(query: { leadId?: string; phoneNumber?: string }, user = 'Todo') {
    assert.ok(fixture !== undefined);
    const outcome = await fixture.lookup(user, query);
    assert.ok('result' in outcome, JSON.stringify(outcome));
    return outcome;
  }

  for (const options of [
    { stock: true },
    { stock: true, engine: 'InnoDB' },
    { stock: true, engine: 'InnoDB', charset: 'utf8mb4' },
    { stock: true, charset: 'utf8mb4' },
    { charset: 'utf8mb4', engine: 'InnoDB' },
  ] as const) {
    it(`are read as they come: ${JSON.stringify(options)}`, async () => {
      const fixture = await open(options);
      for (const query of [BY_ID, BY_NUMBER]) {
        const outcome = await fixture.lookup('Todo', query);
        assert.ok('result' in outcome);
        const { lead, isCustomer } = outcome.result;
        const { phone_number, first_name, state, province, comments, date_of_birth, email } = lead;
        assert.deepEqual(
          [lead.lead_id, lead.list_id, phone_number, first_name, state],
          [10, 100, numberOf(10), 'Ñandú', 'JA'],
        );
        assert.deepEqual(
          [province, comments, date_of_birth, email],
          ['Jalisco', 'c'.repeat(255), '0000-00-00', null],
        );
        assert.equal(isCustomer, true);
        assert.deepEqual(customOf(outcome), [
          ['plan', 'oro ñ'],
          ['visits', 7],
        ]);
      }
      assert.equal(await fixture.outcome('Ana', BY_NUMBER), 11);
      assert.equal(await fixture.outcome('Ana', BY_ID), 'lead_not_found');
      assert.equal(await fixture.outcome('\u{1f511}', BY_ID), 'credentials_invalid');
      assert.equal(await fixture.outcome('\u6f22\u5b57', BY_ID), 'credentials_invalid');
    });
  }

  describe('may differ from each other', () => {
    for (const [what, sql] of [
      [
        'in their character sets',
        `ALTER TABLE vicidial_user_groups CONVERT TO CHARACTER SET latin1;
        ALTER TABLE vicidial_users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
        ALTER TABLE vicidial_list CONVERT TO CHARACTER SET latin1;
        ALTER TABLE custom_100 CONVERT TO CHARACTER SET latin1`,
      ],
      [
        'in the collation of the users',
        'ALTER TABLE vicidial_users CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
      ],
      [
        'in the collation of the groups',
        'ALTER TABLE vicidial_user_groups CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
      ],
      [
        'in the collation of the lists',
        'ALTER TABLE vicidial_lists CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
      ],
      [
        'in the collation of the leads',
        'ALTER TABLE vicidial_list CONVERT TO CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
      ],
    ] as const) {
      it(what, async () => {
        const fixture = await open();
        await assertReadable(fixture);
        await run(sql);
        await assertReadable(fixture);
        const cold = openDialerFixture(server);
        await assertReadable(cold);
        await cold.close();
      });
    }
  });

  async function assertReadable(fixture: DialerFixture): Promise<void> {
    for (const query of [BY_ID, BY_NUMBER]) assert.equal(await fixture.outcome('Todo', query), 10);
    assert.equal(await fixture.outcome('Ana', BY_NUMBER), 11);
    assert.equal(await fixture.outcome('Ana', BY_ID), 'lead_not_found');
    for (const name of ['\u{1f511}', '\u6f22\u5b57', 'ñ']) {
      assert.equal(await fixture.outcome(name, BY_ID), 'credentials_invalid');
      assert.equal(await fixture.outcome(name, BY_NUMBER), 'credentials_invalid');
    }
  }

  describe('may lack a column that can be done without', () => {
    /** How the lead with all that may be missing comes. */
    const LACKING = {
      'vicidial_list.province': ['province'],
      'vicidial_list.comments': ['comments'],
      'vicidial_list.user': ['user'],
      'vicidial_list.alt_phone': ['alt_phone'],
      'vicidial_list.entry_list_id': [],
      'vicidial_list.last_local_call_time': [],
      'vicidial_list.modify_date': [],
      'vicidial_users.pass_hash': [],
      'vicidial_users.failed_login_count': [],
      'vicidial_users.last_login_date': [],
      'vicidial_lists_fields.field_order': [],
      'system_settings.pass_key': [],
      'system_settings.pass_hash_enabled': [],
    } as const;
    for (const [name, gone] of Object.entries(LACKING)) {
      it(`${name}, from the beginning or beside a warm memory`, async () => {
        const [table = '', column = ''] = name.split('.');
        const warm = await open();
        const whole = [(await resultOf(BY_ID)).result, (await resultOf(BY_NUMBER)).result];
        await run(`ALTER TABLE ${table} DROP COLUMN ${column}`);
        const cold = openDialerFixture(server);
        for (const [fixture, what] of [
          [warm, 'warm'],
          [cold, 'cold'],
        ] as const) {
          for (const [at, query] of [BY_ID, BY_NUMBER].entries()) {
            const outcome = await fixture.lookup('Todo', query);
            assert.ok('result' in outcome, `${what}: ${JSON.stringify(outcome)}`);
            const expected = {
              ...whole[at]?.lead,
              ...Object.fromEntries(gone.map((field) => [field, null])),
            };
            assert.deepEqual(outcome.result, { ...whole[at], lead: expected }, what);
          }
          assert.equal(await fixture.outcome('Todo', BY_ID, 'wrong'), 'credentials_invalid', what);
        }
        await cold.close();
      });
    }

    it('entry_list_id, and then the custom values are those of the own list', async () => {
      await open();
      await run(
        'UPDATE vicidial_list SET entry_list_id = 100 WHERE lead_id = 12; INSERT INTO custom_100 (lead_id, plan) VALUES (12, 1)',
      );
      assert.notEqual((await resultOf({ leadId: '12' })).result.custom, null);
      await run('ALTER TABLE vicidial_list DROP COLUMN entry_list_id');
      assert.equal((await resultOf({ phoneNumber: numberOf(12) })).result.custom, null);
      assert.equal((await resultOf({ leadId: '12' })).result.custom, null);
    });

    it('failed_login_count, with an account that could write it: failures are counted here', async () => {
      const { config } = await open();
      await createCountingUser(server, READER.user, READER.password);
      await run('ALTER TABLE vicidial_users DROP COLUMN failed_login_count');
      const other = openDialerFixture(server, { stateFile: config.stateFile });
      for (let attempt = 0; attempt < 10; attempt += 1) await other.outcome('Todo', BY_ID, 'wrong');
      assert.equal(await other.outcome('Todo', BY_ID), 'locked_out');
      assert.deepEqual(other.logged, []);
      await other.close();
    });
  });

  describe('must have', () => {
    const REQUIRED = [
      ['vicidial_lists', 'campaign_id'],
      ['vicidial_lists', 'list_id'],
      ['vicidial_users', 'vdc_agent_api_access'],
      ['vicidial_users', 'user_level'],
      ['vicidial_users', 'active'],
      ['vicidial_users', 'pass'],
      ['vicidial_users', 'user_group'],
      ['vicidial_user_groups', 'allowed_campaigns'],
      ['vicidial_list', 'list_id'],
      ['vicidial_list', 'phone_number'],
    ] as const;

    async function assertMissing(
      asked: DialerFixture,
      name: string,
      questions = [BY_ID, BY_NUMBER],
    ): Promise<void> {
      for (const query of questions) {
        assert.equal(await asked.outcome('Todo', query), 'store_unavailable', name);
        const { cause } = asked.events.at(-1) ?? {};
        assert.ok(cause instanceof Error && cause.message.includes(name), `${name}: ${String(cause)}`);
      }
    }

    for (const [table, column] of REQUIRED) {
      it(`${table}.${column}, or nothing is answered, the event says why, and all is well once it is there again`, async () => {
        const warm = await open();
        await resultOf(BY_ID);
        await resultOf(BY_NUMBER);
        await run(
          `CREATE TABLE kept AS SELECT * FROM ${table}; ALTER TABLE ${table} CHANGE ${column} kept_away ${columnType(table, column)}`,
        );
        const cold = openDialerFixture(server);
        await assertMissing(cold, `${table}.${column}`);
        // Whose statement does not touch the column is answered until it is looked for again.
        const touched = column === 'list_id' || column === 'phone_number' ? [BY_NUMBER] : [BY_ID, BY_NUMBER];
        await assertMissing(warm, `${table}.${column}`, touched);
        await run(`ALTER TABLE ${table} CHANGE kept_away ${column} ${columnType(table, column)}`);
        assert.equal(await warm.outcome('Todo', BY_ID), 10);
        assert.equal(await warm.outcome('Todo', BY_NUMBER), 10);
        // What could not be learnt is asked for again after half a second; two of these cases are enough to wait for.
        if (column === 'campaign_id' || column === 'vdc_agent_api_access') {
          await until('it is learnt', async () => (await cold.outcome('Todo', BY_ID)) === 10);
          assert.equal(await cold.outcome('Todo', BY_NUMBER), 10);
        }
        await cold.close();
      });
    }

    it('the table of users, of groups, of lists, of leads, of settings', async () => {
      for (const table of [
        'vicidial_users',
        'vicidial_user_groups',
        'vicidial_lists',
        'vicidial_list',
        'system_settings',
      ]) {
        await fillForReader(server, DESCRIPTION);
        await run(`REVOKE SELECT ON ${table} FROM callercard@'%'`);
        const asked = openDialerFixture(server);
        await assertMissing(asked, table);
        await asked.close();
      }
    });

    it('no groups, lists and campaigns where every user may see all', async () => {
      const asked = await open({}, { listScope: 'all' });
      await run(
        'DROP TABLE vicidial_lists, vicidial_user_groups; ALTER TABLE vicidial_users DROP COLUMN user_group',
      );
      assert.equal(await asked.outcome('Ana', BY_ID), 10);
      assert.equal(await asked.outcome('Ana', BY_NUMBER), 10);
    });
  });

  /** As it was made, for the way back. */
  function columnType(table: string, column: string): string {
    if (column === 'active') return "enum('Y','N') DEFAULT 'Y'";
    if (column === 'vdc_agent_api_access') return "enum('0','1') DEFAULT '0'";
    if (column === 'user_level') return 'tinyint(3) unsigned DEFAULT 1';
    if (column === 'list_id')
      return `bigint(14) unsigned NOT NULL${table === 'vicidial_list' ? ' DEFAULT 0' : ''}`;
    return column === 'allowed_campaigns' ? 'text' : 'varchar(100)';
  }
});
