import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { searchRecords } from '../../../src/audit/search.ts';
import { firstKeyOf } from '../../../src/auth/secrets.ts';
import { EVERY_RIGHT } from '../../../src/core/rights.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import { onOwnEngines } from '../../support/own-engines.ts';
import { startTestApp, temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { type CardClient, createCardClient, seenIn } from '../card/card-fixture.ts';

const SECRET = 'planted-secret of this start';
/** Of the only domain. */
const KEY = firstKeyOf(SECRET, 'default');
const LINK = `/console/first?key=${KEY}`;
const PASSWORD = 'planted-secret of Ana';
const SPANISH = { 'accept-language': 'es' };

interface EmptyApp extends TestApp {
  readonly folder: string;
  /** The domains that were said to have no user. */
  readonly noted: readonly string[];
  readonly lines: readonly string[];
}

/** An app over a store without any user, closed after the test. */
async function startEmpty(
  t: Pick<TestContext, 'after'>,
  config: NonNullable<Parameters<typeof startTestApp>[2]>['config'] = {},
  secret = SECRET,
): Promise<EmptyApp> {
  const folder = temporaryFolder();
  const noted: string[] = [];
  const watched = createWatchedLog();
  const firstAdmin = { secret, onNoUsers: (domain: string) => noted.push(domain) };
  const test = await startTestApp(folder, () => undefined, { config, firstAdmin, log: watched.log });
  t.after(async () => {
    await test.close();
    watched.check();
  });
  return { ...test, folder, noted, lines: watched.lines };
}

/** Sends the form of the link. */
async function make(
  client: CardClient,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
  link = LINK,
): Promise<Answer> {
  await client.getOnce(link);
  const token = client.cookies.get('callercard-form') ?? '';
  const key = link.split('key=')[1] ?? '';
  const form = { token, key, user: 'ana', 'new-password': PASSWORD, again: PASSWORD, ...fields };
  return client.post('/console/first', form, headers);
}

onOwnEngines('the first admin', (emptyStore) => {
  it('is made at the printed link, once, signed in, and recorded', async (t) => {
    const test = await startEmpty(t, emptyStore());
    await until('the store is known to have no user', () => test.noted.includes('default'), 300);
    const client = createCardClient(test.url);
    assert.match(seenIn(await client.getOnce(LINK)), /This server has no user yet/);
    const made = await make(client);
    assert.deepEqual([made.status, made.headers.location], [303, '/console']);
    assert.match((await client.get('/console')).text, /<h1[^>]*>Overview/);
    const [ana, ...others] = await test.store.users.list();
    assert.deepEqual(
      [ana?.name, ana?.rights, ana?.lists, others.length],
      ['ana', EVERY_RIGHT, 'every list', 0],
    );
    for (const answer of [await client.getOnce(LINK), await make(client, { user: 'eva' })]) {
      assert.equal(answer.status, 403);
      assert.match(seenIn(answer), /This link does not work/);
    }
    await test.store.users.remove('ana');
    assert.equal((await createCardClient(test.url).getOnce(LINK)).status, 403, 'also when ana is gone');
    const acts = [];
    for await (const { kind, fields } of searchRecords(join(test.folder, 'test-audit'), {}, () => undefined))
      if (kind === 'operator') acts.push(fields);
    const [{ action, user, endpoint, address, subject } = {}] = acts;
    assert.deepEqual(
      { action, user, endpoint, address, subject, acts: acts.length },
      {
        action: 'user_add',
        user: 'operator',
        endpoint: 'console',
        address: '127.0.0.1',
        subject: 'ana',
        acts: 1,
      },
    );
    assert.ok(!test.lines.some((line) => line.includes(KEY)), 'no log has the key');
  });

  it('is one for all servers of a store: each prints a link that works, until one was used', async (t) => {
    const folder = temporaryFolder();
    const config = {
      database: { engine: 'sqlite', path: join(folder, 'shared.db') },
      ...emptyStore(),
    } as const;
    const servers = [
      await startEmpty(t, config),
      await startEmpty(t, config, `${SECRET}, elsewhere`),
    ] as const;
    const links = [LINK, `/console/first?key=${firstKeyOf(`${SECRET}, elsewhere`, 'default')}`] as const;
    for (const [at, server] of servers.entries())
      for (const [of, link] of links.entries()) {
        const shown = await createCardClient(server.url).getOnce(link);
        assert.equal(shown.status, at === of ? 200 : 403, 'of another server it is none');
      }
    const [here, there] = servers;
    assert.equal((await make(createCardClient(here.url))).status, 303);
    const late = createCardClient(there.url);
    for (const answer of [await late.getOnce(links[1]), await make(late, {}, {}, links[1])]) {
      assert.equal(answer.status, 403);
      assert.match(seenIn(answer), /This link does not work/);
    }
    assert.equal((await there.store.users.list()).length, 1);
  });

  it('is one of several who come at the same time', async (t) => {
    const test = await startEmpty(t, emptyStore());
    const clients = ['ana', 'luis', 'rosa'].map((user) => ({ user, client: createCardClient(test.url) }));
    const made = await Promise.all(clients.map(({ user, client }) => make(client, { user })));
    assert.deepEqual(made.filter(({ status }) => status === 303).length, 1);
    assert.equal((await test.store.users.list()).length, 1);
    for (const answer of made.filter(({ status }) => status !== 303))
      assert.match(seenIn(answer), /This link does not work|There is a user already, or this link was used/);
  });
});

describe('the link of the first admin', () => {
  it('makes nobody of what is not as it must be, and says what', async (t) => {
    const test = await startEmpty(t);
    const client = createCardClient(test.url);
    const cases: readonly [
      status: number,
      says: RegExp,
      fields: Record<string, string>,
      headers?: Record<string, string>,
    ][] = [
      [400, /8 characters to 1,024 bytes/, { 'new-password': 'short', again: 'short' }],
      [400, /8 characters to 1,024 bytes/, { 'new-password': 'ñ'.repeat(513), again: 'ñ'.repeat(513) }],
      [400, /The two passwords differ/, { again: 'planted-secret of Eva' }],
      [400, /1 to 64 bytes/, { user: '' }],
      [400, /1 to 64 bytes/, { user: ' ana' }],
      [400, /for somebody else/, { user: 'operator' }],
      [403, /This form was too old/, { token: 'x' }],
      [403, /This form was too old/, {}, { 'sec-fetch-site': 'cross-site' }],
      [403, /This form was too old/, {}, { origin: 'https://evil.example' }],
      [403, /This link does not work/, { key: '' }],
      [403, /This link does not work/, { key: firstKeyOf(SECRET, 'another') }],
    ];
    for (const [status, says, fields, headers] of cases) {
      const answer = await make(client, fields, headers);
      assert.equal(answer.status, status, JSON.stringify(fields));
      assert.match(seenIn(answer), says);
    }
    assert.match(seenIn(await make(client, { again: '' }, SPANISH)), /Las dos contraseñas son distintas/);
    assert.deepEqual(await test.store.users.list(), []);
    const json = { 'content-type': 'application/json' };
    assert.equal((await client.post('/console/first', {}, json)).status, 415);
  });

  it('is said nothing of where nobody has it, but where there is no user, where to look for it', async (t) => {
    const test = await startEmpty(t);
    const client = createCardClient(test.url);
    for (const page of ['/console', '/card']) {
      const answer = await client.getOnce(page);
      assert.match(seenIn(answer), /There is no user yet\. When the server started, it printed a link/);
      assert.match(seenIn(await client.getOnce(page, SPANISH)), /Todavía no hay usuarios/);
      assert.ok(!answer.text.includes(KEY) && !answer.text.includes('/console/first'));
    }
    const { headers, text } = await client.getOnce('/');
    assert.ok(!text.includes('first') && !JSON.stringify(headers).includes('first'));
    assert.equal((await client.getOnce('/console/first')).headers.location, '/console');
    const verifier = makeCheapVerifier(PASSWORD);
    await test.store.users.add({ name: 'agent', verifier, rights: 1, lists: 'every list' });
    for (const page of ['/console', '/card'])
      assert.doesNotMatch(seenIn(await client.getOnce(page)), /There is no user yet/);
    assert.equal((await client.getOnce(LINK)).status, 403, 'any user ends it');
  });

  it('is throttled: who guesses is refused soon', async (t) => {
    const test = await startEmpty(t);
    const client = createCardClient(test.url);
    const guesses = Array.from({ length: 40 }, () => client.getOnce('/console/first?key=guess'));
    const statuses = new Set((await Promise.all(guesses)).map(({ status }) => status));
    assert.deepEqual(statuses, new Set([403, 429]));
    assert.equal((await client.getOnce(LINK)).status, 200, 'and who has it is not');
  });

  it('makes nobody where the server printed none', async (t) => {
    const folder = temporaryFolder();
    const test = await startTestApp(folder, () => undefined);
    t.after(() => test.close());
    const answer = await make(createCardClient(test.url));
    assert.equal(answer.status, 403);
    assert.deepEqual(await test.store.users.list(), []);
  });
});
