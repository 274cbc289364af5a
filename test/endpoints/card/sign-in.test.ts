import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createFakeClock, HOUR, MINUTE, verifierOf } from '../../service/test-services.ts';
import { onOwnEngines } from '../../support/own-engines.ts';
import type { TestApp } from '../../support/test-app.ts';
import { createCardClient, startCardApp, tokenIn, type CardClient } from './card-fixture.ts';

onOwnEngines('signing in at the card', (emptyStore) => {
  let test: TestApp;
  let client: CardClient;
  before(async () => {
    test = await startCardApp({ config: emptyStore() });
    client = createCardClient(test.url);
  });
  after(() => test.close());

  it('gives a cookie that no script sees, no other site sends, and 8 hours end', async () => {
    const answer = await client.signIn();
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.location, '/card');
    const [session = ''] = answer.headers['set-cookie'] ?? [];
    assert.match(session, /^callercard=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=28800$/);
    const page = await client.get('/card');
    assert.equal(page.status, 200);
    assert.match(page.text, /MyUser/);
    assert.doesNotMatch(page.text, /type="password"/);
  });

  it('keeps the caller who was wanted through the form', async () => {
    const client = createCardClient(test.url);
    const asked = await client.get('/card?phone=8004321000&lead=14246', { 'sec-fetch-site': 'none' });
    assert.match(asked.text, /name="phone" value="8004321000"/);
    assert.match(asked.text, /name="lead" value="14246"/);
    assert.doesNotMatch(asked.text, /Macias/);
    const answer = await client.signIn('MyUser', 'MyPass', { phone: '8004321000', lead: '14246' });
    const { text } = await client.get(answer.headers.location ?? '');
    assert.match(text, /Macias[^]*This number/);
  });

  it('never leads to another site', async () => {
    const client = createCardClient(test.url);
    const wanted = { phone: '//evil.example/', lead: 'https://evil.example', of: '3' };
    const { headers } = await client.signIn('MyUser', 'MyPass', wanted);
    assert.match(String(headers.location), /^\/card\?c=[\w-]+$/);
    assert.match((await client.get(headers.location ?? '')).text, /That is no lead id/);
  });

  it('1: says the same for a wrong password, a user that there is not, and one who is disabled', async () => {
    const pages: string[] = [];
    for (const [user, password] of [
      ['MyUser', 'wrong'],
      ['nobody', 'wrong'],
      ['inactive', 'Passw0rd'],
    ]) {
      const client = createCardClient(test.url);
      const answer = await client.signIn(user, password);
      assert.equal(answer.status, 403);
      assert.match(answer.text, /The user name or the password is wrong/);
      assert.ok(!client.cookies.has('callercard'));
      pages.push(answer.text.replace(/value="[^"]*"/g, ''));
    }
    assert.equal(new Set(pages).size, 1);
  });

  it('writes the user name back as text, and the password never', async () => {
    const { text } = await createCardClient(test.url).signIn('"><script>x', 'planted-secret');
    assert.match(text, /value="&quot;&gt;&lt;script&gt;x"/);
    assert.doesNotMatch(text, /<script>x/);
  });

  it('51: refuses a user without the right, which it names', async () => {
    const answer = await createCardClient(test.url).signIn('noapi', 'Passw0rd');
    assert.equal(answer.status, 403);
    assert.match(answer.text, /noapi may not use this page.*Ask your administrator for the right “card”/s);
  });

  it('5: locks after 10 wrong passwords, the right one too, and says for how long', async () => {
    const client = createCardClient(test.url);
    for (let count = 0; count < 10; count += 1) await client.signIn('limited', 'wrong');
    const answer = await client.signIn('limited', 'Passw0rd');
    assert.equal(answer.status, 429);
    assert.match(answer.text, /Too many wrong tries/);
    assert.match(answer.text, /15 minutes/);
  });

  it('signs out: the cookie goes, and what it held opens nothing any more', async () => {
    const client = createCardClient(test.url);
    await client.signIn();
    const session = client.cookies.get('callercard') ?? '';
    const answer = await client.post('/card/sign-out', { token: tokenIn(await client.get('/card')) });
    assert.equal(answer.headers.location, '/card?signed-out');
    assert.deepEqual([...client.cookies], [], 'nothing says any longer whose cards were shown');
    assert.match((await client.get('/card?signed-out')).text, /You are signed out/);
    const { text } = await client.get('/card?lead=14246', { cookie: `callercard=${session}` });
    assert.match(text, /Your session has ended/);
    assert.doesNotMatch(text, /Macias/);
  });

  it('another sign-in of the same browser ends the first session', async () => {
    const client = createCardClient(test.url);
    await client.signIn();
    const first = client.cookies.get('callercard') ?? '';
    const form = await createCardClient(test.url).get('/card');
    client.cookies.set('callercard-form', tokenIn(form));
    await client.post('/card/sign-in', { token: tokenIn(form), user: 'MyUser', password: 'MyPass' });
    assert.notEqual(client.cookies.get('callercard'), first);
    assert.match((await client.get('/card', { cookie: `callercard=${first}` })).text, /session has ended/);
  });
});

describe('forms that are not ours', () => {
  let test: TestApp;
  before(async () => {
    test = await startCardApp();
  });
  after(() => test.close());

  const good = { user: 'MyUser', password: 'MyPass' };

  it('sign nobody in: without token, with another one, without its cookie', async () => {
    const client = createCardClient(test.url);
    const token = tokenIn(await client.get('/card'));
    const other = tokenIn(await createCardClient(test.url).get('/card'));
    for (const form of [good, { ...good, token: '' }, { ...good, token: other }]) {
      const answer = await client.post('/card/sign-in', form);
      assert.equal(answer.status, 403);
      assert.match(answer.text, /This form is too old/);
    }
    client.cookies.clear();
    assert.equal((await client.post('/card/sign-in', { ...good, token })).status, 403);
    assert.ok(!client.cookies.has('callercard'));
  });

  it('sign nobody in when the browser says that they stand elsewhere, though all else is right', async () => {
    const client = createCardClient(test.url);
    const token = tokenIn(await client.get('/card'));
    const { host } = new URL(test.url);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:1' },
    ]) {
      assert.equal((await client.post('/card/sign-in', { ...good, token }, headers)).status, 403);
    }
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
      { origin: `http://${host}` },
    ]) {
      assert.equal((await client.post('/card/sign-in', { ...good, token }, headers)).status, 303);
      client.cookies.set('callercard-form', token);
    }
  });

  it('sign nobody out', async () => {
    const client = createCardClient(test.url);
    await client.signIn();
    const token = tokenIn(await client.get('/card'));
    const tries: [Record<string, string>, Record<string, string>?][] = [
      [{}],
      [{ token: 'x' }],
      [{ token }, { 'sec-fetch-site': 'cross-site' }],
      [{ token }, { origin: 'https://evil.example' }],
    ];
    for (const [form, headers] of tries) await client.post('/card/sign-out', form, headers);
    assert.match((await client.get('/card?lead=14246')).text, /Macias/);
  });

  it('bodies of other kinds are refused', async () => {
    const client = createCardClient(test.url);
    const token = tokenIn(await client.get('/card'));
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await client.post('/card/sign-in', { ...good, token }, { 'content-type': type });
      assert.equal(answer.status, 415);
      assert.match(String(answer.headers['content-type']), /^text\/html/);
    }
    const large = await client.post('/card/sign-in', { ...good, token, more: 'x'.repeat(9_000) });
    assert.equal(large.status, 413);
  });
});

onOwnEngines('a session', (emptyStore) => {
  it('ends after 8 hours, whatever the browser keeps', async (t) => {
    const clock = createFakeClock(Date.now());
    const test = await startCardApp({ clock, config: emptyStore() });
    t.after(() => test.close());
    const client = createCardClient(test.url);
    await client.signIn();
    clock.pass(8 * HOUR - MINUTE);
    assert.match((await client.get('/card?lead=14246')).text, /Macias/);
    clock.pass(2 * MINUTE);
    const { text } = await client.get('/card?lead=14246', { 'sec-fetch-site': 'none' });
    assert.match(text, /Your session has ended/);
    assert.match(text, /name="lead" value="14246"/, 'the caller waits behind the form');
    assert.doesNotMatch(text, /Macias/);
  });

  it('ends when the password changes, and when the user is disabled', async (t) => {
    const test = await startCardApp({ config: emptyStore() });
    t.after(() => test.close());
    const changes = [
      async () => test.store.users.setVerifier('MyUser', await verifierOf('another planted-secret')),
      () => test.store.users.setActive('MyUser', false),
    ];
    for (const [index, change] of changes.entries()) {
      const client = createCardClient(test.url);
      await client.signIn('MyUser', index === 0 ? 'MyPass' : 'another planted-secret');
      assert.match((await client.get('/card?lead=14246')).text, /Macias/);
      await change();
      const { text } = await client.get('/card?lead=14246');
      assert.match(text, /Your session has ended/);
      assert.doesNotMatch(text, /Macias/);
    }
  });

  it('is not found by the password of the API, by a name, or by half a secret', async (t) => {
    const test = await startCardApp({ config: emptyStore() });
    t.after(() => test.close());
    const client = createCardClient(test.url);
    await client.signIn();
    const session = client.cookies.get('callercard') ?? '';
    for (const value of ['MyPass', 'MyUser', session.slice(1), `${session}x`, '../../etc', '']) {
      const { text } = await client.get('/card?lead=14246', { cookie: `callercard=${value}` });
      assert.doesNotMatch(text, /Macias/);
    }
  });

  it('over TLS has a cookie that only this very host could set', async (t) => {
    const test = await startCardApp({ config: { ...emptyStore(), trustedProxies: ['127.0.0.1'] } });
    t.after(() => test.close());
    const client = createCardClient(test.url);
    const headers = { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' };
    const token = tokenIn(await client.get('/card', headers));
    const form = { token, user: 'MyUser', password: 'MyPass' };
    const { headers: answered } = await client.post('/card/sign-in', form, headers);
    assert.match(
      answered['set-cookie']?.[0] ?? '',
      /^__Host-callercard=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=28800$/,
    );
  });
});
