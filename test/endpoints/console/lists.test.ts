import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Answer, TestApp } from '../../support/test-app.ts';
import { type CardClient, seenIn, tokenIn } from '../card/card-fixture.ts';
import { signInAtConsole, startConsoleApp } from './console-fixture.ts';

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

  it('keeps own fields as they are where its form is saved as it was shown', async () => {
    await save({ new: '1', list: '7003', name: 'Shown' });
    const fields = [
      { label: 'plan', caption: 'Plan, if any', type: 'SELECT', options: ['a;b', 'c ;', '<d>'] },
      { label: 'note', caption: 'Note', type: 'TEXT', options: [] },
    ] as const;
    await test.store.records.putFields(7003, fields);
    const { text } = await client.get('/console/lists?list=7003');
    const [, shown = ''] = /<textarea[^>]*>([^<]*)<\/textarea>/.exec(text) ?? [];
    const sent = shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    assert.equal((await save({ list: '7003', fields: sent }, 'fields')).status, 200);
    assert.deepEqual(await test.store.records.fields(7003), fields);
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
