import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import type { LookupResult } from '../../../src/core/lead-store.ts';
import { COUNTED_MATCHES } from '../../../src/core/lead.ts';
import { parseQuery } from '../../../src/core/query.ts';
import { DatabaseFailure } from '../../../src/stores/network/failure.ts';
import { createSharedNumbers, SHARED_WAITING } from '../../../src/stores/network/pool.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { fillForReader, numberOf, openDialerFixture, type DialerFixture } from './dialer-fixture.ts';

const PLACEHOLDER = '5555555555';
const SHARED = 20_000;
const LEADS = SHARED + 200;
/** Every tenth lead is of list 200; the others are of list 100. */
const listOf = (leadId: number) => (leadId % 10 === 0 ? 200 : 100);

/** What somebody imported into the wrong lead. */
const FURTHER = Array.from({ length: 5_000 }, (_, at) => ({
  number: String(3_300_000_000 + at),
  isActive: at !== 1,
}));

const DESCRIPTION = {
  lists: [
    { list_id: 100, name: 'list 100' },
    { list_id: 200, name: 'list 200' },
  ],
  leads: Array.from({ length: LEADS }, (_, at) => ({
    lead_id: at + 1,
    list_id: listOf(at + 1),
    phone_number: at < SHARED ? PLACEHOLDER : numberOf(at + 1),
    ...(at + 1 === LEADS ? { further: FURTHER } : {}),
  })),
  users: [
    { name: 'all', password: PASSWORD },
    { name: 'some', password: PASSWORD, lists: [200] },
    { name: 'none', password: PASSWORD, lists: [] },
    { name: 'retired', password: PASSWORD, active: false },
    { name: 'cardonly', password: PASSWORD, rights: ['card'] as const },
    ...['locked', 'changed', 'disabled', 'withdrawn'].map((name) => ({
      name,
      password: PASSWORD,
    })),
  ],
};

describe('the statements of numbers that very many leads share', () => {
  it('47: run one at a time, and more than may wait are refused', async () => {
    const shared = createSharedNumbers();
    let running = 0;
    const work = async () => {
      running += 1;
      assert.equal(running, 1);
      await setImmediate();
      running -= 1;
      return 'done';
    };
    const all = await Promise.allSettled(
      Array.from({ length: SHARED_WAITING + 10 }, (_, at) => shared.run(`52${at}`, work)),
    );
    const done = all.filter(({ status }) => status === 'fulfilled');
    assert.equal(done.length, SHARED_WAITING + 1);
    const refused = all.slice(SHARED_WAITING + 1);
    for (const one of refused)
      assert.ok(
        one.status === 'rejected' && one.reason instanceof DatabaseFailure && one.reason.kind === 'busy',
      );
    assert.ok(shared.isKnown('520') && !shared.isKnown('52'));
    assert.equal(await shared.run('520', work), 'done');
    await assert.rejects(
      shared.run('520', () => Promise.reject(new Error('lost'))),
      /lost/,
    );
    assert.equal(await shared.run('520', work), 'done');
  });
});

describe('a number that very many leads of a dialer share', { skip: mariadbSkip, timeout: 120_000 }, () => {
  let server: MariadbServer;
  let fixture: DialerFixture;
  before(async () => {
    server = await startMariadb();
    await fillForReader(server, DESCRIPTION);
    fixture = openDialerFixture(server);
    // The schema is read, and the password is known.
    await fixture.lookup('all', { leadId: '1' });
  });
  after(async () => {
    await fixture.close();
    await server.stop();
  });

  /** How many rows the server read meanwhile. @param by rows by an index alone: what others look at, such as the schema, is not */
  async function rowsReadBy(work: () => Promise<unknown>, by = 'Handler\\_read%'): Promise<number> {
    const read = async () => {
      const rows = (await server.runRootSql(`SHOW GLOBAL STATUS LIKE '${by}'`)) as {
        Value: string;
      }[];
      return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
    };
    const before = await read();
    await work();
    return (await read()) - before;
  }

  it('47: has a lead that the user may see, and says that there are more than are counted', async () => {
    for (const [user, isVisible] of [
      ['all', () => true],
      ['some', (leadId: number) => listOf(leadId) === 200],
    ] as const) {
      const outcome = await fixture.lookup(user, { phoneNumber: PLACEHOLDER });
      assert.ok('result' in outcome, user);
      const { leadId, foundBy, lead } = outcome.result;
      assert.ok(leadId <= SHARED && isVisible(leadId), `${user}: ${leadId}`);
      assert.equal(lead.phone_number, PLACEHOLDER);
      assert.ok(foundBy?.column === 'phone_number' && foundBy.matches >= 1_000, String(foundBy?.matches));
    }
  });

  it('47: is found by nobody who may not see it, and by no wrong password or unknown name', async () => {
    assert.equal(await fixture.outcome('none', { phoneNumber: PLACEHOLDER }), 'phone_not_found');
    for (const [user, password] of [
      ['all', 'wrong'],
      ['nobody', PASSWORD],
    ] as const) {
      assert.equal(
        await fixture.outcome(user, { phoneNumber: PLACEHOLDER }, password),
        'credentials_invalid',
      );
    }
  });

  it('11, 33, 47: reads nothing of leads for whoever is refused, by whatever name and number', async () => {
    await server.runRootSql(
      "UPDATE asterisk.vicidial_users SET active = 'Y', user_level = 9, vdc_agent_api_access = '1' WHERE user = 'VDAD'",
    );
    const users = 'UPDATE asterisk.vicidial_users SET';
    for (let attempt = 0; attempt < 10; attempt += 1)
      await fixture.outcome('locked', { leadId: '1' }, 'wrong');
    const warm = ['changed', 'disabled', 'withdrawn', 'all'];
    for (const user of warm) assert.equal(await fixture.outcome(user, { leadId: '1' }), 1, user);
    await server.runRootSql(`${users} pass = 'Another' WHERE user = 'changed'; ${users} active = 'N' WHERE user = 'disabled';
      ${users} vdc_agent_api_access = '0' WHERE user = 'withdrawn'`);
    const refused: readonly (readonly [user: string, password: string, outcome: string])[] = [
      ['nobody', PASSWORD, 'credentials_invalid'],
      ['', PASSWORD, 'credentials_invalid'],
      ['some', 'wrong', 'credentials_invalid'],
      ['all', 'wrong', 'credentials_invalid'],
      ['retired', PASSWORD, 'credentials_invalid'],
      ['VDAD', 'donotedit', 'credentials_invalid'],
      ['cardonly', PASSWORD, 'api_not_allowed'],
      ['locked', PASSWORD, 'locked_out'],
      ['changed', PASSWORD, 'credentials_invalid'],
      ['disabled', PASSWORD, 'credentials_invalid'],
      ['withdrawn', PASSWORD, 'api_not_allowed'],
    ];
    for (const query of [
      { phoneNumber: PLACEHOLDER },
      { phoneNumber: numberOf(SHARED + 1) },
      { leadId: '1' },
    ]) {
      for (const [user, password, outcome] of refused) {
        const ask = async () => assert.equal(await fixture.outcome(user, query, password), outcome, user);
        const what = `${user} ${JSON.stringify(query)}`;
        assert.equal(await rowsReadBy(ask, 'Handler_read_next'), 0, what);
        // Once more: by now nobody is expected to be let in.
        assert.equal(await rowsReadBy(ask, 'Handler_read_key'), 1, what);
      }
    }
    const found = await rowsReadBy(
      () => fixture.lookup('all', { phoneNumber: PLACEHOLDER }),
      'Handler_read_next',
    );
    assert.ok(found > 1_000, `${found}: rows of leads would be seen`);
  });

  it('47: reads a bounded number of rows', async () => {
    const usual = await rowsReadBy(() => fixture.lookup('all', { phoneNumber: numberOf(SHARED + 1) }));
    const all = await rowsReadBy(() => fixture.lookup('all', { phoneNumber: PLACEHOLDER }));
    const some = await rowsReadBy(() => fixture.lookup('some', { phoneNumber: PLACEHOLDER }));
    assert.ok(usual < 500, `${usual} rows of another number`);
    assert.ok(all < 10_000 && all < SHARED / 2, `${all} rows`);
    assert.ok(some < 40_000, `${some} rows of a user with lists`);
  });

  it('47: a lead with thousands of further numbers shows the first hundred, and a bounded number of rows is read', async () => {
    for (const query of [{ leadId: String(LEADS) }, { phoneNumber: numberOf(LEADS) }]) {
      const asked = parseQuery(query, 'MX');
      assert.ok('by' in asked);
      const found: (LookupResult | undefined)[] = [];
      const rows = await rowsReadBy(
        async () => found.push(await fixture.store.leads.find(asked, 'every list', { further: true })),
        'Handler\\_read\\_%next',
      );
      assert.ok(rows > 1_000 && rows < 1_500, `${rows} rows`);
      const shown = FURTHER.filter(({ isActive }) => isActive).slice(0, 100);
      const { further = [], hasMoreNumbers } = found[0] ?? {};
      assert.deepEqual(
        further.map(({ number }) => number),
        shown.map(({ number }) => number),
      );
      assert.equal(hasMoreNumbers, true);
    }
  });

  it('47: keeps nobody waiting who asks for another: its statements take turns, and too many of them are refused', async () => {
    await fixture.lookup('some', { phoneNumber: PLACEHOLDER });
    const shared = Promise.all(
      Array.from({ length: 100 }, () => fixture.outcome('some', { phoneNumber: PLACEHOLDER })),
    );
    for (let at = 1; at <= 20; at += 1)
      assert.equal(await fixture.outcome('all', { phoneNumber: numberOf(SHARED + at) }), SHARED + at);
    const outcomes = await shared;
    const found = outcomes.filter((outcome) => typeof outcome === 'number');
    assert.ok(found.length > 0 && found.length < outcomes.length, `${found.length} found`);
    for (const outcome of outcomes)
      assert.ok(typeof outcome === 'number' || outcome === 'store_unavailable', String(outcome));
    assert.equal(typeof (await fixture.outcome('some', { phoneNumber: PLACEHOLDER })), 'number');
    // Pages take the same turns.
    const query = parseQuery({ phoneNumber: PLACEHOLDER }, 'MX');
    assert.ok('by' in query && query.by === 'phone_number');
    const { phone } = query;
    const page = () => fixture.store.leads.findAll(phone, [200], { offset: 0, limit: 5 });
    const pages = await Promise.allSettled(Array.from({ length: 100 }, page));
    const done = pages.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(done > 0 && done < pages.length, `${done} pages`);
    assert.equal((await page()).matches.length, 5);
  });

  it('47: has the first pages, and none beyond what is counted', async () => {
    const query = parseQuery({ phoneNumber: PLACEHOLDER }, 'MX');
    assert.ok('by' in query && query.by === 'phone_number');
    const idsOf = async (offset: number, limit: number) => {
      const page = await fixture.store.leads.findAll(query.phone, 'every list', { offset, limit });
      assert.equal(page.total, COUNTED_MATCHES + 1);
      return page.matches.map(({ leadId }) => leadId);
    };
    const first = await idsOf(0, 25);
    const second = await idsOf(25, 25);
    assert.equal(new Set([...first, ...second]).size, 50);
    assert.equal((await idsOf(990, 25)).length, 10);
    assert.deepEqual(await idsOf(1_000, 25), []);
  });

  it('leaves other numbers as they are', async () => {
    for (let at = 1; at <= 5; at += 1)
      assert.equal(await fixture.outcome('all', { phoneNumber: numberOf(SHARED + at) }), SHARED + at);
  });
});
