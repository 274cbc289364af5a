import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { stateOf } from '../../../src/core/lead-state.ts';
import { RIGHT_BIT } from '../../../src/core/rights.ts';
import type { Answer, TestApp } from '../../support/test-app.ts';
import {
  createCardClient,
  type CardClient,
  type Form,
  fieldsIn,
  formIn,
  seenIn,
  startCardApp,
  submitForm,
  tokenIn,
} from './card-fixture.ts';

const LEAD = 2_000_001;
const EDITH_RIGHTS = RIGHT_BIT.card | RIGHT_BIT.edit;
const SPANISH = { 'accept-language': 'es-MX' };

describe('a customer on the card', () => {
  const events: LookupEvent[] = [];
  let test: TestApp;
  let edith: CardClient;
  before(async () => {
    test = await startCardApp({ onEvent: (event) => events.push(event) });
    edith = createCardClient(test.url);
    await edith.signIn('Edith');
  });
  after(() => test.close());

  const card = (lead = LEAD, client = edith) => client.get(`/card?lead=${lead}`);

  const submit = (path: string, form: Form, headers = {}, client = edith) =>
    submitForm(test.url, client, path, form, headers);

  async function change(key: string, values: Form, answer?: Answer): Promise<Answer> {
    const form = formIn(answer ?? (await card()), key);
    for (const name of Object.keys(values)) assert.ok(name in form || name === 'shared', `${name} in ${key}`);
    return submit('/card/edit', { ...form, ...values });
  }

  async function stateNow(lead = LEAD) {
    const stored = await test.store.records.read(lead, 'every list');
    assert.ok(stored);
    return stateOf(stored.customer);
  }

  const resultsSince = (start: number) => events.slice(start).map(({ result }) => result);

  it('has forms for those who may change it, and none for others, whose card asks the store for notes alone', async () => {
    const reader = createCardClient(test.url);
    await reader.signIn('MyUser');
    const asked: string[] = [];
    const { records } = test.store;
    const original = { ...records };
    for (const name of ['read', 'list', 'lists', 'fields', 'notes', 'timeline'] as const) {
      (records as unknown as Record<string, unknown>)[name] = (...sent: readonly unknown[]) => {
        asked.push(name);
        return (original[name] as (...all: readonly unknown[]) => unknown)(...sent);
      };
    }
    const { text } = await card(LEAD, reader);
    assert.match(text, /Guadalupe/);
    assert.doesNotMatch(text, /data-edit|\/card\/edit|\/card\/note|Everything that happened/);
    assert.doesNotMatch((await reader.get('/card?phone=5599990000')).text, /New customer/);
    // The lists say what of them is masked.
    assert.deepEqual(asked.splice(0).toSorted(), ['lists', 'notes']);
    assert.match((await card()).text, /data-edit="email"/);
    assert.deepEqual(asked.toSorted(), ['fields', 'lists', 'notes', 'read']);
    Object.assign(records, original);
  });

  it('is not changed by a form of another page, without a session, or by those who may only read', async () => {
    const before = await stateNow();
    const form = { ...formIn(await card(), 'email'), 'f:email': 'taken@example.com' };
    const reader = createCardClient(test.url);
    await reader.signIn('MyUser');
    const own = { ...form, token: tokenIn(await reader.get('/card')) };
    const refused = [
      await submit('/card/edit', { ...form, token: 'x' }),
      await submit('/card/edit', form, { 'sec-fetch-site': 'cross-site' }),
      await submit('/card/edit', form, { 'sec-fetch-site': 'same-site' }),
      await submit('/card/edit', form, { origin: 'https://other.example' }),
      await submit('/card/edit', form, {}, createCardClient(test.url)),
      await submit('/card/edit', own, {}, reader),
      await submit('/card/note', { ...own, text: 'planted' }, {}, reader),
      await submit('/card/undo', { ...own, change: '1' }, {}, reader),
      await submit('/card/new', { ...own, list_id: '22799127' }, {}, reader),
    ];
    for (const { text, status } of refused) {
      assert.match(text, /name="password"|may not use this page/);
      assert.ok(status === 200 || status === 403, String(status));
    }
    assert.deepEqual(await stateNow(), before);
  });

  it('changes in a field, says so, names the user in the audit, and is taken back', async () => {
    const start = events.length;
    const saved = await change('email', { 'f:email': 'new@example.com' });
    assert.match(saved.text, /data-done="Saved"/);
    assert.match(saved.text, /new@<wbr>example\.com/);
    const [changed] = events.slice(start).filter(({ result }) => result === 'lead_changed');
    assert.deepEqual(
      [changed?.user, changed?.endpoint, changed?.leadId, changed?.fields],
      ['Edith', 'card', LEAD, ['email']],
    );
    const [, toast = ''] = /<div class="toast"([^]*?)<\/div>/.exec(saved.text) ?? [];
    const undone = await submit('/card/undo', fieldsIn(toast), SPANISH);
    assert.match(undone.text, /data-done="Deshecho"/);
    assert.equal((await stateNow()).email, 'guadalupe.hernandez@example.com');
    const again = await submit('/card/undo', fieldsIn(toast));
    assert.equal(again.status, 409);
    assert.match(again.text, /cannot be undone any longer[^]*Back to the card/);
  });

  it('stays as it is where nothing was changed, whatever is stored', async () => {
    for (const lead of [LEAD, 2_000_002, 2_000_003, 14_246]) {
      const [before, answer] = [await stateNow(lead), await card(lead)];
      const start = events.length;
      for (const [, key = ''] of answer.text.matchAll(/data-edit="([^"]*)"[^]*?action="\/card\/edit"/g)) {
        const saved = await submit('/card/edit', formIn(answer, key));
        assert.doesNotMatch(saved.text, /data-done/, key);
      }
      assert.deepEqual(await stateNow(lead), before);
      assert.ok(!resultsSince(start).includes('lead_changed'));
    }
  });

  it('takes every kind of field, and gives it back', async () => {
    const kinds: readonly (readonly [key: string, values: Form, stored: Record<string, unknown>])[] = [
      ['name', { 'f:first_name': 'Lupe', 'f:title': '' }, { first_name: 'Lupe', title: undefined }],
      ['comments', { 'f:comments': 'One\r\nTwo <b>' }, { comments: 'One\nTwo <b>' }],
      ['address', { 'f:city': 'Zapopan' }, { city: 'Zapopan' }],
      ['date_of_birth', { 'f:date_of_birth': '1990-02-28' }, { date_of_birth: '1990-02-28' }],
      ['gender', { 'f:gender': 'M' }, { gender: 'M' }],
      ['alt_phone', { 'f:alt_phone': '' }, { alt_phone: undefined }],
      ['custom_info.visits', { 'n:custom_info.visits': '12' }, { 'custom_info.visits': 12 }],
      ['custom_info.notes', { 'f:custom_info.notes': '' }, { 'custom_info.notes': undefined }],
      ['status', { 'f:status': 'SALE' }, { status: 'SALE' }],
    ];
    const before = await stateNow();
    for (const [key, values, stored] of kinds) {
      const saved = await change(key, values);
      assert.match(saved.text, /data-done="Saved"/, key);
      const now = await stateNow();
      for (const [field, value] of Object.entries(stored)) assert.deepEqual(now[field], value, field);
      const [, toast = ''] = /<div class="toast"([^]*?)<\/div>/.exec(saved.text) ?? [];
      await submit('/card/undo', fieldsIn(toast));
    }
    const form = formIn(await card(), 'is_customer');
    delete form['f:is_customer'];
    await submit('/card/edit', form);
    assert.equal((await stateNow()).is_customer, false);
    await change('is_customer', {}).then((answer) =>
      submit('/card/edit', { ...formIn(answer, 'is_customer'), 'f:is_customer': '1' }),
    );
    assert.deepEqual(await stateNow(), before);
  });

  it('says beside the field what is wrong, in the reader’s language, and keeps what was typed', async () => {
    const faults = [
      ['phone_number', 'f:phone_number', 'call me', /no telephone number/, /no es un número de teléfono/],
      ['date_of_birth', 'f:date_of_birth', '1990-02-30', /no date/, /no es una fecha/],
      ['custom_info.visits', 'n:custom_info.visits', 'many', /whole number/, /número entero/],
      ['email', 'f:email', 'x'.repeat(1001), /cannot be stored/, /no se puede guardar/],
    ] as const;
    const before = await stateNow();
    for (const [key, name, typed, english, spanish] of faults) {
      for (const [words, headers] of [
        [english, {}],
        [spanish, SPANISH],
      ] as const) {
        const form = { ...formIn(await card(), key), [name]: typed };
        const answer = await submit('/card/edit', form, headers);
        assert.equal(answer.status, 400);
        assert.equal(formIn(answer, key)[name], typed);
        assert.match(answer.text, /<details class="edit" data-edit="[^"]*" open>/);
        assert.match(answer.text, /aria-invalid="true" aria-describedby="[^"]*-error"/);
        assert.match(answer.text, words);
      }
    }
    assert.deepEqual(await stateNow(), before);
  });

  it('shows what somebody else made of the same field, and nothing where it was another one', async () => {
    const read = await card();
    await change('email', { 'f:email': 'first@example.com' }, read);
    // Another field never conflicts.
    assert.match((await change('status', { 'f:status': 'NI' }, read)).text, /data-done="Saved"/);
    const late = await change('email', { 'f:email': 'second@example.com' }, read);
    assert.equal(late.status, 412);
    assert.match(
      late.text,
      /Edith changed this meanwhile \([^)]*\d{4}[^)]*\)[^]*first@example\.com[^]*Save mine[^]*Keep theirs/,
    );
    assert.equal((await stateNow()).email, 'first@example.com');
    assert.equal(formIn(late, 'email')['f:email'], 'second@example.com');
    const mine = await submit('/card/edit', formIn(late, 'email'));
    assert.match(mine.text, /second@<wbr>example\.com/);
    // Both wanted the same: there is nothing to decide.
    const same = await change('email', { 'f:email': 'second@example.com' }, read);
    assert.equal(same.status, 200);
  });

  it('has numbers with labels, which are added, changed and removed one by one', async () => {
    const all = async () => ((await stateNow(2_000_002)).numbers ?? []) as readonly object[];
    const { length } = await all();
    const numbers = async () => (await all()).slice(length);
    const read = await card(2_000_002);
    const add = (number: string, label: string) =>
      submit('/card/number', { ...formIn(read, 'number:new'), number, label });
    assert.match((await add('81 7777 0001', 'office')).text, /data-done="Saved"/);
    // By a form that knew nothing of the first.
    const both = await add('81 7777 0002', '');
    assert.deepEqual(await numbers(), [
      { label: 'office', number: '81 7777 0001' },
      { label: null, number: '81 7777 0002' },
    ]);
    assert.match((await edith.get('/card?phone=8177770002')).text, /81 7777 0002/);
    const [, key = ''] = /81 7777 0001[^]*?data-edit="(number:[^"]*)"/.exec(both.text) ?? [];
    const form = formIn(both, key);
    await submit('/card/number', { ...form, label: 'home' });
    assert.deepEqual(await numbers(), [
      { label: 'home', number: '81 7777 0001' },
      { label: null, number: '81 7777 0002' },
    ]);
    const gone = await submit('/card/number', { ...form, number: '81 7777 0003' });
    assert.equal(gone.status, 412);
    assert.match(gone.text, /81 7777 0003/);
    for (const wrong of ['', 'nothing']) assert.equal((await add(wrong, '')).status, 400);
    const [, last = ''] =
      /81 7777 0002[^]*?data-edit="(number:[^"]*)"/.exec((await card(2_000_002)).text) ?? [];
    await submit('/card/number', { ...formIn(await card(2_000_002), last), number: '' });
    assert.deepEqual(await numbers(), [{ label: 'home', number: '81 7777 0001' }]);
  });

  it('gets another number beside one that is none, which stays', async () => {
    const numbers = async () =>
      ((await stateNow()).numbers as readonly { readonly number: string }[]).map(({ number }) => number);
    const before = await numbers();
    assert.ok(before.includes('after 6 p.m.'));
    const form = { ...formIn(await card(), 'number:new'), number: '81 7777 0005', label: 'office' };
    assert.match((await submit('/card/number', form)).text, /data-done="Saved"/);
    assert.deepEqual(await numbers(), [...before, '81 7777 0005']);
    assert.equal((await submit('/card/number', { ...form, number: 'before 6 p.m.' })).status, 400);
    const undone = await test.store.records.timeline(LEAD, { offset: 0, limit: 1 });
    const [entry] = undone?.entries ?? [];
    assert.ok(entry?.type === 'change');
    await submit('/card/undo', { ...form, change: String(entry.changeId) });
    assert.deepEqual(await numbers(), before);
  });

  it('has notes, the last three on the card, and a timeline in pages', async () => {
    for (const text of ['first', 'second', 'third <b>', 'fourth\r\nline']) {
      const form = formIn(await card(2_000_003), 'note');
      await submit('/card/note', { ...form, text });
      // The same form again does nothing.
      await submit('/card/note', { ...form, text });
    }
    const empty = await submit('/card/note', { ...formIn(await card(2_000_003), 'note'), text: ' ' });
    assert.equal(empty.status, 400);
    assert.match(empty.text, /Write something first/);
    const { text } = await card(2_000_003);
    assert.match(text, /fourth\nline[^]*Edith · <time[^]*third &lt;b&gt;[^]*second/);
    assert.doesNotMatch(text, />first</);
    const [, all = ''] = /class="all"><a href="([^"]*)">All 4 notes/.exec(text) ?? [];
    const timeline = await edith.get(all);
    assert.match(timeline.text, /fourth\nline[^]*>first</);
    for (let at = 0; at < 26; at += 1) {
      await test.store.records.addNote(2_000_003, `more ${at}`, {
        user: 'ana',
        endpoint: 'v1',
        requestId: 'r',
      });
    }
    const [, older = ''] = /href="([^"]*)">Older/.exec((await edith.get(all)).text) ?? [];
    const second = await edith.get(older);
    assert.match(second.text, />more 0<[^]*>first</);
    assert.doesNotMatch(second.text, /Older|more 1</);
    const entries = (await edith.get((/href="([^"]*)">Newer/.exec(second.text) ?? [])[1] ?? '')).text;
    assert.equal(entries.match(/<li>/g)?.length, 25);
  });

  it('tells in the timeline what was before and after, and takes a change back from there', async () => {
    await change('address', { 'f:city': 'Monterrey' });
    const [, all = ''] = /class="all"><a href="([^"]*)"/.exec((await card()).text) ?? [];
    const { text } = await edith.get(all);
    assert.match(
      text,
      /Changed<[^]*Edith, card[^]*<dt>Town<\/dt>[^]*<del>Guadalajara<\/del>[^]*<ins>Monterrey<\/ins>/,
    );
    assert.doesNotMatch(all, /2000001|8133/);
    const [form = ''] = /<form action="\/card\/undo"[^]*?<\/form>/.exec(text) ?? [];
    await submit('/card/undo', fieldsIn(form));
    assert.equal((await stateNow()).city, 'Guadalajara');
    const spanish = (await edith.get(all, SPANISH)).text;
    assert.match(spanish, /Deshecho<[^]*Ciudad/);
  });

  it('is made of a number that nobody has, once, and names the one who has it', async () => {
    const { text } = await edith.get('/card?phone=5599990000');
    const [, href = ''] = /href="([^"]*)">New customer/.exec(text) ?? [];
    const page = await edith.get(href);
    const [, html = ''] = /<form action="\/card\/new"([^]*?)<\/form>/.exec(page.text) ?? [];
    const form = { ...fieldsIn(html), list_id: '22799127', first_name: 'Nadia' };
    assert.equal(fieldsIn(html).phone_number, '5599990000');
    assert.equal((await submit('/card/new', { ...form, list_id: '' })).status, 400);
    const wrong = await submit('/card/new', { ...form, phone_number: 'x' }, SPANISH);
    assert.match(wrong.text, /no es un número de teléfono[^]*Nadia|Nadia[^]*no es un número/);
    const made = await submit('/card/new', form);
    assert.match(made.text, /data-done="Customer added"[^]*Nadia/);
    assert.match((await submit('/card/new', form)).text, /Nadia/);
    const taken = await submit('/card/new', { ...form, once: '', first_name: 'Olga' });
    assert.equal(taken.status, 409);
    assert.match(taken.text, /belongs to lead \d+ of the same list/);
    const [, other = ''] = /href="([^"]*)">Open that customer/.exec(taken.text) ?? [];
    assert.match((await edith.get(other)).text, /Nadia/);
    const forced = await submit('/card/new', { ...form, once: '', first_name: 'Olga', shared: '1' });
    assert.match(forced.text, /data-done[^]*Olga/);
    assert.match((await edith.get('/card?phone=5599990000')).text, /2 people have/);
  });

  it('is looked for no faster than the rate limit allows, which the page says with its status', async () => {
    const limited = await startCardApp({ config: { rateLimit: 1 } });
    try {
      const client = createCardClient(limited.url);
      await client.signIn('Edith');
      const { text } = await client.get('/card?phone=5599991111');
      const [, href = ''] = /href="([^"]*)">Add this number to a customer/.exec(text) ?? [];
      const [, html = ''] =
        /<form action="\/card\/attach"([^]*?)<\/form>/.exec((await client.get(href)).text) ?? [];
      const form = { ...fieldsIn(html), who: 'guadalupe' };
      let found = await submitForm(limited.url, client, '/card/attach', form, {});
      for (let tries = 0; found.status === 200 && tries < 20; tries += 1) {
        found = await submitForm(limited.url, client, '/card/attach', form, {});
      }
      assert.equal(found.status, 429);
      assert.match(found.text, /That was too fast/);
      assert.ok(Number(found.headers['retry-after']) >= 1);
    } finally {
      await limited.close();
    }
  });

  it('gets a number that nobody has, found by name, by id or by another number', async () => {
    const { text } = await edith.get('/card?phone=5599991111');
    const [, href = ''] = /href="([^"]*)">Add this number to a customer/.exec(text) ?? [];
    const page = await edith.get(href);
    assert.match(page.text, /To whom does 55\u00a09999\u00a01111 belong\?/);
    const [, html = ''] = /<form action="\/card\/attach"([^]*?)<\/form>/.exec(page.text) ?? [];
    const find = (who: string) => submit('/card/attach', { ...fieldsIn(html), who });
    assert.match((await find('99')).text, /There is no lead 99/);
    assert.match((await find('nobody of this name')).text, /Nobody found for “nobody of this name”/);
    const peopleIn = (answer: Answer) =>
      [...answer.text.matchAll(/name="lead" value="(\d+)"/g)].map(([, lead]) => Number(lead));
    assert.equal(peopleIn(await find('5511112222')).length, 3);
    const named = await find('guadalupe');
    assert.deepEqual(peopleIn(named).toSorted(), [2_000_001, 2_000_004, 2_000_005]);
    assert.match(
      seenIn(named),
      /Guadalupe Herrera Customer Zapopan New lead 33 3666 0004 Guadalajara \(22799125\) Lead 2000004/,
    );
    const [, add = ''] = /<form action="\/card\/number"([^]*?)<\/form>/.exec(named.text) ?? [];
    const form = { ...fieldsIn(add), label: 'mobile' };
    // Nobody is chosen yet.
    assert.equal((await submit('/card/number', form)).status, 400);
    const [, chosen = ''] =
      /<form action="\/card\/number"([^]*?)<\/form>/.exec((await find('herrera')).text) ?? [];
    const added = await submit('/card/number', { ...fieldsIn(chosen), label: 'mobile' });
    assert.match(
      added.text,
      /data-done="Saved"[^]*Guadalupe Herrera[^]*is-matched[^]*mobile[^]*55 9999 1111/,
    );
    assert.match((await edith.get('/card?phone=5599991111')).text, /data-edit="name"/);
    const [, toast = ''] = /<div class="toast"([^]*?)<\/div>/.exec(added.text) ?? [];
    await submit('/card/undo', fieldsIn(toast));
    assert.match((await edith.get('/card?phone=5599991111')).text, /New number[^]*55 9999 1111/);
  });

  it('is taken back with its undo while it is as it was made, and its number is nobody’s again', async () => {
    const { text } = await edith.get('/card?phone=5599992222');
    const page = await edith.get((/href="([^"]*)">New customer/.exec(text) ?? [])[1] ?? '');
    const [, html = ''] = /<form action="\/card\/new"([^]*?)<\/form>/.exec(page.text) ?? [];
    const form = { ...fieldsIn(html), list_id: '22799127', first_name: 'Mistaken' };
    const made = await submit('/card/new', form);
    const [, toast = ''] = /<div class="toast"([^]*?)<\/div>/.exec(made.text) ?? [];
    const undone = await submit('/card/undo', fieldsIn(toast));
    assert.equal(undone.status, 404);
    assert.match(undone.text, /data-done="Taken back"[^]*New number[^]*55 9999 2222[^]*New customer/);
    assert.doesNotMatch(undone.text, /action="\/card\/undo"/);
    const again = await submit('/card/new', { ...form, once: '' });
    await submit('/card/edit', { ...formIn(again, 'email'), 'f:email': 'later@example.com' });
    const [, old = ''] = /<div class="toast"([^]*?)<\/div>/.exec(again.text) ?? [];
    assert.equal((await submit('/card/undo', fieldsIn(old))).status, 409);
    assert.match((await edith.get('/card?phone=5599992222')).text, /Mistaken/);
  });

  it('moves to another list that the user may see, unless somebody there has the number', async () => {
    const read = await card(2_000_003);
    assert.match(read.text, /<option value="22799125" selected>Guadalajara \(22799125\)<\/option>/);
    const [, lists = ''] = /<select[^>]*name="f:list_id"[^>]*>([^]*?)<\/select>/.exec(read.text) ?? [];
    assert.equal(lists.match(/<option/g)?.length, 3, 'no empty choice');
    const moved = await change('list_id', { 'f:list_id': '22799127' }, read);
    assert.match(moved.text, /data-done="Saved"[^]*<dd>Pólizas <small>22799127<\/small><\/dd>/);
    const [, toast = ''] = /<div class="toast"([^]*?)<\/div>/.exec(moved.text) ?? [];
    await submit('/card/undo', fieldsIn(toast));
    assert.equal((await stateNow(2_000_003)).list_id, 22_799_125);
    const none = await change('list_id', { 'f:list_id': '' });
    assert.equal(none.status, 400);
    const twin = { phone_number: '8166667777', list_id: 22_799_127, first_name: 'Twin' };
    await test.store.records.add(twin, { user: 'ana', endpoint: 'v1', requestId: 'r' }, {});
    const taken = await change('list_id', { 'f:list_id': '22799127' }, await card(2_000_003));
    assert.equal(taken.status, 409);
    assert.match(taken.text, /8166667777 belongs to lead \d+ of the same list/);
    await test.store.users.change('Edith', { rights: EDITH_RIGHTS, lists: [22_799_125] });
    assert.doesNotMatch((await card(2_000_003)).text, /data-edit="list_id"/);
    assert.equal(
      (await submit('/card/edit', { ...formIn(read, 'list_id'), 'f:list_id': '22799126' })).status,
      404,
    );
    await test.store.users.change('Edith', { rights: EDITH_RIGHTS, lists: 'every list' });
  });

  it('offers the statuses and options of its list, and keeps what is stored besides', async () => {
    const { records } = test.store;
    const list = { listId: 22_799_127, name: 'Pólizas', statuses: ['NEW', 'SALE'], masked: [] };
    await records.putList(list, false);
    const fields = await records.fields(22_799_127);
    const options = { plan: ['silver', 'gold'], channels: ['phone', 'mail'] } as Record<
      string,
      readonly string[]
    >;
    await records.putFields(
      22_799_127,
      fields.map((field) => ({ ...field, options: options[field.label] ?? [] })),
    );
    const read = await card();
    const { status } = await stateNow();
    assert.match(read.text, /<option value="NEW">New lead \(NEW\)/);
    assert.equal(formIn(read, 'status')['f:status'], status);
    assert.deepEqual(formIn(read, 'custom_info.channels')['f:custom_info.channels'], ['phone', 'whatsapp']);
    await change('custom_info.plan', { 'f:custom_info.plan': 'silver' });
    await change('custom_info.channels', { 'f:custom_info.channels': ['phone', 'mail'] });
    const now = await stateNow();
    assert.deepEqual([now['custom_info.plan'], now['custom_info.channels']], ['silver', 'phone,mail']);
    const wrong = await change('status', { 'f:status': 'OTHER' });
    assert.match(wrong.text, /one of those that the list offers/);
  });

  it('is changed by nobody any longer once the right is gone', async () => {
    const form = { ...formIn(await card(), 'email'), 'f:email': 'late@example.com' };
    await test.store.users.change('Edith', { rights: RIGHT_BIT.card, lists: 'every list' });
    assert.match((await submit('/card/edit', form)).text, /may not use this page[^]*edit/);
    assert.notEqual((await stateNow()).email, 'late@example.com');
  });
});
