import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { fillOwn } from '../../stores/described-store.ts';
import { startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { notifyCall } from './call-fixture.ts';
import { createCardClient, type CardClient, type Form, formIn, seenIn, submitForm } from './card-fixture.ts';

describe('what an agent writes down of a call, on the card', () => {
  const events: LookupEvent[] = [];
  let test: TestApp;
  let ana: CardClient;
  before(async () => {
    test = await startTestApp(
      temporaryFolder(),
      async (store) => {
        await fillOwn(store, {
          lists: [1, 2].map((list_id) => ({ list_id, name: `List ${list_id}` })),
          leads: [
            ...[10, 20].map((lead_id) => ({ lead_id, list_id: 1, phone_number: `55123400${lead_id}` })),
            ...[30, 31].map((lead_id) => ({ lead_id, list_id: 1, phone_number: '5512340030' })),
            ...[40, 41].map((lead_id) => ({ lead_id, list_id: 2, phone_number: '5512340040' })),
          ],
          users: [
            { name: 'MyUser', password: 'MyPass' },
            { name: 'ana', password: 'MyPass', rights: ['card', 'edit'], lists: [1] },
            { name: 'luis', password: 'MyPass', rights: ['card', 'edit'] },
            { name: 'reader', password: 'MyPass', rights: ['card', 'read'] },
          ],
        });
        const list = { listId: 1, name: 'List 1', statuses: ['SALE', 'CALLBK'], masked: [] };
        await store.records.putList(list, false);
      },
      { onEvent: (event) => events.push(event) },
    );
    ana = createCardClient(test.url);
    await ana.signIn('ana');
  });
  after(() => test.close());

  const ring = (phone: string, about: Readonly<Record<string, string>> = {}) =>
    notifyCall(test.url, { user: 'ana', phone, direction: 'inbound', state: 'answered', ...about });
  const submit = (form: Form, client = ana) => submitForm(test.url, client, '/card/call', form);
  const kept = async (callId: string) => test.store.calls.read(callId);

  it('is written while the call goes on and after it, and is the last call then', async () => {
    const callId = await ring('5512340010', { call_id: 'a', line: 'Ventas' });
    const page = await ana.get('/card?phone=5512340010');
    assert.match(seenIn(page), /This call just now · Incoming · Ventas/);
    const form = formIn(page, 'call');
    assert.deepEqual([form.call, form['f:outcome'], form['f:note']], [callId, '', '']);
    assert.match(page.text, /<option value="CALLBK">Call back \(CALLBK\)<\/option>/);
    const noted = await submit({ ...form, 'f:outcome': 'SALE', 'f:note': 'wants two\r\n<b>' });
    assert.match(noted.text, /data-done="Note added"/);
    const said = events.findLast(({ result }) => result === 'call_changed');
    assert.deepEqual([said?.user, said?.endpoint, said?.fields], ['ana', 'card', ['outcome', 'note']]);
    await ring('5512340010', { call_id: 'a', state: 'ended' });
    const after = await ana.get('/card?phone=5512340010');
    assert.match(
      seenIn(after),
      /Last call just now Incoming · ana · Sale made · Ventas .*Your last call .* Sale made wants two &lt;b&gt;/,
    );
    const edited = formIn(after, 'call');
    assert.deepEqual([edited['f:outcome'], edited['f:note']], ['SALE', 'wants two\r\n<b>']);
    await submit({ ...edited, 'f:note': '' });
    const { outcome, note, state } = (await kept(callId)) ?? {};
    assert.deepEqual([outcome, note, state], ['SALE', undefined, 'ended']);
  });

  it('is not lost where another tab wrote meanwhile, and the form says what', async () => {
    await ring('5512340020');
    const form = formIn(await ana.get('/card?phone=5512340020'), 'call');
    await submit({ ...form, 'f:note': 'first' });
    assert.match((await submit({ ...form, 'f:note': 'first' })).text, /data-done/);
    const again = await submit({ ...form, 'f:note': 'second', 'f:outcome': 'CALLBK' });
    assert.equal(again.status, 412);
    assert.match(
      again.text,
      /Somebody changed this meanwhile[^]*Note of the call<\/dt><dd class="lines">first/,
    );
    const mine = formIn(again, 'call');
    assert.deepEqual([mine['f:note'], mine['f:outcome']], ['second', 'CALLBK']);
    const saved = await submit(mine);
    assert.match(seenIn(saved), /Call back second/);
    const tooLong = await submit({ ...formIn(saved, 'call'), 'f:note': 'x'.repeat(4_001) });
    assert.equal(tooLong.status, 400);
    assert.match(tooLong.text, /Use fewer characters/);
    assert.equal(formIn(tooLong, 'call')['f:note'], 'x'.repeat(4_001));
  });

  it('is of the call that the form was opened for, also where a later one came meanwhile', async () => {
    const first = await ring('5512340020', { call_id: 'first' });
    const form = formIn(await ana.get('/card?phone=5512340020'), 'call');
    const second = await ring('5512340020', { call_id: 'second' });
    const saved = await submit({ ...form, 'f:note': 'of the first' });
    assert.equal(formIn(saved, 'call').call, second);
    assert.equal((await kept(first))?.note, 'of the first');
    assert.equal((await kept(second))?.note, undefined);
  });

  it('of a number that several people have, or nobody yet, becomes that of the customer who was chosen', async () => {
    const shared = await ring('5512340030');
    assert.equal((await kept(shared))?.leadId, undefined);
    const several = await ana.get('/card?phone=5512340030');
    assert.doesNotMatch(several.text, /\/card\/call/);
    const form = formIn(await ana.get('/card?lead=31&phone=5512340030'), 'call');
    await submit({ ...form, 'f:note': 'it was 31' });
    assert.equal((await kept(shared))?.leadId, 31);
    assert.match(seenIn(await ana.get('/card?lead=31')), /it was 31/);

    const unknown = await ring('5599990009');
    const page = await ana.get('/card?phone=5599990009');
    const noted = await submit({ ...formIn(page, 'call'), 'f:outcome': 'wrong number' });
    assert.match(seenIn(noted), /New number.*This call.*wrong number/);
    assert.match(noted.text, /data-done/);
    assert.deepEqual(
      [(await kept(unknown))?.outcome, (await kept(unknown))?.leadId],
      ['wrong number', undefined],
    );
    // The number is not that customer's.
    const other = await submit({ ...formIn(noted, 'call'), lead: '10', 'f:outcome': 'of whom?' });
    assert.match(other.text, /data-done/);
    assert.equal((await kept(unknown))?.outcome, 'of whom?');
    assert.equal((await kept(unknown))?.leadId, undefined);
  });

  it('is offered to nobody but the agent who had the call and may change customers, and taken from nobody else', async () => {
    const callId = await ring('5512340010', { call_id: 'mine' });
    const form = { ...formIn(await ana.get('/card?phone=5512340010'), 'call'), 'f:note': 'planted' };
    for (const user of ['luis', 'reader', 'MyUser']) {
      const other = createCardClient(test.url);
      await other.signIn(user);
      const page = await other.get('/card?phone=5512340010');
      assert.doesNotMatch(page.text, /\/card\/call/, user);
      const token = /name="token" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
      const refused = await submit({ ...form, token }, other);
      assert.equal(refused.status, 403, user);
    }
    const hidden = await ring('5512340040');
    const page = await ana.get('/card?phone=5512340040');
    assert.match(seenIn(page), /New number/);
    assert.doesNotMatch(page.text, /\/card\/call/);
    for (const id of [callId, hidden]) assert.equal((await kept(id))?.note, undefined);
  });

  it('says in words what a telephone system says of the end, until somebody says more', async () => {
    const luis = createCardClient(test.url);
    await luis.signIn('luis');
    const { account } = await test.store.accounts.read('luis');
    assert.ok(account);
    const about = {
      source: 'asterisk',
      account: account.id,
      user: 'luis',
      leadId: 10,
      mayBegin: true,
    } as const;
    const at = Date.now();
    await test.store.calls.report({ ...about, state: 'ended', outcome: 'NOANSWER', at });
    const page = await luis.get('/card?lead=10');
    assert.match(seenIn(page), /Last call just now luis · No answer/);
    assert.match(seenIn(await luis.get('/card?lead=10', { 'accept-language': 'es-MX' })), /No contestan/);
    const form = formIn(page, 'call');
    assert.equal(form['f:outcome'], '');
    assert.match(seenIn(await submit({ ...form, 'f:outcome': 'CALLBK' }, luis)), /luis · Call back/);
  });
});
