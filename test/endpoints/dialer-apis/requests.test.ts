import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import fc from 'fast-check';

import { problemLine, rowWriter } from '../../../src/endpoints/non-agent/plain-text.ts';
import { PASSWORD } from '../../service/lookup-fixture.ts';
import { mariadbSkip } from '../../support/mariadb-server.ts';
import { send } from '../../support/test-app.ts';
import {
  AGENT,
  ask,
  type DialerApis,
  LEADS,
  LOAD,
  NON_AGENT,
  serialized,
  startDialer,
  startEmbedded,
} from './dialer-apis-fixture.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const UPDATE = { goAction: 'goUpdateCustomer', responsetype: 'json' };
const BRUNO = [['lead_id', '14246']] as const;

function json(text: string): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

describe('requests of the dialer’s other APIs', () => {
  let running: DialerApis;
  before(async () => {
    running = await startEmbedded();
  });
  after(() => running.close());

  const update = (params: Readonly<Record<string, string>>) =>
    ask(running.url, { method: 'POST', path: AGENT, as: 'editor', params: { ...UPDATE, ...params } });
  const call = (name: string, params: Readonly<Record<string, string>>, as = 'editor') =>
    ask(running.url, { method: 'POST', path: NON_AGENT, as, params: { function: name, ...params } });

  it('goUpdateCustomer takes its form in every kind of body alike', async () => {
    const fields = [...BRUNO, ['first_name', 'Bruno'], ['city', 'Tonalá']] as const;
    const form = {
      ...UPDATE,
      goUser: 'editor',
      goPass: PASSWORD,
      ...serialized('goLeadInfo', 'viewCust_', fields),
    };
    const parts = Object.entries(form).map(
      ([name, value]) => `--limit\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const goLeadInfo = fields.map(([name, value]) => ({ name, value }));
    const bodies = [
      [FORM['content-type'], new URLSearchParams(form).toString()],
      ['multipart/form-data; boundary=limit', `${parts.join('')}--limit--\r\n`],
      ['application/json', JSON.stringify({ ...UPDATE, goUser: 'editor', goPass: PASSWORD, goLeadInfo })],
    ] as const;
    for (const [type, body] of bodies) {
      const { text } = await send(running.url, AGENT, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      assert.equal(
        text,
        `{"result":"success","lead_id":"14246","message":"Lead file '14246' updated successfully."}`,
        type,
      );
    }
  });

  it('records what a form changes and nothing of what it sends as it is', async () => {
    const before = running.events.length;
    await update(
      serialized('goLeadInfo', '', [...BRUNO, ['first_name', 'Bruno'], ['email', 'b@example.com']]),
    );
    const changes = running.events.slice(before).filter(({ result }) => result === 'lead_changed');
    assert.deepEqual(
      changes.map(({ endpoint, user, leadId, fields }) => ({ endpoint, user, leadId, fields })),
      [{ endpoint: 'goapi', user: 'editor', leadId: 14246, fields: ['email'] }],
    );
    const again = running.events.length;
    await update(
      serialized('goLeadInfo', '', [...BRUNO, ['email', 'b@example.com'], ['address3', 'Col. Centro']]),
    );
    assert.deepEqual(
      running.events.slice(again).map(({ result }) => result),
      // Who may is asked first, and is no record; a form that changes nothing has read the lead.
      ['found'],
    );
  });

  it('17: goUpdateCustomer has up to 500 parameters of 8 KiB, and nothing else has', async () => {
    const [user, lead] = [4, 2];
    const fill = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, '']));
    const own = serialized('goLeadInfo', '', BRUNO);
    const most = await update({ ...own, ...fill(500 - user - lead) });
    assert.equal(json(most.text).result, 'success');
    const more = await update({ ...own, ...fill(501 - user - lead) });
    assert.equal(more.status, 400);
    assert.match(more.text, /more than 500 parameters/);
    const long = await update(serialized('goLeadInfo', '', [...BRUNO, ['comments', 'ñ'.repeat(4_096)]]));
    assert.equal(json(long.text).result, 'success');
    const longer = await update(serialized('goLeadInfo', '', [...BRUNO, ['comments', 'x'.repeat(8_193)]]));
    assert.match(longer.text, /a parameter value of more than 8192 bytes/);
    // Who only writes its name somewhere is no such form.
    const lookup = {
      goAction: 'goGetCustomerInfo',
      responsetype: 'json',
      lead_id: '14246',
      x: 'goUpdateCustomer',
    };
    const refused = await ask(running.url, {
      method: 'POST',
      path: AGENT,
      as: 'editor',
      params: { ...lookup, ...fill(100) },
    });
    assert.match(refused.text, /more than 100 parameters/);
    const inUrl = await send(running.url, `${AGENT}?goAction=goGetCustomerInfo&responsetype=json`, {
      method: 'POST',
      headers: FORM,
      body: new URLSearchParams({ goAction: 'goUpdateCustomer', y: 'x'.repeat(1_025) }).toString(),
    });
    assert.match(inUrl.text, /a parameter value of more than 1024 bytes/);
  });

  it('a value that is longer than the store keeps is refused with its name, and nothing is written', async () => {
    const { text } = await update(
      serialized('goLeadInfo', '', [...BRUNO, ['city', 'x'.repeat(1_001)], ['state', 'X']]),
    );
    assert.match(
      text,
      /"message":"Error: city has 1001 characters; at most 1000 are kept","fields":\["city"\]/,
    );
    const added = await call('add_lead', { phone_number: '7275559999', first_name: 'x'.repeat(1_001) });
    assert.match(added.text, /^ERROR: add_lead INVALID DATA - editor\|first_name has 1001 characters/);
    assert.match((await call('lead_search', { phone_number: '7275559999' })).text, /NO MATCHES/);
  });

  it('are GET and POST alone, of forms that can be read', async () => {
    for (const path of [NON_AGENT, LOAD]) {
      for (const method of ['PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
        const { status, headers } = await send(running.url, `${path}?function=lead_search`, { method });
        assert.deepEqual([status, headers.allow], [405, 'GET, POST'], method);
      }
      const post = (type: string, body: string | Buffer) =>
        send(running.url, path, { method: 'POST', headers: { 'content-type': type }, body });
      assert.equal((await post('application/json', '{}')).status, 415);
      assert.equal((await post(FORM['content-type'], 'x=%ff')).status, 400);
      assert.equal((await post(FORM['content-type'], Buffer.from('x=\xff', 'latin1'))).status, 400);
      assert.equal((await post(FORM['content-type'], `x=${'y'.repeat(70_000)}`)).status, 413);
      assert.equal((await post(FORM['content-type'], 'x=1&'.repeat(101))).status, 400);
      assert.equal((await send(running.url, `${path}?function=lead_search&x=%zz`)).status, 400);
    }
  });

  it('name the documented path where one is nearly right', async () => {
    for (const path of [LEADS, NON_AGENT, LOAD]) {
      const { status, text } = await send(running.url, `${path.toLowerCase()}/?function=lead_search`);
      assert.equal(status, 404);
      assert.ok(text.includes(path), text);
    }
  });

  it('stand in no URL with a password where the operator forbids it, and are locked like every login', async () => {
    const strict = await startEmbedded({ queryCredentials: 'refuse', requireIfMatch: true });
    try {
      const inUrl = await ask(strict.url, {
        method: 'GET',
        path: NON_AGENT,
        as: 'editor',
        params: { function: 'lead_search' },
      });
      assert.equal(inUrl.status, 400);
      assert.match(inUrl.text, /^ERROR: User name and password may not stand in the URL here/);
      // Whoever must say what they have read cannot do so here.
      const blind = { method: 'POST', path: NON_AGENT, as: 'editor' } as const;
      const { text } = await ask(strict.url, {
        ...blind,
        params: { function: 'update_lead', lead_id: '14246', city: 'X' },
      });
      assert.match(text, /^ERROR: update_lead If-Match is required here/);
      const guess = { ...blind, path: LOAD, as: 'reader', password: 'wrong', params: {} };
      for (let tried = 0; tried < 10; tried += 1) await ask(strict.url, guess);
      const locked = await ask(strict.url, { ...guess, password: PASSWORD });
      assert.equal(locked.text, 'ERROR: Too many login attempts, try again in 15 minutes: |reader|LOCK|\n');
    } finally {
      await strict.close();
    }
  });

  it('a vendor’s columns are kept where the list has custom fields of their names', async () => {
    const list = { list_id: '4711' };
    await call('add_lead', { ...list, phone_number: '7275550001' });
    const fields = ['vendor_lead_code', 'security_phrase', 'source_id'].map((label) => ({ label }));
    const put = await send(running.url, '/v1/lists/4711/fields', {
      method: 'PUT',
      headers: {
        authorization: `Basic ${Buffer.from(`editor:${PASSWORD}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ fields }),
    });
    assert.equal(put.status, 200, put.text);
    const own = { vendor_lead_code: 'A|1', security_phrase: 'azul', owner: '6666' };
    const added = await call('add_lead', { ...list, phone_number: '7275550002', ...own });
    const [, leadId = ''] = /\|(\d+)\|\n/.exec(added.text) ?? [];
    assert.match(
      added.text,
      new RegExp(`NOTICE: add_lead VALUES NOT STORED HERE - editor\\|${leadId}\\|owner\\n$`),
    );
    const row = (await call('lead_all_info', { lead_id: leadId, custom_fields: 'Y' }, 'reader')).text
      .trimEnd()
      .split('|');
    assert.deepEqual([row[2], row[3], row[24], row.length], ['A 1', '', 'azul', 32]);
    const found = await call('update_lead', { lead_id: leadId, no_update: 'Y' });
    assert.equal(
      found.text,
      `NOTICE: update_lead LEADS FOUND IN THE SYSTEM: |editor|${leadId}|A 1|7275550002|4711|0\n`,
    );
  });

  it('read no more leads than a day allows, and change none beyond it', async () => {
    const limited = await startEmbedded({ dailyLeads: 1 });
    try {
      const first = { method: 'POST', path: NON_AGENT, as: 'editor' } as const;
      await ask(limited.url, { ...first, params: { function: 'lead_all_info', lead_id: '14246' } });
      for (const params of [
        { function: 'lead_all_info', lead_id: '1000001' },
        { function: 'lead_search', phone_number: '5500000001' },
        { function: 'update_lead', lead_id: '1000001', city: 'X' },
      ]) {
        const { status, headers, text } = await ask(limited.url, { ...first, params });
        assert.deepEqual([status, Number(headers['retry-after']) >= 1], [429, true], text);
        assert.match(text, /^ERROR: \w+ 1 different leads may be read in a day/);
      }
    } finally {
      await limited.close();
    }
  });
});

describe('a row of plain text', () => {
  it('has its columns and no other line, whatever the values are', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('a|b', 'a\r\nb', 'a\tb', '\u2028', 'SUCCESS: add_lead\nx', '"', ',', null, 0),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
        const lines = (text: string) => text.split(/[\r\n\v\f\u0085\u2028\u2029]/);
        const pipes = rowWriter('')(values);
        assert.deepEqual([lines(pipes).length, pipes.split('|').length], [1, values.length]);
        const tabs = rowWriter('TAB')(values);
        assert.deepEqual([lines(tabs).length, tabs.split('\t').length], [1, values.length]);
        assert.equal(lines(rowWriter('newline')(values)).length, values.length);
        const csv = rowWriter('csv')(values);
        const outside = csv.replace(/"[^"]*"/g, '');
        assert.deepEqual([lines(csv).length, outside.split(',').length], [1, values.length]);
        const error = problemLine(
          { code: 'credentials_invalid' },
          { name: 'add_lead', user: String(values[0]) },
        );
        assert.equal(lines(error).length, 1);
      }),
    );
  });
});

describe('on a dialer whose logs of calls our account may not read', { skip: mariadbSkip }, () => {
  it('goGetLeadsInfo has none', async () => {
    const dialer = await startDialer(false);
    try {
      const params = { goAction: 'goGetLeadsInfo', responsetype: 'json', lead_id: '14246' };
      const { text } = await ask(dialer.url, { method: 'GET', path: LEADS, as: 'reader', params });
      const { result, calls, record } = json(text);
      assert.equal(result, 'success');
      assert.deepEqual((calls as { call_date: unknown }).call_date, []);
      assert.deepEqual((record as { location: unknown }).location, []);
    } finally {
      await dialer.close();
    }
  });
});
