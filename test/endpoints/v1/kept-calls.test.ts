import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { ListScope } from '../../../src/core/lead.ts';
import { redactEvent, type LookupEvent } from '../../../src/core/lookup-event.ts';
import { deliverReportOf } from '../../../src/domain/reported-calls.ts';
import { fillOwn, type StoreDescription } from '../../stores/described-store.ts';
import { basic, bearer } from '../../support/authorization.ts';
import { madeToken } from '../../support/made-token.ts';
import { onOwnEngines } from '../../support/own-engines.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';

type Rights = NonNullable<StoreDescription['users'][number]['rights']>;
const user = (name: string, rights: Rights, lists: ListScope) =>
  ({ name, password: { verifier: CHEAP_VERIFIER }, rights, lists }) as const;

const DATA: StoreDescription = {
  lists: [
    { list_id: 1, name: 'North' },
    { list_id: 2, name: 'South' },
  ],
  leads: [
    { lead_id: 10, list_id: 1, first_name: 'Ana', phone_number: '5512340010' },
    { lead_id: 20, list_id: 2, first_name: 'Luis', phone_number: '5512340020' },
    { lead_id: 30, list_id: 1, first_name: 'Eva', phone_number: '5512340099' },
    { lead_id: 31, list_id: 1, first_name: 'Leo', phone_number: '5512340099' },
    ...[40, 41].map((id) => ({ lead_id: id, list_id: 2, phone_number: '5512340077' })),
    ...[42, 43].map((id) => ({ lead_id: id, list_id: id - 41, phone_number: '5512340088' })),
  ],
  users: [
    user('agent', ['card', 'read', 'edit'], 'every list'),
    user('other', ['card', 'read', 'edit'], 'every list'),
    user('quiet', ['card'], 'every list'),
    user('north', ['card', 'read'], [1]),
    user('reader', ['card', 'read'], 'every list'),
  ],
};

interface Json {
  readonly [name: string]: unknown;
  readonly calls?: readonly Readonly<Record<string, unknown>>[];
}

onOwnEngines('calls at /v1', (emptyStore) => {
  let app: TestApp;
  let pbx: { readonly authorization: string };
  const events: LookupEvent[] = [];
  const as = (name: string) => basic(name, PASSWORD);

  before(async () => {
    app = await startTestApp(temporaryFolder(), (store) => fillOwn(store, DATA), {
      config: { ...emptyStore(), maskedFields: [] },
      onEvent: (event) => events.push(event),
    });
    pbx = bearer(await madeToken(app.store, { name: 'pbx', scope: ['calls'] }));
  });
  after(() => app.close());

  async function ask(method: string, target: string, headers: object, body?: unknown) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const { status, text } = await send(app.url, target, {
      method,
      headers: { ...headers, ...type },
      ...sent,
    });
    return { status, json: JSON.parse(text) as Json, text };
  }
  const notify = async (call: object) => {
    const { status, json, text } = await ask('POST', '/v1/calls', pbx, { user: 'agent', ...call });
    assert.equal(status, 202, text);
    return String(json.call);
  };
  const patch = (call: string, body: object, who: object = pbx) =>
    ask('PATCH', `/v1/calls/${call}`, who, body);
  const find = async (query: string, who: object = as('agent')) => {
    const { status, json, text } = await ask('GET', `/v1/calls?${query}`, who);
    assert.equal(status, 200, text);
    return json.calls ?? [];
  };

  it('are kept with the only lead that has the number, and read by user, number and lead', async () => {
    const about = { phone: '+52 (55) 1234 0010', call_id: 'c-1', direction: 'inbound', line: 'Sales' };
    const call = await notify(about);
    assert.equal(await notify(about), call, 'a report that comes twice is of the same call');
    const [kept] = await find('user=AGENT&limit=1');
    const { started_at: startedAt, ...others } = kept ?? {};
    assert.match(String(startedAt), /^\d{4}-.*Z$/);
    assert.deepEqual(others, {
      ...{
        call,
        user: 'agent',
        state: 'ringing',
        direction: 'inbound',
        phone: '+52 (55) 1234 0010',
        lead_id: 10,
      },
      ...{ line: 'Sales', answered_at: null, ended_at: null, answered_by: null, outcome: null, note: null },
      ...{ source: 'api', call_id: 'c-1' },
    });
    for (const query of ['phone=5512340010', 'lead_id=10'])
      assert.deepEqual(await find(query), [kept], query);
    const timeline = await ask('GET', '/v1/leads/10/timeline', as('agent'));
    assert.deepEqual(timeline.json.entries, [{ type: 'call', at: startedAt, ...kept }]);
  });

  it('have no lead where several have the number, or nobody has', async () => {
    for (const phone of ['5512340099', '5599990000']) {
      const call = await notify({ phone });
      const [kept] = await find(`phone=${phone}`);
      assert.deepEqual([kept?.call, kept?.lead_id], [call, null]);
    }
  });

  it('go forward, and get outcome and note from who notified them or from their agent', async () => {
    const call = await notify({ phone: '5512340010', call_id: 'c-2' });
    const states = [];
    for (const state of ['answered', 'ended', 'ringing'])
      states.push((await patch(call, { state, outcome: state === 'ended' ? 'SALE' : undefined })).json);
    assert.deepEqual(states, [
      { call, state: 'answered' },
      { call, state: 'ended' },
      { call, state: 'ended' },
    ]);
    assert.equal((await patch(call, { note: 'wants two' }, as('agent'))).status, 200);
    const [kept] = await find('user=agent&limit=1');
    assert.deepEqual([kept?.call, kept?.outcome, kept?.note], [call, 'SALE', 'wants two']);
    assert.ok(kept?.answered_at !== null && kept?.ended_at !== null);
    for (const [who, body] of [
      ['other', { note: 'x' }],
      ['agent', { state: 'ended' }],
      ['reader', { note: 'x' }],
    ] as const) {
      const { status, json } = await patch(call, body, as(who));
      assert.deepEqual([status, json.right], [403, 'calls'], who);
    }
  });

  it('say which field is wrong, and what would do', async () => {
    const call = await notify({ phone: '5512340010' });
    const wrong = [
      await patch(call, {}),
      await patch(call, { state: 'busy' }),
      await patch(call, { outcome: 'x'.repeat(65) }),
      await patch(call, { outcomes: 'x' }),
      await patch(`${call}?x=1`, { note: 'x' }),
      await ask('GET', '/v1/calls', as('agent')),
      await ask('GET', '/v1/calls?user=a&phone=5512340010', as('agent')),
      await ask('GET', '/v1/calls?phone=abc', as('agent')),
      await ask('GET', '/v1/calls?lead_id=x', as('agent')),
      await ask('GET', '/v1/calls?user=agent&page=2', as('agent')),
    ];
    assert.deepEqual(
      wrong.map(({ status, json: { fields } }) => [status, fields]),
      ['body', 'state', 'outcome', 'outcomes', 'x', 'user', 'phone', 'phone', 'lead_id', 'page'].map(
        (field) => [400, [field]],
      ),
    );
    assert.match(String(wrong[1]?.json.title), /state must be ringing, answered or ended/);
    assert.deepEqual((await patch('none-of-ours', { note: 'x' })).json.code, 'call_not_found');
    assert.equal((await ask('GET', '/v1/calls?lead_id=999', as('agent'))).json.code, 'lead_not_found');
    assert.deepEqual(await find('user=nobody'), []);
  });

  it('16: show neither lead nor number nor note of a lead in lists that somebody may not see', async () => {
    const call = await notify({ user: 'other', phone: '5512340020' });
    await patch(call, { note: 'of the south' });
    const [whole] = await find('user=other&limit=1', as('reader'));
    assert.deepEqual([whole?.lead_id, whole?.phone, whole?.note], [20, '5512340020', 'of the south']);
    const [seen] = await find('user=other&limit=1', as('north'));
    assert.deepEqual([seen?.call, seen?.lead_id, seen?.phone, seen?.note], [call, null, null, null]);
    assert.deepEqual(await find('phone=5512340020', as('north')), []);
    assert.equal((await ask('GET', '/v1/calls?lead_id=20', as('north'))).status, 404);
  });

  it('16: of numbers that only such leads have, and of none of them, are as if they were not there', async () => {
    for (const phone of ['5512340077', '+52 1 55 1234 0077', '5512340088', '5599990001'])
      await patch(await notify({ user: 'quiet', phone, call_id: phone }), { note: 'n', outcome: 'SALE' });
    const seen = await find('user=quiet', as('north'));
    assert.deepEqual(
      seen.map(({ lead_id: id, phone, note, outcome, call_id: own }) => [id, phone, note, outcome, own]),
      [
        [null, '5599990001', 'n', 'SALE', '5599990001'],
        [null, '5512340088', 'n', 'SALE', '5512340088'],
        [null, null, null, null, null],
        [null, null, null, null, null],
      ],
    );
    for (const phone of ['5512340077', '%2B5215512340077', '0445512340077']) {
      assert.deepEqual(await find(`phone=${phone}`, as('north')), [], phone);
      assert.equal((await find(`phone=${phone}`, as('reader'))).length, 2, phone);
    }
    assert.equal((await find('phone=5512340088', as('north'))).length, 1);
  });

  it('of no lead mask what the list of a lead that has the number masks', async () => {
    const call = await notify({ user: 'other', phone: '5512340099' });
    await patch(call, { note: 'hers' });
    const list = await app.store.records.list(1);
    assert.ok(list);
    await app.store.records.putList({ ...list, masked: ['notes'] }, false);
    const [masked] = await find('user=other&limit=1', as('reader'));
    assert.deepEqual([masked?.phone, masked?.note], ['5512340099', '****']);
    await app.store.records.putList({ ...list, masked: [] }, false);
  });

  it('mask number and note as their lead’s list does', async () => {
    const call = await notify({ user: 'other', phone: '5512340010' });
    await patch(call, { note: 'hers' });
    const list = await app.store.records.list(1);
    assert.ok(list);
    await app.store.records.putList({ ...list, masked: ['phone_number', 'notes'] }, false);
    const [masked] = await find('user=other&limit=1', as('reader'));
    assert.deepEqual([masked?.lead_id, masked?.phone, masked?.note], [10, '**** 10', '****']);
    const [shown] = await find('user=other&limit=1', as('agent'));
    assert.deepEqual([shown?.phone, shown?.note], ['5512340010', 'hers']);
    await app.store.records.putList({ ...list, masked: [] }, false);
  });

  it('are audited: who was told, what was said, and whose calls were read', async () => {
    events.length = 0;
    const call = await notify({ phone: '5512340010' });
    await patch(call, { note: 'x' });
    await find('phone=5512340010&limit=1');
    await find('phone=5599998888');
    await find('user=AGENT&limit=1', as('north'));
    await find('user=nobody');
    assert.deepEqual(
      events
        .map(redactEvent)
        .map(({ result, user: who, recipient, leadId, fields }) => [result, who, recipient, leadId, fields]),
      [
        ['call_notified', 'token:pbx', 'agent', undefined, undefined],
        ['call_changed', 'token:pbx', 'agent', undefined, ['note']],
        ['calls_read', 'agent', undefined, 10, undefined],
        ['calls_read', 'agent', undefined, undefined, undefined],
        ['calls_read', 'north', 'agent', 10, undefined],
        ['calls_read', 'agent', undefined, undefined, undefined],
      ],
    );
  });
});

describe('calls beside a dialer', () => {
  it('are shown and not kept: reading them and saying more is refused', async () => {
    const app = await startTestApp(temporaryFolder(), async (store) => {
      await fillOwn(store, DATA);
      Object.assign(store, { calls: undefined });
    });
    try {
      const pbx = bearer(await madeToken(app.store, { name: 'pbx', scope: ['calls', 'read'] }));
      const headers = { ...pbx, 'content-type': 'application/json' };
      const body = JSON.stringify({ user: 'agent', phone: '5512340010', call_id: 'V1' });
      const notified = [1, 2].map(() => send(app.url, '/v1/calls', { method: 'POST', headers, body }));
      const [one, two] = await Promise.all(notified);
      assert.deepEqual([one?.status, one?.text], [202, two?.text]);
      const { call } = JSON.parse(one?.text ?? '') as { call: string };
      for (const [method, target, sent] of [
        ['GET', '/v1/calls?user=agent', {}],
        ['PATCH', `/v1/calls/${call}`, { body: '{"state":"ended"}' }],
      ] as const) {
        const { status, text } = await send(app.url, target, { method, headers, ...sent });
        assert.deepEqual([status, text.includes('"read_only_store"')], [409, true], text);
      }
    } finally {
      await app.close();
    }
  });
});

describe('calls that a telephone system reports', () => {
  it('are kept and shown as those that are notified, and only once', async (t) => {
    const { createCallHub } = await import('../../../src/events/call-hub.ts');
    const { createDomains, DOMAIN_LIMITS } = await import('../../../src/domain/domains.ts');
    const { domainsOf } = await import('../../../src/config/domains.ts');
    const { openStore } = await import('../../../src/stores/open-store.ts');
    const { testConfig } = await import('../../support/test-app.ts');
    const { systemClock } = await import('../../../src/core/clock.ts');
    const config = testConfig(`${temporaryFolder()}/reported.db`);
    const store = openStore(config, { create: true });
    await fillOwn(store, DATA);
    const domains = createDomains(domainsOf(config), {
      ...{ clock: systemClock, limits: DOMAIN_LIMITS, store, observers: [], log: () => undefined },
    });
    t.after(() => domains.close());
    const calls = createCallHub(systemClock);
    const heard: unknown[] = [];
    const account = (await store.accounts.read('agent')).account?.id;
    const target = {
      domain: domainsOf(config)[0]?.name ?? '',
      user: 'agent',
      account,
      store: store.ownFile?.identity,
    };
    calls.subscribe(target, undefined, ({ state, phone, answeredBy }, _isLate, isUpdate) => {
      heard.push([isUpdate ? 'update' : 'call', state, phone, answeredBy]);
    });
    const deliver = deliverReportOf(() => domains.only, 'asterisk', calls, systemClock);
    const report = (call: Parameters<typeof deliver>[0]) => deliver(call, true);
    const about = { callId: '17.1', agent: 'Agent', direction: 'inbound' } as const;
    await report({ ...about, state: 'ended' });
    await report({ ...about, state: 'ringing', phone: 'anonymous' });
    await report({ ...about, state: 'ringing', phone: '5512340010', line: 'Sales' });
    await report({ ...about, state: 'ringing', phone: '5512340010' });
    await report({ ...about, state: 'ended', answeredBy: 'other' });
    await report({ ...about, state: 'ringing', phone: '5512340010' });
    await report({ ...about, agent: 'nobody', state: 'ringing', phone: '5512340010' });
    assert.deepEqual(heard, [
      ['call', 'ringing', '5512340010', undefined],
      ['update', 'ended', '5512340010', 'other'],
    ]);
    const { calls: kept } = await store.calls.find({ leadId: 10 }, { offset: 0, limit: 10 });
    assert.deepEqual(
      kept.map(({ sourceCallId, state, line, answeredBy }) => [sourceCallId, state, line, answeredBy]),
      [['17.1', 'ended', 'Sales', 'other']],
    );
  });
});
