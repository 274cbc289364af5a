import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { searchRecords } from '../../../src/audit/search.ts';
import { makeCheapVerifier } from '../../service/lookup-fixture.ts';
import { temporaryFolder, type Answer, type TestApp } from '../../support/test-app.ts';
import { type CardClient, createCardClient, seenIn, startCardApp, tokenIn } from './card-fixture.ts';

const OLD = 'planted-secret of yesterday';
const NEW = 'planted-secret of today';

describe('one’s own account at the card', () => {
  const folder = temporaryFolder();
  let test: TestApp;
  before(async () => {
    test = await startCardApp({}, folder);
  });
  after(() => test.close());

  /** An agent, and somebody signed in as them as often as is said. */
  async function signedIn(name: string, times = 1): Promise<readonly [CardClient, ...CardClient[]]> {
    await test.store.users.add({ name, verifier: makeCheapVerifier(OLD), rights: 1, lists: 'every list' });
    const open = async () => {
      const client = createCardClient(test.url);
      assert.equal((await client.signIn(name, OLD)).status, 303);
      return client;
    };
    const first = await open();
    const others = [];
    while (others.length + 1 < times) others.push(await open());
    return [first, ...others];
  }

  async function change(client: CardClient, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const token = tokenIn(await client.get('/card/account'));
    const form = { token, 'old-password': OLD, 'new-password': NEW, again: NEW, ...fields };
    return client.post('/card/account/password', form);
  }

  const isIn = async (client: CardClient) => (await client.get('/card')).text.includes('/card/sign-out');

  async function actsOf(subject: string) {
    const found = [];
    for await (const { kind, fields } of searchRecords(join(folder, 'test-audit'), {}, () => undefined))
      if (kind === 'operator' && fields.subject === subject)
        found.push({
          action: fields.action,
          user: fields.user,
          endpoint: fields.endpoint,
          before: fields.before,
        });
    return found;
  }

  it('is led to by the name in the bar, in both languages', async () => {
    const [client] = await signedIn('ana');
    assert.match((await client.get('/card')).text, /<a class="user" href="\/card\/account">/);
    assert.match(seenIn(await client.get('/card/account')), /Your account .*Your sessions .*this browser/);
    const spanish = await client.get('/card/account', { 'accept-language': 'es' });
    assert.match(seenIn(spanish), /Su cuenta .*Contraseña de hasta ahora/);
    const stranger = await createCardClient(test.url).get('/card/account');
    assert.match(stranger.text, /action="\/card\/sign-in"/);
  });

  it('says in which browser and from where each session began, and when it was last in use', async () => {
    await signedIn('luz');
    const client = createCardClient(test.url);
    const form = { token: tokenIn(await client.get('/card')), user: 'luz', password: OLD };
    const header = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
    assert.equal((await client.post('/card/sign-in', form, header)).status, 303);
    const shown = seenIn(await client.get('/card/account'));
    assert.match(shown, /Firefox, Linux · 127\.0\.0\.1 Since .* this browser/);
    assert.match(shown, /127\.0\.0\.1 Since [^·]* at most Last in use: /);
    assert.doesNotMatch(shown, /rv:140/);
  });

  it('changes the password by the one until now, ends all other sessions, and says so in the audit', async () => {
    const [client, other] = await signedIn('luis', 2);
    const changed = await change(client);
    assert.deepEqual([changed.status, changed.headers.location], [303, '/card/account?done=password']);
    assert.match(seenIn(await client.get('/card/account?done=password')), /Your password is changed/);
    assert.ok(await isIn(client), 'whoever changed it goes on');
    assert.ok(other !== undefined && !(await isIn(other)));
    assert.equal((await createCardClient(test.url).signIn('luis', OLD)).status, 403);
    assert.equal((await createCardClient(test.url).signIn('luis', NEW)).status, 303);
    assert.deepEqual(await actsOf('luis'), [
      { action: 'user_password', user: 'luis', endpoint: 'card', before: undefined },
    ]);
  });

  it('says what is wrong with what was sent, and changes nothing', async () => {
    const [client] = await signedIn('rosa');
    const cases: readonly [status: number, says: RegExp, fields: Record<string, string>][] = [
      [403, /The password until now was wrong, so nothing was changed/, { 'old-password': 'wrong' }],
      [403, /The password until now was wrong/, { 'old-password': '' }],
      [400, /8 characters to 1,024 bytes/, { 'new-password': 'short', again: 'short' }],
      [400, /The two passwords differ/, { again: 'planted-secret of Eva' }],
      [403, /This form is too old/, { token: 'x' }],
    ];
    for (const [status, says, fields] of cases) {
      const answer = await change(client, fields);
      assert.equal(answer.status, status, JSON.stringify(fields));
      assert.match(seenIn(answer), says);
      assert.doesNotMatch(answer.text, /value="planted/);
    }
    assert.equal((await createCardClient(test.url).signIn('rosa', OLD)).status, 303);
    assert.deepEqual(await actsOf('rosa'), []);
    assert.equal((await client.getOnce('/card/account/password')).headers.location, '/card/account');
    assert.equal((await createCardClient(test.url).post('/card/account/password', {})).status, 200);
  });

  it('ends one session or all others, of nobody else, and says so in the audit', async () => {
    const [client, second, third] = await signedIn('eva', 3);
    const [stranger] = await signedIn('beto');
    const page = await client.get('/card/account');
    const digests = [...page.text.matchAll(/name="session" value="([^"]+)"/g)].map(
      ([, digest = '']) => digest,
    );
    assert.equal(digests.length, 2, 'one’s own has no button');
    const token = tokenIn(page);
    const end = (form: Readonly<Record<string, string>>) =>
      client.post('/card/account/sessions', { token, ...form });
    assert.equal((await end({ session: digests[0] ?? '' })).headers.location, '/card/account?done=sessions');
    const left = () => [second, third].filter((one) => one !== undefined);
    const stillIn = await Promise.all(left().map(isIn));
    assert.deepEqual(stillIn.toSorted(), [false, true]);
    const { text } = await stranger.get('/card/account');
    const strange = tokenIn({ text } as Answer);
    await stranger.post('/card/account/sessions', { token: strange, session: digests[1] ?? '' });
    assert.deepEqual((await Promise.all(left().map(isIn))).toSorted(), [false, true]);
    await end({});
    assert.deepEqual(await Promise.all(left().map(isIn)), [false, false]);
    assert.ok((await isIn(client)) && (await isIn(stranger)));
    assert.deepEqual(await actsOf('eva'), [
      { action: 'session_end', user: 'eva', endpoint: 'card', before: { sessions: 1 } },
      { action: 'session_end', user: 'eva', endpoint: 'card', before: { sessions: 1 } },
    ]);
    assert.equal((await client.post('/card/account/sessions', { session: 'x' })).status, 403);
  });
});
