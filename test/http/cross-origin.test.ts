import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';

import type { LookupEvent } from '../../src/core/lookup-event.ts';
import { LEADS_PATH, USERS_PATH } from '../../src/endpoints/goapi/other-actions.ts';
import { NON_AGENT_PATHS } from '../../src/endpoints/non-agent/non-agent.ts';
import { countHashes } from '../service/test-services.ts';
import { send } from '../support/test-app.ts';
import { createWatchedLog } from '../support/watched-log.ts';
import { PATH, queryFor, startFilledApp } from './raw-socket.ts';

const RIGHT = new URLSearchParams(queryFor({})).get('goPass') ?? '';
const NAMED = 'https://crm.example.com';

type Headers = Readonly<Record<string, string>>;

/** What browsers send for a page of another origin. */
const CROSS_ORIGIN: readonly Headers[] = [
  { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
  { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', Referer: 'https://evil.example/' },
  { 'Sec-Fetch-Site': 'same-site', Referer: 'https://wiki.example.com/' },
  { Origin: 'http://evil.example' },
  { Origin: 'null' },
  { Origin: 'http://127.0.0.1' },
  { Origin: `${NAMED}:8443` },
  { Referer: 'http://evil.example/page?with=query' },
  { Referer: 'http://127.0.0.1:1/' },
];

/** What programs, people and named pages send. */
const OWN: readonly ((url: string) => Headers)[] = [
  () => ({}),
  () => ({ 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }),
  () => ({ 'Sec-Fetch-Site': 'same-origin' }),
  () => ({ Origin: NAMED }),
  () => ({ Origin: NAMED, 'Sec-Fetch-Site': 'cross-site' }),
  () => ({ Referer: `${NAMED}/customers/7`, 'Sec-Fetch-Site': 'cross-site' }),
  (url) => ({ Origin: url }),
  (url) => ({ Referer: `${url}/docs` }),
  () => ({ Referer: 'not an address' }),
];

async function open(t: TestContext) {
  const events: LookupEvent[] = [];
  const running = await startFilledApp({
    config: { corsOrigins: [NAMED] },
    onEvent: (event) => events.push(event),
  });
  t.after(() => running.close());
  return { url: running.url, events };
}

/** Each endpoint that takes credentials: how it is asked, with a wrong password and a right one. */
function requestsWith(password: string): readonly [target: string, sent: Parameters<typeof send>[2]][] {
  const query = queryFor({ lead_id: '1', goPass: password });
  const user = new URLSearchParams(query).get('goUser') ?? '';
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return [
    [`${PATH}?${query}`, {}],
    [PATH, { method: 'POST', headers: form, body: query }],
    [`${LEADS_PATH}?${query.replace('goGetCustomerInfo', 'goGetLeadsInfo')}`, {}],
    [`${USERS_PATH}?${query.replace('goGetCustomerInfo', 'getLiveAgentInfo')}&user=x`, {}],
    [PATH, { method: 'POST', headers: form, body: query.replace('goGetCustomerInfo', 'goUpdateCustomer') }],
    ...NON_AGENT_PATHS.flatMap((path): [string, Parameters<typeof send>[2]][] => {
      const asked = new URLSearchParams({ user, pass: password, function: 'lead_all_info', lead_id: '1' });
      return [
        [`${path}?${asked.toString()}`, {}],
        [path, { method: 'POST', headers: form, body: asked.toString() }],
      ];
    }),
    ['/v1/leads/1', { headers: { authorization } }],
    ['/v1/leads?phone=5587654321', { headers: { authorization } }],
    ['/v1/calls', { method: 'POST', headers: { authorization, ...form }, body: 'phone=5587654321&user=x' }],
    ['/v1/caller-id?phone=5587654321', { headers: { authorization } }],
  ];
}

describe('a request that a browser makes for a page of another origin', () => {
  it('50: is refused by every endpoint before anything is counted, hashed, looked up or recorded', async (t) => {
    const { url, events } = await open(t);
    const before = countHashes();
    for (const headers of CROSS_ORIGIN) {
      for (const password of ['wrong', RIGHT]) {
        for (const [target, sent = {}] of requestsWith(password)) {
          const about = `${target} ${JSON.stringify(headers)}`;
          const answer = await send(url, target, { ...sent, headers: { ...sent.headers, ...headers } });
          if (target.includes('caller-id')) assert.deepEqual([answer.status, answer.text], [200, ''], about);
          else assert.equal(answer.status, 403, about);
          assert.doesNotMatch(answer.text, /lead_id|first_name|Invalid/, about);
        }
      }
    }
    assert.deepEqual([events.length, countHashes() - before], [0, 0]);
    // A hundred wrong passwords by now: nobody is locked.
    const { text } = await send(url, `${PATH}?${queryFor({ lead_id: '1' })}`);
    assert.match(text, /"result":"success"/);
  });

  it('50: is another one than what programs, people and pages of named origins send', async (t) => {
    const { url } = await open(t);
    for (const headersFor of OWN) {
      const headers = headersFor(url);
      const { status, text } = await send(url, `${PATH}?${queryFor({ lead_id: '1' })}`, { headers });
      assert.equal(status, 200, JSON.stringify(headers));
      assert.match(text, /"result":"success"/, JSON.stringify(headers));
    }
  });

  it('50: is told from its own pages behind a proxy, which names the host', async (t) => {
    const running = await startFilledApp({ config: { trustedProxies: ['127.0.0.1'] } });
    t.after(() => running.close());
    const target = `${PATH}?${queryFor({ lead_id: '1' })}`;
    const own = { 'X-Forwarded-Host': 'api.example.com', Origin: 'https://api.example.com' };
    assert.equal((await send(running.url, target, { headers: own })).status, 200);
    const other = { ...own, Origin: 'https://www.example.com' };
    assert.equal((await send(running.url, target, { headers: other })).status, 403);
    const port = { ...own, 'X-Forwarded-Host': 'api.example.com:443' };
    assert.equal((await send(running.url, target, { headers: port })).status, 200);
  });
});

describe('a refused origin', () => {
  it('is logged once, with the setting that lets it in, and no more than twenty are', async (t) => {
    const { log, lines } = createWatchedLog();
    const running = await startFilledApp({ config: { corsOrigins: [NAMED] }, log });
    t.after(() => running.close());
    const logged = () => lines.filter((line) => line.includes('corsOrigins'));
    for (const origin of [NAMED, 'null', 'no address', 'https://new.example', 'https://new.example'])
      await send(running.url, '/v1/leads/1', { headers: { origin } });
    assert.equal(logged().length, 1, logged().join(''));
    assert.match(logged()[0] ?? '', /"origin":"https:\/\/new\.example".*the setting corsOrigins names those/);
    const preflight = { origin: 'https://asks.example', 'access-control-request-method': 'GET' };
    await send(running.url, '/v1/leads/1', { method: 'OPTIONS', headers: preflight });
    assert.equal(logged().length, 2);
    for (let at = 0; at < 40; at += 1)
      await send(running.url, '/v1/leads/1', { headers: { origin: `https://n${at}.example` } });
    assert.equal(logged().length, 20);
  });
});
