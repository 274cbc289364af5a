import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { searchRecords } from '../../../src/audit/search.ts';
import { EVERY_RIGHT, rightsOf } from '../../../src/core/rights.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import { temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';
import {
  type CardClient,
  createCardClient,
  fieldsIn,
  type Form,
  seenIn,
  submitForm,
  tokenIn,
} from '../card/card-fixture.ts';
import { signInAtConsole, startConsoleApp } from './console-fixture.ts';

const SPANISH = { 'accept-language': 'es-MX' };
const PASSWORD = 'planted-secret';

const folder = temporaryFolder();
let test: TestApp;
let client: CardClient;
before(async () => {
  test = await startConsoleApp({}, folder);
  const verifier = makeCheapVerifier(PASSWORD);
  const everyList = 'every list';
  await test.store.users.add({ name: 'some', verifier, rights: EVERY_RIGHT, lists: [22_799_127] });
  const rights = rightsOf(['card', 'admin']);
  await test.store.users.add({ name: 'reader', verifier, rights, lists: everyList });
  client = await signInAtConsole(test.url);
});
after(() => test.close());

async function search(form: Readonly<Record<string, string>>, by: CardClient = client): Promise<Answer> {
  const token = tokenIn(await by.get('/console/customers'));
  return by.post('/console/customers/search', { token, ...form });
}

/** The form of those who were found, with what is chosen of them. */
function chosenForm({ text }: Answer, leadIds: readonly number[], form: Form): Form {
  const [, found = ''] = /<form class="chosen"[^>]*>([^]*?)<\/form>/.exec(text) ?? [];
  const boxes = Array.from(found.matchAll(/name="chosen" value="([^"]*)"/g), ([, value = '']) => value);
  const chosen = boxes.filter((box) => leadIds.some((leadId) => box.startsWith(`${leadId}.`)));
  assert.equal(chosen.length, leadIds.length);
  return { ...fieldsIn(found), chosen, ...form };
}

const act = (form: Form, by: CardClient = client) => submitForm(test.url, by, '/console/customers/act', form);

/** The ids in the table, in its order. */
function idsIn({ text }: Answer): readonly number[] {
  return Array.from(text.matchAll(/name="chosen" value="(\d+)\./g), ([, id]) => Number(id));
}

async function stateOf(leadId: number) {
  return (await test.store.records.read(leadId, 'every list'))?.state ?? {};
}

/** The records of the audit, oldest first. */
async function recordsOf(user: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found = [];
  for await (const { fields } of searchRecords(join(folder, 'test-audit'), { user }, () => undefined))
    if (fields.user === user) found.push(fields);
  return found;
}

describe('the search of customers', () => {
  it('finds by name, e-mail and number as the card does, and says who was shown in the audit', async () => {
    const byName = await search({ text: 'guadalupe' });
    assert.deepEqual(
      idsIn(byName),
      [2_000_001, 2_000_004, 2_000_005].toSorted(
        (a, b) => idsIn(byName).indexOf(a) - idsIn(byName).indexOf(b),
      ),
    );
    assert.match(seenIn(byName), /3 customers/);
    assert.deepEqual(idsIn(await search({ text: 'guadalupe.hernandez@example.com' })), [2_000_001]);
    assert.deepEqual(idsIn(await search({ text: '(81) 4444-5555' })), [2_000_002]);
    const read = (await recordsOf('Ada')).filter(({ result }) => result === 'found');
    assert.deepEqual(read.at(-1)?.leadId, 2_000_002);
    assert.equal(read.at(-1)?.endpoint, 'console');
  });

  it('is narrowed by list, status and kind, with words and without', async () => {
    const cases: readonly [Record<string, string>, readonly number[]][] = [
      [{ text: 'guadalupe', list: '22799126' }, [2_000_005]],
      [{ text: 'guadalupe', customer: 'yes' }, [2_000_004, 2_000_001]],
      [{ text: 'guadalupe', customer: 'no' }, [2_000_005]],
      [{ text: 'guadalupe', status: 'NEW' }, [2_000_004]],
      [{ text: 'guadalupe', list: '77' }, []],
      [{ list: '22799127' }, [2_000_006, 2_000_001]],
      [{ list: '22799127', status: 'CALLBK', customer: 'yes' }, [2_000_006, 2_000_001]],
      [{ status: 'DNC' }, [2_000_002]],
      [{ list: '22799127', status: 'DNC' }, []],
      [{ list: 'all' }, []],
    ];
    for (const [form, ids] of cases) {
      const answer = await search(form);
      assert.deepEqual(idsIn(answer).toSorted(), [...ids].toSorted(), JSON.stringify(form));
      if (ids.length === 0) assert.match(seenIn(answer), /Nobody was found/);
    }
    const all = await search({});
    assert.deepEqual(idsIn(all).slice(0, 3), [2_000_006, 2_000_005, 2_000_004], 'the newest first');
    assert.match(seenIn(await search({ text: '2000001 nobody' })), /Nobody was found/);
  });

  it('goes on below an id, and from the beginning again', async () => {
    const answer = await search({ from: '2000004' });
    assert.equal(idsIn(answer)[0], 2_000_003);
    assert.match(seenIn(answer), /From the beginning/);
    assert.doesNotMatch(seenIn(answer), /Go on/);
  });

  it('shows no text of a customer as anything but text, and keeps what was searched for out of addresses', async () => {
    const answer = await search({ text: '5 script "><b>' });
    assert.doesNotMatch(answer.text, /"><b>/);
    const mallory = await search({ list: '22799125' });
    assert.match(mallory.text, /&lt;script&gt;/);
    assert.doesNotMatch(mallory.text, /<script>document|<img src=x/);
    assert.equal((await client.get('/console/customers?text=guadalupe')).text.includes('2000001'), false);
    assert.equal((await client.getOnce('/console/customers/search')).headers.location, '/console/customers');
  });

  it('says what cannot be searched for', async () => {
    for (const text of ['#x', '#0', '#99999999999']) {
      const answer = await search({ text });
      assert.equal(answer.status, 400);
      assert.match(seenIn(answer), /That is no lead id/);
    }
    assert.equal((await search({ text: 'a b c d e f g h i j' })).status, 400);
  });

  it('is in Spanish, too', async () => {
    const token = tokenIn(await client.get('/console/customers'));
    const answer = await client.post('/console/customers/search', { token, text: 'rosa' }, SPANISH);
    assert.match(seenIn(answer), /1 cliente .*Con los elegidos.*Mover a la lista/);
  });
});

describe('the record of a customer', () => {
  it('has all that is kept and what happened, and leads to the card without saying whose it is', async () => {
    await test.store.records.addNote(2_000_006, 'wants <gold>', {
      user: 'ana',
      endpoint: 'v1',
      requestId: 'r',
    });
    const answer = await search({ text: '#2000006' });
    const seen = seenIn(answer);
    assert.match(seen, /Rosa Mendoza Lara .*lead 2000006, Pólizas \(22799127\)/);
    assert.match(seen, /e-mail rosa\.mendoza@example\.com.*further numbers 5570010006 \(office\).*P-204817/);
    assert.match(answer.text, /note: wants &lt;gold&gt;/);
    assert.match(
      answer.text,
      /action="\/card" method="post">\s*<input[^>]*>\s*<input type="hidden" name="lead" value="2000006">/,
    );
    const token = tokenIn(answer);
    const card = await client.post('/card', { token, lead: '2000006' });
    assert.match(card.headers.location ?? '', /^\/card\?c=[\w-]+$/);
    assert.match((await client.get(card.headers.location ?? '')).text, /Rosa/);
    const opened = await client.post('/console/customers/open', { token, lead: '2000006' }, SPANISH);
    assert.match(seenIn(opened), /correo electrónico rosa\.mendoza.*nota: wants/);
    const [last] = (await recordsOf('Ada')).toReversed();
    assert.deepEqual([last?.result, last?.leadId, last?.endpoint], ['found', 2_000_006, 'console']);
  });

  it('is not there for who may not see its list, and one that was deleted has its past alone', async () => {
    const some = await signInAtConsole(test.url, { name: 'some', password: PASSWORD });
    assert.equal((await search({ text: '#2000002' }, some)).status, 404);
    assert.deepEqual(idsIn(await search({ status: 'DNC' }, some)), []);
    const before = await test.store.records.read(2_000_003, 'every list');
    assert.ok(before !== undefined);
    const by = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;
    await test.store.records.remove(2_000_003, before.state, by, {});
    const answer = await search({ text: '#2000003' });
    assert.match(seenIn(answer), /This customer was deleted.*deleted/);
    assert.doesNotMatch(answer.text, /action="\/card"/);
    assert.equal((await client.post('/console/customers/open', { token: tokenIn(answer) })).status, 400);
  });
});

describe('what is done with chosen customers', () => {
  it('moves them and sets their status, each as a change of its timeline that can be undone', async () => {
    const found = await search({ text: 'guadalupe' });
    const moved = await act(
      chosenForm(found, [2_000_004, 2_000_005], { what: 'move', 'to-list': '22799127' }),
    );
    assert.equal(moved.status, 200);
    assert.match(seenIn(moved), /Done for 2 customers/);
    assert.match(seenIn(moved), /Pólizas/, 'as they are now');
    assert.deepEqual(
      [(await stateOf(2_000_004)).list_id, (await stateOf(2_000_001)).list_id],
      [22_799_127, 22_799_127],
    );
    const set = await act(chosenForm(moved, [2_000_004], { what: 'status', 'to-status': 'SALE' }));
    assert.match(seenIn(set), /Done for 1 customer\./);
    const timeline = await test.store.records.timeline(2_000_004, { offset: 0, limit: 5 });
    const [newest] = timeline?.entries ?? [];
    assert.ok(newest?.type === 'change');
    assert.deepEqual([newest.user, newest.endpoint, newest.after], ['Ada', 'console', { status: 'SALE' }]);
    const audited = (await recordsOf('Ada')).filter(({ result }) => result === 'lead_changed');
    assert.deepEqual(
      audited.map(({ leadId }) => leadId),
      [2_000_004, 2_000_005, 2_000_004],
    );
  });

  it('says of each what was refused, and why; the others are done', async () => {
    await test.store.records.putList({ listId: 7_001, name: 'Strict', statuses: ['NEW'], masked: [] }, true);
    const found = await search({ text: 'guadalupe' });
    const moved = await act(chosenForm(found, [2_000_001], { what: 'move', 'to-list': '7001' }));
    const chosen = chosenForm(moved, [2_000_001, 2_000_005], { what: 'status', 'to-status': 'SALE' });
    const refused = await act(chosen);
    assert.equal(refused.status, 200);
    assert.match(seenIn(refused), /Done for 1 customer\. Not done: status .*: lead 2000001/);
    assert.deepEqual(
      [(await stateOf(2_000_001)).status, (await stateOf(2_000_005)).status],
      ['CALLBK', 'SALE'],
    );
    const none = await act(chosenForm(refused, [2_000_001], { what: 'move', 'to-list': '7999' }));
    assert.equal(none.status, 404);
    assert.match(seenIn(none), /There is no list 7999: lead 2000001/);
  });

  it('does nothing where something was chosen for another act than the one that was asked for', async () => {
    const found = await search({ text: 'rosa' });
    const before = await stateOf(2_000_006);
    const cases = [
      { what: 'move', 'to-list': '22799125', 'to-status': 'SALE' },
      { what: 'status', 'to-list': '22799125', 'to-status': 'SALE' },
      { what: 'export', 'to-list': '22799125' },
      { what: 'export', 'to-status': 'SALE' },
    ];
    for (const form of cases) {
      const answer = await act(chosenForm(found, [2_000_006], form));
      assert.equal(answer.status, 400, JSON.stringify(form));
      assert.match(seenIn(answer), /Nothing was done: a list or a status was chosen/);
    }
    assert.deepEqual(await stateOf(2_000_006), before);
  });

  it('changes nobody who is not as the page showed them', async () => {
    const found = await search({ text: 'rosa' });
    const form = chosenForm(found, [2_000_006], { what: 'status', 'to-status': 'SALE' });
    const { state = {} } = (await test.store.records.read(2_000_006, 'every list')) ?? {};
    const by = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;
    await test.store.records.change(2_000_006, state, { ...state, status: 'DNC' }, by, {});
    const answer = await act(form);
    assert.equal(answer.status, 412);
    assert.match(seenIn(answer), /Somebody else has changed this customer: lead 2000006/);
    assert.equal((await stateOf(2_000_006)).status, 'DNC');
  });

  it('exports all that are shown, as text of one cell each, and says so in the audit', async () => {
    const by = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;
    const state = { list_id: 22_799_125, first_name: '=1+1', phone_number: '8177779999' };
    await test.store.records.add(state, by, {});
    const found = await search({ list: '22799125' });
    const answer = await act(chosenForm(found, [], { what: 'export', all: '1' }));
    assert.match(String(answer.headers['content-type']), /^text\/csv/, seenIn(answer));
    assert.match(String(answer.headers['content-disposition']), /attachment; filename="customers\.csv"/);
    assert.match(answer.text, /^\uFEFFlead_id,list_id,.*formulas_escaped\n/);
    assert.equal(answer.text.match(/^\d+,22799125,/gm)?.length, idsIn(found).length);
    assert.match(answer.text, /,'=1\+1,/);
    const exported = (await recordsOf('Ada')).filter(({ action }) => action === 'export');
    assert.deepEqual(
      exported.map(({ leadIds }) => leadIds),
      [idsIn(found)],
    );
    assert.match(String(answer.headers['cache-control']), /no-store/);
  });

  it('says what is missing, and takes no form of elsewhere', async () => {
    const found = await search({ text: 'rosa' });
    const cases: readonly [Form, RegExp][] = [
      [chosenForm(found, [], { what: 'export' }), /Choose somebody first/],
      [chosenForm(found, [], { what: 'export', chosen: '2000006.x' }), /Choose somebody first/],
      [chosenForm(found, [2_000_006], { what: 'move' }), /Choose a list/],
      [chosenForm(found, [2_000_006], { what: 'status' }), /Write a status/],
      [chosenForm(found, [2_000_006], { what: 'delete' }), /./],
    ];
    for (const [form, says] of cases) {
      const answer = await act(form);
      assert.equal(answer.status, 400);
      assert.match(seenIn(answer), says);
    }
    const form = chosenForm(found, [2_000_006], { what: 'export' });
    assert.equal((await act({ ...form, token: 'x' })).status, 403);
    const agent = createCardClient(test.url);
    await agent.signIn();
    assert.equal((await agent.get('/console/customers')).status, 403);
  });

  it('needs the right edit for changes, and finds nobody by what is masked', async () => {
    await test.store.records.putList(
      { listId: 7_002, name: 'Masked', statuses: [], masked: ['status', 'phone_number'] },
      true,
    );
    const by = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;
    const state = { list_id: 7_002, first_name: 'Masked', phone_number: '8177778888', status: 'DNC' };
    await test.store.records.add(state, by, {});
    const reader = await signInAtConsole(test.url, { name: 'reader', password: PASSWORD });
    for (const form of [
      { text: 'masked', status: 'DNC' },
      { list: '7002', status: 'DNC' },
    ])
      assert.deepEqual(idsIn(await search(form, reader)), [], JSON.stringify(form));
    const found = await search({ list: '7002' }, reader);
    assert.match(seenIn(found), /Masked \*{4} 88/);
    const form = chosenForm(found, [...idsIn(found)], { what: 'status', 'to-status': 'SALE' });
    const answer = await act(form, reader);
    assert.equal(answer.status, 403);
    assert.match(seenIn(answer), /needs the right “edit”/);
    const file = await act({ ...form, what: 'export' }, reader);
    assert.doesNotMatch(file.text, /8177778888|DNC/);
  });
});
