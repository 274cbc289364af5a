import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Answer, TestApp } from '../../support/test-app.ts';
import { type CardClient, seenIn, tokenIn } from '../card/card-fixture.ts';
import { ADA, signInAtConsole, startConsoleApp } from './console-fixture.ts';

let test: TestApp;
let client: CardClient;
before(async () => {
  test = await startConsoleApp();
  client = await signInAtConsole(test.url);
});
after(() => test.close());

async function save(form: Readonly<Record<string, string>>, path = 'save'): Promise<Answer> {
  const token = tokenIn(await client.get('/console/lists'));
  return client.post(`/console/lists/${path}`, { token, ...form });
}

describe('the page of lists', () => {
  it('makes a list, renames it, and sets its statuses, masked fields and own fields', async () => {
    assert.match(seenIn(await save({ new: '1', list: '7001', name: 'Renewals' })), /Saved\..*7001 Renewals/);
    await save({ list: '7001', name: 'Pólizas <b>', statuses: 'NEW, SALE', masked: 'email' });
    const list = await test.store.records.list(7001);
    assert.deepEqual(list, {
      listId: 7001,
      name: 'Pólizas <b>',
      statuses: ['NEW', 'SALE'],
      masked: ['email'],
    });
    const fields = 'policy; Policy number\nplan; Plan; select; gold,silver';
    const answer = await save({ list: '7001', fields }, 'fields');
    assert.match(answer.text, /policy; Policy number; TEXT\nplan; Plan; SELECT; gold,silver<\/textarea>/);
    assert.doesNotMatch(answer.text, /Pólizas <b>/);
  });

  /** The forms of a list, as a browser would send them back. */
  async function formsOf(list: string) {
    const { text } = await client.get(`/console/lists?list=${list}`);
    const plain = (shown = '') => shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    const valueOf = (name: string) =>
      plain(new RegExp(` name="${name}"[^>]* value="([^"]*)"`).exec(text)?.[1]);
    const [name, statuses, masked, seen] = ['name', 'statuses', 'masked', 'seen'].map(valueOf) as [
      ...[string, string, string, string],
    ];
    const [, fields] = /<textarea[^>]*>([^<]*)<\/textarea>/.exec(text) ?? [];
    return {
      settings: { list, seen, name, statuses, masked },
      fields: { list, seen, fields: plain(fields) },
    };
  }

  it('keeps a list as it is where its forms are saved as they were shown', async () => {
    const list = { listId: 7003, name: 'Shown', statuses: ['NEW'], masked: ['custom_info.a, b'] };
    const fields = [
      { label: 'plan', caption: 'Plan, if any; or none', type: 'SELECT', options: ['a;b', ' c ;', '<d>'] },
      { label: 'a, b', caption: 'Note; TEXT', type: 'TEXT', options: [] },
    ] as const;
    await test.store.records.putList(list, true);
    await test.store.records.putFields(7003, fields);
    const forms = await formsOf('7003');
    assert.equal((await save(forms.settings)).status, 200);
    assert.equal((await save(forms.fields, 'fields')).status, 200);
    assert.deepEqual(await test.store.records.list(7003), list);
    assert.deepEqual(await test.store.records.fields(7003), fields);
    await save({ ...forms.settings, name: 'Renamed' });
    assert.deepEqual(await test.store.records.list(7003), { ...list, name: 'Renamed' });
  });

  it('takes back nothing that somebody else has changed since the form was shown', async () => {
    const list = { listId: 7004, name: 'Before', statuses: [], masked: [] };
    const fields = [{ label: 'plan', caption: 'Plan', type: 'TEXT', options: [] }] as const;
    await test.store.records.putList(list, true);
    const forms = await formsOf('7004');
    await test.store.records.putList({ ...list, masked: ['email'] }, false);
    await test.store.records.putFields(7004, fields);
    for (const [form, path] of [
      [{ ...forms.settings, name: 'Mine' }, 'save'],
      [{ ...forms.fields, fields: 'other' }, 'fields'],
    ] as const) {
      const answer = await save(form, path);
      assert.equal(answer.status, 412);
      assert.match(answer.text, /role="alert">Somebody else has changed this list/);
      assert.match(answer.text, /name="masked"[^>]* value="email"/);
    }
    assert.deepEqual(await test.store.records.list(7004), { ...list, masked: ['email'] });
    assert.deepEqual(await test.store.records.fields(7004), fields);
  });

  it('shows what was typed again where it is not possible', async () => {
    await save({ new: '1', list: '7005', name: 'Kept' });
    const { settings, fields } = await formsOf('7005');
    const wrong = await save({ ...settings, statuses: 'NEW, SALE', masked: 'password' });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /value="NEW, SALE"[^]*value="password"/);
    const answer = await save({ ...fields, fields: 'a; b; NOTYPE' }, 'fields');
    assert.match(answer.text, />a; b; NOTYPE<\/textarea>/);
  });

  it('shows a field that was masked only by the own password of the admin', async () => {
    await save({ new: '1', list: '7004', name: 'Masked' });
    assert.equal(
      (await save({ list: '7004', masked: 'email, phone_number' })).status,
      200,
      'masking needs none',
    );
    const masked = async () => (await test.store.records.list(7004))?.masked;
    for (const own of [{}, { 'own-password': '' }, { 'own-password': 'wrong' }]) {
      for (const fields of ['', 'email', 'email, address1']) {
        const answer = await save({ list: '7004', masked: fields, ...own });
        assert.equal(answer.status, 403);
        assert.match(seenIn(answer), /A field would no longer be masked: that needs your own password/);
        assert.match(answer.text, /name="own-password"/);
      }
      assert.deepEqual(await masked(), ['email', 'phone_number']);
    }
    assert.equal((await save({ list: '7004', masked: 'phone_number, email, address1' })).status, 200);
    await save({ list: '7004', masked: 'email', 'own-password': ADA.password });
    assert.deepEqual(await masked(), ['email']);
  });

  it('says what is wrong, and changes nothing', async () => {
    await save({ new: '1', list: '7002', name: 'Kept' });
    const cases: readonly [Record<string, string>, string, number][] = [
      [{ new: '1', list: '7002', name: 'Twice' }, 'save', 409],
      [{ new: '1', list: 'x', name: 'None' }, 'save', 400],
      [{ list: '7999', name: 'None' }, 'save', 404],
      [{ list: '7002', name: 'x'.repeat(200) }, 'save', 400],
      [{ list: '7002', masked: 'password' }, 'save', 400],
      [{ list: '7002', fields: 'a; b; NOTYPE' }, 'fields', 400],
    ];
    for (const [form, path, status] of cases) {
      const answer = await save(form, path);
      assert.equal(answer.status, status, JSON.stringify(form));
      assert.match(answer.text, /role="alert"/);
    }
    assert.equal((await test.store.records.list(7002))?.name, 'Kept');
    assert.equal((await client.post('/console/lists/save', { list: '7002', name: 'x' })).status, 403);
  });
});
