import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { searchRecords } from '../../../src/audit/search.ts';
import { EVERY_RIGHT, RIGHT_BIT } from '../../../src/core/rights.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import { bearer } from '../../support/authorization.ts';
import { runSql } from '../../support/run-sql.ts';
import { send, temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';
import { type CardClient, createCardClient, seenIn, tokenIn } from '../card/card-fixture.ts';
import { ADA, signInAtConsole, startConsoleApp } from './console-fixture.ts';

const folder = temporaryFolder();
let test: TestApp;
let client: CardClient;
before(async () => {
  test = await startConsoleApp({}, folder);
  client = await signInAtConsole(test.url);
});
after(() => test.close());

/** Sends a form of the page of users, with the admin's own password. */
async function act(form: Readonly<Record<string, string>>, own: string = ADA.password): Promise<Answer> {
  const token = tokenIn(await client.get('/console/users'));
  return client.post('/console/users/act', { token, 'own-password': own, ...form });
}

const entryOf = async (name: string) => (await test.store.users.list()).find((user) => user.name === name);

/** The acts of the audit, oldest first. */
async function actsOf(subject: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found = [];
  for await (const { kind, fields } of searchRecords(join(folder, 'test-audit'), {}, () => undefined))
    if (kind === 'operator' && fields.subject === subject) found.push(fields);
  return found;
}

describe('the page of users', () => {
  it('adds a user, who can sign in, and says in the audit who did it', async () => {
    const form = { what: 'add', name: 'lucia', 'new-password': 'planted-secret 1', lists: '22799125' };
    const answer = await act({ ...form, right: 'card', extension: '1044' });
    assert.equal(answer.status, 200);
    assert.match(seenIn(answer), /Done\./);
    assert.match(seenIn(answer), /lucia card Lists: 22799125 active/);
    assert.doesNotMatch(answer.text, /planted-secret/);
    const entry = await entryOf('lucia');
    assert.deepEqual([entry?.lists, entry?.extension], [[22_799_125], '1044']);
    const hers = createCardClient(test.url);
    assert.equal((await hers.signIn('lucia', 'planted-secret 1')).status, 303);
    const [record, ...others] = await actsOf('lucia');
    assert.deepEqual(others, []);
    const { action, user, endpoint, address, after: state } = record ?? {};
    assert.deepEqual(
      { action, user, endpoint, address },
      {
        action: 'user_add',
        user: 'Ada',
        endpoint: 'console',
        address: '127.0.0.1',
      },
    );
    assert.deepEqual(state, { rights: ['card'], lists: [22_799_125], extension: '1044' });
  });

  it('does nothing without the own password of the admin, and records no act', async () => {
    for (const own of ['', 'wrong']) {
      const answer = await act({ what: 'remove', name: 'MyUser' }, own);
      assert.equal(answer.status, 403);
      assert.match(seenIn(answer), /Your own password was wrong, so nothing was changed/);
    }
    assert.ok((await entryOf('MyUser')) !== undefined);
    assert.deepEqual(await actsOf('MyUser'), []);
  });

  it('changes rights, lists, password and state, and ends sessions', async () => {
    const verifier = makeCheapVerifier('planted-secret 2');
    await test.store.users.add({ name: 'beto', verifier, rights: 3, lists: 'every list' });
    const his = createCardClient(test.url);
    await his.signIn('beto', 'planted-secret 2');
    await act({ what: 'set', name: 'beto', right: 'card', lists: '22799126, 22799127' });
    assert.deepEqual((await entryOf('beto'))?.lists, [22_799_126, 22_799_127]);
    assert.equal((await entryOf('beto'))?.rights, 1);
    assert.match((await his.get('/card')).text, /Sign out/);
    const seen = seenIn(await client.get('/console/users'));
    assert.match(seen, /beto card .*Sessions: 1, last in use .* 127\.0\.0\.1 · last in use /);
    await act({ what: 'end sessions', name: 'beto' });
    assert.match((await his.get('/card')).text, /name="password"/);
    await act({ what: 'password', name: 'beto', 'new-password': 'planted-secret 3' });
    assert.equal((await his.signIn('beto', 'planted-secret 2')).status, 403);
    await act({ what: 'disable', name: 'beto' });
    assert.equal((await entryOf('beto'))?.active, false);
    await act({ what: 'enable', name: 'beto' });
    await act({ what: 'unlock', name: 'beto' });
    assert.equal((await his.signIn('beto', 'planted-secret 3')).status, 303);
    await act({ what: 'remove', name: 'beto' });
    assert.equal(await entryOf('beto'), undefined);
    const done = (await actsOf('beto')).map(({ action }) => action);
    assert.deepEqual(done, [
      'user_set',
      'session_end',
      'user_password',
      'user_disable',
      'user_enable',
      'user_unlock',
      'user_remove',
    ]);
  });

  it('ends the sessions of a user also where more are signed in than are listed', async () => {
    const verifier = makeCheapVerifier('planted-secret');
    await test.store.users.add({ name: 'zoe', verifier, rights: 1, lists: 'every list' });
    const hers = createCardClient(test.url);
    await hers.signIn('zoe', 'planted-secret');
    runSql(
      join(folder, 'test.db'),
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
       INSERT INTO sessions (digest, user_name, fingerprint, expires_at) SELECT 'planted-' || i, 'agent' || i, 'f', (SELECT max(expires_at) FROM sessions) FROM n`,
    );
    await act({ what: 'end sessions', name: 'ZOE' });
    runSql(join(folder, 'test.db'), "DELETE FROM sessions WHERE digest LIKE 'planted-%'");
    assert.match((await hers.get('/card')).text, /name="password"/);
    assert.deepEqual((await actsOf('zoe')).at(-1)?.before, { sessions: 1 });
  });

  it('makes a token whose secret is shown once, and revokes it', async () => {
    const made = await act({ what: 'token', name: 'crm', scope: 'read', days: '30' });
    const [secret = ''] = /cc_[\w-]{43}/.exec(made.text) ?? [];
    const read = () => send(test.url, '/v1/leads/14246', { headers: bearer(secret) });
    assert.equal((await read()).status, 200);
    const later = await client.get('/console/users');
    assert.ok(!later.text.includes(secret));
    assert.match(seenIn(later), /crm read Lists: every list good/);
    await act({ what: 'revoke', name: 'crm' });
    assert.equal((await read()).status, 401);
  });

  it('says what is wrong with what was sent, and changes nothing', async () => {
    const cases: readonly [Record<string, string>, RegExp][] = [
      [{ what: 'add', name: 'x', 'new-password': 'short' }, /8 characters to 1,024 bytes/],
      [{ what: 'password', name: 'MyUser', 'new-password': 'ñ'.repeat(513) }, /8 characters to 1,024 bytes/],
      [{ what: 'set', name: 'MyUser', 'new-password': 'planted-secret' }, /Nothing was done: a new password/],
      [{ what: 'add', name: 'operator', 'new-password': 'planted-secret' }, /for somebody else/],
      [{ what: 'add', name: 'MyUser', 'new-password': 'planted-secret' }, /There is a user MyUser already/],
      [{ what: 'set', name: 'MyUser', lists: 'all of them' }, /ids with commas/],
      [{ what: 'set', name: 'nobody' }, /There is no user nobody/],
      [{ what: 'end sessions', name: 'nobody' }, /There is no user nobody/],
      [{ what: 'unlock', name: 'nobody' }, /There is no user nobody/],
      [{ what: 'set', name: 'MyUser', extension: 'a b' }, /without spaces/],
      [{ what: 'grant', name: 'MyUser', right: 'admin' }, /calls and admin/],
      [{ what: 'token', name: 'a b', days: '1', scope: 'read' }, /letters, digits/],
      [{ what: 'token', name: 'ok', days: '99999', scope: 'read' }, /1 to 3650 days/],
      [{ what: 'token', name: 'ok', days: '1', scope: 'read,admin' }, /./],
      [{ what: 'token', name: 'ok', days: '1' }, /./],
      [{ what: 'revoke', name: 'none' }, /There is no token none/],
      [{ what: 'remove', name: 'ADA' }, /You cannot take this from yourself/],
      [{ what: 'disable', name: 'Ada' }, /You cannot take this from yourself/],
      [{ what: 'set', name: 'Ada', right: 'card' }, /You cannot take this from yourself/],
      [{ what: 'format the disk', name: 'Ada' }, /./],
    ];
    const before = await test.store.users.list();
    for (const [form, says] of cases) {
      const answer = await act(form);
      assert.equal(answer.status, 400, form.what);
      assert.match(seenIn(answer), says);
    }
    assert.deepEqual(await test.store.users.list(), before);
  });

  it('does nothing by another button than that which keeps what was changed in the form', async () => {
    const verifier = makeCheapVerifier('planted-secret');
    await test.store.users.add({ name: 'ines', verifier, rights: 1, lists: [22_799_125] });
    const seen = JSON.stringify({ rights: ['card'], lists: [22_799_125] });
    const shown = { name: 'ines', seen, right: 'card', lists: '22799125' };
    const changed = { ...shown, lists: '22799126' };
    const password = { 'new-password': 'planted-secret of today' };
    const before = await test.store.users.list();
    const refused = async (form: Readonly<Record<string, string>>, says: RegExp) => {
      const answer = await act(form);
      assert.equal(answer.status, 400, form.what);
      assert.match(seenIn(answer), says);
      assert.deepEqual(await test.store.users.list(), before);
    };
    for (const what of ['password', 'disable', 'enable', 'unlock', 'remove', 'end sessions'])
      await refused(
        { ...changed, what, ...(what === 'password' && password) },
        /Nothing was done: rights, lists/,
      );
    for (const what of ['set', 'disable', 'remove', 'unlock', 'end sessions'])
      await refused({ ...shown, what, ...password }, /Nothing was done: a new password/);
    assert.equal((await act({ ...shown, what: 'password', ...password })).status, 200);
    const hers = createCardClient(test.url);
    assert.equal((await hers.signIn('ines', password['new-password'])).status, 303);
    assert.equal((await act({ ...shown, what: 'disable' })).status, 200);
    await act({ what: 'remove', name: 'ines' });
  });

  it('leaves a user who sees no list without one, whatever else is changed', async () => {
    const verifier = makeCheapVerifier('planted-secret');
    await test.store.users.add({ name: 'nolist', verifier, rights: 1, lists: [] });
    const { text } = await client.get('/console/users');
    const [, form = ''] = text.split('value="nolist"');
    const [, lists = ''] = /name="lists"[^>]* value="([^"]*)"/.exec(form) ?? [];
    await act({ what: 'set', name: 'nolist', right: 'card', lists, extension: '1077' });
    const entry = await entryOf('nolist');
    assert.deepEqual([entry?.lists, entry?.extension], [[], '1077']);
  });

  it('gives nothing back that was taken since the page was shown', async () => {
    const verifier = makeCheapVerifier('planted-secret');
    await test.store.users.add({ name: 'rosa', verifier, rights: EVERY_RIGHT, lists: 'every list' });
    const seenNow = async () => {
      const [, form = ''] = (await client.get('/console/users')).text.split('name="name" value="rosa"');
      const [, seen = ''] = /name="seen" value="([^"]*)"/.exec(form) ?? [];
      return seen.replaceAll('&quot;', '"');
    };
    const form = { what: 'set', name: 'rosa', right: 'admin', extension: '1088' };
    const seen = await seenNow();
    const taken = [
      { rights: 1, lists: 'every list' },
      { rights: EVERY_RIGHT, lists: [22_799_125] },
    ] as const;
    for (const state of taken) {
      await test.store.users.change('rosa', state);
      const answer = await act({ ...form, seen });
      assert.equal(answer.status, 400);
      assert.match(seenIn(answer), /Somebody has changed rosa meanwhile/);
      const entry = await entryOf('rosa');
      assert.deepEqual(
        [entry?.rights, entry?.lists, entry?.extension],
        [state.rights, state.lists, undefined],
      );
    }
    assert.equal((await act({ ...form, seen: await seenNow() })).status, 200);
    assert.equal((await entryOf('rosa'))?.extension, '1088');
  });

  it('leaves one admin, also where two take each other away at the same time', async () => {
    const verifier = makeCheapVerifier('planted-secret of Bea');
    const bea = { name: 'bea', password: 'planted-secret of Bea' };
    await test.store.users.add({ name: bea.name, verifier, rights: EVERY_RIGHT, lists: 'every list' });
    for (const { name, rights, lists } of await test.store.users.list())
      if (![ADA.name, bea.name].includes(name))
        await test.store.users.change(name, { rights: rights & 15, lists });
    const hers = await signInAtConsole(test.url, bea);
    const [mine, other] = [
      tokenIn(await client.get('/console/users')),
      tokenIn(await hers.get('/console/users')),
    ];
    const answers = await Promise.all([
      client.post('/console/users/act', {
        token: mine,
        'own-password': ADA.password,
        what: 'remove',
        name: 'bea',
      }),
      hers.post('/console/users/act', {
        token: other,
        'own-password': bea.password,
        what: 'disable',
        name: 'Ada',
      }),
    ]);
    const admins = (await test.store.users.list()).filter(
      ({ active, rights }) => active && (rights & RIGHT_BIT.admin) !== 0,
    );
    assert.equal(admins.length, 1);
    assert.equal(answers.filter(({ text }) => text.includes('Done.')).length, 1);
    const refused = answers.find(({ text }) => !text.includes('Done.'));
    assert.match(
      seenIn(refused ?? assert.fail()),
      /the last one who can manage users|session has ended|Sign in/,
    );
    await test.store.users.setActive('Ada', true);
    client = await signInAtConsole(test.url);
  });

  it('is for admins who see every list: nobody gives lists that they do not see', async () => {
    const verifier = makeCheapVerifier('planted-secret');
    await test.store.users.add({ name: 'some', verifier, rights: EVERY_RIGHT, lists: [22_799_125] });
    const limited = await signInAtConsole(test.url, { name: 'some', password: 'planted-secret' });
    const page = await limited.get('/console/users');
    assert.equal(page.status, 403);
    assert.doesNotMatch(page.text, /MyUser/);
    const token = tokenIn(await limited.get('/console'));
    const form = { token, 'own-password': 'planted-secret', what: 'set', name: 'some', right: 'admin' };
    assert.equal((await limited.post('/console/users/act', form)).status, 403);
    assert.deepEqual((await entryOf('some'))?.lists, [22_799_125]);
  });

  it('takes no form without its token', async () => {
    const form = { what: 'remove', name: 'MyUser', 'own-password': ADA.password };
    assert.equal((await client.post('/console/users/act', form)).status, 403);
    assert.ok((await entryOf('MyUser')) !== undefined);
  });
});
