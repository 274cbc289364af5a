import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import type { TestApp } from '../../support/test-app.ts';
import { createCardClient, seenIn, startCardApp, tokenIn, type CardClient } from './card-fixture.ts';

describe('a name in the search field of the card', () => {
  const events: LookupEvent[] = [];
  let test: TestApp;
  let client: CardClient;
  before(async () => {
    test = await startCardApp({ onEvent: (event) => events.push(event) });
    client = createCardClient(test.url);
    await client.signIn();
  });
  after(() => test.close());

  /** As the form sends it; goes where it leads. */
  async function search(q: string, by = client, headers = {}) {
    const sent = await by.post('/card', { token: tokenIn(await by.get('/card')), q }, headers);
    const { location = '' } = sent.headers;
    return { location, answer: await by.get(location, headers) };
  }

  const hrefs = (text: string) =>
    [...text.matchAll(/<a href="([^"]*)" data-choice/g)].map(([, href]) => href);

  it('shows everybody who has it, and each card leads back; no address says whom', async () => {
    const start = events.length;
    const { location, answer } = await search('GUADA');
    assert.equal(answer.status, 200);
    assert.match(answer.text, /3 people for “GUADA”[^]*Choose the right one/);
    assert.match(
      seenIn(answer),
      /1 Guadalupe Herrera Customer Zapopan New lead 33 3666 0004 List Guadalajara/,
    );
    assert.doesNotMatch(answer.text, /Most likely|is-ranked/);
    assert.match(answer.text, /value="GUADA"/);
    const shown = events.slice(start).filter(({ result }) => result === 'found');
    assert.deepEqual(shown.map(({ leadId }) => leadId).toSorted(), [2_000_001, 2_000_004, 2_000_005]);
    assert.ok(shown.every(({ endpoint, user }) => endpoint === 'card' && user === 'MyUser'));
    const [first = ''] = hrefs(answer.text);
    const card = await client.get(first);
    assert.match(card.text, /Guadalupe/);
    const [, back = '', label = ''] =
      /class="back"><a href="([^"]*)"><span[^>]*>←<\/span> ([^<]*)</.exec(card.text) ?? [];
    assert.equal(label, 'All 3 for “GUADA”');
    assert.match((await client.get(back)).text, /3 people for/);
    for (const address of [location, first, back]) assert.doesNotMatch(address, /guad|2000/i);
  });

  it('opens the card of the only one, however it is written', async () => {
    for (const typed of ['herrera', 'Guadalupe  Herr', 'HÉRRERA', 'guadalupe 33 3666 0004']) {
      assert.match((await search(typed)).answer.text, /<h1 id="name"[^]*Guadalupe Herrera/, typed);
    }
    assert.match((await search('guadalupe.hernandez@example.com')).answer.text, /Hernández Íñiguez/);
  });

  it('says where nobody has it, in the reader’s language, and names no number', async () => {
    for (const [headers, words] of [
      [{}, /Nobody found for “<b>Zzz”/],
      [{ 'accept-language': 'es-MX' }, /No se encontró a nadie con “<b>Zzz”/],
    ] as const) {
      const { answer } = await search('<b>Zzz', client, headers);
      assert.equal(answer.status, 404);
      assert.match(answer.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>'), words);
      assert.doesNotMatch(answer.text, /telephone number\.|New customer/);
    }
    const { answer } = await search('one two three four five six seven eight nine');
    assert.equal(answer.status, 400);
    assert.match(answer.text, /too many words/);
  });

  it('finds nobody outside the lists of the user', async () => {
    const limited = createCardClient(test.url);
    await limited.signIn('limited', 'Passw0rd');
    assert.match((await search('guadalupe', limited)).answer.text, /<h1 id="name"[^]*María Guadalupe Peña/);
    assert.equal((await search('herrera', limited)).answer.status, 404);
    const out = createCardClient(test.url);
    assert.doesNotMatch((await out.get('/card?q=herrera')).text, /Herrera|3336660004/);
  });

  it('leaves numbers and ids what they were', async () => {
    assert.match((await search('3336660004')).answer.text, /Guadalupe Herrera/);
    assert.match((await search('#2000004')).answer.text, /Guadalupe Herrera/);
    assert.match((await search('14246')).answer.text, /Macias/);
    assert.match((await search('12 ')).answer.text, /There is no lead 12/);
    assert.match((await search('+++')).answer.text, /no telephone number/);
  });
});
