import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { loadConfig } from '../../../src/config/load.ts';
import { settingsOfDomain, showSettings } from '../../../src/config/show.ts';
import { EVERY_RIGHT } from '../../../src/core/rights.ts';
import { openStore } from '../../../src/stores/open-store.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import { fillDomains, startDomains, writeDomains } from '../../support/domain-app.ts';
import { type Answer, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { type CardClient, createCardClient, seenIn, tokenIn } from '../card/card-fixture.ts';
import { ADA, startConsoleApp, signInAtConsole } from './console-fixture.ts';

let test: TestApp;
before(async () => {
  test = await startConsoleApp();
});
after(() => test.close());

const MY_USER = { name: 'MyUser', password: 'MyPass' };
const SPANISH = { 'accept-language': 'es-MX,es;q=0.9' };

describe('the console', () => {
  it('shows an admin its pages, in both languages, kept by nobody', async () => {
    const client = await signInAtConsole(test.url);
    const { status, headers, text } = await client.get('/console');
    assert.equal(status, 200);
    assert.match(text, /<h1[^>]*>Overview</);
    assert.match(text, /aria-current="page">Overview</);
    assert.match(String(headers['cache-control']), /no-store/);
    assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'/);
    assert.doesNotMatch(text, /<script(?! type="module" src=)|style="|onclick/);
    const spanish = await client.get('/console', SPANISH);
    assert.match(spanish.text, /<html lang="es-MX">[^]*<h1[^>]*>Resumen</);
  });

  it('is the session of the card: who signs in at one is signed in at the other', async () => {
    const client = createCardClient(test.url);
    await client.signIn(ADA.name, ADA.password);
    assert.match((await client.get('/console')).text, /Overview/);
    await client.post('/console/sign-out', { token: tokenIn(await client.get('/console')) });
    assert.match((await client.get('/card')).text, /name="password"/);
    assert.match((await client.get('/console')).text, /name="password"/);
  });

  it('asks who is not signed in to sign in, and says what was wrong', async () => {
    const client = createCardClient(test.url);
    const page = await client.getOnce('/console');
    assert.equal(page.status, 200);
    assert.match(seenIn(page), /Sign in to the console/);
    const token = tokenIn(page);
    const wrong = await client.post('/console/sign-in', { token, user: ADA.name, password: 'wrong' });
    assert.equal(wrong.status, 403);
    assert.match(seenIn(wrong), /The user name or the password is wrong/);
    assert.match(wrong.text, /name="user"[^>]*value="Ada"/);
    assert.doesNotMatch(wrong.text, /Overview/);
  });

  it('says to whom the right admin lacks how it is given, and shows nothing else', async () => {
    const client = await signInAtConsole(test.url, MY_USER);
    const answer = await client.get('/console');
    assert.equal(answer.status, 403);
    assert.match(
      seenIn(answer),
      /MyUser may not use the console.*callercard user set MyUser --rights card,read,admin/,
    );
    assert.doesNotMatch(answer.text, /Overview|<nav/);
    assert.match(seenIn(await client.get('/console', SPANISH)), /MyUser no puede usar la consola/);
    await client.post('/console/sign-out', { token: tokenIn(answer) });
    assert.match((await client.get('/console')).text, /name="password"/, 'and lets somebody else sign in');
  });

  it('counts a right that was taken for the next request', async () => {
    const verifier = makeCheapVerifier('planted-secret');
    const user = { name: 'Bo', verifier, rights: EVERY_RIGHT, lists: 'every list' } as const;
    await test.store.users.add(user);
    const client = await signInAtConsole(test.url, { name: 'Bo', password: 'planted-secret' });
    assert.equal((await client.get('/console')).status, 200);
    await test.store.users.change('Bo', { rights: 1, lists: 'every list' });
    assert.equal((await client.get('/console')).status, 403);
    await test.store.users.setActive('Bo', false);
    assert.match(seenIn(await client.get('/console')), /Your session has ended/);
  });

  it('takes forms of its own pages alone', async () => {
    const client = await signInAtConsole(test.url);
    const token = tokenIn(await client.get('/console'));
    const tries: readonly [Record<string, string>, Record<string, string>?][] = [
      [{}],
      [{ token: 'x' }],
      [{ token }, { 'sec-fetch-site': 'cross-site' }],
      [{ token }, { origin: 'https://evil.example' }],
    ];
    for (const [form, headers] of tries) {
      await client.post('/console/sign-out', form, headers);
      const signIn = { ...form, user: 'MyUser', password: 'MyPass' };
      assert.equal((await client.post('/console/sign-in', signIn, headers)).status, 403);
    }
    assert.equal((await client.get('/console')).status, 200, 'nobody was signed out');
    const json = { 'content-type': 'application/json' };
    assert.equal((await client.post('/console/sign-out', { token }, json)).status, 415);
  });

  it('opens once more where a link of another site led here without the cookie', async () => {
    const client = createCardClient(test.url);
    const { text } = await client.getOnce('/console', { 'sec-fetch-site': 'cross-site' });
    assert.match(text, /http-equiv="refresh" content="0; url=\/console\?again=1"/);
    const again = await client.getOnce('/console?again=1', { 'sec-fetch-site': 'cross-site' });
    assert.match(again.text, /name="password"/);
  });

  it('is where / leads admins, and the card where it leads all others', async () => {
    const html = { accept: 'text/html,*/*' };
    const leadsTo = async (user: Parameters<typeof signInAtConsole>[1]) =>
      (await (await signInAtConsole(test.url, user)).getOnce('/', html)).headers.location;
    assert.equal(await leadsTo(ADA), '/console');
    assert.equal(await leadsTo(MY_USER), '/card');
    assert.equal((await createCardClient(test.url).getOnce('/', html)).headers.location, '/card');
    assert.match((await createCardClient(test.url).getOnce('/')).text, /"console":"\/console"/);
  });
});

/** The overview, once it says so many lookups: what runs now is read once a second. */
async function untilCounted(
  client: CardClient,
  lookups: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  let answer: Answer | undefined;
  const isThere = async () => {
    answer = await client.get('/console', headers);
    return answer.text.includes(`<dt>Lookups</dt><dd>${lookups}</dd>`);
  };
  await until(`${lookups} lookups`, isThere, 300);
  return answer ?? assert.fail();
}

describe('the overview', () => {
  it('counts what came of lookups, by what was asked', async (t) => {
    const own = await startConsoleApp();
    t.after(() => own.close());
    const client = await signInAtConsole(own.url);
    for (const query of ['lead=14246', 'lead=2000001', 'phone=5599990000'])
      await client.get(`/card?${query}`);
    const { text } = await untilCounted(client, 3);
    const [hour = '', day = ''] = text.split('data-part="day"');
    for (const span of [hour, day]) {
      assert.match(span, /<dt>Lookups<\/dt><dd>3<\/dd>/);
      assert.match(span, /<dt>Nobody found<\/dt><dd>1<\/dd>/);
      assert.match(
        span,
        /the card<\/th><td class="number">3<\/td><td class="number">2<\/td><td class="number">1<\/td>/,
      );
      assert.match(span, /<dt>99 % within<\/dt><dd>[\d.]+ ms<\/dd>/);
      assert.match(span, /<rect class="is-found"[^>]*>[^<]*<rect class="is-missed"/);
    }
  });

  it('says who is signed in, and what needs attention, with its cure', async () => {
    const client = await signInAtConsole(test.url);
    await signInAtConsole(test.url);
    let seen = '';
    await until(
      'what was found',
      async () => {
        seen = seenIn(await client.get('/console'));
        return seen.includes('Advice');
      },
      300,
    );
    assert.match(seen, /users are signed in .*Ada \d+ times/);
    assert.match(seen, /MyUser has the password of the demo.*callercard user remove MyUser/);
    const token = tokenIn(await client.get('/console'));
    assert.equal((await client.post('/console/look', { token })).headers.location, '/console');
    assert.equal((await client.post('/console/look', {})).status, 403);
  });

  it('shows nothing of another domain, and its admins nothing to those of another', async (t) => {
    const folder = temporaryFolder();
    const hosts = { acme: 'acme.example.net', beta: 'beta.example.net' };
    const domains = { acme: { hosts: [hosts.acme] }, beta: { hosts: [hosts.beta] } };
    const config = writeDomains(folder, domains);
    await fillDomains(config);
    for (const { name, config: ofDomain } of config.domains) {
      if (ofDomain.database.engine === 'mariadb') continue;
      const store = openStore({ ...ofDomain, database: ofDomain.database }, {});
      if (!('users' in store)) continue;
      const verifier = makeCheapVerifier(`planted-secret of ${name}`);
      await store.users.add({ name: `admin-${name}`, verifier, rights: EVERY_RIGHT, lists: 'every list' });
      await store.close();
    }
    const { app, url } = await startDomains(config);
    t.after(() => app.close());
    const [ofAcme, ofBeta] = [{ host: hosts.acme }, { host: hosts.beta }];
    const acme = await signInAtConsole(
      url,
      { name: 'admin-acme', password: 'planted-secret of acme' },
      ofAcme,
    );
    for (const id of [1, 2, 3]) await acme.get(`/card?lead=${id}`, ofAcme);
    await untilCounted(acme, 3, ofAcme);
    const elsewhere = await acme.get('/console', ofBeta);
    assert.match(elsewhere.text, /name="password"/, 'the session is of the other domain');
    const beta = await signInAtConsole(
      url,
      { name: 'admin-beta', password: 'planted-secret of beta' },
      ofBeta,
    );
    const { text } = await beta.get('/console', ofBeta);
    assert.match(text, /<dt>Lookups<\/dt><dd>0<\/dd>/);
    assert.doesNotMatch(text, /acme/);
  });
});

describe('the page of settings', () => {
  // Answers of tests are searched for addresses of databases and paths, which other settings name.
  const shown = showSettings(
    loadConfig({ flags: { redis: 'redis://:planted-secret@127.0.0.1:6379', port: '0' }, environment: {} }),
  ).filter(({ name }) => ['redis', 'port', 'rateLimit'].includes(name));

  it('shows what the server runs by and where it is from, secrets masked', async (t) => {
    const own = await startConsoleApp({ shown });
    t.after(() => own.close());
    const answer = await (await signInAtConsole(own.url)).get('/console/settings');
    assert.match(seenIn(answer), /redis redis:\/\/:\*+@127\.0\.0\.1:6379/);
    assert.match(seenIn(answer), /port 0 flag --port at the next start/);
    assert.match(seenIn(answer), /rateLimit .*default after SIGHUP/);
    assert.doesNotMatch(answer.text, /planted-secret/);
  });

  it('is, of several domains, the domain’s own, without the places of the machine', () => {
    const text = { source: 'file x', help: '' };
    const several = [
      { name: 'port', value: '1', ...text },
      { name: 'domains.a.rateLimit', value: '7', ...text },
      { name: 'domains.a.database', value: 'sqlite:/secret/place', ...text },
      { name: 'domains.b.rateLimit', value: '9', ...text },
    ];
    const named = settingsOfDomain(several, 'a').map(({ name, value }) => [name, value]);
    assert.deepEqual(named, [['rateLimit', '7']]);
  });
});
