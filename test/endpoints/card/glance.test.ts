import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { LEAD_TEXT_FIELDS, type Customer, type Lead } from '../../../src/core/lead.ts';
import { countryOf, readPhone } from '../../../src/core/phone.ts';
import { WORDS } from '../../../src/endpoints/card/language.ts';
import { readerOf } from '../../../src/endpoints/pages/reader.ts';
import { offsetOf } from '../../../src/endpoints/card/local-time.ts';
import { viewAgo, viewGlance } from '../../../src/endpoints/card/view-glance.ts';
import { factsIn } from '../../../src/service/card-facts.ts';
import { fillOwn, type DescribedUser } from '../../stores/described-store.ts';
import { startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { basic } from '../../support/authorization.ts';
import { notifyCall } from './call-fixture.ts';
import { createCardClient, seenIn } from './card-fixture.ts';

const READER = readerOf('en-US');
const NOON = Date.UTC(2026, 5, 15, 12);
const HOUR = 3_600_000;

function customerOf(fields: Partial<Lead>, custom: Customer['custom'] = null): Customer {
  const empty = Object.fromEntries(LEAD_TEXT_FIELDS.map((field) => [field, null]));
  return { lead: { ...empty, lead_id: 7, list_id: 1, ...fields } as Lead, custom, isCustomer: false };
}

function glanceOf(customer: Customer, context: Partial<Parameters<typeof viewGlance>[1]> = {}) {
  return viewGlance(customer, {
    ...{ reader: READER, words: WORDS.en, now: NOON, country: 'MX', columns: ['phone_number'] },
    ...{ matched: undefined, phone: undefined, fields: [], listName: null, facts: {}, cardFields: [] },
    ...context,
  });
}

describe('what a card shows first', () => {
  it('warns of customers who are not to be called, and of no others', () => {
    for (const status of ['DNC', 'DNCL', 'DNCC', 'DNC_WEB', 'dnc', 'No llamar', 'DO NOT CALL'])
      assert.ok(glanceOf(customerOf({ status })).doNotCall !== undefined, status);
    for (const status of [null, '', 'NEW', 'DC', 'ADC', 'CALLBK', 'NOCALL', 'NI', '****'])
      assert.equal(glanceOf(customerOf({ status })).doNotCall, undefined, String(status));
    const facts = { doNotCall: { campaign: 'VENTAS' } };
    assert.match(glanceOf(customerOf({ status: 'NEW' }), { facts }).doNotCall ?? '', /VENTAS/);
  });

  it('has the fields that the operator names, in that order, by name, label or caption', () => {
    const customer = customerOf({ city: 'Zapopan', email: ' ', date_of_birth: '1984-03-09' }, [
      ['saldo_mxn', 1240],
      ['plan', 'gold'],
      ['empty', null],
    ]);
    const fields = [
      { label: 'saldo_mxn', type: 'NUMBER', caption: 'Saldo' },
      { label: 'plan', type: 'SELECT', caption: 'Plan' },
    ] as const;
    const cardFields = ['SALDO', 'empty', 'city', 'email', 'Plan', 'date_of_birth', 'phone_number', 'none'];
    const { pinned } = glanceOf(customer, { fields, cardFields });
    assert.deepEqual(
      pinned.map(({ caption, values }) => [caption, ...values]),
      [
        ['Saldo', '1,240'],
        ['Town', 'Zapopan'],
        ['Plan', 'gold'],
        ['Birth date', 'March 9, 1984'],
      ],
    );
  });

  it('says how long ago in the largest whole unit', () => {
    const ago = (ms: number, tag = 'en-US') => {
      const reader = readerOf(tag);
      return viewAgo(NOON - ms, NOON, reader, WORDS[reader.language]);
    };
    assert.deepEqual(
      [-HOUR, 59_000, 60_000, HOUR - 1, HOUR, 24 * HOUR, 29 * 24 * HOUR, 30 * 24 * HOUR, 400 * 24 * HOUR].map(
        (ms) => ago(ms),
      ),
      [
        ...['just now', 'just now', '1 minute ago', '59 minutes ago', '1 hour ago', 'yesterday'],
        ...['29 days ago', 'last month', 'last year'],
      ],
    );
    assert.equal(ago(72 * HOUR, 'es-MX'), 'hace 3 días');
  });

  it('knows the time at the caller by the dialer, or by a country that has one time', () => {
    const january = Date.UTC(2026, 0, 15);
    for (const [gmtOffset, country, at, expected] of [
      [-6, 'ES', NOON, -360],
      [5.5, undefined, NOON, 330],
      [undefined, 'CO', NOON, -300],
      [undefined, 'DE', NOON, 120],
      [undefined, 'DE', january, 60],
      [undefined, 'GB', january, 0],
      [undefined, 'MX', NOON, undefined],
      [undefined, 'US', NOON, undefined],
      [undefined, undefined, NOON, undefined],
    ] as const)
      assert.equal(offsetOf(gmtOffset, country, at), expected, `${gmtOffset} ${country}`);
    for (const [stored, expected] of [
      ['-6.00', -6],
      ['0.00', undefined],
      ['99.99', undefined],
      [null, undefined],
    ] as const)
      assert.equal(factsIn({ gmt_offset_now: stored }).gmtOffset, expected);
  });

  it('takes no time of a store for a call that none was', () => {
    for (const stored of [null, '', '0000-00-00 00:00:00', '2008-01-01 00:00:00', 'yesterday'])
      assert.equal(factsIn({ last_local_call_time: stored }).lastCall, undefined, String(stored));
    const at = new Date(2026, 5, 1, 10).getTime();
    assert.deepEqual(factsIn({ last_local_call_time: '2026-06-01 10:00:00' }).lastCall, { at });
  });

  it('has the country of a number that a plan knows', () => {
    const country = (text: string) => {
      const read = readPhone(text, 'MX', { internalNumbers: true });
      return 'value' in read ? countryOf(read.value) : undefined;
    };
    assert.deepEqual(
      ['55 9999 0000', '+57 601 381 0000', '+1 604 555 1234', '12345678', '1234', '000000'].map(country),
      ['MX', 'CO', 'CA', undefined, undefined, undefined],
    );
  });
});

const user = (name: string, lists: DescribedUser['lists']): DescribedUser => ({
  name,
  password: 'MyPass',
  rights: ['card', 'calls'],
  ...(lists !== undefined && { lists }),
});

describe('calls on the card', () => {
  let test: TestApp;
  before(async () => {
    test = await startTestApp(temporaryFolder(), (store) =>
      fillOwn(store, {
        lists: [
          { list_id: 1, name: 'Norte' },
          { list_id: 2, name: 'Sur' },
        ],
        leads: [
          { lead_id: 10, list_id: 1, first_name: 'Ana', phone_number: '5512340010' },
          { lead_id: 20, list_id: 2, first_name: 'Luis', phone_number: '5512340020' },
          ...[21, 22].map((id) => ({ lead_id: id, list_id: 2, phone_number: '5512340021' })),
          { lead_id: 30, list_id: 1, first_name: 'Eva', phone_number: '5512340030', status: 'DNC' },
          { lead_id: 31, list_id: 2, first_name: 'Leo', phone_number: '5512340030' },
        ],
        users: [user('all', 'every list'), user('north', [1])],
      }),
    );
  });
  after(() => test.close());

  let count = 0;
  /** A call from its beginning to its end, or as far as `states` go. */
  async function call(
    agent: string,
    about: Readonly<Record<string, unknown>>,
    states: readonly string[] = ['ringing', 'answered', 'ended'],
  ): Promise<void> {
    count += 1;
    const sent = { user: agent, direction: 'inbound', call_id: `glance-${count}`, ...about };
    for (const state of states) await notifyCall(test.url, { ...sent, state }, basic('all', 'MyPass'));
  }

  async function seenBy(name: string, target: string): Promise<string> {
    const client = createCardClient(test.url);
    await client.signIn(name);
    return seenIn(await client.get(target));
  }

  it('are the last one of a customer, not that which goes on now', async () => {
    assert.doesNotMatch(await seenBy('all', '/card?phone=5512340010'), /Last call/);
    await call('all', { phone: '5512340010', line: 'Ventas' });
    await call('north', { phone: '5512340010', line: 'Cobranza' }, ['ringing', 'answered']);
    const seen = await seenBy('all', '/card?phone=5512340010');
    assert.match(seen, /Last call just now Incoming · all · Ventas ·/);
    assert.doesNotMatch(seen, /Cobranza/);
  });

  it('of a number that nobody has are listed with it', async () => {
    await call('all', { phone: '5599990000', line: 'Ventas' });
    const seen = await seenBy('all', '/card?phone=%2B525599990000');
    assert.match(
      seen,
      /New number 55 9999 0000 Place Mexico City Country Mexico .*Calls with this number before just now/,
    );
    assert.match(seen, /Incoming · all · Ventas/);
    assert.doesNotMatch(await seenBy('all', '/card?phone=5599990001'), /before/);
  });

  it('16: of a number that only leads of other lists have are as if they were not there', async () => {
    await call('north', { phone: '5512340021', line: 'Secreta' }, ['ended']);
    for (const phone of ['5512340021', '%2B5215512340021'])
      assert.doesNotMatch(await seenBy('north', `/card?phone=${phone}`), /before|Secreta/);
  });

  it('tell who of several had the last one, beside lists by name', async () => {
    await call('all', { phone: '5512340030', lead_id: 31 });
    const seen = await seenBy('all', '/card?phone=5512340030');
    assert.match(seen, /Leo (?:Most likely )?Last call with this number, just now Prospect List Sur/);
    assert.match(seen, /Eva Do not call (?:Most likely )?Prospect List Norte/);
    // Whom somebody may not see had no call for them.
    assert.doesNotMatch(await seenBy('north', '/card?phone=5512340030'), /Leo|Sur|Last call/);
  });

  it("are one's own at home, without who is in other lists", async () => {
    await call('north', { phone: '5512340020', line: 'Ventas' });
    const seen = await seenBy('north', '/card');
    assert.match(seen, /Your last calls .*Number not shown Incoming · Ventas/);
    assert.match(seen, /Ana Incoming · Cobranza/);
    assert.doesNotMatch(seen, /Luis|5512340020|55 1234 0020|5599990000|55 9999 0000/);
    assert.doesNotMatch(await seenBy('all', '/card'), /Cobranza/);
  });

  it('do not bring an offer to read a telephone number as an id', async () => {
    assert.doesNotMatch(await seenBy('all', '/card?phone=3377778888'), /Look for lead/);
    assert.match(await seenBy('all', '/card?phone=1000001'), /Look for lead 1000001/);
  });
});
