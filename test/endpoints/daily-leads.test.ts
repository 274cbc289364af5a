import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { PASSWORD } from '../service/lookup-fixture.ts';
import { PATH, queryFor, startFilledApp } from '../http/raw-socket.ts';
import { basic, bearer } from '../support/authorization.ts';
import { makeToken } from '../support/made-token.ts';
import { send, type Answer, type TestApp } from '../support/test-app.ts';
import { createCardClient } from './card/card-fixture.ts';

/** Nobody may see anything of the lead that is beyond the limit. */
function assertNothingOf(leadId: number, { text }: Answer): void {
  assert.ok(!text.includes(`Ñandú ${leadId}`) && !text.includes(String(5_500_000_000 + leadId)), text);
}

/** Until the next midnight, which is 25 hours away at most. */
function assertUntilMidnight({ headers }: Answer): number {
  const seconds = Number(headers['retry-after']);
  const midnight = new Date();
  midnight.setHours(24, 0, 0, 0);
  const left = (midnight.getTime() - Date.now()) / 1000;
  assert.ok(Math.abs(seconds - left) < 60 || seconds > 23 * 3_600, `${seconds} instead of ${left}`);
  return seconds;
}

describe('the answer to a lead beyond the different leads of a day', () => {
  let app: TestApp;
  before(async () => {
    app = await startFilledApp({ config: { dailyLeads: 2 } });
    for (const leadId of [1, 2]) {
      const { text } = await send(app.url, `${PATH}?${queryFor({ lead_id: String(leadId) })}`);
      assert.match(text, new RegExp(`Ñandú ${leadId}`));
    }
  });
  after(() => app.close());

  it('51: is 429 in the envelope of the documented API, in JSON and XML', async () => {
    for (const asked of [{ lead_id: '3' }, { phone_number: '5500000003' }]) {
      const json = await send(app.url, `${PATH}?${queryFor(asked)}`);
      assert.deepEqual([json.status, json.text], [429, '{"result":"error","message":"Too many requests"}']);
      assertUntilMidnight(json);
      const xml = await send(app.url, `${PATH}?${queryFor({ ...asked, responsetype: 'xml' })}`);
      assert.equal(xml.status, 429);
      assert.match(xml.text, /<message>Too many requests<\/message>/);
      assertNothingOf(3, xml);
    }
    const again = await send(app.url, `${PATH}?${queryFor({ lead_id: '2' })}`);
    assert.match(again.text, /Ñandú 2/);
  });

  it('51: is 429 in /v1, for a lead, a search and an item of many', async () => {
    const headers = basic('crm', PASSWORD);
    for (const target of ['/v1/leads/3', '/v1/leads?phone=5500000003']) {
      const answer = await send(app.url, target, { headers });
      assert.equal(answer.status, 429);
      const { code, title } = JSON.parse(answer.text) as { code: string; title: string };
      const words = "2 different leads may be read in a day, and today's are used up.";
      assert.deepEqual([code, title], ['rate_limited', words]);
      assert.equal(answer.headers.ratelimit, `"daily-leads";r=0;t=${assertUntilMidnight(answer)}`);
    }
    const many = await send(app.url, '/v1/leads/lookup', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ items: [{ lead_id: 3 }, { lead_id: 1 }] }),
    });
    assert.equal(many.status, 200);
    assertNothingOf(3, many);
    const { results } = JSON.parse(many.text) as {
      results: [{ problem: { code: string } }, { lead: { lead_id: number } }];
    };
    assert.equal(results[0].problem.code, 'rate_limited');
    assert.equal(results[1].lead.lead_id, 1);
  });

  it('51: is empty for a telephone, and a name where it is within', async () => {
    const secret = makeToken(app.store, { name: 'phones', scope: ['caller-id'] });
    const ask = async (leadId: number) =>
      (await send(app.url, `/v1/caller-id?phone=${5_500_000_000 + leadId}`, { headers: bearer(secret) }))
        .text;
    assert.deepEqual(
      [await ask(1), await ask(2), await ask(3), await ask(2)],
      ['Ñandú 1', 'Ñandú 2', '', 'Ñandú 2'],
    );
  });

  it('51: is a page of the card that says what still opens, in both languages', async () => {
    const client = createCardClient(app.url);
    await client.signIn('crm', PASSWORD);
    const english = await client.get('/card?lead=3', { 'accept-language': 'en' });
    assert.equal(english.status, 429);
    assert.match(
      english.text,
      /You may see 2 different customers in a day\. Those that you have seen today still open/,
    );
    const spanish = await client.get('/card?phone=5500000003', { 'accept-language': 'es' });
    assert.match(spanish.text, /Puede ver 2 clientes distintos en un día/);
    for (const page of [english, spanish])
      assertNothingOf(3, { ...page, text: page.text.replaceAll('5500000003', '') });
    assert.match((await client.get('/card?lead=2')).text, /Ñandú 2/);
  });
});
