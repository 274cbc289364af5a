import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createApp } from '../../../src/app.ts';
import { parseQuery, type QueryParameters } from '../../../src/core/query.ts';
import type { Parameter } from '../../../src/stores/vicidial/rows.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import type { DialerOptions } from '../../support/dialer-columns.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { inject } from '../../support/test-app.ts';
import { fillForReader, numberOf, openDialerFixture, READER } from './dialer-fixture.ts';
import { openParts, type DialerParts } from './dialer-parts.ts';

const LEADS = 3_000;

/** Half of the leads have custom values; a hundred have one number. */
const DESCRIPTION = {
  lists: [
    { list_id: 100, name: 'list 100', fields: [{ label: 'plan', type: 'TEXT' } as const] },
    { list_id: 200, name: 'list 200' },
  ],
  leads: Array.from({ length: LEADS }, (_, at) => ({
    lead_id: at + 1,
    list_id: at % 2 === 0 ? 100 : 200,
    phone_number: at < 100 ? '5599999999' : numberOf(at + 1),
    alt_phone: `56${numberOf(at + 1).slice(2)}`,
    isCustomer: at % 3 === 0,
    ...(at % 3 === 0 ? { further: [{ number: `57${numberOf(at + 1).slice(2)}`, phoneCode: '52' }] } : {}),
    ...(at % 2 === 0 ? { custom: [['plan', 'gold']] as const } : {}),
  })),
  users: Array.from({ length: 300 }, (_, at) => ({
    name: `user${at}`,
    password: PASSWORD,
    ...(at === 0 ? {} : { lists: at % 2 === 0 ? [100, 200] : [200] }),
  })),
};

/** With custom values and without, by each column, found, not found and hidden. */
const QUESTIONS: readonly QueryParameters[] = [
  { leadId: '201' },
  { leadId: '202' },
  { leadId: '9999999999' },
  { phoneNumber: numberOf(201) },
  { phoneNumber: numberOf(202) },
  { phoneNumber: '+52 1 55 9999 9999' },
  { phoneNumber: `56${numberOf(303).slice(2)}` },
  { phoneNumber: '4155550100' },
  { phoneNumber: '+1 415 555 0100' },
  { phoneNumber: `57${numberOf(301).slice(2)}` },
  { phoneNumber: '123456' },
  { leadId: '201', phoneNumber: numberOf(202) },
];

describe('the statements of a lookup', { skip: mariadbSkip }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
  });
  after(() => server.stop());

  async function ask(parts: DialerParts, user: string, parameters: QueryParameters) {
    const query = parseQuery(parameters, 'MX');
    assert.ok('by' in query);
    const { prefetched } = await parts.lookups.readAccount(user, { query, secret: PASSWORD });
    const found = await parts.complete(prefetched.lead);
    await parts.complete(await parts.lookups.find(query, 'every list'));
    await parts.completeWithNumbers(await parts.lookups.find(query, [100, 200]));
    return found;
  }

  async function askAll(parts: DialerParts): Promise<void> {
    for (const user of ['user0', 'USER1 ', 'user2', 'nobody', '\u6f22', '\u{1f511}', 'x'.repeat(1_000), '']) {
      for (const query of QUESTIONS) await ask(parts, user, query);
      await parts.lookups.readAccount(user, undefined);
    }
    // By statements that answer several at once.
    for (const user of ['user0', 'USER1 '])
      await Promise.all(QUESTIONS.map((query) => ask(parts, user, query)));
  }

  /** Tables that a statement reads through, or an index from end to end, as the server plans it. */
  async function scansOf(
    parts: DialerParts,
    sql: string,
    parameters: readonly Parameter[],
  ): Promise<readonly string[]> {
    const steps = await parts.read(`EXPLAIN ${sql}`, parameters);
    assert.ok(steps.length > 0, sql);
    return steps.flatMap(([, , table, type, , , , , , extra]) => [
      ...(type === 'ALL' || type === 'index' ? [`${String(table)}: ${type}`] : []),
      ...(String(extra).includes('temporary') ? [`${String(table)}: temporary`] : []),
    ]);
  }

  const INDEXES = { altPhoneIndex: true, address3Index: true } as const;
  const NO_NUMBERS = "UPDATE asterisk.vicidial_list SET alt_phone = '', address3 = NULL";
  /** What the server believes of an index decides its plans: tables as they were loaded, and others. */
  const KINDS: readonly (readonly [what: string, options: DialerOptions, sql: string])[] = [
    ['MyISAM', INDEXES, 'DO 1'],
    ['InnoDB', { ...INDEXES, engine: 'InnoDB', charset: 'utf8mb4' }, 'DO 1'],
    [
      'statistics of another time',
      { ...INDEXES, engine: 'InnoDB' },
      `ALTER TABLE asterisk.vicidial_list STATS_AUTO_RECALC = 0;
        UPDATE mysql.innodb_index_stats SET stat_value = 1 WHERE stat_name LIKE 'n_diff%' AND database_name <> 'mysql';
        FLUSH TABLES`,
    ],
    ['leads without other numbers', INDEXES, `${NO_NUMBERS}; ANALYZE TABLE asterisk.vicidial_list`],
    [
      'leads without other numbers, InnoDB',
      { ...INDEXES, engine: 'InnoDB' },
      `${NO_NUMBERS}; ANALYZE TABLE asterisk.vicidial_list`,
    ],
    ['a stock dialer', { stock: true }, 'DO 1'],
  ];

  for (const [what, options, sql] of KINDS) {
    describe(`on ${LEADS} leads: ${what}`, () => {
      let parts: DialerParts;
      before(async () => {
        await fillForReader(server, DESCRIPTION, options);
        await server.runRootSql(sql);
      });

      for (const listScope of ['campaigns', 'all'] as const) {
        it(`read by an index, with listScope ${listScope}`, async () => {
          parts = openParts(server, { listScope });
          await askAll(parts);
          const reads = parts.takeReads().filter(({ sql }) => !sql.includes('information_schema'));
          const texts = new Map(reads.map((read) => [read.sql, read]));
          assert.ok(texts.size >= 10, `only ${texts.size} statements`);
          const plans = new Map<string, readonly string[]>();
          for (const { sql, parameters } of reads) {
            // The settings are one row; the dialer has no key for them.
            if (sql.includes('system_settings')) continue;
            const key = `${sql}\n${JSON.stringify(parameters, (_, value: unknown) => String(value))}`;
            if (!plans.has(key)) plans.set(key, await scansOf(parts, sql, parameters));
          }
          for (const [key, scans] of plans) assert.deepEqual(scans, [], key);
          await parts.close();
        });
      }

      it('would be caught if they read a whole table', async () => {
        parts = openParts(server);
        const [user, number] = ['user2', numberOf(201)];
        for (const [sql, parameters, expected] of [
          ['SELECT lead_id FROM vicidial_list WHERE comments = ?', [number], 'vicidial_list: ALL'],
          ['SELECT city FROM vicidial_list p WHERE p.phone_number + 0 = ?', [number], 'p: ALL'],
          ['SELECT phone_number FROM vicidial_list ORDER BY phone_number', [], 'vicidial_list: index'],
          ['SELECT u.user_id FROM vicidial_users u WHERE u.full_name = ?', [user], 'u: ALL'],
          ['SELECT k.plan FROM custom_100 k WHERE k.plan = ?', ['gold'], 'k: ALL'],
          [
            'SELECT k.plan FROM vicidial_users u LEFT JOIN custom_100 k ON k.plan = u.user WHERE u.user = ?',
            [user],
            'k: ALL',
          ],
        ] as const) {
          assert.deepEqual(await scansOf(parts, sql, parameters), [expected], sql);
        }
        await parts.close();
      });
    });
  }

  describe('of a stock dialer, whose alt_phone has no index', () => {
    before(() => fillForReader(server, DESCRIPTION, { stock: true }));

    it('do not search it, and the number is still known as the second one of a lead', async () => {
      const fixture = openDialerFixture(server);
      const alternative = `56${numberOf(201).slice(2)}`;
      assert.equal(await fixture.outcome('user0', { phoneNumber: alternative }), 'phone_not_found');
      const outcome = await fixture.lookup('user0', { leadId: '201', phoneNumber: alternative });
      assert.ok('result' in outcome);
      assert.equal(outcome.phoneMatch, 'alt_phone');
      await fixture.close();
    });

    it('nothing is searched by number where phone_number has no index either, and nothing scanned', async () => {
      await server.runRootSql(
        'ALTER TABLE asterisk.vicidial_list DROP KEY phone_number; ALTER TABLE asterisk.vicidial_list_alt_phones DROP KEY phone_number',
      );
      const parts = openParts(server);
      await ask(parts, 'user0', { leadId: '201' });
      parts.takeReads();
      assert.equal(await ask(parts, 'user0', { phoneNumber: numberOf(201) }), undefined);
      for (const { sql } of parts.takeReads()) assert.ok(!sql.includes('vicidial_list '), sql);
      await parts.close();
    });
  });

  describe('are few', () => {
    let parts: DialerParts;
    before(async () => {
      await fillForReader(server, DESCRIPTION, { altPhoneIndex: true });
      parts = openParts(server);
      await askAll(parts);
      parts.takeReads();
    });
    after(() => parts.close());

    async function countOf(
      user: string,
      parameters: QueryParameters | undefined,
      complete = parts.complete,
    ): Promise<number> {
      const query = parameters === undefined ? undefined : parseQuery(parameters, 'MX');
      assert.ok(query === undefined || 'by' in query);
      const expected = query && { query, secret: PASSWORD };
      const { prefetched } = await parts.lookups.readAccount(user, expected);
      await complete(prefetched.lead);
      return parts.takeReads().length;
    }

    it('one by id, two where the list has custom fields or a number is asked for, three for another number of the lead', async () => {
      for (const [user, query, count] of [
        ['user0', { leadId: '202' }, 1],
        ['user0', { leadId: '201' }, 2],
        ['user0', { leadId: '9999999' }, 1],
        ['user1', { leadId: '201' }, 1],
        ['nobody', { leadId: '201' }, 1],
        ['user0', { phoneNumber: numberOf(202) }, 2],
        ['user0', { phoneNumber: numberOf(201) }, 2],
        ['user0', { phoneNumber: `56${numberOf(303).slice(2)}` }, 3],
        ['user0', { phoneNumber: '4155550100' }, 2],
        ['user1', { phoneNumber: numberOf(201) }, 2],
        ['user0', undefined, 1],
      ] as const) {
        assert.equal(await countOf(user, query), count, `${user} ${JSON.stringify(query)}`);
      }
    });

    it('and one more where all numbers of the lead are shown', async () => {
      for (const [query, count] of [
        [{ leadId: '202' }, 2],
        [{ leadId: '9999999' }, 1],
        [{ phoneNumber: numberOf(202) }, 3],
        [{ phoneNumber: '4155550100' }, 2],
      ] as const) {
        const counted = await countOf('user0', query, parts.completeWithNumbers);
        assert.equal(counted, count, JSON.stringify(query));
      }
    });

    it('and none of them writes', async () => {
      await askAll(parts);
      for (const { sql } of parts.takeReads()) assert.match(sql, /^\(?SELECT\b/);
    });

    it('as the server counts them, through the whole of a lookup', async () => {
      const fixture = openDialerFixture(server);
      const executed = async () => {
        const [row] = (await server.runRootSql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")) as {
          Value: string;
        }[];
        return Number(row?.Value);
      };
      for (const query of QUESTIONS) await fixture.lookup('user0', query);
      for (const [query, count] of [
        [{ leadId: '202' }, 1],
        // With the custom values, once it is known that leads of these ids have some.
        [{ leadId: '201' }, 1],
        [{ phoneNumber: numberOf(201) }, 2],
      ] as const) {
        await fixture.lookup('user0', query);
        const before = await executed();
        for (let call = 0; call < 10; call += 1)
          assert.equal(typeof (await fixture.outcome('user0', query)), 'number');
        assert.equal((await executed()) - before, 10 * count, JSON.stringify(query));
      }
      await fixture.close();
    });

    it('are two at most where neighbours are of lists with and without custom fields', async () => {
      for (let call = 0; call < 10; call += 1) {
        for (const leadId of ['201', '202']) {
          const count = await countOf('user0', { leadId });
          assert.ok(count >= 1 && count <= 2, `${leadId}: ${count}`);
        }
      }
    });

    it('and their texts do not change with what is asked', async () => {
      const texts = async (user: string, query: QueryParameters) => {
        await ask(parts, user, query);
        return parts.takeReads().map(({ sql }) => sql);
      };
      await texts('user0', { leadId: '202' });
      const usual = await texts('user0', { leadId: '202' });
      for (const name of ["' OR '1'='1", '`; DROP TABLE vicidial_list; --', '?', '\\', '%', '\0', '/*']) {
        assert.deepEqual(await texts(name, { leadId: '202' }), usual, name);
      }
      const [byNumber, , ...more] = await texts('user0', { phoneNumber: '4155550100' });
      // Without a row there is no such user, or very many leads have the number: then the account is read by itself.
      const [first, account, ...others] = await texts('nobody', { phoneNumber: '4155550199' });
      assert.deepEqual([first, others], [byNumber, more]);
      for (const name of ["' OR '1'='1", '?', '\\']) {
        const asked = await texts(name, { phoneNumber: '4155550199' });
        assert.deepEqual(asked, [byNumber, account, ...more], name);
      }
    });
  });

  describe('bind', () => {
    before(() => fillForReader(server, DESCRIPTION, { altPhoneIndex: true }));

    it('only texts, whole numbers and nothing', async () => {
      const parts = openParts(server);
      await askAll(parts);
      await parts.lookups.readAccount('', undefined);
      let bound = 0;
      for (const { sql, parameters } of parts.takeReads()) {
        for (const value of parameters) {
          bound += 1;
          assert.ok(
            value === null ||
              typeof value === 'string' ||
              typeof value === 'bigint' ||
              Number.isSafeInteger(value),
            `${typeof value} in ${sql}`,
          );
          if (typeof value === 'number')
            assert.ok(value < 2 ** 31, 'the connector would send it as a fraction');
        }
      }
      assert.ok(bound > 1_000);
      await parts.close();
    });

    it('no user or password that a request gives as anything but text', async () => {
      const config = dialerConfig(server, READER);
      const app = createApp(config);
      await server.runRootSql(
        "UPDATE asterisk.vicidial_users SET pass = '0', failed_login_count = 0 WHERE user = 'user0'",
      );
      const send = async (goUser: unknown, goPass: unknown) => {
        const { status, text } = await inject(app, {
          method: 'POST',
          url: '/goAPIv2/goAgent/goAPI.php',
          payload: { goAction: 'goGetCustomerInfo', responsetype: 'json', goUser, goPass, lead_id: '202' },
        });
        return [status, (JSON.parse(text) as { result: string }).result] as const;
      };
      for (const value of [
        false,
        null,
        [],
        {},
        ['0'],
        { 0: '0' },
        [0],
        true,
        '',
        ' 0',
        '0 ',
        '00',
        '0.0',
        '-0',
        0.5,
      ]) {
        const [status, result] = await send('user0', value);
        assert.notEqual(result, 'success', JSON.stringify(value));
        assert.ok(status < 500, `${status} for ${JSON.stringify(value)}`);
      }
      for (const value of [0, false, null, [], {}, true, ['user0']]) {
        const [status, result] = await send(value, '0');
        assert.notEqual(result, 'success', JSON.stringify(value));
        assert.ok(status < 500, `${status} for ${JSON.stringify(value)}`);
      }
      await app.close();
      const again = createApp(dialerConfig(server, READER));
      const { text } = await inject(again, {
        method: 'GET',
        url: '/goAPIv2/goAgent/goAPI.php?goAction=goGetCustomerInfo&responsetype=json&goUser=user0&goPass=0&lead_id=202',
      });
      assert.equal((JSON.parse(text) as { result: string }).result, 'success');
      await again.close();
    });
  });
});
