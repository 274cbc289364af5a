import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import fc from 'fast-check';

import { createApp } from '../../../src/app.ts';
import { makeSessionSecret } from '../../../src/auth/secrets.ts';
import { cardAddress, readAddress } from '../../../src/endpoints/card/card-address.ts';
import { temporaryFolder, testConfig, type TestApp } from '../../support/test-app.ts';
import { createCardClient, startCardApp, tokenIn, type CardClient } from './card-fixture.ts';

function sealedIn(address: string): string {
  return new URL(address, 'http://localhost').searchParams.get('c') ?? '';
}

describe('the address of a card', () => {
  const secret = makeSessionSecret();
  const texts = fc
    .string({ unit: 'binary', minLength: 1 })
    .filter((text) => text.trim() !== '' && text.isWellFormed());
  const wanted = fc.record(
    {
      lead: texts,
      phone: texts,
      of: fc.integer({ min: 2 }),
      view: fc.constantFrom('new', 'attach', 'timeline'),
      offset: fc.integer({ min: 1 }),
      who: texts,
      done: fc.record(
        { what: fc.constantFrom('saved', 'noted'), at: fc.nat(), changeId: fc.nat() },
        { requiredKeys: ['what', 'at'] },
      ),
    },
    { requiredKeys: ['lead'] },
  );

  it('53: says whose it is to the cookie that it was made for, and to no other', () => {
    fc.assert(
      fc.property(wanted, fc.boolean(), (of, asks) => {
        const address = cardAddress({ wanted: of, asks }, secret);
        assert.match(address, /^\/card\?c=[\w-]+$/);
        const read = readAddress(sealedIn(address), secret, 0);
        // JSON leaves out what is undefined.
        assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify({ wanted: of, asks })));
        assert.equal(readAddress(sealedIn(address), makeSessionSecret(), 0), undefined);
      }),
    );
  });

  it('53: is another one each time, and holds nothing of what it leads to', () => {
    const addresses = Array.from({ length: 50 }, () =>
      cardAddress({ wanted: { phone: '8004321000', lead: '14246' } }, secret),
    );
    assert.equal(new Set(addresses).size, addresses.length);
    for (const address of addresses) {
      const bytes = Buffer.from(sealedIn(address), 'base64url').toString('latin1');
      for (const text of [address, bytes]) assert.doesNotMatch(text, /8004321000|14246/);
    }
  });

  it('53: is nothing once a bit of it is changed, and nothing is wrong with nonsense', () => {
    const sealed = Buffer.from(
      sealedIn(cardAddress({ wanted: { phone: '8004321000' } }, secret)),
      'base64url',
    );
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.equal(readAddress(changed.toString('base64url'), secret, 0), undefined);
    }
    for (let length = 0; length < sealed.length; length += 1)
      assert.equal(readAddress(sealed.subarray(0, length).toString('base64url'), secret, 0), undefined);
    for (const text of ['', 'A', 'x'.repeat(5_000), '%', '='])
      assert.equal(readAddress(text, secret, 0), undefined);
  });

  it('53: leads nowhere after its time', () => {
    const sealed = sealedIn(cardAddress({ wanted: { lead: '1' }, until: 1_000 }, secret));
    assert.deepEqual(readAddress(sealed, secret, 1_000)?.wanted.lead, '1');
    assert.equal(readAddress(sealed, secret, 1_001), undefined);
  });
});

describe('the addresses of the card', () => {
  let test: TestApp;
  let client: CardClient;
  const folder = temporaryFolder();
  before(async () => {
    test = await startCardApp({}, folder);
    client = createCardClient(test.url);
    await client.signIn();
  });
  after(() => test.close());

  const WAYS = ['lead=14246', 'phone=8004321000', 'lead=14246&phone=8004321000', 'q=14246', 'q=800-432-1000'];

  it('53: lead on from a number or id before anything is looked up, also where nobody is signed in', async () => {
    for (const who of [client, createCardClient(test.url)]) {
      for (const way of WAYS) {
        const { status, headers, text } = await who.getOnce(`/card?${way}`, { 'sec-fetch-site': 'none' });
        assert.deepEqual([status, text], [303, '']);
        assert.match(headers.location ?? '', /^\/card\?c=[\w-]+$/);
        assert.equal(headers['cache-control'], 'no-store');
      }
    }
  });

  it('53: are all that a page links to, and no title names anybody', async () => {
    const pages = [
      'phone=5511112222',
      'lead=14246&phone=8004321000&of=3',
      'phone=1000001',
      'phone=5599990000',
      'lead=99',
    ];
    for (const query of pages) {
      const { text } = await client.get(`/card?${query}`);
      const links = [...text.matchAll(/(?:href|action)="(\/card[^"]*)"/g)].map(([, link = '']) => link);
      for (const link of links)
        assert.match(link, /^\/card(?:$|\?c=[\w-]+$|\/assets\/|\/sign-out$|\/account$)/, query);
      assert.match(text, /<title>Card · callercard<\/title>/);
      assert.match(text, /<form class="search" action="\/card" method="post">/);
    }
    const spanish = await client.get('/card?lead=14246', { 'accept-language': 'es' });
    assert.match(spanish.text, /<title>Ficha · callercard<\/title>/);
  });

  it('53: open again as long as the session lasts, and for no other session', async () => {
    const leaving = createCardClient(test.url);
    await leaving.signIn();
    const { location = '' } = (await leaving.getOnce('/card?lead=14246')).headers;
    for (let round = 0; round < 2; round += 1) assert.match((await leaving.get(location)).text, /Macias/);
    const other = await client.get(location);
    assert.equal(other.status, 404);
    assert.match(other.text, /This address no longer works/);
    assert.doesNotMatch(other.text, /Macias|14246/);
    await leaving.post('/card/sign-out', { token: tokenIn(await leaving.get('/card')) });
    const after = await leaving.get(location, { 'sec-fetch-site': 'none' });
    assert.match(after.text, /type="password"/);
    assert.doesNotMatch(after.text, /Macias|14246/);
    await leaving.signIn();
    assert.match((await leaving.get(location)).text, /This address no longer works/);
  });

  it('53: say nothing to who is signed out later on, of cards that waited for a sign-in either', async () => {
    const client = createCardClient(test.url);
    const { location = '' } = (await client.getOnce('/card?phone=8004321000', { 'sec-fetch-site': 'none' }))
      .headers;
    assert.match((await client.get(location, { 'sec-fetch-site': 'none' })).text, /8004321000 is waiting/);
    await client.signIn();
    assert.match((await client.get(location)).text, /Macias/, 'by the way back');
    await client.post('/card/sign-out', { token: tokenIn(await client.get('/card')) });
    const { text } = await client.get(location, { 'sec-fetch-site': 'none' });
    assert.match(text, /type="password"/);
    assert.doesNotMatch(text, /8004321000/);
  });

  it('53: mean the same to every process on a store', async () => {
    const second = createApp(testConfig(join(folder, 'test.db')));
    const url = await second.listen();
    try {
      const { location = '' } = (await client.getOnce('/card?lead=14246')).headers;
      const elsewhere = createCardClient(url);
      for (const [name, value] of client.cookies) elsewhere.cookies.set(name, value);
      assert.match((await elsewhere.get(location)).text, /Macias/);
    } finally {
      await second.close();
    }
  });

  it('53: have a search by POST, whose number stands in no address', async () => {
    const token = tokenIn(await client.get('/card'));
    const { status, headers } = await client.post('/card', { token, q: '800 432 1000' });
    assert.equal(status, 303);
    assert.match(headers.location ?? '', /^\/card\?c=/);
    assert.match((await client.get(headers.location ?? '')).text, /Macias[^]*This number/);
    assert.equal((await client.post('/card', { token, q: ' ' })).headers.location, '/card');
  });
});
