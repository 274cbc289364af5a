import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, it } from 'node:test';

import { runCallercard } from '../../support/command.ts';
import { onOwnEngines } from '../../support/own-engines.ts';
import { inject, send } from '../../support/test-app.ts';
import { ALL, ON_LEADS, ON_LISTS } from './record-requests.ts';
import { type Asked, type RecordsApp, startRecordsApp, type Reply } from './records-fixture.ts';

onOwnEngines('who writes and reads records', (emptyStore) => {
  let app: RecordsApp;
  before(async () => {
    app = await startRecordsApp(emptyStore());
  });
  after(() => app.close());

  const untouched = async () => {
    const [lead, timeline, lists] = await Promise.all([
      app.ask({ to: 'GET /v1/leads/10' }),
      app.ask({ to: 'GET /v1/leads/10/timeline' }),
      app.ask({ to: 'GET /v1/lists' }),
    ]);
    return [lead.text, timeline.text, lists.text];
  };

  it('needs credentials and the right; nothing changes without', async () => {
    const before = await untouched();
    for (const [name, { ask, writes }] of Object.entries(ALL)) {
      const asked = ask(name in ON_LISTS ? 1 : 10);
      const wrong = await app.ask({ ...asked, headers: app.as.nobody });
      assert.deepEqual([wrong.status, wrong.json.code], [401, 'credentials_invalid'], name);
      const none = await app.ask({ ...asked, headers: { authorization: '' } });
      assert.deepEqual([none.status, none.json.code], [401, 'credentials_invalid'], name);
      if (!writes) continue;
      const reader = await app.ask({ ...asked, headers: app.as.reader });
      assert.deepEqual([reader.status, reader.json.right], [403, 'edit'], name);
    }
    assert.deepEqual(await untouched(), before);
  });

  it('gives what the caller may not see the answer of what is not there', async () => {
    for (const [name, { ask }] of Object.entries({ ...ON_LEADS, ...ON_LISTS })) {
      const code = name in ON_LISTS ? 'list_not_found' : 'lead_not_found';
      const unseen = await app.ask({ ...ask(name in ON_LISTS ? 2 : 30), headers: app.as.north });
      const absent = await app.ask({ ...ask(99), headers: app.as.north });
      assert.deepEqual([unseen.status, unseen.json.code], [404, code], name);
      assert.deepEqual([absent.status, absent.json.code], [404, code], name);
      assert.ok(!unseen.text.includes('Eva') && !unseen.text.includes('South'), name);
    }
    const seen = await app.ask({ to: 'GET /v1/lists', headers: app.as.north });
    assert.deepEqual(
      (seen.json.lists as { list_id: number }[]).map(({ list_id: id }) => id),
      [1],
    );
    for (const body of [{ list_id: 2 }, { list_id: 78 }]) {
      const made = await app.ask({ to: 'POST /v1/lists', body, headers: app.as.north });
      assert.deepEqual(
        [made.status, made.json.code, made.json.fields],
        [400, 'parameter_malformed', ['list_id']],
      );
    }
    for (const asked of [
      { to: 'PATCH /v1/leads/10', body: { list_id: 2 } },
      { to: 'POST /v1/leads', body: { list_id: 2 } },
    ] as const) {
      assert.equal((await app.ask({ ...asked, headers: app.as.north })).json.code, 'list_not_found');
    }
  });

  it('says which field is wrong and what would do', async () => {
    const lead = 'PATCH /v1/leads/10';
    const make = 'POST /v1/leads';
    const fields = 'PUT /v1/lists/1/fields';
    for (const [to, body, field, words] of [
      [lead, {}, 'body', /names no field/],
      [lead, [], 'body', /object/],
      [lead, undefined, 'body', /object/],
      [lead, { first_name: 7 }, 'first_name', /text, or null.*not a number/],
      [lead, { is_customer: 'Y' }, 'is_customer', /true or false, not a string/],
      [lead, { phone: '5512340099' }, 'phone', /did you mean phone_number/],
      [lead, { lead_id: 11 }, 'lead_id', /cannot be changed/],
      [lead, { nickname: 'A' }, 'nickname', /unknown here/],
      [lead, { phone_number: 'none' }, 'phone_number', /./],
      [lead, { date_of_birth: '1990-02-30' }, 'date_of_birth', /YYYY-MM-DD/],
      [lead, { custom_info: { colour: 'red' } }, 'custom_info.colour', /it has RFC, visits/],
      [lead, { custom_info: { visits: 'two' } }, 'custom_info.visits', /whole number/],
      [lead, { numbers: [{ number: '5512340012', type: 'x' }] }, 'numbers', /label and number/],
      [`${lead}?forec`, { city: 'x' }, 'forec', /takes force/],
      ['PATCH /v1/leads/x', { city: 'x' }, 'lead_id', /whole number/],
      [make, { first_name: 'x' }, 'list_id', /missing/],
      [`${make}?force=maybe`, { list_id: 1 }, 'force', /true or false/],
      ['POST /v1/leads/10/notes', { text: '' }, 'text', /not empty/],
      ['POST /v1/leads/10/notes', { note: 'x' }, 'note', /a note has a text/],
      ['POST /v1/leads/10/notes', 7, 'text', /text/],
      ['POST /v1/leads/10/changes/x/undo', undefined, 'change_id', /whole number/],
      ['DELETE /v1/leads/10?force', undefined, 'force', /takes none/],
      ['GET /v1/leads/10/timeline?limit=101', undefined, 'limit', /1 to 100/],
      ['GET /v1/leads/10/notes?page=2', undefined, 'page', /takes limit and offset/],
      ['POST /v1/lists', { name: 'x' }, 'list_id', /whole number/],
      ['PATCH /v1/lists/1', { title: 'x' }, 'title', /name, statuses and masked/],
      ['PATCH /v1/lists/1', { list_id: 3 }, 'list_id', /cannot be changed/],
      [fields, [], 'body', /object with fields/],
      [fields, { fields: [], name: 'x' }, 'name', /PATCH of the list/],
      [fields, { fields: [{ label: 'A' }, { label: 'A' }] }, 'fields[1]', /taken/],
      ['GET /v1/leads?phone=5512340010&pgae=2', undefined, 'pgae', /takes phone, q, limit, and offset/],
      ['GET /v1/leads/10?fields=city', undefined, 'fields', /takes none/],
      ['POST /v1/leads/lookup?limit=1', { items: [{ lead_id: 10 }] }, 'limit', /takes none/],
      ['POST /v1/leads/lookup', { items: 'x' }, 'items', /list of 1 to 1,000, each an object with lead_id/],
      ['POST /v1/leads/lookup', { items: [] }, 'items', /list of 1 to 1,000/],
      ['POST /v1/leads/lookup', { items: [{ lead_id: 10 }, { lead_id: 'x' }] }, 'items[1]', /whole number/],
      ['POST /v1/leads/lookup', { item: [] }, 'body', /object with items/],
      ['GET /v1/leads?phone_number=5512340010', undefined, 'phone_number', /did you mean phone\?/],
      ['POST /v1/calls', { user: 'a', phone_number: '5512340010' }, 'phone_number', /did you mean phone\?/],
      [
        'POST /v1/leads/lookup',
        { items: [{ phone_number: '5512340010' }] },
        'items[0].phone_number',
        /did you mean phone\?/,
      ],
    ] as const) {
      const headers = to.includes('/calls') ? { ...app.as.editor } : app.as.editor;
      const answer = await app.ask({ to: to, body, headers });
      const what = `${to} ${JSON.stringify(body)}: ${answer.text}`;
      if (to.includes('/v1/calls')) {
        assert.equal(answer.status, 403, what);
        continue;
      }
      assert.equal(answer.status, 400, what);
      assert.ok((answer.json.fields as string[]).includes(field), what);
      assert.match(String(answer.json.title), words, what);
    }
  });

  it('names at most 20 faults of thousands', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`no_field_${at}`, 1]));
    for (const body of [
      many,
      { custom_info: Object.fromEntries(Object.keys(many).map((key) => [key, 'x'])) },
    ]) {
      const answer = await app.ask({ to: 'PATCH /v1/leads/10', body });
      assert.deepEqual([answer.status, (answer.json.fields as string[]).length], [400, 20]);
      assert.ok(answer.text.length < 5_000);
    }
  });

  it('takes bodies of the types that it says, within their limits', async () => {
    const send = (type: string, body: string, to: Asked['to'] = 'PATCH /v1/leads/20') =>
      app.ask({ to, body, headers: { ...app.as.editor, 'content-type': type } });
    assert.equal((await send('application/json', '{"city":"A"}')).status, 200);
    assert.equal((await send('application/merge-patch+json', '{"city":"B"}')).status, 200);
    assert.equal((await send('text/plain', '{"city":"C"}')).json.code, 'body_type_unknown');
    assert.equal((await send('application/merge-patch+json', '{"city":')).json.code, 'request_unparsable');
    assert.equal(
      (await send('application/merge-patch+json', '['.repeat(30))).json.code,
      'request_unparsable',
    );
    const long = JSON.stringify({ comments: 'x'.repeat(64 * 1024) });
    assert.equal((await send('application/merge-patch+json', long)).json.code, 'request_too_large');
    assert.equal(
      (await send('application/merge-patch+json', '{"list_id":1}', 'POST /v1/leads')).json.code,
      'body_type_unknown',
    );
    assert.equal((await app.ask({ to: 'GET /v1/leads/20' })).json.city, 'B');
  });

  it('keeps no characters that nobody sent, where a body is not in UTF-8', async () => {
    const before = await untouched();
    const bodies: Readonly<Record<string, Buffer>> = {
      'Latin-1': Buffer.from('{"city":"León"}', 'latin1'),
      'UTF-16': Buffer.from('{"city":"León"}', 'utf16le'),
      'an overlong form': Buffer.from('7b2263697479223a22c0af227d', 'hex'),
      'half a surrogate pair': Buffer.from('7b2263697479223a22eda080227d', 'hex'),
    };
    for (const type of ['application/json', 'application/merge-patch+json; charset=ISO-8859-1'])
      for (const [name, payload] of Object.entries(bodies)) {
        const headers = { ...app.as.editor, 'content-type': type };
        const answer = await inject(app.app, { method: 'PATCH', url: '/v1/leads/20', headers, payload });
        const { code, title } = JSON.parse(answer.text) as { readonly code: string; readonly title: string };
        assert.deepEqual([answer.status, code], [400, 'request_unparsable'], name);
        assert.match(title, /not in UTF-8/);
      }
    assert.deepEqual(await untouched(), before);
    const good = { to: 'PATCH /v1/leads/20', body: '\ufeff{"city":"León 😀"}' } as const;
    assert.equal((await app.ask(good)).json.city, 'León 😀');
  });

  it('answers every method of an address, and names those that there are', async () => {
    for (const [target, allow] of [
      ['/v1/leads', 'GET, HEAD, POST'],
      ['/v1/leads/10', 'GET, HEAD, PATCH, DELETE'],
      ['/v1/leads/10/notes', 'GET, HEAD, POST'],
      ['/v1/leads/10/timeline', 'GET, HEAD'],
      ['/v1/leads/10/changes/1/undo', 'POST'],
      ['/v1/lists', 'GET, HEAD, POST'],
      ['/v1/lists/1', 'PATCH'],
      ['/v1/lists/1/fields', 'GET, HEAD, PUT'],
    ] as const) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
        if (allow.split(', ').includes(method)) continue;
        const answer = await send(app.url, target, { method, headers: app.as.editor });
        assert.deepEqual([answer.status, answer.headers.allow], [405, allow], `${method} ${target}`);
      }
    }
    const get = await send(app.url, '/v1/leads/10', { headers: app.as.editor });
    const head = await send(app.url, '/v1/leads/10', { method: 'HEAD', headers: app.as.editor });
    assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', get.headers.etag]);
    assert.equal(head.headers['content-length'], get.headers['content-length']);
  });
});

/** The numbers beyond the fields, as a patch has them. */
function furtherOf({ json }: Reply): readonly object[] {
  const numbers = json.numbers as readonly { field?: string; label: string | null; number: string }[];
  return numbers.filter(({ field }) => field === undefined).map(({ label, number }) => ({ label, number }));
}

onOwnEngines('records over /v1', (emptyStore) => {
  let app: RecordsApp;
  before(async () => {
    app = await startRecordsApp(emptyStore());
  });
  after(() => app.close());

  it('are made, changed, noted, removed and brought back, and say so', async () => {
    const body = {
      list_id: 1,
      first_name: 'Íñigo',
      phone_number: '55 1234 0050',
      custom_info: { RFC: 'XAXX010101000', visits: 2 },
      numbers: [{ label: 'home', number: '5512340051' }],
    };
    const made = await app.ask({ to: 'POST /v1/leads', body });
    assert.equal(made.status, 201, made.text);
    const id = Number(made.json.lead_id);
    assert.equal(made.headers.location, `/v1/leads/${id}`);
    assert.deepEqual([made.json.custom_info, furtherOf(made)], [body.custom_info, body.numbers]);
    const got = await app.ask({ to: `GET /v1/leads/${id}` });
    assert.deepEqual([got.text, got.headers.etag], [made.text, made.headers.etag]);

    const patch = { city: 'León', custom_info: { visits: null }, numbers: null };
    const changed = await app.ask({ to: `PATCH /v1/leads/${id}`, body: patch });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual([changed.json.city, furtherOf(changed)], ['León', []]);
    assert.deepEqual(changed.json.custom_info, { RFC: 'XAXX010101000', visits: null });
    const same = await app.ask({ to: `PATCH /v1/leads/${id}`, body: patch });
    assert.deepEqual([same.status, same.headers['change-id']], [200, undefined]);
    const noted = await app.ask({ to: `POST /v1/leads/${id}/notes`, body: { text: 'prefers mornings' } });
    assert.equal(noted.status, 201, noted.text);
    const removed = await app.ask({
      to: `DELETE /v1/leads/${id}`,
      headers: { 'content-type': 'application/json', ...app.as.editor },
    });
    assert.deepEqual([removed.status, removed.text], [204, '']);
    assert.equal((await app.ask({ to: `GET /v1/leads/${id}` })).json.code, 'lead_not_found');
    const { json } = await app.ask({ to: `GET /v1/leads/${id}/timeline?limit=2` });
    const entries = json.entries as Record<string, unknown>[];
    assert.deepEqual([json.total, json.is_removed, entries.length], [4, true, 2]);
    assert.deepEqual([entries[0]?.after, entries[1]?.text], [null, 'prefers mornings']);

    const undo = (change: unknown) => app.ask({ to: `POST /v1/leads/${id}/changes/${String(change)}/undo` });
    const back = await undo(removed.headers['change-id']);
    assert.deepEqual([back.status, back.text], [200, changed.text]);
    assert.equal((await undo(removed.headers['change-id'])).json.code, 'undo_conflict');
    const undone = await undo(changed.headers['change-id']);
    assert.deepEqual([undone.text, undone.headers.etag], [made.text, made.headers.etag]);
    const again = await undo(changed.headers['change-id']);
    assert.deepEqual([again.status, again.json.code], [409, 'undo_conflict']);
    assert.deepEqual(
      new Set(again.json.fields as string[]),
      new Set(['city', 'numbers', 'custom_info.visits']),
    );
    assert.equal((await undo(999_999)).json.code, 'change_not_found');
    const notes = await app.ask({ to: `GET /v1/leads/${id}/notes` });
    assert.deepEqual(
      [notes.json.total, (notes.json.notes as { user: string }[])[0]?.user],
      [1, 'token:editor'],
    );
    const timeline = await app.ask({ to: `GET /v1/leads/${id}/timeline` });
    const first = (timeline.json.entries as { change_id: number; before: unknown }[]).at(-1);
    assert.equal(first?.before, null);
    const unmade = await undo(first.change_id);
    assert.deepEqual([unmade.status, unmade.text], [204, '']);
    const remade = await undo(unmade.headers['change-id']);
    assert.deepEqual([remade.status, remade.text], [200, made.text]);
  });

  it('are changed only as they were read, where the caller says so', async () => {
    const read = await app.ask({ to: 'GET /v1/leads/20' });
    const tag = String(read.headers.etag);
    const withTag = (method: string, match: string, body?: unknown) =>
      app.ask({ to: `${method} /v1/leads/20`, body, headers: { ...app.as.editor, 'if-match': match } });
    const change = await withTag('PATCH', `"other", W/${tag}`, { numbers: [{ number: '5512340022' }] });
    assert.equal(change.status, 200, change.text);
    for (const [method, body] of [
      ['PATCH', { city: 'late' }],
      ['DELETE', undefined],
    ] as const) {
      const late = await withTag(method, tag, body);
      assert.deepEqual([late.status, late.json.code], [412, 'changed_meanwhile']);
      const bare = await withTag(method, tag.slice(1, -1), body);
      assert.deepEqual([bare.status, bare.json.fields], [400, ['If-Match']]);
    }
    assert.equal((await app.ask({ to: 'GET /v1/leads/20' })).text, change.text);
    assert.equal((await withTag('PATCH', '*', { city: 'any' })).status, 200);
    assert.equal((await withTag('PATCH', String(change.headers.etag), { city: 'x' })).status, 412);
  });

  it('of two who change the same reading, one is refused', async () => {
    const { headers } = await app.ask({ to: 'GET /v1/leads/30' });
    const change = (city: string) =>
      app.ask({
        to: 'PATCH /v1/leads/30',
        body: { city },
        headers: { ...app.as.editor, 'if-match': String(headers.etag) },
      });
    const answers = await Promise.all(['A', 'B', 'C'].map(change));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412]);
    const both = await Promise.all([
      app.ask({ to: 'PATCH /v1/leads/30', body: { state: 'S' } }),
      app.ask({ to: 'PATCH /v1/leads/30', body: { gender: 'F' } }),
    ]);
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    );
    const { json } = await app.ask({ to: 'GET /v1/leads/30' });
    assert.deepEqual([json.state, json.gender], ['S', 'F']);
  });

  it('name the lead that has a number, and take it twice where that is meant', async () => {
    const body = { list_id: 1, first_name: 'Twin', phone_number: '+52 55 1234 0010' };
    const taken = await app.ask({ to: 'POST /v1/leads', body });
    assert.deepEqual([taken.status, taken.json.code, taken.json.lead_id], [409, 'number_taken', 10]);
    const { json } = await app.ask({ to: 'POST /v1/leads?force', body });
    assert.equal(json.first_name, 'Twin');
    const other = await app.ask({ to: 'PATCH /v1/leads/20', body: { phone_number: '5512340010' } });
    assert.equal(other.json.code, 'number_taken');
    assert.equal(
      (await app.ask({ to: 'PATCH /v1/leads/20?force=false', body: { phone_number: '5512340010' } })).status,
      409,
    );
  });

  it('are written once for a key, whose answer is repeated', async () => {
    for (const [to, first, second] of [
      ['POST /v1/leads', { list_id: 2, first_name: 'Once' }, { list_id: 2, first_name: 'Other' }],
      ['POST /v1/leads/10/notes', { text: 'once' }, { text: 'other' }],
    ] as const) {
      const withKey = (body: object, key = 'k-1', as = app.as.editor) =>
        app.ask({ to, body, headers: { ...as, 'idempotency-key': `${to.length}-${key}` } });
      const one = await withKey(first);
      assert.deepEqual([one.status, one.headers['idempotent-replayed']], [201, undefined], one.text);
      const two = await withKey(first);
      assert.deepEqual([two.status, two.text, two.headers['idempotent-replayed']], [201, one.text, 'true']);
      const other = await withKey(second);
      assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
      assert.notEqual((await withKey(first, 'k-2')).text, one.text);
      assert.deepEqual((await withKey(first, 'k k')).json.fields, ['Idempotency-Key']);
    }
    const stranger = { ...app.as.north, 'idempotency-key': '23-k-1' };
    const noted = await app.ask({
      to: 'POST /v1/leads/10/notes',
      body: { text: 'other' },
      headers: stranger,
    });
    assert.equal(noted.status, 201);
    const { json } = await app.ask({ to: 'GET /v1/leads/10/notes' });
    assert.equal(json.total, 3);
  });

  it('of lists are set as a whole, and hold for what comes', async () => {
    const made = await app.ask({ to: 'POST /v1/lists', body: { list_id: 9, name: 'Nine' } });
    assert.deepEqual([made.status, made.json], [201, { list_id: 9, name: 'Nine', statuses: [] }]);
    const twice = await app.ask({ to: 'POST /v1/lists', body: { list_id: 9 } });
    assert.deepEqual([twice.status, twice.json.code], [409, 'list_exists']);
    const changed = await app.ask({ to: 'PATCH /v1/lists/9', body: { statuses: ['NEW', 'SOLD'] } });
    assert.deepEqual(changed.json, { list_id: 9, name: 'Nine', statuses: ['NEW', 'SOLD'] });
    const fields = [{ label: 'plan', caption: 'Plan', type: 'SELECT', options: ['gold', 'silver'] }];
    const put = await app.ask({ to: 'PUT /v1/lists/9/fields', body: { fields } });
    assert.deepEqual(put.json, { list_id: 9, name: 'Nine', fields });
    assert.equal((await app.ask({ to: 'GET /v1/lists/9/fields' })).text, put.text);
    const lead = (values: object) => app.ask({ to: 'POST /v1/leads', body: { list_id: 9, ...values } });
    const wrong = await lead({ status: 'LOST', custom_info: { plan: 'lead' } });
    assert.deepEqual(wrong.json.fields, ['status', 'custom_info.plan']);
    assert.match(String(wrong.json.title), /NEW, SOLD.*gold, silver/);
    assert.equal((await lead({ status: 'NEW', custom_info: { plan: 'gold' } })).status, 201);
  });

  it('are in the events of audit and log, each with its lead', async () => {
    const at = app.events.length;
    const made = await app.ask({ to: 'POST /v1/leads', body: { list_id: 2, city: 'Puebla' } });
    const id = Number(made.json.lead_id);
    await app.ask({ to: `PATCH /v1/leads/${id}`, body: { city: 'Toluca' } });
    await app.ask({ to: `POST /v1/leads/${id}/notes`, body: { text: 'x' } });
    await app.ask({ to: `GET /v1/leads/${id}/notes` });
    const removed = await app.ask({ to: `DELETE /v1/leads/${id}` });
    await app.ask({ to: `GET /v1/leads/${id}/timeline` });
    await app.ask({ to: `POST /v1/leads/${id}/changes/${String(removed.headers['change-id'])}/undo` });
    assert.deepEqual(
      app.events.slice(at).map(({ result, leadId, fields }) => [result, leadId, fields]),
      [
        ['lead_added', undefined, ['is_customer', 'list_id', 'city']],
        ['lead_added', id, undefined],
        ['found', id, undefined],
        ['lead_changed', id, ['city']],
        ['note_added', id, undefined],
        ['found', id, undefined],
        ['found', id, undefined],
        ['lead_removed', id, undefined],
        ['timeline_read', id, undefined],
        ['lead_added', id, ['list_id', 'city', 'is_customer']],
      ],
    );
    const search = ['audit', 'search', join(app.folder, 'test-audit'), '--lead', String(id)];
    const found = await runCallercard(search, { cwd: app.folder });
    const rows = found.stdout.split('\n').map((row) => row.replace(/^.*v1 +/, '').replace(/ +/g, ' '));
    assert.deepEqual(rows.slice(1, 5), [
      `lead_added lead ${id}`,
      `found lead ${id} lead ${id}`,
      `lead_changed lead ${id}: city`,
      `note_added lead ${id}`,
    ]);
    assert.equal(rows.length, 11, found.stdout);
    assert.ok(!found.stdout.includes('Toluca') && !found.stdout.includes('Puebla'));
  });
});
