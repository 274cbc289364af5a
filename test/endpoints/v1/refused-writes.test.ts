import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { until } from '../../support/until.ts';
import { ALL, ON_LEADS, ON_LISTS } from './record-requests.ts';
import { startRecordsApp } from './records-fixture.ts';

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
