import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';

import fc from 'fast-check';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import type { Answer, TestApp } from '../../support/test-app.ts';
import { createCardClient, startCardApp, tokenIn, type CardClient } from './card-fixture.ts';

type Headers = Readonly<Record<string, string>>;

const DIALER = 'https://dialer.example.com';
/** A page of ours, as browsers say it where they say it. */
const OWN: Headers = { 'sec-fetch-site': 'same-origin' };

/** As browsers mark what a page of another site did; over plain HTTP and to another machine without Sec-Fetch-Site. */
const FOREIGN: readonly Headers[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', referer: 'https://evil.example/' },
  { 'sec-fetch-site': 'same-site', referer: 'https://other.example.com/page' },
  // The name of a dialer within another one, or in another scheme or port, is no dialer's.
  { 'sec-fetch-site': 'cross-site', referer: `${DIALER}.evil.example/` },
  { 'sec-fetch-site': 'cross-site', referer: `https://evil.example/?${DIALER}/` },
  { 'sec-fetch-site': 'cross-site', referer: 'http://dialer.example.com/' },
  { 'sec-fetch-site': 'cross-site', referer: `${DIALER}:8443/` },
  { referer: 'http://evil.example/a/page' },
  { referer: 'http://127.0.0.1:1/' },
  { origin: 'http://evil.example' },
];

const NAMED: readonly Headers[] = [
  { 'sec-fetch-site': 'cross-site', referer: `${DIALER}/` },
  { 'sec-fetch-site': 'same-site', referer: `${DIALER}/agc/vicidial.php` },
  { referer: `${DIALER}/agc/` },
  { origin: DIALER },
];

/** What neither header tells opens as ever: a program that opens a browser, a bookmark, a page that hides where it is. */
const UNTOLD: readonly Headers[] = [{}, { 'sec-fetch-site': 'none' }, OWN];

const QUERIES = [
  'lead=14246',
  'phone=8004321000',
  'q=14246',
  'lead=14246&phone=8004321000',
  'lead=14246&again=1',
];

describe('a page of another site that opens a card', () => {
  const events: LookupEvent[] = [];
  let test: TestApp;
  let client: CardClient;
  before(async () => {
    test = await startCardApp({
      onEvent: (event) => events.push(event),
      config: { popOrigins: [DIALER] },
    });
  });
  after(() => test.close());
  beforeEach(async () => {
    client = createCardClient(test.url);
    await client.signIn();
    events.length = 0;
  });

  /** Without the agent's own calls, which the page without a caller lists. */
  const lookups = () => events.filter(({ result }) => result !== 'calls_read');

  /**
   * What a browser does by itself: it follows redirects, and opens what a page of ours says next. The session's cookie it holds
   * back until then, unless the page is one of the same site.
   */
  async function arrive(target: string, headers: Headers): Promise<Answer> {
    const session = client.cookies.get('callercard');
    const isSameSite = /^(?:same-site|same-origin|none)$/.test(headers['sec-fetch-site'] ?? '');
    if (!isSameSite) client.cookies.delete('callercard');
    const answer = await client.get(target, headers);
    if (session !== undefined) client.cookies.set('callercard', session);
    const [, next] = /http-equiv="refresh" content="0; url=([^"]*)"/.exec(answer.text) ?? [];
    return next === undefined ? answer : client.get(next.replaceAll('&amp;', '&'), OWN);
  }

  function assertAsked(answer: Answer, what: string): void {
    assert.match(answer.text, /data-page="confirm"/, what);
    assert.match(answer.text, /<li>(?:#14246|8004321000)<\/li>/, what);
    assert.doesNotMatch(answer.text, /Macias|Bruno/, what);
    assert.deepEqual(lookups(), [], `${what}: nothing was read`);
  }

  it('52: looks nobody up: it gets a page that asks, with the number or id alone', async () => {
    for (const headers of FOREIGN)
      for (const query of QUERIES)
        assertAsked(await arrive(`/card?${query}`, headers), `${query} ${JSON.stringify(headers)}`);
  });

  it('52: does so in Spanish, too', async () => {
    const [headers = {}] = FOREIGN;
    const { text } = await arrive('/card?lead=14246', { ...headers, 'accept-language': 'es-MX' });
    assert.match(text, /¿Abrir esta ficha\?[^]*Abrir la ficha/);
  });

  it('52: opens the card by a click, which is one lookup', async () => {
    for (const headers of FOREIGN) {
      events.length = 0;
      const asked = await arrive('/card?lead=14246&phone=8004321000', headers);
      const form = { token: tokenIn(asked), lead: '14246', phone: '8004321000' };
      const { headers: answered } = await client.post('/card', form, OWN);
      assert.match((await client.get(answered.location ?? '', OWN)).text, /Macias[^]*This number/);
      assert.deepEqual(
        events.map(({ result, leadId }) => [result, leadId]),
        [['found', 14_246]],
      );
    }
  });

  it('52: cannot click itself: a form of another site is asked about as well', async () => {
    const token = tokenIn(await client.get('/card'));
    const stale = tokenIn(await createCardClient(test.url).get('/card'));
    const wanted = { lead: '14246' };
    const tries: readonly (readonly [form: Record<string, string>, headers: Headers])[] = [
      ...FOREIGN.flatMap((headers): [Record<string, string>, Headers][] => [
        [wanted, headers],
        [{ ...wanted, token }, headers],
      ]),
      // As a page over plain HTTP sends it that hides where it is.
      [wanted, { origin: 'null' }],
      [{ ...wanted, token: '' }, { origin: 'null' }],
      [{ ...wanted, token: stale }, { origin: 'null' }],
    ];
    for (const [form, headers] of tries) {
      const { headers: answered } = await client.post('/card', form, headers);
      assertAsked(await arrive(answered.location ?? '', headers), JSON.stringify([form, headers]));
    }
  });

  it('52: does not come by our own pages either, whatever stands in its address', async () => {
    const names = fc.constantFrom('c', 'lead', 'phone', 'q', 'of', 'again', 'signed-out', 'asks', 'until');
    const values = fc.constantFrom(
      '14246',
      '8004321000',
      '1',
      '',
      'x&lead=14246',
      'x&phone=8004321000&again=1',
      '%26lead=14246',
      '/card?lead=14246',
      'x"><a href="/card?lead=14246">',
      'AAAA',
    );
    const pairs = fc.array(fc.tuple(names, values), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pairs, fc.constantFrom(...FOREIGN), async (query, headers) => {
        events.length = 0;
        const { text } = await arrive(`/card?${new URLSearchParams(query).toString()}`, headers);
        assert.deepEqual(lookups(), []);
        assert.doesNotMatch(text, /Macias/);
      }),
      { numRuns: 300 },
    );
  });

  it('52: opens a card at once where the operator has named its origin', async () => {
    for (const headers of NAMED)
      for (const query of QUERIES)
        assert.match((await arrive(`/card?${query}`, headers)).text, /Macias/, JSON.stringify(headers));
    const { headers } = await client.post('/card', { phone: '8004321000' }, { origin: DIALER });
    assert.match((await arrive(headers.location ?? '', { origin: DIALER })).text, /Macias/);
  });

  it('opens it as ever where no header tells', async () => {
    for (const headers of UNTOLD)
      for (const query of QUERIES)
        assert.match((await arrive(`/card?${query}`, headers)).text, /Macias/, JSON.stringify(headers));
  });

  it('52: asks, then has somebody sign in who is signed out, then opens the card', async () => {
    for (const headers of FOREIGN) {
      client = createCardClient(test.url);
      events.length = 0;
      const asked = await arrive('/card?lead=14246', headers);
      assertAsked(asked, JSON.stringify(headers));
      const clicked = await client.post('/card', { token: tokenIn(asked), lead: '14246' }, OWN);
      const form = await client.get(clicked.headers.location ?? '', OWN);
      assert.match(form.text, /type="password"[^]*/);
      const sent = { token: tokenIn(form), user: 'MyUser', password: 'MyPass', lead: '14246' };
      const { headers: signedIn } = await client.post('/card/sign-in', sent, OWN);
      assert.match((await client.get(signedIn.location ?? '', OWN)).text, /Macias/);
    }
  });

  it('52: opens no stream of calls', async () => {
    for (const headers of FOREIGN)
      assert.equal((await client.getOnce('/card/events', headers)).status, 403, JSON.stringify(headers));
    // Nor one whose page may open cards: only pages of ours hear calls.
    for (const headers of NAMED) assert.equal((await client.getOnce('/card/events', headers)).status, 403);
  });

  it('52: is one of a domain: what another domain has named counts for nothing', async () => {
    const unnamed = await startCardApp();
    try {
      const other = createCardClient(unnamed.url);
      await other.signIn();
      const { text } = await other.get('/card?lead=14246', NAMED[0]);
      assert.match(text, /data-page="confirm"/);
    } finally {
      await unnamed.close();
    }
  });
});
