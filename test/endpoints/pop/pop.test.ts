import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { basic, bearer } from '../../support/authorization.ts';
import { loadDataset } from '../../support/dataset.ts';
import { makeToken } from '../../support/made-token.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { hearCalls } from '../card/call-fixture.ts';
import { createCardClient } from '../card/card-fixture.ts';

describe('GET /pop', () => {
  let app: TestApp;
  let token = '';
  const events: LookupEvent[] = [];
  before(async () => {
    app = await startTestApp(temporaryFolder(), loadDataset, { onEvent: (event) => events.push(event) });
    token = makeToken(app.store, { name: 'pbx', scope: ['calls'] });
  });
  after(() => app.close());

  const pop = (query: Readonly<Record<string, string>>, headers = {}, method = 'GET') =>
    send(app.url, `/pop?${new URLSearchParams(query).toString()}`, { method, headers });

  it('shows a call on the card of the user, by the names of /v1/calls and by VICIdial’s', async () => {
    const client = createCardClient(app.url);
    await client.signIn('MyUser', 'MyPass');
    const heard = await hearCalls(app.url, client);
    const sent = { token, user: 'MyUser', call_id: 'V1', direction: 'inbound' };
    const answers = [
      await pop({ ...sent, phone: '8004321000', line: 'Sales' }),
      await pop({ ...sent, phone_number: '8004321000', state: 'ended' }),
      await pop({ ...sent, call_id: 'V2', lead_id: '14246', phone_number: '', phone: '' }),
    ];
    for (const { status, text, headers } of answers) {
      assert.deepEqual([status, text, headers['cache-control']], [200, 'ok', 'no-store']);
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    }
    const [first, ended, second] = await heard.untilEvents(3);
    heard.close();
    assert.deepEqual(
      [first, ended, second].map((one) => [one?.event, one?.data.state, one?.data.line, one?.data.lead_id]),
      [
        ['call', 'ringing', 'Sales', undefined],
        ['update', 'ended', 'Sales', undefined],
        ['call', 'ringing', undefined, 14_246],
      ],
    );
    assert.equal(ended?.data.call, first?.id);
  });

  it('takes in the address a token that notifies calls and does nothing else', async () => {
    const call = { user: 'MyUser', phone: '8004321000' };
    const more = makeToken(app.store, { name: 'more', scope: ['calls', 'read'] });
    const phone = makeToken(app.store, { name: 'phone', scope: ['caller-id'] });
    const statuses = async (headers: object, wrong: string) =>
      Promise.all(
        [pop({ ...call, token: wrong }), pop(call, headers)].map(async (one) => (await one).status),
      );
    assert.deepEqual(await statuses(bearer(more), more), [401, 200]);
    assert.deepEqual(await statuses(bearer(phone), phone), [401, 401]);
    assert.deepEqual(await statuses(basic('MyUser', 'MyPass'), 'x'), [401, 200]);
    assert.deepEqual(await statuses({}, ''), [401, 401]);
    // It opens nothing else in an address.
    assert.equal((await send(app.url, `/v1/caller-id?phone=8004321000&token=${token}`)).text, '');
    assert.equal((await send(app.url, `/v1/calls?user=MyUser&token=${token}`)).status, 401);
  });

  it('says in words what is wrong, and nothing to who may not ask', async () => {
    const good = { token, user: 'MyUser', phone: '8004321000' };
    for (const [query, words] of [
      [{ ...good, user: '' }, /user must be a text/],
      [{ token, user: 'MyUser' }, /Neither a telephone number nor a lead id/],
      [{ ...good, phone: 'x' }, /phone has no digits|phone /],
      [{ ...good, state: 'busy' }, /state must be ringing, answered, or ended/],
      [{ ...good, campaign: '1' }, /campaign is unknown here; \/pop takes token, user, phone/],
    ] as const) {
      const { status, text } = await pop(query);
      assert.equal(status, 400, text);
      assert.match(text, words);
      assert.equal((await pop({ ...query, token: 'x' })).status, 401);
    }
    const twice = await send(app.url, `/pop?token=${token}&user=a&user=b&phone=8004321000`);
    assert.deepEqual([twice.status, twice.text.includes('user must be one value')], [400, true]);
  });

  it('takes no call from a page of another origin, nor from who only looks', async () => {
    const good = { token, user: 'MyUser', phone: '8004321000' };
    events.length = 0;
    assert.equal((await pop(good, { 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await pop(good, {}, 'HEAD')).status, 404);
    assert.deepEqual(events, []);
  });

  it('says nothing of users that there are not', async () => {
    const [one, other] = [
      await pop({ token, user: 'MyUser', lead_id: '14246' }),
      await pop({ token, user: 'nobody', lead_id: '14246' }),
    ];
    assert.deepEqual([one.status, one.text], [other.status, other.text]);
  });

  it('writes the token into no event', () => {
    assert.ok(events.length > 0);
    assert.ok(!JSON.stringify(events).includes(token));
  });
});
