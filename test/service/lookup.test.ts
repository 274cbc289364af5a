import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import type { AccountStore } from '../../src/core/account-store.ts';
import { redactEvent } from '../../src/core/lookup-event.ts';
import { StoreFailure, type LeadStore } from '../../src/core/lead-store.ts';
import { publicMessage } from '../../src/core/problem.ts';
import type { StoreDescription } from '../stores/described-store.ts';
import {
  CHEAP_VERIFIER,
  openLookupFixture,
  outcomeOf,
  PASSWORD,
  type LookupFixture,
  type LookupFixtureOptions,
} from './lookup-fixture.ts';

const password = { verifier: CHEAP_VERIFIER };

const DESCRIPTION: StoreDescription = {
  lists: [
    { list_id: 100, name: 'North' },
    { list_id: 200, name: 'South' },
  ],
  leads: [
    {
      lead_id: 1,
      list_id: 100,
      first_name: 'Bruno',
      phone_number: '5587654321',
      alt_phone: '5511112222',
      address3: '5533334444',
      comments: 'asks for Friday',
    },
    {
      lead_id: 2,
      list_id: 200,
      first_name: 'Clara',
      phone_number: '5587654321',
      lastLocalCallTime: '2026-05-01 10:00:00',
    },
    { lead_id: 3, list_id: 200, first_name: 'Dora', phone_number: '5599998888', alt_phone: null },
  ],
  users: [
    { name: 'Crm', password },
    { name: 'north', password, lists: [100] },
    { name: 'nowhere', password, lists: [] },
    { name: 'noapi', password, rights: ['card', 'calls'] },
    { name: 'retired', password, active: false },
  ],
};

const fixtures: LookupFixture[] = [];
after(() => Promise.all(fixtures.map((fixture) => fixture.close())));

async function openFixture(options?: LookupFixtureOptions): Promise<LookupFixture> {
  const fixture = await openLookupFixture(DESCRIPTION, options);
  fixtures.push(fixture);
  return fixture;
}

describe('the order of the checks', () => {
  const malformed = { leadId: 'abc', phoneNumber: 'x' };

  it('is credentials, right, rate, question, store', async () => {
    const fixture = await openFixture({ ratePerSecond: 1 });
    assert.equal(outcomeOf(await fixture.askAs('nobody', malformed)), 'credentials_invalid');
    assert.equal(outcomeOf(await fixture.askAs('Crm', malformed, 'wrong')), 'credentials_invalid');
    assert.equal(outcomeOf(await fixture.askAs('retired', malformed)), 'credentials_invalid');
    for (let request = 0; request < 5; request++) {
      assert.equal(outcomeOf(await fixture.askAs('noapi', malformed)), 'api_not_allowed');
    }
    assert.equal(outcomeOf(await fixture.askAs('Crm', malformed)), 'parameter_malformed');
    assert.equal(outcomeOf(await fixture.askAs('Crm', {})), 'parameters_missing');
    assert.equal(outcomeOf(await fixture.askAs('Crm', malformed)), 'rate_limited');
    assert.equal(outcomeOf(await fixture.askAs('Crm', malformed, 'wrong')), 'credentials_invalid');
    fixture.clock.pass(1_000);
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' })), 3);
  });

  it('looks for a lead only for a caller who is admitted, with a question that can be read', async () => {
    let finds = 0;
    const fixture = await openFixture({
      ratePerSecond: 1,
      wrap: ({ leads }) => ({
        leads: {
          ...leads,
          find(query, viewer) {
            finds += 1;
            return leads.find(query, viewer);
          },
        },
      }),
    });
    await fixture.askAs('nobody', { leadId: '1' });
    await fixture.askAs('Crm', { leadId: '1' }, 'wrong');
    await fixture.askAs('retired', { leadId: '1' });
    await fixture.askAs('noapi', { leadId: '1' });
    await fixture.askAs('north', { leadId: 'abc' });
    await fixture.askAs('north', {});
    await fixture.askAs('north', { leadId: '1' });
    assert.equal(finds, 0);
    await fixture.askAs('Crm', { leadId: '1' });
    assert.equal(finds, 1);
  });
});

describe('the rate of lookups', () => {
  it('is counted for each user at each address', async () => {
    const fixture = await openFixture({ ratePerSecond: 2 });
    for (let request = 0; request < 4; request++)
      assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' })), 3);
    const outcome = await fixture.askAs('Crm', { leadId: '3' });
    assert.deepEqual(outcome, { problem: { code: 'rate_limited', retryAfterSeconds: 1 } });
    assert.equal(outcomeOf(await fixture.askAs('crm ', { leadId: '3' })), 'rate_limited');
    assert.equal(outcomeOf(await fixture.askAs('north', { leadId: '1' })), 1);
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' }, PASSWORD, '192.0.2.2')), 3);
  });
});

describe('what a user may see', () => {
  it('is restricted before the winner is chosen', async () => {
    const fixture = await openFixture();
    assert.equal(outcomeOf(await fixture.askAs('Crm', { phoneNumber: '5587654321' })), 2);
    assert.equal(outcomeOf(await fixture.askAs('north', { phoneNumber: '5587654321' })), 1);
    assert.equal(outcomeOf(await fixture.askAs('nowhere', { phoneNumber: '5587654321' })), 'phone_not_found');
  });

  it('makes no difference between a lead that is hidden and one that is not there', async () => {
    const fixture = await openFixture();
    assert.deepEqual(await fixture.askAs('north', { leadId: '3' }), {
      problem: { code: 'lead_not_found', asked: '3' },
    });
    assert.deepEqual(await fixture.askAs('north', { leadId: '99' }), {
      problem: { code: 'lead_not_found', asked: '99' },
    });
    assert.deepEqual(await fixture.askAs('north', { phoneNumber: '5599998888' }), {
      problem: { code: 'phone_not_found', asked: '5599998888' },
    });
  });

  it('follows the stored lists at the next request', async () => {
    const fixture = await openFixture();
    assert.equal(outcomeOf(await fixture.askAs('north', { leadId: '3' })), 'lead_not_found');
    fixture.runSql("UPDATE users SET lists = '[200]' WHERE name = 'north'");
    assert.equal(outcomeOf(await fixture.askAs('north', { leadId: '3' })), 3);
    assert.equal(outcomeOf(await fixture.askAs('north', { leadId: '1' })), 'lead_not_found');
    fixture.runSql("UPDATE users SET lists = NULL WHERE name = 'north'");
    assert.equal(outcomeOf(await fixture.askAs('north', { leadId: '1' })), 1);
  });

  for (const lists of [
    '',
    '[',
    '[]',
    '{}',
    '{"0":100}',
    'null',
    '"100"',
    '100',
    '[null]',
    '["100"]',
    '[[100]]',
    '[1e2.]',
    '[100',
    'every list',
  ]) {
    it(`is nothing when the stored lists are ${JSON.stringify(lists)}`, async () => {
      const fixture = await openFixture();
      fixture.runSql(`UPDATE users SET lists = '${lists}' WHERE name = 'north'`);
      assert.equal(outcomeOf(await fixture.askAs('north', { leadId: '1' })), 'lead_not_found');
      assert.equal(outcomeOf(await fixture.askAs('north', { phoneNumber: '5587654321' })), 'phone_not_found');
    });
  }

  it('ends with the right to the API, at the next request', async () => {
    const fixture = await openFixture();
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' })), 3);
    fixture.runSql("UPDATE users SET rights = rights & ~2 WHERE name = 'Crm'");
    assert.deepEqual(await fixture.askAs('crm', { leadId: '3' }), {
      problem: { code: 'api_not_allowed', user: 'Crm', right: 'read' },
    });
    fixture.runSql("UPDATE users SET rights = rights | 2, active = 0 WHERE name = 'Crm'");
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' })), 'credentials_invalid');
  });

  it('is everything for the operator at the machine, without a rate', async () => {
    const fixture = await openFixture({ ratePerSecond: 1 });
    for (let request = 0; request < 10; request++)
      assert.equal(outcomeOf(await fixture.askAsOperator({ leadId: '3' })), 3);
    assert.equal(outcomeOf(await fixture.askAsOperator({ phoneNumber: '5587654321' })), 2);
    assert.equal(outcomeOf(await fixture.askAsOperator({ leadId: 'abc' })), 'parameter_malformed');
    assert.equal(outcomeOf(await fixture.askAsOperator({ leadId: '99' })), 'lead_not_found');
  });
});

describe('a number that comes along with a lead id', () => {
  async function matchOf(
    fixture: LookupFixture,
    phoneNumber: string | undefined,
  ): Promise<string | undefined> {
    const outcome = await fixture.askAs('Crm', { leadId: '1', phoneNumber });
    assert.ok('result' in outcome);
    assert.equal(outcome.result.foundBy, undefined);
    return outcome.phoneMatch;
  }

  it('is compared with the numbers of that lead, by meaning', async () => {
    const fixture = await openFixture();
    assert.equal(await matchOf(fixture, '+52 1 55 8765 4321'), 'phone_number');
    assert.equal(await matchOf(fixture, '(55) 1111-2222'), 'alt_phone');
    assert.equal(await matchOf(fixture, '5599998888'), 'none');
    assert.equal(await matchOf(fixture, undefined), undefined);
  });

  it('is compared with address3 only where that holds a number', async () => {
    assert.equal(await matchOf(await openFixture(), '5533334444'), 'none');
    assert.equal(await matchOf(await openFixture({ address3IsPhone: true }), '5533334444'), 'address3');
  });
});

describe('the event of a lookup', () => {
  const about = {
    endpoint: 'goapi',
    domain: 'default',
    requestId: 'r-1',
    address: '192.0.2.1',
    ms: 0,
    err: undefined,
    recipient: undefined,
    right: undefined,
    listId: undefined,
    receipt: undefined,
    fields: undefined,
    askedWords: undefined,
  };
  const nothing = { askedLead: undefined, askedPhone: undefined, leadId: undefined, foundBy: undefined };

  it('is one for every outcome, and says who asked for what and what came of it', async () => {
    const fixture = await openFixture({ ratePerSecond: 3 });
    const phone = '********21';
    await fixture.askAs('crm ', { phoneNumber: '+52 55 8765 4321' });
    await fixture.askAs('Crm', { leadId: '1', phoneNumber: '5587654321' });
    await fixture.askAs('Crm', { leadId: '99' });
    await fixture.askAs('Crm', { phoneNumber: '5500000021' });
    await fixture.askAs('Crm', { leadId: 'planted-secret' });
    await fixture.askAs('Crm', {});
    await fixture.askAs('Crm', { leadId: '1' });
    await fixture.askAs('Crm', { leadId: '1' }, 'wrong');
    await fixture.askAs('planted-secret', { leadId: '1' });
    await fixture.askAs('noapi', { leadId: '1' });
    await fixture.askAs('retired', { leadId: '1' });
    await fixture.askAsOperator({ leadId: '3' });
    assert.deepEqual(fixture.events.map(redactEvent), [
      {
        ...about,
        ...nothing,
        user: 'Crm',
        askedPhone: '**********21',
        result: 'found',
        leadId: 2,
        foundBy: 'phone_number',
      },
      {
        ...about,
        user: 'Crm',
        askedLead: 1,
        askedPhone: phone,
        result: 'found',
        leadId: 1,
        foundBy: 'lead_id',
      },
      { ...about, ...nothing, user: 'Crm', askedLead: 99, result: 'lead_not_found' },
      { ...about, ...nothing, user: 'Crm', askedPhone: phone, result: 'phone_not_found' },
      { ...about, ...nothing, user: 'Crm', result: 'parameter_malformed' },
      { ...about, ...nothing, user: 'Crm', result: 'parameters_missing' },
      { ...about, ...nothing, user: 'Crm', askedLead: 1, result: 'rate_limited' },
      { ...about, ...nothing, user: 'Crm', askedLead: 1, result: 'credentials_invalid' },
      { ...about, ...nothing, user: undefined, askedLead: 1, result: 'credentials_invalid' },
      { ...about, ...nothing, user: 'noapi', askedLead: 1, result: 'api_not_allowed', right: 'read' },
      { ...about, ...nothing, user: 'retired', askedLead: 1, result: 'credentials_invalid' },
      {
        ...about,
        ...nothing,
        endpoint: 'cli',
        user: 'operator',
        askedLead: 3,
        result: 'found',
        leadId: 3,
        foundBy: 'lead_id',
      },
    ]);
  });

  it('as it is written down holds no password, no number and no field of the lead', async () => {
    const fixture = await openFixture();
    await fixture.askAs('Crm', { leadId: '1', phoneNumber: '5587654321' });
    await fixture.askAs('Crm', { phoneNumber: '5511112222' });
    await fixture.askAs('planted-name', { phoneNumber: '5511112222' }, 'planted-secret');
    const written = JSON.stringify(fixture.events.map(redactEvent));
    for (const secret of ['planted', 'argon2', '8765432', '1111222', '3333444', 'Bruno', 'Friday']) {
      assert.ok(!written.includes(secret), `${secret} is in ${written}`);
    }
    assert.match(written, /"leadId":1/);
  });

  it('has the duration of the lookup, by the monotonic clock', async () => {
    const fixture: LookupFixture = await openFixture({
      wrap: ({ leads }) => ({
        leads: {
          ...leads,
          find(query, scope) {
            fixture.clock.pass(12.3456);
            fixture.clock.jumpWall(3_600_000);
            return leads.find(query, scope);
          },
        },
      }),
    });
    await fixture.askAsOperator({ leadId: '3' });
    assert.equal(fixture.events.map(redactEvent)[0]?.ms, 12.346);
  });
});

describe('a store that fails', () => {
  const CAUSE = new Error('planted-secret: SELECT * FROM users');

  function fail(): never {
    throw new StoreFailure(CAUSE);
  }

  const failures: readonly (readonly [what: string, wrap: LookupFixtureOptions['wrap']])[] = [
    ['when the account is read', ({ accounts }) => ({ accounts: withRead(accounts, fail) })],
    [
      'later, when the account is read',
      ({ accounts }) => ({ accounts: withRead(accounts, () => Promise.reject(new StoreFailure(CAUSE))) }),
    ],
    ['when an attempt is counted', ({ accounts }) => ({ accounts: { ...accounts, countFailure: fail } })],
    ['when failures are read', ({ accounts }) => ({ accounts: { ...accounts, readFailures: fail } })],
    ['when the network is read', ({ accounts }) => ({ accounts: { ...accounts, readKnownNetwork: fail } })],
    ['when the success is recorded', ({ accounts }) => ({ accounts: { ...accounts, recordSuccess: fail } })],
    ['when the lead is read', ({ leads }) => ({ leads: { ...leads, find: fail } })],
  ];
  for (const [what, wrap] of failures) {
    it(`${what} makes the lookup a problem, its cause in the event alone`, async () => {
      const fixture = await openFixture({ ...(wrap === undefined ? {} : { wrap }) });
      const outcome = await fixture.askAs('Crm', { leadId: '1' });
      assert.ok('problem' in outcome && outcome.problem.code === 'store_unavailable');
      assert.equal(outcome.problem.retryAfterSeconds, 1);
      assert.doesNotMatch(publicMessage(outcome.problem), /planted|SELECT/);
      assert.equal(fixture.events.length, 1);
      assert.equal(fixture.events[0]?.result, 'store_unavailable');
      assert.equal(fixture.events[0].cause, CAUSE);
      assert.equal(fixture.events[0].leadId, undefined);
    });
  }

  it('for the operator, too', async () => {
    const broken = (leads: LeadStore): LeadStore => ({ ...leads, find: fail });
    const fixture = await openFixture({ wrap: ({ leads }) => ({ leads: broken(leads) }) });
    assert.equal(outcomeOf(await fixture.askAsOperator({ leadId: '1' })), 'store_unavailable');
    assert.equal(fixture.events[0]?.cause, CAUSE);
  });

  it('because it was closed rejects no promise and admits nobody', async () => {
    const fixture = await openLookupFixture(DESCRIPTION);
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' })), 3);
    await fixture.close();
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' })), 'store_unavailable');
    assert.equal(outcomeOf(await fixture.askAsOperator({ phoneNumber: '5587654321' })), 'store_unavailable');
  });

  it('because a row holds something else than we wrote finds nothing of it', async () => {
    const fixture = await openFixture();
    fixture.runSql("UPDATE users SET verifier = 'planted-secret' WHERE name = 'Crm'");
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '3' })), 'credentials_invalid');
  });
});

describe('a fault of our own', () => {
  it('is internal, not blamed on the store, and its message is for no log', async () => {
    const cause = new TypeError('planted-secret');
    const readCustom = () => {
      throw cause;
    };
    const fixture = await openFixture({
      wrap: ({ accounts }) => ({ accounts: withRead(accounts, readCustom) }),
    });
    assert.equal(outcomeOf(await fixture.askAs('Crm', { leadId: '1' })), 'internal');
    assert.match(String(fixture.events[0]?.cause), /^TypeError < service\/lookup\.test\.ts:\d+:\d+/);
  });
});

function withRead(accounts: AccountStore, read: AccountStore['read']): AccountStore {
  return { ...accounts, read };
}
