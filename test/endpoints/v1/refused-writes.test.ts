import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { bearer } from '../../support/authorization.ts';
import { makeToken } from '../../support/made-token.ts';
import { until } from '../../support/until.ts';
import { ALL, ON_LEADS, ON_LISTS } from './record-requests.ts';
import { type Asked, startRecordsApp } from './records-fixture.ts';

describe('records where something stands in the way', () => {
  it('are changed only with If-Match where the operator requires it', async () => {
    const app = await startRecordsApp({ requireIfMatch: true });
    try {
      for (const asked of [
        { to: 'PATCH /v1/leads/10', body: { city: 'x' } },
        { to: 'DELETE /v1/leads/10' },
      ] as const) {
        const without = await app.ask(asked);
        assert.deepEqual([without.status, without.json.code], [428, 'precondition_required']);
        const { headers } = await app.ask({ to: 'GET /v1/leads/10' });
        const tag = { ...app.as.editor, 'if-match': String(headers.etag) };
        assert.ok((await app.ask({ ...asked, headers: tag })).status < 300);
      }
      assert.equal((await app.ask({ to: 'POST /v1/leads', body: { list_id: 1 } })).status, 201);
    } finally {
      await app.close();
    }
  });

  it('are not written beside a dialer, where fields can be read all the same', async () => {
    const app = await startRecordsApp({}, { asDialer: true });
    try {
      for (const [name, { ask }] of Object.entries(ALL)) {
        const answer = await app.ask(ask(name in ON_LISTS ? 1 : 10));
        assert.deepEqual([answer.status, answer.json.code], [409, 'read_only_store'], name);
      }
      assert.equal((await app.ask({ to: 'GET /v1/lists/1/fields' })).status, 200);
      assert.equal((await app.ask({ to: 'GET /v1/leads/10' })).status, 200);
    } finally {
      await app.close();
    }
  });

  it('are not written, nor shown, while the audit cannot be', async () => {
    const app = await startRecordsApp();
    try {
      const { text } = await app.ask({ to: 'GET /v1/leads/10' });
      const audit = join(app.folder, 'test-audit');
      renameSync(audit, `${audit}-aside`);
      writeFileSync(audit, 'in the way');
      await until('a refusal', async () => (await app.ask({ to: 'GET /v1/leads/10' })).status === 503);
      for (const [name, { ask, writes }] of Object.entries(ALL)) {
        if (!writes || name === 'undo') continue;
        const answer = await app.ask(ask(name in ON_LISTS ? 1 : 10));
        assert.deepEqual([answer.status, answer.json.code], [503, 'audit_unavailable'], name);
      }
      const { records } = app.store;
      assert.equal((await records.timeline(10, { offset: 0, limit: 9 }))?.total, 0);
      assert.deepEqual(
        (await records.lists()).map(({ listId, name }) => [listId, name]),
        [
          [1, 'North'],
          [2, 'South'],
        ],
      );
      assert.equal((await records.fields(1)).length, 2);
      assert.ok(text.includes('Ana') && (await records.read(10, 'every list')) !== undefined);
    } finally {
      await app.close();
    }
  });

  it('34: count for the rate limit by what they cost', async () => {
    const app = await startRecordsApp({ rateLimit: 50 });
    try {
      const many = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, 'x']));
      const costly: Readonly<Record<string, Asked>> = {
        'unknown fields': { to: 'PATCH /v1/leads/10', body: many(2_000) },
        'unknown custom fields': { to: 'PATCH /v1/leads/10', body: { custom_info: many(2_000) } },
        'fields of a new lead': { to: 'POST /v1/leads', body: { list_id: 1, custom_info: many(2_000) } },
        'a far page': { to: 'GET /v1/leads/10/timeline?offset=8000' },
        'far notes': { to: 'GET /v1/leads/10/notes?offset=8000' },
      };
      for (const [name, asked] of Object.entries(costly)) {
        const as = bearer(makeToken(app.store, { name, scope: ['read', 'edit'] }));
        const answers = [];
        for (let at = 0; at < 4; at += 1) answers.push((await app.ask({ ...asked, headers: as })).status);
        assert.equal(answers[0] === 429, false, name);
        assert.equal(answers.at(-1), 429, `${name}: ${answers.join()}`);
      }
    } finally {
      await app.close();
    }
  });

  it('47: make no lead larger than it may be; one that is may be made smaller', async () => {
    const fields = Array.from({ length: 20 }, (_, at) => ({ label: `f${at}`, type: 'AREA' as const }));
    const text = 'x'.repeat(10_000);
    const custom = fields.map(({ label }) => [label, text] as const);
    const leads = [
      { lead_id: 10, list_id: 1 },
      { lead_id: 20, list_id: 1, custom },
    ];
    const app = await startRecordsApp(
      {},
      { data: { lists: [{ list_id: 1, name: 'North', fields }], leads, users: [] } },
    );
    try {
      const set = async (id: number, values: Readonly<Record<string, string>>) =>
        (await app.ask({ to: `PATCH /v1/leads/${id}`, body: { custom_info: values } })).status;
      const some = (from: number, to: number, value = text) =>
        Object.fromEntries(fields.slice(from, to).map(({ label }) => [label, value]));
      assert.deepEqual(
        [await set(10, some(0, 6)), await set(10, some(6, 12)), await set(10, some(12, 14))],
        [200, 200, 400],
      );
      assert.deepEqual([await set(20, { f0: 'y' }), await set(20, { f0: text })], [200, 400]);
      const made = await app.ask({ to: 'GET /v1/leads/20' });
      assert.equal((made.json.custom_info as Readonly<Record<string, string>>).f0, 'y');
    } finally {
      await app.close();
    }
  });

  it('27: tell who has a number only with a record that names the lead, and as one of the leads of a day', async () => {
    const app = await startRecordsApp({ dailyLeads: 2 });
    try {
      const taken = { list_id: 1, phone_number: '+52 55 1234 0010' };
      const asked = [
        { to: 'POST /v1/leads', body: taken },
        { to: 'PATCH /v1/leads/20', body: { phone_number: taken.phone_number } },
      ] as const;
      for (const one of asked) {
        const answer = await app.ask(one);
        assert.deepEqual([answer.status, answer.json.code, answer.json.lead_id], [409, 'number_taken', 10]);
        const event = app.events.at(-1);
        assert.deepEqual([event?.result, event?.leadId], ['number_taken', 10]);
      }
      const read = app.events.filter(({ result }) => result === 'found');
      assert.ok(read.length > 0 && read.every(({ right }) => right === 'edit'));
      const beyond = await app.ask({
        to: 'POST /v1/leads',
        body: { list_id: 2, phone_number: '5512340030' },
      });
      assert.deepEqual([beyond.status, beyond.json.code], [429, 'rate_limited']);
      assert.ok(!beyond.text.includes('30'), beyond.text);
    } finally {
      await app.close();
    }
  });

  it('count among the leads of a day and the lead ids in a row, by whichever route', async () => {
    const leads = Array.from({ length: 500 }, (_, at) => ({
      lead_id: at + 1,
      list_id: 1,
      first_name: 'Secreta',
    }));
    const data = { lists: [{ list_id: 1, name: 'North' }], leads, users: [] };
    const daily = await startRecordsApp({ dailyLeads: 2 }, { data });
    try {
      for (const id of [1, 2]) assert.equal((await daily.ask({ to: `GET /v1/leads/${id}` })).status, 200);
      for (const [name, { ask }] of Object.entries(ON_LEADS)) {
        if (name === 'undo') continue;
        const answer = await daily.ask(ask(3));
        assert.deepEqual([answer.status, answer.json.code], [429, 'rate_limited'], name);
        assert.ok(!answer.text.includes('Secreta'));
      }
      const empty = await daily.ask({ to: 'PATCH /v1/leads/4', body: { first_name: 'Secreta' } });
      assert.equal(empty.status, 429);
      assert.equal((await daily.store.records.timeline(3, { offset: 0, limit: 9 }))?.total, 0);
    } finally {
      await daily.close();
    }
    const walked = await startRecordsApp({ enumerationLimit: 1 }, { data });
    try {
      let granted = 0;
      const change = (id: number) =>
        walked.ask({ to: `PATCH /v1/leads/${id}`, body: { first_name: 'Secreta' } });
      while ((await change(granted + 1)).status === 200) granted += 1;
      assert.ok(granted < leads.length, 'all were shown');
      const notes = await walked.ask({ to: `GET /v1/leads/${granted + 2}/notes` });
      assert.equal(notes.status, 429);
    } finally {
      await walked.close();
    }
  });
});
