import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import type { CustomInfo } from '../../../src/core/lead.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { asDatabaseRoot } from '../../support/root-sql.ts';
import { defineSql, tableSql, type Definition } from './custom-lists.ts';
import {
  customOf,
  fillForReader,
  numberOf,
  openDialerFixture,
  type DialerFixture,
} from './dialer-fixture.ts';

/** Lead 10 is in list 100; lead 11, too. */
const DESCRIPTION = {
  lists: [100, 200, 300].map((list_id) => ({ list_id, name: `list ${list_id}` })),
  leads: [10, 11].map((lead_id) => ({ lead_id, list_id: 100, phone_number: numberOf(lead_id) })),
  users: [{ name: 'Todo', password: PASSWORD }],
};

describe("a dialer's custom fields", { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  /** Opened by the first question, after a test has made what it needs. */
  let fixture: DialerFixture | undefined;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());
  beforeEach(async () => {
    await fillForReader(server, DESCRIPTION);
  });
  afterEach(async () => {
    await fixture?.close();
    fixture = undefined;
  });

  /** Without placeholders: labels may hold a `?`. */
  function run(sql: string): Promise<unknown> {
    return asDatabaseRoot(server, (root) => root.query(`SET sql_mode = ''; USE asterisk; ${sql}`));
  }

  /** By id and by number, which are different statements, the same values must come. */
  async function custom(lead = 10): Promise<CustomInfo | null> {
    fixture ??= openDialerFixture(server);
    const byId = customOf(await fixture.lookup('Todo', { leadId: String(lead) }));
    const byNumber = customOf(await fixture.lookup('Todo', { phoneNumber: numberOf(lead) }));
    assert.deepEqual(byNumber, byId, 'by number and by id');
    return byId;
  }

  it('come in the order of rank and order, whatever the order of the table and of the definitions', async () => {
    await run(
      tableSql(
        100,
        ['b text', 'e text', 'a text', 'd text', 'c text'],
        ['10', "'B'", "'E'", "'A'", "'D'", "'C'"],
      ) +
        defineSql(100, [
          { label: 'e', rank: 10, order: 1 },
          { label: 'd', rank: 2, order: 10 },
          { label: 'a', rank: 1, order: 2 },
          { label: 'c', rank: 2, order: 9 },
          { label: 'b', rank: 1, order: 3 },
        ]),
    );
    assert.deepEqual(await custom(), [
      ['a', 'A'],
      ['b', 'B'],
      ['c', 'C'],
      ['d', 'D'],
      ['e', 'E'],
    ]);
  });

  it('may be called as the dialer allows: reserved words, digits, quotes, spaces, other alphabets', async () => {
    const names = [
      'select',
      'key',
      '2024',
      '1',
      'a`b',
      'a"b',
      "a'b",
      'with space',
      'a?b',
      'a,b',
      'a;b',
      'año',
      '__proto__',
      'k.lead_id',
      '%s',
      'x'.repeat(60),
    ];
    await run(
      tableSql(
        100,
        names.map((name) => `\`${name.replaceAll('`', '``')}\` varchar(9)`),
        ['10', ...names.map((_, at) => `'${at}'`)],
      ) +
        defineSql(
          100,
          names.map((label, rank) => ({ label, rank })),
        ),
    );
    assert.deepEqual(
      await custom(),
      names.map((name, at) => [name, String(at)]),
    );
  });

  it('are found under a label in another letter case, and shown as they are defined', async () => {
    await run(tableSql(100, ['Plan text'], ['10', "'gold'"]) + defineSql(100, [{ label: 'pLAN' }]));
    assert.deepEqual(await custom(), [['pLAN', 'gold']]);
  });

  it('that are defined twice are shown once', async () => {
    await run(
      tableSql(100, ['plan text'], ['10', "'gold'"]) +
        defineSql(100, [
          { label: 'Plan', rank: 1 },
          { label: 'plan', rank: 2 },
          { label: 'plan', rank: 3 },
        ]),
    );
    assert.deepEqual(await custom(), [['Plan', 'gold']]);
  });

  it('that hold whole numbers are numbers, all others texts, and nothing is null', async () => {
    const columns = [
      ['int', '-5', -5],
      ['int unsigned', '4294967295', 4_294_967_295],
      ['tinyint', '127', 127],
      ['tinyint(1)', '1', 1],
      ['smallint', '-32768', -32_768],
      ['mediumint', '8388607', 8_388_607],
      ['int(8) zerofill', '42', 42],
      ['bigint', '9007199254740991', 9_007_199_254_740_991],
      ['bigint', '-9007199254740991', -9_007_199_254_740_991],
      ['bigint', '9007199254740992', '9007199254740992'],
      ['bigint', '-9223372036854775808', '-9223372036854775808'],
      ['bigint unsigned', '18446744073709551615', '18446744073709551615'],
      ['int', '0', 0],
      ['decimal(10,2)', '10.50', '10.50'],
      ['decimal(30,0)', '123456789012345678901234567890', '123456789012345678901234567890'],
      ['decimal(5,0)', '7', '7'],
      ['double', '0.1', '0.1'],
      ['double', '3', '3'],
      ['float', '1.5', '1.5'],
      ['year', '2026', '2026'],
      ['date', "'0000-00-00'", '0000-00-00'],
      ['date', "'2026-01-31'", '2026-01-31'],
      ['datetime', "'2026-03-31 23:59:59'", '2026-03-31 23:59:59'],
      ['datetime', "'0000-00-00 00:00:00'", '0000-00-00 00:00:00'],
      ['datetime(3)', "'2026-03-31 23:59:59.120'", '2026-03-31 23:59:59.120'],
      ['timestamp NULL', "'2026-03-31 12:00:00'", '2026-03-31 12:00:00'],
      ['time', "'-25:01:02'", '-25:01:02'],
      ['time', "'08:30:00'", '08:30:00'],
      ['varchar(20)', "'007'", '007'],
      ['varchar(20)', "''", ''],
      ['varchar(20) CHARACTER SET latin1', "'Ñandú'", 'Ñandú'],
      ['varchar(20) CHARACTER SET utf8mb4', "'Ñandú 😀'", 'Ñandú 😀'],
      ['char(5)', "'ab'", 'ab'],
      ['text', "'line\\r\\nline\\ttab'", 'line\r\nline\ttab'],
      ['mediumtext', "'<a&b>'", '<a&b>'],
      ['blob', "'Ñandú 😀'", 'Ñandú 😀'],
      ['mediumblob', "''", ''],
      ['varbinary(20)', "'abc'", 'abc'],
      ["enum('YES','NO')", "'NO'", 'NO'],
      ["enum('1','2')", "'2'", '2'],
      ["set('a','b')", "'a,b'", 'a,b'],
      ['json', '\'{"a": [1, null]}\'', '{"a": [1, null]}'],
    ] as const;
    const named = columns.map(([type, sql, value], at) => ({ label: `f${at}`, type, sql, value }));
    await run(
      tableSql(
        100,
        named.map(({ label, type }) => `${label} ${type} DEFAULT NULL`),
        ['10', ...named.map(({ sql }) => sql)],
      ) +
        defineSql(
          100,
          named.map(({ label }, rank) => ({ label, rank })),
        ) +
        'INSERT INTO custom_100 (lead_id) VALUES (11);',
    );
    const shown = new Map(await custom(10));
    for (const { label, type, value } of named) assert.equal(shown.get(label), value, `${type} ${value}`);
    assert.deepEqual(
      await custom(11),
      named.map(({ label }) => [label, null]),
    );
  });

  it('that hold bytes which are no text do not break the answer', async () => {
    await run(
      tableSql(100, ['hidden blob', 'plan text'], ['10', "x'61ff0062'", "'gold'"]) +
        defineSql(100, [
          { label: 'hidden', type: 'HIDEBLOB' },
          { label: 'plan', rank: 2 },
        ]),
    );
    const [hidden, plan] = (await custom()) ?? [];
    assert.ok(hidden?.[0] === 'hidden' && (hidden[1] === null || typeof hidden[1] === 'string'));
    assert.deepEqual(plan, ['plan', 'gold']);
  });

  it('of kinds that store nothing are not shown, though the table has such a column', async () => {
    const kinds = ['DISPLAY', 'SCRIPT', 'SWITCH', 'BUTTON'];
    await run(
      tableSql(
        100,
        [...kinds.map((kind) => `of_${kind} text`), 'plan text'],
        ['10', ...kinds.map(() => "'planted-secret'"), "'gold'"],
      ) + defineSql(100, [...kinds.map((kind) => ({ label: `of_${kind}`, type: kind })), { label: 'plan' }]),
    );
    assert.deepEqual(await custom(), [['plan', 'gold']]);
  });

  it('of every other kind are shown', async () => {
    const kinds = [
      'TEXT',
      'AREA',
      'SELECT',
      'MULTI',
      'RADIO',
      'CHECKBOX',
      'DATE',
      'TIME',
      'HIDDEN',
      'READONLY',
      'HIDEBLOB',
      'SOURCESELECT',
    ];
    await run(
      tableSql(
        100,
        kinds.map((kind) => `of_${kind} varchar(20)`),
        ['10', ...kinds.map((kind) => `'${kind}'`)],
      ) +
        defineSql(
          100,
          kinds.map((kind, rank) => ({ label: `of_${kind}`, type: kind, rank })),
        ),
    );
    assert.deepEqual(
      await custom(),
      kinds.map((kind) => [`of_${kind}`, kind]),
    );
  });

  it('called as a column of the lead itself are not shown, though the table has such a column', async () => {
    const standard = [
      'vendor_lead_code',
      'first_name',
      'Phone_Number',
      'entry_list_id',
      'owner',
      'security_phrase',
      'rank',
      'comments',
    ];
    await run(
      tableSql(
        100,
        [...standard.map((name) => `\`${name}\` text`), 'plan text'],
        ['10', ...standard.map(() => "'planted-secret'"), "'gold'"],
      ) + defineSql(100, [...['lead_id', ...standard].map((label) => ({ label })), { label: 'plan' }]),
    );
    assert.deepEqual(await custom(), [['plan', 'gold']]);
  });

  it('are shown only where they are defined and have a column', async () => {
    await run(
      tableSql(
        100,
        ['secret text', 'plan text', 'of_another_list text'],
        ['10', "'planted-secret'", "'gold'", "'planted-secret'"],
      ) +
        defineSql(100, [{ label: 'gone' }, { label: 'plan' }, { label: '' }]) +
        defineSql(200, [{ label: 'of_another_list' }]),
    );
    assert.deepEqual(await custom(), [['plan', 'gold']]);
  });

  describe('are null', () => {
    const PLAN = tableSql(100, ['plan text'], ['10', "'gold'"]);
    const DEFINED = defineSql(100, [{ label: 'plan' }]);
    for (const [what, sql] of [
      ['where the list has no table and no definitions', ''],
      ['where the list has no table', DEFINED],
      ['where nothing is defined', PLAN],
      ['where what is defined has no column', PLAN + defineSql(100, [{ label: 'other' }])],
      [
        'where only what stores nothing is defined',
        PLAN + defineSql(100, [{ label: 'plan', type: 'SCRIPT' }]),
      ],
      [
        'where the table has no lead_id',
        `CREATE TABLE custom_100 (plan text); GRANT SELECT ON custom_100 TO callercard@'%'; ${DEFINED}`,
      ],
      [
        'where custom fields are switched off',
        `${PLAN}${DEFINED} UPDATE system_settings SET custom_fields_enabled = '0'`,
      ],
      [
        'where the setting is empty',
        `${PLAN}${DEFINED} UPDATE system_settings SET custom_fields_enabled = NULL`,
      ],
      ['where there is no row of settings', `${PLAN}${DEFINED} DELETE FROM system_settings`],
      [
        'where our account may not read the table',
        `${PLAN}${DEFINED} REVOKE SELECT ON custom_100 FROM callercard@'%'`,
      ],
      [
        'where our account may only write the table',
        `${PLAN}${DEFINED} REVOKE SELECT ON custom_100 FROM callercard@'%'; GRANT INSERT ON custom_100 TO callercard@'%'`,
      ],
      [
        'where our account may not read the lead ids of the table',
        `${PLAN}${DEFINED} REVOKE SELECT ON custom_100 FROM callercard@'%'; GRANT SELECT (plan) ON custom_100 TO callercard@'%'`,
      ],
      [
        'where our account may not read the definitions',
        `${PLAN}${DEFINED} REVOKE SELECT ON vicidial_lists_fields FROM callercard@'%'`,
      ],
      [
        'where our account may only write the definitions',
        `${PLAN}${DEFINED} REVOKE SELECT ON vicidial_lists_fields FROM callercard@'%'; GRANT INSERT ON vicidial_lists_fields TO callercard@'%'`,
      ],
      ['where there are no definitions at all', `${PLAN} DROP TABLE vicidial_lists_fields`],
    ] as const) {
      it(what, async () => {
        await run(sql);
        assert.equal(await custom(), null);
      });
    }

    it('where the lead has no row, beside one that has', async () => {
      await run(PLAN + DEFINED);
      assert.deepEqual(await custom(10), [['plan', 'gold']]);
      assert.equal(await custom(11), null);
    });
  });

  it('of columns that our account may not read are left out', async () => {
    await run(
      `${tableSql(100, ['plan text', 'income text'], ['10', "'gold'", "'planted-secret'"])}${defineSql(100, [{ label: 'income' }, { label: 'plan' }])}
        REVOKE SELECT ON custom_100 FROM callercard@'%'; GRANT SELECT (lead_id, plan) ON custom_100 TO callercard@'%'`,
    );
    assert.deepEqual(await custom(), [['plan', 'gold']]);
  });

  it('may be sorted by rank alone, by an older dialer that has no order', async () => {
    await run(
      `${tableSql(100, ['b text', 'a text'], ['10', "'B'", "'A'"])}${defineSql(100, [
        { label: 'b', rank: 2 },
        { label: 'a', rank: 1 },
      ])} ALTER TABLE vicidial_lists_fields DROP COLUMN field_order`,
    );
    assert.deepEqual(await custom(), [
      ['a', 'A'],
      ['b', 'B'],
    ]);
  });

  describe('of a lead that came through another list', () => {
    const entryList = (list: number) => `UPDATE vicidial_list SET entry_list_id = ${list};`;
    const field = (listId: number, value?: string) =>
      defineSql(listId, [{ label: `of${listId}` } satisfies Definition]) +
      tableSql(listId, [`of${listId} text`], value === undefined ? undefined : ['10', `'${value}'`]);

    it('are those of that list', async () => {
      await run(entryList(200) + field(100, 'own') + field(200, 'first'));
      assert.deepEqual(await custom(), [['of200', 'first']]);
    });

    it('are null where that list has no row of it, whatever its own list has', async () => {
      await run(entryList(200) + field(100, 'own') + field(200));
      assert.equal(await custom(), null);
    });

    it('are null where that list has a table and no fields', async () => {
      await run(entryList(200) + field(100, 'own') + field(200, 'first') + defineSql(200, []));
      assert.equal(await custom(), null);
    });

    it('are those of its own list where that list has no table', async () => {
      for (const list of [200, 99_999_999_999_999]) {
        await run(entryList(list) + field(100, 'own'));
        assert.deepEqual(await custom(), [['of100', 'own']], String(list));
      }
    });

    it('are those of its own list where no such list is named', async () => {
      await run(entryList(0) + field(100, 'own') + 'CREATE TABLE custom_0 LIKE custom_100;');
      assert.deepEqual(await custom(), [['of100', 'own']]);
      await run(
        'ALTER TABLE vicidial_list MODIFY entry_list_id bigint(14) unsigned NULL; UPDATE vicidial_list SET entry_list_id = NULL',
      );
      assert.deepEqual(await custom(), [['of100', 'own']]);
    });
  });
});
