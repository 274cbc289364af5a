import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { EVERY_RIGHT } from '../../../src/core/rights.ts';
import { recordsOf } from '../../audit/audit-fixture.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import { temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';
import { type CardClient, type Form, seenIn, submitForm, tokenIn } from '../card/card-fixture.ts';
import { ADA, signInAtConsole, startConsoleApp } from './console-fixture.ts';

const SPANISH = { 'accept-language': 'es-MX' };
const BY = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;

const folder = temporaryFolder();
let test: TestApp;
let client: CardClient;
before(async () => {
  const retention = [
    { listId: '*', days: 36_000 },
    { listId: 22_799_127, days: 1 },
  ] as const;
  test = await startConsoleApp({ config: { retention } }, folder);
  const verifier = makeCheapVerifier('planted-secret');
  await test.store.users.add({ name: 'some', verifier, rights: EVERY_RIGHT, lists: [22_799_127] });
  await test.store.records.addNote(2_000_006, 'call 33 3666 0004 <b>', BY);
  client = await signInAtConsole(test.url);
});
after(() => test.close());

async function send(path: string, form: Form, headers = {}): Promise<Answer> {
  const token = tokenIn(await client.get('/console/privacy'));
  return submitForm(test.url, client, `/console/privacy/${path}`, { token, ...form }, headers);
}

const personRecords = (result: string) =>
  recordsOf(join(folder, 'test-audit'), 'person').filter((record) => record.result === result);
/** The boxes that are ticked. */
const chosenIn = ({ text }: Answer) =>
  Array.from(text.matchAll(/name="lead" value="(\d+)" checked/g), ([, id]) => id);

describe('the page of privacy', () => {
  it('finds by a number who has it, had it, and who is noted with it; and by a name', async () => {
    const answer = await send('find', { text: '33 3666-0004' });
    assert.match(
      seenIn(answer),
      /2000004 Guadalupe Herrera 22799125 telephone number.*2000006 Rosa Mendoza Lara 22799127 note/,
    );
    assert.deepEqual(chosenIn(answer), ['2000004'], 'and offers the one whose number it is');
    const byName = await send('find', { text: 'guadalupe' });
    assert.match(seenIn(byName), /2000001 Guadalupe R Hernández Íñiguez/);
    assert.deepEqual(chosenIn(byName), []);
    assert.match(seenIn(await send('find', { text: '5599990000' })), /Nobody was found/);
    const found = personRecords('person_found').map(({ leadId, user, endpoint }) => [leadId, user, endpoint]);
    assert.deepEqual(found, [
      [2_000_004, 'Ada', 'console'],
      [2_000_006, 'Ada', 'console'],
    ]);
  });

  it('shows what is kept of chosen leads, in both languages, as text', async () => {
    const answer = await send('show', { lead: '2000006' });
    assert.match(seenIn(answer), /What is kept of a person: lead 2000006.*e-mail rosa\.mendoza@example\.com/);
    assert.match(answer.text, /note: call 33 3666 0004 &lt;b&gt;/);
    assert.match(seenIn(answer), /A number of this person|Files that were imported|imported/);
    const spanish = await send('find', { text: '#2000006' }, SPANISH);
    assert.match(seenIn(spanish), /Lo que se guarda de una persona.*correo electrónico rosa/);
    assert.equal((await send('show', { lead: '2999999' })).status, 404);
  });

  it('hands it over as files, for programs and to print', async () => {
    const json = await send('export', { lead: ['2000004', '2000006'], as: 'json' });
    assert.match(String(json.headers['content-disposition']), /attachment; filename="person-2000004\.json"/);
    const document = JSON.parse(json.text) as { by: string; leads: readonly { leadId: number }[] };
    assert.equal(document.by, 'Ada');
    assert.deepEqual(
      document.leads.map(({ leadId }) => leadId),
      [2_000_004, 2_000_006],
    );
    const page = await send('export', { lead: '2000006', as: 'page' }, SPANISH);
    assert.match(String(page.headers['content-disposition']), /person-2000006\.html/);
    assert.match(page.text, /<html lang="es">[^]*Lo que se guarda[^]*&lt;b&gt;/);
    assert.match(String(page.headers['cache-control']), /no-store/);
    const exported = personRecords('person_exported').map(({ leadId, user }) => [leadId, user]);
    assert.deepEqual(exported, [
      [2_000_004, 'Ada'],
      [2_000_006, 'Ada'],
      [2_000_006, 'Ada'],
    ]);
  });

  it('says what will go, and erases with the own password of the admin alone', async () => {
    const asked = await send('erase', { lead: '2000006' });
    assert.match(
      seenIn(asked),
      /This cannot be undone\..*lead 2000006: Rosa Mendoza Lara; 1 entry in its timeline/,
    );
    assert.match(asked.text, /name="own-password"/);
    for (const own of ['', 'wrong']) {
      const refused = await send('erase', { lead: '2000006', 'own-password': own });
      assert.equal(refused.status, 403);
      assert.match(seenIn(refused), /password was wrong, so nothing was erased.*lead 2000006/);
    }
    assert.ok((await test.store.records.read(2_000_006, 'every list')) !== undefined);
    assert.deepEqual(personRecords('person_erased'), []);
    const erased = await send('erase', { lead: '2000006', 'own-password': ADA.password });
    assert.equal(erased.status, 200);
    assert.match(
      seenIn(erased),
      /Receipt of the erasure.*By Ada Leads lead 2000006 Erased leads: 1, .*notes: 1/,
    );
    assert.equal(await test.store.records.read(2_000_006, 'every list'), undefined);
    const [, file = ''] = /base64,([\w+/=]+)"/.exec(erased.text) ?? [];
    const receipt = JSON.parse(Buffer.from(file, 'base64').toString()) as Record<string, unknown>;
    const [before, done] = personRecords('person_erased');
    assert.deepEqual([before?.leadId, before?.user, before?.endpoint], [2_000_006, 'Ada', 'console']);
    assert.equal(done?.receipt, receipt.digest);
    assert.doesNotMatch(erased.text, /Mendoza/);
  });

  it('counts whose time is over by the retention, and erases nobody', async () => {
    const before = await test.store.archive.countLeads();
    const answer = await send('due', {});
    assert.match(
      seenIn(answer),
      /all others 36000 0 .*22799127 1 \d+ .*Calls of nobody who is known, that would be erased: 0/,
    );
    assert.equal(await test.store.archive.countLeads(), before);
  });

  it('says what is missing, and takes no form of elsewhere', async () => {
    for (const [path, form] of [
      ['find', { text: '' }],
      ['find', { text: '!!' }],
      ['show', {}],
      ['export', { lead: 'x', as: 'json' }],
      ['erase', { lead: '0' }],
    ] as const) {
      const answer = await send(path, form);
      assert.equal(answer.status, 400, path);
      assert.match(answer.text, /role="alert"/);
    }
    for (const path of ['find', 'show', 'export', 'erase', 'due'])
      assert.equal((await send(path, { token: 'x', lead: '2000004', text: 'x' })).status, 403, path);
  });

  it('is refused to who does not see every list', async () => {
    const some = await signInAtConsole(test.url, { name: 'some', password: 'planted-secret' });
    const token = tokenIn(await some.get('/console/privacy'));
    const forms = [
      ['find', { text: '33 3666-0004' }],
      ['show', { lead: '2000004' }],
      ['export', { lead: '2000004', as: 'json' }],
      ['erase', { lead: '2000004' }],
      ['erase', { lead: '2000004', 'own-password': 'planted-secret' }],
      ['due', {}],
    ] as const;
    for (const [path, form] of forms) {
      const answer = await some.post(`/console/privacy/${path}`, { token, ...form });
      assert.equal(answer.status, 403, path);
      assert.doesNotMatch(answer.text, /Herrera/);
    }
    assert.ok((await test.store.records.read(2_000_004, 'every list')) !== undefined);
  });

  it('finds, hands over and erases somebody of whom there are only calls', async () => {
    const [phone, at] = ['55 9988 0022', Date.now()];
    const about = { source: 'api', account: '1', user: 'ana', state: 'ended', mayBegin: true } as const;
    await test.store.calls.report({ ...about, phone, numberKey: '525599880022', at, line: 'Ventas <b>' });
    const found = await send('find', { text: phone });
    assert.match(seenIn(found), /55 9988 0022: 1 call, of no customer/);
    assert.doesNotMatch(seenIn(found), /Nobody was found/);
    const shown = await send('show', { phone });
    assert.match(
      seenIn(shown),
      /of a person: calls.*Calls with the number, of no lead.*55 9988 0022, Ventas/,
    );
    assert.doesNotMatch(shown.text, /<b>/);
    const json = JSON.parse((await send('export', { phone, as: 'json' })).text) as {
      calls: readonly object[];
    };
    assert.partialDeepStrictEqual(json.calls, [{ phone, line: 'Ventas <b>', user: 'ana' }]);
    const asked = await send('erase', { phone }, SPANISH);
    assert.match(seenIn(asked), /1 llamada, de ningún cliente/);
    const erased = await send('erase', { phone, 'own-password': ADA.password });
    assert.match(seenIn(erased), /Receipt of the erasure.*calls: 1/);
    assert.match(seenIn(await send('find', { text: phone })), /Nobody was found/);
  });
});
