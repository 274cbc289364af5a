import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { fillOwn } from '../../stores/described-store.ts';
import { startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { notifyCall } from './call-fixture.ts';
import { createCardClient, formIn, seenIn, submitForm, type CardClient } from './card-fixture.ts';

describe('what happened before, on the card', () => {
  let test: TestApp;
  let editor: CardClient;
  let reader: CardClient;
  before(async () => {
    test = await startTestApp(temporaryFolder(), (store) =>
      fillOwn(store, {
        lists: [{ list_id: 1, name: 'Norte' }],
        leads: [10, 20, 30].map((lead_id) => ({
          ...{ lead_id, list_id: 1, first_name: `Name${lead_id}`, phone_number: `55123400${lead_id}` },
        })),
        users: [
          { name: 'MyUser', password: 'MyPass' },
          { name: 'editor', password: 'MyPass', rights: ['card', 'edit'] },
          { name: 'reader', password: 'MyPass', rights: ['card'] },
        ],
      }),
    );
    [editor, reader] = [createCardClient(test.url), createCardClient(test.url)];
    await editor.signIn('editor');
    await reader.signIn('reader');
  });
  after(() => test.close());

  const seenBy = async (client: CardClient, lead: number) => seenIn(await client.get(`/card?lead=${lead}`));

  async function note(lead: number, text: string): Promise<void> {
    const form = formIn(await editor.get(`/card?lead=${lead}`), 'note');
    await submitForm(test.url, editor, '/card/note', { ...form, text });
  }

  async function call(
    lead: number,
    line: string,
    said: { outcome?: string; note?: string } = {},
  ): Promise<void> {
    const about = { user: 'reader', direction: 'inbound', phone: `55123400${lead}`, line };
    const callId = await notifyCall(test.url, { ...about, call_id: line, state: 'answered' });
    await notifyCall(test.url, { ...about, call_id: line, state: 'ended' });
    await test.store.calls.amend(callId, { ...said, at: Date.now() });
  }

  /** Where the card leads to all that happened. */
  async function timelineFor(client: CardClient, lead: number) {
    const { text } = await client.get(`/card?lead=${lead}`);
    const [, href = ''] = /class="all"><a href="([^"]*)"/.exec(text) ?? [];
    assert.notEqual(href, '');
    return client.get(href.replaceAll('&amp;', '&'));
  }

  it('is nothing where there was nothing', async () => {
    for (const client of [editor, reader]) assert.doesNotMatch(await seenBy(client, 30), /Earlier|Last call/);
    assert.doesNotMatch((await reader.get('/card?lead=30')).text, /class="(?:all|told|earlier)"/);
  });

  it('is the next few calls and notes, without the call that stands above', async () => {
    await call(10, 'Ventas', { outcome: 'bought', note: 'wants <gold>' });
    await note(10, 'prefers the evening');
    await call(10, 'Cobranza', { outcome: 'paid' });
    const seen = await seenBy(reader, 10);
    assert.match(seen, /Last call just now Incoming · reader · paid · Cobranza/);
    assert.match(
      seen,
      /Earlier calls and notes just now Note · editor prefers the evening just now Incoming · reader · bought · Ventas wants &lt;gold&gt; Everything that happened/,
    );
    assert.equal(seen.match(/Cobranza/g)?.length, 1);
    // With the forms are the notes.
    const edited = await seenBy(editor, 10);
    assert.match(
      edited,
      /Earlier calls just now Incoming · reader · bought · Ventas wants &lt;gold&gt; Notes/,
    );
    assert.equal(edited.match(/prefers the evening/g)?.length, 1);
    const spanish = seenIn(await reader.get('/card?lead=10', { 'accept-language': 'es-MX' }));
    assert.match(spanish, /Llamadas y notas anteriores/);
  });

  it('has the last call once more where something was noted of it, and leads on where it is all', async () => {
    await call(20, 'Soporte');
    const { text } = await reader.get('/card?lead=20');
    assert.doesNotMatch(text, /Earlier/);
    assert.match(text, /Everything that happened/);
    await call(20, 'Quejas', { note: 'angry' });
    assert.match(
      await seenBy(reader, 20),
      /Earlier calls just now Incoming · reader · Quejas angry just now Incoming · reader · Soporte/,
    );
  });

  it('is a few entries of any number', async () => {
    for (let at = 0; at < 7; at += 1) await note(30, `note ${at}`);
    const seen = await seenBy(reader, 30);
    assert.deepEqual(seen.match(/note \d/g), ['note 6', 'note 5', 'note 4', 'note 3']);
  });

  it('leads everybody to all that happened, and offers to take back only to those who may', async () => {
    const form = formIn(await editor.get('/card?lead=10'), 'status');
    await submitForm(test.url, editor, '/card/edit', { ...form, 'f:status': 'VIP' });
    const [edited, read] = [await timelineFor(editor, 10), await timelineFor(reader, 10)];
    for (const page of [edited, read]) {
      assert.equal(page.status, 200);
      assert.match(seenIn(page), /Changed .*VIP.* Incoming call .*wants &lt;gold&gt;/);
    }
    assert.match(edited.text, /action="\/card\/undo"/);
    assert.doesNotMatch(read.text, /\/card\/undo/);
  });

  it('names no masked number where all that happened is', async () => {
    const { records } = test.store;
    await records.putList({ listId: 1, name: 'Norte', statuses: [], masked: ['phone_number'] }, false);
    const { text } = await reader.get('/card?phone=5512340020');
    const [, href = ''] = /class="all"><a href="([^"]*)"/.exec(text) ?? [];
    for (const page of [text, (await reader.get(href)).text]) {
      assert.match(page, /Quejas/);
      assert.doesNotMatch(page, /5512340020|55 1234 0020/);
    }
  });

  it('leads at home from each call to its customer, also where the number is masked', async () => {
    const { records } = test.store;
    for (const masked of [['phone_number'], []]) {
      await records.putList({ listId: 1, name: 'Norte', statuses: [], masked }, false);
      await notifyCall(test.url, { user: 'reader', phone: '5599990000', line: 'Nadie', call_id: 'Nadie' });
      const number = masked.length === 0 ? /55 9999 0000/ : /\*{4} 00 Nadie/;
      // What the lists mask is known for a moment.
      await until('masked or not', async () => number.test(seenIn(await reader.get('/card'))));
      const { text } = await reader.get('/card');
      const links = [...text.matchAll(/<a href="([^"]*)"><time[^]*?<span class="name">([^<]*)/g)];
      const names = links.map(([, , name = '']) => name);
      assert.ok(names.includes('Name10') && names.includes('Name20'), names.join());
      assert.equal(names.length, masked.length === 0 ? 5 : 4);
      for (const [, href = '', name = ''] of links) {
        const card = await reader.get(href.replaceAll('&amp;', '&'));
        const who = name.startsWith('Name') ? name : 'New number';
        assert.ok(seenIn(card).includes(who), `${name}: ${seenIn(card)}`);
      }
    }
  });

  it('shows neither notes nor what was noted of calls where these are masked, also after a move', async () => {
    const { records } = test.store;
    await records.putList({ listId: 1, name: 'Norte', statuses: [], masked: ['notes'] }, false);
    await records.putList({ listId: 2, name: 'Sur', statuses: [], masked: [] }, true);
    const check = async () => {
      const pages = [await reader.get('/card?lead=10'), await timelineFor(reader, 10)];
      for (const { text } of pages) {
        assert.match(text, /bought/);
        assert.doesNotMatch(text, /gold|prefers the evening/);
      }
    };
    await check();
    const form = formIn(await editor.get('/card?lead=10'), 'list_id');
    await submitForm(test.url, editor, '/card/edit', { ...form, 'f:list_id': '2', 'n:list_id': '2' });
    assert.match(await seenBy(reader, 10), /Sur/);
    await check();
  });
});
