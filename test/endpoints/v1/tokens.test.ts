import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { makeTokenSecret } from '../../../src/auth/secrets.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { fillEmbedded } from '../../stores/described-store.ts';
import { basic, bearer } from '../../support/authorization.ts';
import { makeToken } from '../../support/made-token.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';

const NUMBER = '5500000001';

const DESCRIPTION = {
  lists: [
    { list_id: 100, name: 'North' },
    { list_id: 200, name: 'South' },
  ],
  leads: [
    { lead_id: 1, list_id: 100, phone_number: NUMBER, lastLocalCallTime: '2026-05-01 10:00:00' },
    { lead_id: 2, list_id: 200, phone_number: NUMBER },
    { lead_id: 3, list_id: 200, phone_number: '5500000003', alt_phone: NUMBER },
  ],
  users: [
    { name: 'crm', password: { verifier: CHEAP_VERIFIER } },
    { name: 'noapi', password: { verifier: CHEAP_VERIFIER }, rights: [] },
  ],
};

function idsOf(text: string): readonly number[] {
  const { leads } = JSON.parse(text) as { leads: { lead_id: number }[] };
  return leads.map(({ lead_id: id }) => id);
}

describe('tokens', () => {
  const folder = temporaryFolder();
  const events: LookupEvent[] = [];
  let app: TestApp;
  let good: string;
  let south: string;
  before(async () => {
    app = await startTestApp(folder, (store) => fillEmbedded(store, DESCRIPTION), {
      config: { audit: join(folder, 'audit'), metrics: ['127.0.0.1'] },
      onEvent: (event) => events.push(event),
    });
    good = makeToken(app.store, { name: 'good' });
    south = makeToken(app.store, { name: 'south', lists: [200] });
  });
  after(() => app.close());

  const get = (target: string, headers: Record<string, string>) => send(app.url, target, { headers });

  it('open /v1 as a user does, under their own name', async () => {
    for (const headers of [bearer(good), basic('crm', PASSWORD)]) {
      const { status, text } = await get('/v1/leads/1', headers);
      assert.equal(status, 200, text);
    }
    assert.deepEqual(
      events.slice(-2).map(({ user, endpoint, result, leadId }) => [user, endpoint, result, leadId]),
      [
        ['token:good', 'v1', 'found', 1],
        ['crm', 'v1', 'found', 1],
      ],
    );
  });

  it('1: that are unknown, expired, revoked or for another purpose are refused with the same bytes', async () => {
    const revoked = makeToken(app.store, { name: 'revoked' });
    await app.store.tokens.revoke('revoked');
    const others = [
      makeTokenSecret(),
      makeToken(app.store, { name: 'expired', expiresAt: Date.now() - 1 }),
      revoked,
      makeToken(app.store, { name: 'telephone', scope: ['caller-id'] }),
      `${good}x`,
      good.toUpperCase(),
      'cc_',
    ];
    const refusals = [];
    for (const secret of others) refusals.push(await get('/v1/leads/1', bearer(secret)));
    const [first] = refusals;
    assert.ok(first !== undefined);
    assert.deepEqual(
      first.headers['www-authenticate'],
      'Basic realm="callercard", charset="UTF-8", Bearer realm="callercard"',
    );
    for (const { status, text, headers } of refusals) {
      assert.equal(status, 401);
      assert.equal(text, first.text);
      assert.deepEqual({ ...headers, date: '' }, { ...first.headers, date: '' });
    }
  });

  it('are spoken of where one was sent, a password where a name came, and both where nothing did', async () => {
    const titleOf = async (headers: Record<string, string>) => {
      const { status, text } = await get('/v1/leads/1', headers);
      assert.equal(status, 401);
      return (JSON.parse(text) as { readonly title: string }).title;
    };
    assert.match(await titleOf(bearer('cc_')), /^The token is unknown/);
    const wrong = await titleOf(basic('crm', 'wrong'));
    assert.equal(wrong, 'The user name or the password is wrong.');
    assert.equal(await titleOf(basic('nobody', 'wrong')), wrong);
    for (const headers of [{}, { authorization: 'Digest x' }])
      assert.match(await titleOf(headers), /^Send a user name and a password \(HTTP Basic\), or a token/);
  });

  it('13: that are revoked are refused from the next request on', async () => {
    const secret = makeToken(app.store, { name: 'leaver' });
    assert.equal((await get('/v1/leads/1', bearer(secret))).status, 200);
    await app.store.tokens.revoke('leaver');
    assert.equal((await get('/v1/leads/1', bearer(secret))).status, 401);
  });

  it('12: see their lists alone, before a winner is chosen, as if nothing else existed', async () => {
    const hidden = await get('/v1/leads/1', bearer(south));
    const absent = await get('/v1/leads/9', bearer(south));
    assert.equal(hidden.status, 404);
    assert.equal(hidden.text.replace(' 1.', ' 9.'), absent.text);
    const search = await get(`/v1/leads?phone=${NUMBER}`, bearer(south));
    assert.deepEqual(idsOf(search.text), [2, 3]);
    assert.match(search.text, /^{"total":2,/);
    assert.deepEqual(idsOf((await get(`/v1/leads?phone=${NUMBER}`, bearer(good))).text), [1, 2, 3]);
    assert.equal((await get('/v1/lists/100/fields', bearer(south))).status, 404);
    assert.equal((await get('/v1/lists/200/fields', bearer(south))).status, 200);
  });

  it('do not open the documented protocol or the card, and one for telephones opens nothing but a name', async () => {
    const telephone = makeToken(app.store, { name: 'pbx', scope: ['caller-id'] });
    assert.equal((await get(`/v1/caller-id?phone=${NUMBER}&token=${telephone}`, {})).status, 200);
    assert.equal((await get('/v1/leads/1', bearer(telephone))).status, 401);
    const form = {
      method: 'POST',
      headers: { ...bearer(good), 'content-type': 'application/x-www-form-urlencoded' },
    };
    const documented = await send(app.url, '/goAPIv2/goAgent/goAPI.php', {
      ...form,
      body: 'goAction=goGetCustomerInfo&responsetype=json&lead_id=1',
    });
    assert.match(documented.text, /Invalid Username\/Password/);
  });

  it('a user without the right to the API gets another answer than a wrong password', async () => {
    assert.equal((await get('/v1/leads/1', basic('noapi', PASSWORD))).status, 403);
    assert.equal((await get('/v1/leads/1', basic('noapi', 'wrong'))).status, 401);
  });

  it('26, 27: every lead in an answer is one record, and no secret is anywhere', async () => {
    const items = [{ lead_id: 1 }, { lead_id: 2 }, { phone: NUMBER }, { lead_id: 99 }, { phone: 'abc' }];
    const before = events.length;
    const { text, status } = await send(app.url, '/v1/leads/lookup', {
      method: 'POST',
      headers: { ...bearer(south), 'content-type': 'application/json' },
      body: JSON.stringify({ items }),
    });
    assert.equal(status, 200);
    const { results } = JSON.parse(text) as {
      results: { lead?: { lead_id: number }; problem?: { code: string } }[];
    };
    assert.deepEqual(
      results.map(({ lead, problem }) => lead?.lead_id ?? problem?.code),
      ['lead_not_found', 2, 2, 'lead_not_found', 'parameter_malformed'],
    );
    assert.deepEqual(
      events
        .slice(before)
        .map(({ user, result, leadId }) => [user, result, leadId])
        .sort(),
      [
        ['token:south', 'found', 2],
        ['token:south', 'found', 2],
        ['token:south', 'lead_not_found', undefined],
        ['token:south', 'lead_not_found', undefined],
        ['token:south', 'parameter_malformed', undefined],
      ],
    );
    const audit = readdirSync(join(folder, 'audit')).map((name) =>
      readFileSync(join(folder, 'audit', name), 'latin1'),
    );
    assert.match(audit.join(''), /"result":"found","user":"token:south".*"leadId":2/);
    const metrics = (await get('/metrics', {})).text;
    assert.match(metrics, /endpoint="v1",key="lead_id",result="found"/);
    const stored = readdirSync(folder)
      .filter((name) => name.startsWith('test.db'))
      .map((name) => readFileSync(join(folder, name), 'latin1'));
    for (const kept of [...audit, ...stored, metrics]) {
      for (const secret of [good, south])
        assert.ok(!kept.includes(secret) && !kept.includes(secret.slice(3)));
    }
  });
});

describe('the limits of a token', () => {
  it('34: count every item, and wrong tokens are slowed without slowing others', async () => {
    const app = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, DESCRIPTION), {
      config: { rateLimit: 10 },
    });
    try {
      const [busy, other] = [makeToken(app.store, { name: 'busy' }), makeToken(app.store, { name: 'other' })];
      const items = Array.from({ length: 500 }, () => ({ phone: NUMBER }));
      const headers = { ...bearer(busy), 'content-type': 'application/json' };
      const body = JSON.stringify({ items });
      assert.equal((await send(app.url, '/v1/leads/lookup', { method: 'POST', headers, body })).status, 200);
      const refused = await send(app.url, '/v1/leads/1', { headers });
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers['retry-after']) > 30, refused.headers['retry-after']);
      assert.match(String(refused.headers.ratelimit), /^"lookups";r=0;t=\d+$/);
      const statuses = new Set<number>();
      for (let at = 0; at < 40; at += 1) {
        statuses.add((await send(app.url, '/v1/leads/1', { headers: bearer(makeTokenSecret()) })).status);
      }
      assert.deepEqual([...statuses].sort(), [401, 429]);
      assert.equal((await send(app.url, '/v1/leads/1', { headers: bearer(other) })).status, 200);
    } finally {
      await app.close();
    }
  });

  it('15: stop enumeration of ids, also within one request', async () => {
    const app = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, DESCRIPTION), {
      config: { enumerationLimit: 1 },
    });
    try {
      const secret = makeToken(app.store, { name: 'walker' });
      const items = Array.from({ length: 1_000 }, (_, at) => ({ lead_id: at + 1 }));
      const { text } = await send(app.url, '/v1/leads/lookup', {
        method: 'POST',
        headers: { ...bearer(secret), 'content-type': 'application/json' },
        body: JSON.stringify({ items }),
      });
      const { results } = JSON.parse(text) as { results: { problem?: { code: string } }[] };
      const slowed = results.filter(({ problem }) => problem?.code === 'rate_limited').length;
      assert.ok(slowed > 700 && slowed < 900, String(slowed));
    } finally {
      await app.close();
    }
  });
});
