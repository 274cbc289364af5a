import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { AuditFound } from '../../../src/core/audit-reader.ts';
import { EVERY_RIGHT } from '../../../src/core/rights.ts';
import { writeAuditCsv } from '../../../src/endpoints/console/audit/audit-csv.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import type { Answer, TestApp } from '../../support/test-app.ts';
import { type CardClient, createCardClient, seenIn, tokenIn } from '../card/card-fixture.ts';
import { signInAtConsole, startConsoleApp } from './console-fixture.ts';

let test: TestApp;
let client: CardClient;
before(async () => {
  test = await startConsoleApp();
  await test.store.users.add({
    name: '=cmd',
    verifier: makeCheapVerifier('planted-secret'),
    rights: EVERY_RIGHT,
    lists: [22_799_125],
  });
  const agent = createCardClient(test.url);
  await agent.signIn();
  for (const query of ['lead=14246', 'lead=2000001', 'phone=5599990000']) await agent.get(`/card?${query}`);
  await (
    await signInAtConsole(test.url, { name: '=cmd', password: 'planted-secret' })
  ).get('/card?lead=2000002');
  client = await signInAtConsole(test.url);
});
after(() => test.close());

async function search(form: Readonly<Record<string, string>>, path = 'search'): Promise<Answer> {
  const token = tokenIn(await client.get('/console/audit'));
  return client.post(`/console/audit/${path}`, { token, ...form });
}

describe('the page of the audit', () => {
  it('finds by user, by lead and by number who looked at whom', async () => {
    const byUser = seenIn(await search({ user: 'myuser' }));
    assert.match(byUser, /MyUser found lead 14246/);
    assert.match(byUser, /MyUser nobody found \*+00/);
    assert.doesNotMatch(byUser, /5599990000|Macias/);
    const byLead = seenIn(await search({ lead: '2000001' }));
    assert.match(byLead, /MyUser found lead 2000001/);
    assert.doesNotMatch(byLead, /14246/);
    const byNumber = seenIn(await search({ phone: '81 1111 2222' }));
    assert.match(byNumber, /MyUser found lead 2000001/);
    assert.doesNotMatch(byNumber, /14246/);
    assert.match(seenIn(await search({ user: 'MyUser', from: '2020-01-01', to: '2020-01-02' })), /0 records/);
  });

  it('records each search, with who searched', async () => {
    await search({ user: 'planted'.repeat(5_000) });
    assert.doesNotMatch((await search({ user: 'Ada' })).text, /(?:planted){20}/);
    await search({ lead: '14246' });
    assert.match(seenIn(await search({ user: 'Ada' })), /Ada audit read lead 14246 console 127\.0\.0\.1/);
  });

  it('exports what was found, with no text that a spreadsheet would take for a formula', async () => {
    const { headers, text } = await search({}, 'export');
    assert.match(String(headers['content-type']), /^text\/csv/);
    assert.match(String(headers['content-disposition']), /attachment/);
    assert.match(text, /"MyUser","127\.0\.0\.1","card","found","14246",""\r\n/);
    assert.match(text, /"'=cmd"/);
    assert.doesNotMatch(text, /"=cmd"/);
  });

  it('exports whatever is in a record as text of one cell, and keeps no copy of it', async () => {
    const texts = ['=1+1', ' =1+1', 'x;=1+1', '\uff1d1+1', '@a', '+52 55', '-1', 'a\n=1', 'a"\r\n"=1'];
    const row = { at: '', address: '', endpoint: '', what: '', leads: [] };
    for (const text of texts) {
      const rows = [{ ...row, user: text, about: text }];
      const [, line = ''] = writeAuditCsv({ rows, older: 0, isCut: false }).split(/\r\n(?="",)/);
      for (const cell of line.split('","')) assert.doesNotMatch(cell, /(?:^|[;\n])["\s]*[=+\-@\uff1d]/, text);
    }
    const { headers } = await search({}, 'export');
    assert.match(String(headers['cache-control']), /no-store/);
  });

  it('says in the file that it is not whole', () => {
    const lastOf = (found: Partial<AuditFound>) =>
      writeAuditCsv({ rows: [], older: 0, isCut: false, ...found })
        .split('\r\n')
        .slice(1, -1);
    assert.deepEqual(lastOf({}), []);
    assert.deepEqual(lastOf({ older: 7, isCut: true }), [
      '"","","","","incomplete: 7 older records are not in this file","",""',
      '"","","","","incomplete: not all records could be read in time","",""',
    ]);
  });

  it('shows times in UTC, as the days that it asks for', async (t) => {
    const zone = process.env.TZ;
    t.after(() => {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    });
    process.env.TZ = 'Pacific/Kiritimati';
    const [, at = ''] = /"(\d{4}-[^"]*Z)","MyUser"/.exec((await search({}, 'export')).text) ?? [];
    const answer = await search({ user: 'MyUser' });
    const utc = new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });
    assert.ok(seenIn(answer).includes(`${utc.format(Date.parse(at))} MyUser`), answer.text);
  });

  it('says what cannot be searched for', async () => {
    const cases: readonly [Record<string, string>, RegExp][] = [
      [{ lead: 'x' }, /no lead id/],
      [{ phone: '12' }, /no telephone number/],
      [{ from: '2027-01-02', to: '2027-01-01' }, /must not be after/],
      [{ from: 'yesterday' }, /must not be after/],
      [{ to: '9999-12-31' }, /must not be after/],
    ];
    for (const [form, says] of cases) {
      const answer = await search(form);
      assert.equal(answer.status, 400);
      assert.match(seenIn(answer), says);
      assert.equal((await search(form, 'export')).status, 400);
    }
  });

  it('is refused to who does not see every list, and to forms of elsewhere', async () => {
    const limited = await signInAtConsole(test.url, { name: '=cmd', password: 'planted-secret' });
    const token = tokenIn(await limited.get('/console/audit'));
    const answer = await limited.post('/console/audit/search', { token, user: 'MyUser' });
    assert.equal(answer.status, 403);
    assert.doesNotMatch(answer.text, /14246/);
    assert.equal((await client.post('/console/audit/export', {})).status, 403);
  });
});
