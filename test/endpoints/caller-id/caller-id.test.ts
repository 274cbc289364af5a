import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import fc from 'fast-check';

import { CALLER_ID_EARLY } from '../../../src/endpoints/caller-id/caller-id.ts';
import { callerHash, callerName, shownText } from '../../../src/endpoints/caller-id/shown-name.ts';
import { LEAD_FIELDS, type Lead } from '../../../src/core/lead.ts';
import { fillEmbedded } from '../../stores/described-store.ts';
import { basic } from '../../support/authorization.ts';
import { describeDataset, readDataset } from '../../support/dataset.ts';
import { makeToken } from '../../support/made-token.ts';
import { send, startTestApp, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { timeOf } from '../../support/until.ts';
import { createWatchedLog } from '../../support/watched-log.ts';

const BRUNO = 'Bruno M Macias';

describe('GET /v1/caller-id', () => {
  const watched = createWatchedLog();
  let target: TestApp;
  let token = '';

  before(async () => {
    const dataset = describeDataset(readDataset());
    target = await startTestApp(temporaryFolder(), (store) => fillEmbedded(store, dataset), {
      log: watched.log,
    });
    token = makeToken(target.store, { name: 'pbx', scope: ['caller-id'] });
  });
  after(() => target.close());

  /** The body, after what is the same of every answer. */
  async function ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const answer = await send(target.url, path, { headers });
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    return answer.text;
  }

  it('is the name and nothing else, whichever way the token comes', async () => {
    assert.equal(await ask(`/v1/caller-id/${token}?phone=8004321000`), BRUNO);
    assert.equal(await ask(`/v1/caller-id?phone=+52%20800-432-1000&token=${token}`), BRUNO);
    assert.equal(await ask('/v1/caller-id?phone=8004321000', { authorization: `Bearer ${token}` }), BRUNO);
    assert.equal(await ask('/v1/caller-id?phone=8004321000', basic('MyUser', 'MyPass')), BRUNO);
  });

  it('is key=value for Asterisk with format=hash', async () => {
    const text = await ask(`/v1/caller-id/${token}?phone=8004321000&format=hash`);
    assert.match(text, /^name=Bruno%20M%20Macias&lead_id=14246&list_id=22799125&title=Lic&/);
    const hash = Object.fromEntries(new URLSearchParams(text));
    assert.deepEqual(
      [hash.name, hash.city, hash.is_customer, hash.matched, hash.matches],
      [BRUNO, 'Guadalajara', '0', 'phone_number', '1'],
    );
    assert.ok(!('email' in hash) && !('comments' in hash) && !text.includes('+'));
  });

  it('is empty for everything else', async () => {
    const api = makeToken(target.store, { name: 'crm' });
    const elsewhere = makeToken(target.store, { name: 'other list', scope: ['caller-id'], lists: [1] });
    for (const path of [
      `/v1/caller-id/${token}?phone=5500000000`,
      `/v1/caller-id/${token}?phone=anonymous`,
      `/v1/caller-id/${token}?phone=`,
      `/v1/caller-id/${token}`,
      `/v1/caller-id/${token}?phone=%zz%ff`,
      `/v1/caller-id/${token}?phone=5500000000&format=hash`,
      '/v1/caller-id?phone=8004321000',
      '/v1/caller-id?phone=8004321000&token=',
      `/v1/caller-id/cc_${'A'.repeat(43)}?phone=8004321000`,
      `/v1/caller-id/${api}?phone=8004321000`,
      `/v1/caller-id/${elsewhere}?phone=8004321000`,
    ])
      assert.equal(await ask(path), '', path);
    assert.equal(await ask('/v1/caller-id?phone=8004321000', basic('MyUser', 'Wr0ng')), '');
    assert.equal(await ask('/v1/caller-id?phone=8004321000', { authorization: 'Basic !' }), '');
  });

  it('is the same with a slash too many, as FreePBX asks, and silence whatever else is asked for there', async () => {
    for (const base of ['//v1/caller-id', '///v1/caller-id', '/v1//caller-id']) {
      assert.equal(await ask(`${base}?phone=8004321000&token=${token}`), BRUNO, base);
      assert.equal(await ask(`${base}/${token}?phone=8004321000`), BRUNO, base);
      assert.equal(await ask(`${base}?phone=5500000000&token=${token}`), '', base);
      assert.equal(await ask(`${base}?phone=8004321000&token=wrong`), '', base);
    }
    assert.equal(await ask(`/v1/caller-id/?phone=8004321000&token=${token}`), BRUNO);
    for (const base of ['/v1/caller-id', '//v1/caller-id'])
      for (const more of [`/${token}/more`, `/${token}/`, '/a/b/c', '/%zz', `//${token}`])
        assert.equal(await ask(`${base}${more}?phone=8004321000`), '', `${base}${more}`);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const body = method === 'OPTIONS' ? undefined : 'phone=8004321000';
      const path = `//v1/caller-id/${token}?phone=8004321000`;
      const answer = await send(target.url, path, { method, ...(body === undefined ? {} : { body }) });
      assert.deepEqual([answer.status, answer.text], [200, ''], method);
    }
    // Only this path: what somebody mistypes elsewhere is told.
    assert.equal((await send(target.url, '//v1/leads')).status, 404);
    assert.equal((await send(target.url, '//v1/caller-idle')).status, 404);
  });

  it('is the fallback where nobody is found, and only there', async () => {
    const fallback = `fallback=${encodeURIComponent('Peña "Línea" 2\r\nX: y')}`;
    const shown = 'Peña Línea 2 X: y';
    assert.equal(await ask(`/v1/caller-id/${token}?phone=8004321000&${fallback}`), BRUNO);
    for (const phone of ['5500000000', 'anonymous', '', '%zz'])
      assert.equal(await ask(`/v1/caller-id/${token}?phone=${phone}&${fallback}`), shown, phone);
    assert.equal(await ask(`/v1/caller-id/${token}?${fallback}`), shown);
    assert.equal(
      await ask(`/v1/caller-id/${token}?phone=5500000000&format=hash&${fallback}`),
      `name=${encodeURIComponent(shown)}`,
    );
    assert.equal(
      await ask(`/v1/caller-id/${token}?phone=5500000000&ascii=1&${fallback}`),
      'Pena Linea 2 X: y',
    );
    const long = await ask(`/v1/caller-id/${token}?phone=5500000000&fallback=${'x'.repeat(2_000)}`);
    assert.equal(long, 'x'.repeat(80));
    // Strangers get nothing back of what they send.
    for (const phone of ['8004321000', '5500000000', 'anonymous'])
      assert.equal(await ask(`/v1/caller-id/cc_${'A'.repeat(43)}?phone=${phone}&${fallback}`), '', phone);
    assert.equal(await ask(`/v1/caller-id?phone=5500000000&${fallback}`), '');
  });

  it('has tokens that open nothing else, and stand nowhere else in a URL', async () => {
    const api = makeToken(target.store, { name: 'crm 2' });
    for (const [path, headers] of [
      ['/v1/leads?phone=8004321000', { authorization: `Bearer ${token}` }],
      [`/v1/leads?phone=8004321000&token=${token}`, {}],
      [`/v1/leads?phone=8004321000&token=${api}`, {}],
    ] as const) {
      const answer = await send(target.url, path, { headers });
      assert.equal(answer.status, 401, path);
      assert.ok(!answer.text.includes('Bruno'));
    }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = '{"user":"MyUser","lead_id":14246}';
    assert.equal((await send(target.url, '/v1/calls', { method: 'POST', headers, body })).status, 401);
  });

  it('26: writes no token down', async () => {
    await ask(`/v1/caller-id/${token}?phone=8004321000`);
    await send(target.url, `/v1/caller-id/${token}/more?token=${token}`);
    const written = watched.lines.join('\n');
    assert.match(written, /"user":"token:pbx".*"endpoint":"caller-id"/);
    assert.ok(!written.includes(token.slice(3, 20)));
  });

  it('is empty, and not late, where the store does not answer', async () => {
    const silent = {
      ...target.store,
      leads: { ...target.store.leads, find: () => new Promise<never>(() => undefined) },
    };
    const slow = await startTestApp(temporaryFolder(), () => undefined, { store: silent });
    let text = '';
    const ms = await timeOf(async () => {
      const answer = await send(slow.url, `/v1/caller-id/${token}?phone=8004321000`);
      text = `${answer.status} ${answer.text}`;
    });
    assert.equal(text, '200 ');
    assert.ok(ms > 1_000 && ms < 10_000, `${ms} ms`);
    await slow.app.close();
  });

  it('is an empty answer, too, where there is no time for it', () => {
    const { targets, overload, undecodable } = CALLER_ID_EARLY;
    for (const path of [
      '/v1/caller-id?phone=1',
      '/v1/caller-id/cc_x?phone=1',
      '/v1/caller-id',
      '//v1/caller-id?phone=1',
    ])
      assert.match(path, targets);
    for (const path of ['/v1/caller-idle', '/v1/leads', '/goAPIv2/goAgent/goAPI.php'])
      assert.doesNotMatch(path, targets);
    for (const early of [overload, undecodable]) assert.deepEqual([early?.status, early?.body], [200, '']);
  });
});

describe('the name that a telephone shows', () => {
  const nobody = Object.fromEntries(LEAD_FIELDS.map((field) => [field, null])) as unknown as Lead;
  const called = (first_name: string | null, last_name: string | null = null) => ({
    ...nobody,
    lead_id: 1,
    list_id: 2,
    first_name,
    last_name,
  });

  it('has nothing in it that is not seen, or that ends a name in a SIP header', () => {
    assert.equal(callerName(called('Ana\r\nFrom: x', 'Nú\u0000ñez')), 'Ana From: x Nú ñez');
    assert.equal(
      callerName(called('<script>alert("1")</script>', '\u202eevil\u2028')),
      'scriptalert(1)/script evil',
    );
    assert.equal(callerName(called('${system touch /tmp/x}', '$${`id`} %n')), 'system touch /tmp/x id n');
    assert.equal(callerName(called(null)), '');
    assert.equal(callerName(called('  ', '')), '');
  });

  it('has 80 characters at most, whatever is stored', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.string({ maxLength: 200 }),
        (first, last) => {
          const lead = called(first, last);
          const name = callerName(lead);
          assert.ok(Array.from(name).length <= 80);
          assert.doesNotMatch(name, /[\p{C}<>"\\\r\n${}`%]/u);
          assert.ok(name.isWellFormed());
          const hash = callerHash({ lead, custom: null, isCustomer: false, leadId: 1 }, name);
          // Asterisk counts brackets.
          assert.match(hash, /^(?:[a-z_]+=[\w\-.!~*'%]+(?:&|$))+$/);
          assert.doesNotMatch(decodeURIComponent(hash), /[()[\]]/);
          const ascii = callerName(lead, { isAscii: true });
          assert.match(ascii, /^[ -~]{0,80}$/);
          assert.doesNotMatch(ascii, /[<>"\\${}`%]/);
        },
      ),
    );
  });

  it('has no brackets in a hash, closed or not', () => {
    const lead = { ...called('Ana (casa', 'López] [2)'), city: '(MX' };
    const hash = callerHash({ lead, custom: null, isCustomer: true, leadId: 1 }, callerName(lead));
    const { name, city, is_customer } = Object.fromEntries(new URLSearchParams(hash));
    assert.deepEqual([name, city, is_customer], ['Ana casa López 2', 'MX', '1']);
    assert.equal(callerName(lead), 'Ana (casa López] [2)');
  });

  it('is ASCII where that is wished', () => {
    const cases = {
      'José Peña Núñez': 'Jose Pena Nunez',
      'Łódź Ærø Straße ÞÓR Œuvre': 'Lodz AEro Strasse THOR OEuvre',
      'D’Angelo – 2ª Línea': "D'Angelo - 2a Linea",
      'Ｗｉｄｅ ＜b＞ ％ ＄｛x｝ ｀id｀': 'Wide b x id',
      王小明: '',
      'Ana 王 López': 'Ana Lopez',
      'Ñ̃\u0301\r\nX': 'N X',
    };
    for (const [text, ascii] of Object.entries(cases))
      assert.equal(shownText(text, { isAscii: true }), ascii, text);
  });
});
