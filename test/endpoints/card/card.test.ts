import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { LookupEvent } from '../../../src/core/lookup-event.ts';
import { isAnswering, send, type TestApp } from '../../support/test-app.ts';
import { createCardClient, startCardApp, type CardClient } from './card-fixture.ts';

const SPANISH = { 'accept-language': 'es-MX,es;q=0.9,en;q=0.8' };

describe('the card', () => {
  const events: LookupEvent[] = [];
  let test: TestApp;
  let client: CardClient;
  before(async () => {
    test = await startCardApp({ onEvent: (event) => events.push(event) });
    client = createCardClient(test.url);
    await client.signIn();
  });
  after(() => test.close());

  it('shows who it is, with the number that was asked for first and marked', async () => {
    const { status, text } = await client.get('/card?phone=%2B52+81+3333+4444');
    assert.equal(status, 200);
    assert.match(text, /<h1[^>]*>.*Sra.*Guadalupe R Hernández Íñiguez.*<\/h1>/);
    assert.match(text, /Customer/);
    assert.match(text, /Call back <small>CALLBK<\/small>/);
    const [matched = '', other = ''] = text.match(/<li[^>]*>\s*<p class="label">[^]*?<\/li>/g) ?? [];
    assert.match(
      matched,
      /is-matched[^]*Second number[^]*This number[^]*href="tel:\+528133334444">81 3333 4444</,
    );
    assert.match(other, /Main number[^]*href="tel:\+528111112222">81 1111 2222</);
    assert.doesNotMatch(other, /This number/);
    assert.match(text, /href="mailto:guadalupe\.hernandez@example\.com"/);
    assert.match(
      text,
      /<address><span>Av\. Vallarta 1450<\/span><span>Interior 12<\/span><span>44160 Guadalajara, Jalisco<\/span><span>Mexico<\/span><\/address>/,
    );
    assert.match(text, /<time datetime="1984-03-09">March 9, 1984<\/time><span class="note">\d\d years old/);
  });

  it('shows further numbers by their labels, the one that was asked for first, and dials what is a number', async () => {
    const numbers = (text: string) =>
      (text.match(/<li[^>]*>\s*<p class="label">[^]*?<\/li>/g) ?? []).map((item) => {
        const [, label = ''] = /<p class="label">([^<]*)/.exec(item) ?? [];
        const [, dialled = 'no link'] = /href="([^"]*)"/.exec(item) ?? [];
        return [label.trim(), dialled, item.includes('is-matched')];
      });
    const { text } = await client.get('/card?lead=2000001&phone=8155550003');
    assert.deepEqual(numbers(text), [
      ['WhatsApp', 'tel:+528155550003', true],
      ['Main number', 'tel:+528111112222', false],
      ['Second number', 'tel:+528133334444', false],
      ['Her sister&#39;s house &lt;b&gt;', 'tel:+528155556666', false],
      ['Oficina en Nueva York, donde contesta también la recepcionista', 'tel:+12125550142', false],
      ['OficinaDeLaTardeSinEspaciosEnSuNombreQueEsMuyLargo', 'no link', false],
      ['Further number', 'tel:+528155550001', false],
      ['Fax', 'tel:+528155550002', false],
    ]);
    assert.match(text, /<summary>2 more numbers<\/summary>\s*<ul>[^]*Further number[^]*Fax[^]*<\/details>/);
    assert.match(text, /data-copy="\+12125550142" data-what="Oficina en Nueva York/);
    const spanish = await client.get('/card?phone=8155550002', SPANISH);
    assert.deepEqual(numbers(spanish.text)[0], ['Fax', 'tel:+528155550002', true]);
    assert.match(spanish.text, /<summary>2 números más<\/summary>[^]*Otro número/);
  });

  it('tells people apart by what their number is called', async () => {
    const { text } = await client.get('/card?phone=8155556666');
    assert.match(text, /2 people have 81 5555 6666/);
    assert.match(text, /Guadalupe[^]*Her sister&#39;s house &lt;b&gt;/);
    assert.match(text, /Lead 2000002[^]*Further number/);
  });

  it('shows custom fields by caption, list and type', async () => {
    const { text } = await client.get('/card?lead=2000001');
    assert.match(text, /<dt>Policy number<\/dt>\s*<dd>P-204817<\/dd>/);
    assert.match(text, /<dt>Renewal date<\/dt>\s*<dd>April 12, 2027<\/dd>/);
    assert.match(text, /<dt>Visits<\/dt>\s*<dd>1,240<\/dd>/);
    assert.match(text, /<dt>Channels<\/dt>\s*<dd>phone<\/dd><dd>whatsapp<\/dd>/);
    assert.match(text, /<dd class="lines">First line\nSecond line<\/dd>/);
    assert.match(text, /Pólizas <small>22799127/);
    assert.doesNotMatch(text, /<dt>Empty/);
  });

  it('keeps stored text text, in every place', async () => {
    const { text } = await client.get('/card?lead=2000003');
    assert.match(
      text,
      /much\.\n&lt;script&gt;document\.title=&quot;taken&quot;&lt;\/script&gt;&lt;img src=x/,
    );
    assert.equal(text.match(/<script/g)?.length, 1, 'our own script alone');
    assert.doesNotMatch(text, /<img|\sonerror="|\sstyle=|<style/);
    const quoted = await client.get('/card?lead=1000001');
    assert.match(quoted.text, /O&#39;Brien &amp; &lt;Sons&gt; Ñ Ñandú &quot;Quoted&quot;/);
  });

  it('keeps what somebody asked text', async () => {
    for (const target of ['q', 'phone', 'lead', 'of']) {
      const { text } = await client.get(`/card?${target}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E`);
      assert.equal(text.match(/<script/g)?.length, 1);
      assert.doesNotMatch(text, /alert\(1\)<\/script>/);
    }
  });

  it('leaves out what is not known, and says what is doubtful', async () => {
    const { text } = await client.get('/card?lead=2000002');
    assert.match(text, /<h1[^>]*>\s*<span>81 4444 5555<\/span><\/h1>/);
    assert.match(text, /No name/);
    assert.match(text, /chip status loud/);
    assert.match(text, /Do not call/);
    assert.match(text, /this day is still to come/);
    assert.doesNotMatch(text, /<address>|mailto:|Comments|null|undefined/);
    const zero = await client.get('/card?lead=1000004');
    assert.doesNotMatch(zero.text, /0000-00-00|Birth date/);
    assert.match((await client.get('/card?lead=14246')).text, /October 23, 1825[^]*more than 120 years ago/);
  });

  it('lets somebody choose among several, the winner first', async () => {
    const { status, text } = await client.get('/card?q=55+1111+2222');
    assert.equal(status, 200);
    assert.match(text, /<h1[^>]*>3 people have 55 1111 2222<\/h1>/);
    const names = [...text.matchAll(/<span class="name">([^<]*)</g)].map(([, name]) => name);
    assert.deepEqual(names, ['Lastcalled', 'First', 'Nevercalled']);
    assert.equal(text.match(/Most likely/g)?.length, 1);
    const [, href = ''] = /<a href="([^"]*)" data-choice="1"/.exec(text) ?? [];
    const chosen = await client.get(href.replaceAll('&amp;', '&'));
    assert.match(chosen.text, /Lastcalled[^]*This number/);
    const [, back = ''] = /href="([^"]*)">.*All 3 with this number/.exec(chosen.text) ?? [];
    assert.match((await client.get(back)).text, /3 people have 55 1111 2222/);
  });

  it('writes every lead that it shows into the audit, as its own endpoint', async () => {
    events.length = 0;
    await client.get('/card?phone=5511112222');
    assert.deepEqual(
      events.map(({ endpoint, user, result, leadId }) => [endpoint, user, result, leadId]),
      [1_000_009, 1_000_008, 1_000_010].map((leadId) => ['card', 'MyUser', 'found', leadId]),
    );
  });

  it('shows nobody of a list that the user may not see', async () => {
    const limited = createCardClient(test.url);
    await limited.signIn('limited', 'Passw0rd');
    for (const target of ['/card?lead=14246', '/card?phone=8004321000']) {
      const { status, text } = await limited.get(target);
      assert.equal(status, 404);
      assert.doesNotMatch(text, /Macias|Bruno|Guadalajara/);
    }
    assert.match((await limited.get('/card?phone=5511112222')).text, /Nevercalled/);
  });

  it('says in plain words what went another way, and what to do', async () => {
    const cases: [string, number, RegExp, RegExp][] = [
      ['/card?phone=5599990000', 404, /New number[^]*55 9999 0000/, /Número nuevo[^]*55 9999 0000/],
      ['/card?lead=99', 404, /There is no lead 99/, /No existe el cliente n.º 99/],
      ['/card?phone=hello', 400, /That is no telephone number/, /Eso no es un número de teléfono/],
      ['/card?lead=1a', 400, /That is no lead id/, /Eso no es un número de cliente/],
    ];
    for (const [target, status, english, spanish] of cases) {
      const answer = await client.get(target);
      assert.equal(answer.status, status);
      assert.match(answer.text, english);
      const other = await client.get(target, SPANISH);
      assert.match(other.text, spanish);
      assert.match(other.text, /<html lang="es-MX">/);
    }
  });

  it('reads what is typed: # and short numbers are lead ids, and digits that nobody has may be one', async () => {
    assert.match((await client.get('/card?q=14246')).text, /Macias/);
    assert.match((await client.get('/card?q=%2314246')).text, /Macias/);
    const { text } = await client.get('/card?q=1000001');
    const [, href = ''] = /href="([^"]*)">Look for lead 1000001 instead/.exec(text) ?? [];
    assert.match((await client.get(href)).text, /O&#39;Brien/);
  });

  it('has a strict policy on every page, and nothing inline that would need another', async () => {
    for (const target of ['/card', '/card?lead=14246', '/card?lead=99', '/card/sign-in']) {
      const { headers, text } = await client.get(target);
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.doesNotMatch(text, /\sstyle=|\son[a-z]+=|javascript:|<style|<script>|https?:\/\//);
    }
  });

  it('takes no other methods', async () => {
    for (const [method, target, allow] of [
      ['PUT', '/card', 'GET, POST'],
      ['HEAD', '/card', 'GET, POST'],
      ['DELETE', '/card?lead=14246', 'GET, POST'],
      ['DELETE', '/card/sign-in', 'GET, POST'],
      ['OPTIONS', '/card/events', 'GET'],
    ] as const) {
      const { status, headers } = await send(test.url, target, { method });
      assert.equal(status, 405, `${method} ${target}`);
      assert.equal(headers.allow, allow);
    }
  });

  it('hands out its files for a year, by names that change with them, and no others', async () => {
    const { text } = await client.get('/card');
    const files = [...text.matchAll(/(?:href|src)="(\/card\/assets\/[^"]*)"/g)].map(([, path = '']) => path);
    assert.equal(files.length, 8);
    for (const path of files) {
      assert.match(path, /-[0-9a-f]{12}\./);
      const { status, headers } = await send(test.url, path);
      assert.equal(status, 200);
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
    }
    for (const path of [
      '/card/assets/',
      '/card/assets/card.css',
      '/card/assets/..%2f..%2fdoor.ts',
      '/card/templates/layout.eta',
    ]) {
      assert.ok(!(await isAnswering(test.url, path)), path);
    }
  });
});

describe('the card when something is wrong behind it', () => {
  it('says so, and says when to come back', async (t) => {
    const test = await startCardApp({ config: { rateLimit: 1 } });
    t.after(() => test.close());
    const client = createCardClient(test.url);
    await client.signIn();
    const answers = [];
    for (let count = 0; count < 6; count += 1) answers.push(await client.get('/card?lead=14246'));
    const refused = answers.find(({ status }) => status === 429);
    assert.ok(refused !== undefined, 'one of them was too fast');
    assert.match(refused.text, /That was too fast/);
    assert.ok(Number(refused.headers['retry-after']) >= 1);
    assert.doesNotMatch(refused.text, /Macias/);
  });

  it('shows no card while the store is gone', async (t) => {
    const test = await startCardApp();
    t.after(() => test.app.close());
    const client = createCardClient(test.url);
    await client.signIn();
    await test.store.close();
    const { status, text } = await client.get('/card?lead=14246');
    assert.ok(status >= 500, String(status));
    assert.match(text, /<h1[^>]*>(?:The customers cannot be reached right now|Something went wrong)/);
    assert.match(text, /tell your administrator/);
    assert.doesNotMatch(text, /Macias/);
  });
});
