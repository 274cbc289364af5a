import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { redactEvent, type LookupEvent } from '../../../src/core/lookup-event.ts';
import { readCallMessage } from '../../../src/endpoints/v1/calls.ts';
import { basic } from '../../support/authorization.ts';
import { loadDataset } from '../../support/dataset.ts';
import { makeToken } from '../../support/made-token.ts';
import { send, startTestApp, temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';

const USER = basic('MyUser', 'MyPass').authorization;

const ORIGIN = 'https://crm.example.com';

describe('POST /v1/calls', () => {
  let target: TestApp;
  let token = '';
  const events: LookupEvent[] = [];

  before(async () => {
    target = await startTestApp(temporaryFolder(), loadDataset, {
      config: { corsOrigins: [ORIGIN] },
      onEvent: (event) => events.push(event),
    });
    token = `Bearer ${makeToken(target.store, { name: 'pbx' })}`;
  });
  after(() => target.close());

  function notify(body: string, authorization = token, type = 'application/json'): Promise<Answer> {
    const headers = { 'content-type': type, ...(authorization === '' ? {} : { authorization }) };
    return send(target.url, '/v1/calls', { method: 'POST', headers, body });
  }

  it('takes a call, from a user or a token, in JSON or as a form', async () => {
    const answers = [
      await notify('{"user":"agent","phone":"8004321000","direction":"inbound","call_id":"1.2"}'),
      await notify('{"user":"agent","lead_id":14246}', USER),
      await notify(
        'user=agent&phone=%2B528004321000&lead_id=14246',
        token,
        'application/x-www-form-urlencoded',
      ),
    ];
    for (const { status, text } of answers) {
      assert.equal(status, 202, text);
      assert.match(text, /^\{"call":"[\w-]{12}"\}$/);
    }
  });

  it('says the same of a user that there is and one that there is not', async () => {
    const [one, other] = [
      await notify('{"user":"MyUser","lead_id":1}'),
      await notify('{"user":"x","lead_id":1}'),
    ];
    assert.deepEqual([one.status, one.text.length], [other.status, other.text.length]);
  });

  it('takes nothing from others', async () => {
    const body = '{"user":"agent","lead_id":14246}';
    for (const [authorization, status] of [
      ['', 401],
      ['Bearer x', 401],
      [basic('MyUser', 'Wr0ng').authorization, 401],
      [basic('noapi', 'MyPass').authorization, 401],
    ] as const) {
      const answer = await notify(body, authorization);
      assert.equal(answer.status, status);
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
      assert.ok(answer.headers['www-authenticate'] !== undefined);
    }
  });

  it('reads nothing of a body that comes without credentials', async () => {
    for (const [body, type] of [
      ['{"user":', 'application/json'],
      ['user=agent', 'application/x-www-form-urlencoded'],
      ['user', 'text/plain'],
      ['x'.repeat(70_000), 'application/json'],
    ] as const) {
      const { status, text } = await notify(body, '', type);
      assert.deepEqual(
        [status, (JSON.parse(text) as { code: string }).code],
        [401, 'credentials_invalid'],
        type,
      );
    }
  });

  it('takes JSON and forms alone, the latter up to 8 KiB', async () => {
    const form = 'application/x-www-form-urlencoded';
    const large = `user=agent&lead_id=14246&call_id=1&x=${'x'.repeat(8 * 1024)}`;
    const refused = await notify(large, token, form);
    assert.deepEqual([refused.status, refused.text.includes('larger than 8 KiB')], [413, true]);
    assert.equal((await notify('user=agent&lead_id=14246', token, 'text/plain')).status, 415);
    assert.equal((await notify(large.slice(0, 8 * 1024), token, form)).status, 202);
    const headers = { 'content-type': form, authorization: token };
    const other = await send(target.url, '/v1/leads/lookup', { method: 'POST', headers, body: 'items=1' });
    assert.equal(other.status, 415);
  });

  it('may be asked by a web page of a named origin, and by no other', async () => {
    const preflight = (origin: string) =>
      send(target.url, '/v1/calls', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
    const { status, headers } = await preflight(ORIGIN);
    assert.deepEqual([status, headers['access-control-allow-methods']], [204, 'POST, GET, HEAD']);
    assert.equal(
      headers['access-control-allow-headers'],
      'Authorization, Content-Type, If-None-Match, If-Match, Idempotency-Key',
    );
    const answered = await send(target.url, '/v1/calls', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: token, origin: ORIGIN },
      body: '{"user":"agent","lead_id":14246}',
    });
    assert.deepEqual([answered.status, answered.headers['access-control-allow-origin']], [202, ORIGIN]);
    const others = await preflight('https://evil.example.com');
    assert.deepEqual([others.status, others.headers['access-control-allow-origin']], [405, undefined]);
  });

  it('names what is wrong', async () => {
    for (const [body, status, fields] of [
      ['{"user":"agent"}', 400, undefined],
      ['{"lead_id":1}', 400, ['user']],
      [
        '{"user":"agent","phone":"abc","direction":"up","call_id":""}',
        400,
        ['call_id', 'direction', 'phone'],
      ],
      ['{"user":["agent"],"lead_id":{}}', 400, ['user', 'lead_id']],
      ['{"user":"agent","lead_id":1,"state":"busy","line":""}', 400, ['line', 'state']],
      ['[]', 400, ['body']],
      ['{"user":', 400, undefined],
      ['null', 400, ['body']],
    ] as const) {
      const answer = await notify(body);
      assert.equal(answer.status, status, body);
      const answered = JSON.parse(answer.text) as { fields?: readonly string[]; code: string };
      assert.deepEqual(answered.fields, fields, body);
    }
    const { status, headers } = await send(target.url, '/v1/calls', {
      method: 'PUT',
      headers: { authorization: token },
    });
    assert.deepEqual([status, headers.allow], [405, 'POST, GET, HEAD']);
  });

  it('passes on what was sent and no more', () => {
    const message = readCallMessage(
      { user: ' Ana ', phone: 8004321000, lead_id: null, note: 'x', __proto__: { a: 1 } },
      { country: 'MX' },
    );
    assert.ok('call' in message);
    assert.deepEqual(
      [message.user, JSON.stringify(message.call)],
      [' Ana ', '{"phone":"8004321000","state":"ringing"}'],
    );
  });

  it('takes no field twice: who chooses a part of a form chooses no agent', async () => {
    const form = 'application/x-www-form-urlencoded';
    const { status, text } = await notify('user=agent&phone=8004321000&user=boss', token, form);
    assert.deepEqual([status, text.includes('body has a field twice')], [400, true]);
  });

  it('takes no form from a web page, whose browser adds the credentials by itself', async () => {
    for (const [said, status] of [
      [{ 'sec-fetch-site': 'cross-site' }, 403],
      [{ 'sec-fetch-site': 'same-site' }, 403],
      [{ origin: 'http://evil.example.com' }, 403],
      [{ origin: 'null' }, 403],
      [{ 'sec-fetch-site': 'same-origin' }, 400],
      [{ origin: target.url }, 400],
      [{ 'sec-fetch-site': 'none' }, 202],
      [{}, 202],
    ] as const) {
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: USER,
        ...said,
      };
      const body = 'user=of-a-form&lead_id=14246';
      assert.equal(
        (await send(target.url, '/v1/calls', { method: 'POST', headers, body })).status,
        status,
        JSON.stringify(said),
      );
    }
  });

  it('keeps no number that is longer than a number is', async () => {
    const { status, text } = await notify(`{"user":"agent","phone":"8004321000${' '.repeat(60_000)}"}`);
    assert.deepEqual([status, text.includes('phone has more than 64 characters')], [400, true]);
  });

  it('takes five calls a second of one teller for one agent, and then those of others and for others', async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 14; at += 1)
      statuses.push((await notify(`{"user":"${at % 2 === 0 ? 'Busy ' : 'busy'}","lead_id":14246}`)).status);
    assert.deepEqual(statuses.slice(0, 10), Array(10).fill(202));
    assert.ok(statuses.slice(10).includes(429), statuses.join(' '));
    assert.equal((await notify('{"user":"idle","lead_id":14246}')).status, 202);
    assert.equal((await notify('{"user":"busy","lead_id":14246}', USER)).status, 202);
  });

  it('audits who notified whom of which call, and no more', async () => {
    events.length = 0;
    await notify('{"user":"MYUSER ","phone":"8004321000","call_id":"1.2"}');
    await notify('{"user":"MyUser","phone":"x"}');
    await notify('{"user":"Nobody","lead_id":14246}');
    assert.deepEqual(
      events
        .map((event) => redactEvent(event))
        .map(({ result, user, recipient, askedPhone }) => [result, user, recipient, askedPhone]),
      [
        ['call_notified', 'token:pbx', 'myuser', '********00'],
        ['call_notified', 'token:pbx', undefined, undefined],
      ],
    );
  });
});
