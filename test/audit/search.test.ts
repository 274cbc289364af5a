import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { readsOfLeads } from '../../src/audit/reads-of-leads.ts';
import { currentFields, searchRecords, type AuditSearch } from '../../src/audit/search.ts';
import { ROOT } from '../support/command.ts';
import { openFilesBelow, skipWithoutOpenFiles } from '../support/open-files.ts';
import { until } from '../support/until.ts';
import { newAuditFolder, faultsOf, lookupEvent, openAudit, recordMany } from './audit-fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 5, 1);

async function idsOf(folder: string, search: AuditSearch): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const { kind, fields } of searchRecords(folder, search, () => undefined)) {
    if (kind === 'lookup') found.push(fields.requestId);
  }
  return found;
}

describe('a search', () => {
  it('finds by lead, user and time, oldest first, across chains and files', async () => {
    const folder = newAuditFolder();
    const audits = [openAudit(folder), openAudit(folder)];
    for (let day = 0; day < 4; day += 1) {
      for (const [at, { writer, clock }] of audits.entries()) {
        const query = { by: 'lead_id', leadId: day, asSent: String(day), phone: undefined } as const;
        const leadId = at === 0 ? day : undefined;
        const user = at === 0 ? 'Núñez' : 'other';
        const when = { at: START + day * DAY_MS + at, requestId: `${day}-${at}` };
        await writer.record(lookupEvent({ ...when, query, leadId, user }));
        clock.pass(DAY_MS);
      }
    }
    for (const { writer } of audits) await writer.close();
    const all = [0, 1, 2, 3].flatMap((day) => [`${day}-0`, `${day}-1`]);
    assert.deepEqual(await idsOf(folder, {}), all);
    assert.deepEqual(
      await idsOf(folder, { leads: new Set([2]) }),
      ['2-0', '2-1'],
      'found, and asked for in vain',
    );
    const { reads, older } = await readsOfLeads(folder, [3, 1], 3);
    assert.deepEqual([reads.map(({ requestId }) => requestId), older], [['1-1', '3-0', '3-1'], 1]);
    assert.deepEqual([(await readsOfLeads(folder, [3, 1])).reads.length, older], [4, 1]);
    assert.deepEqual(await idsOf(folder, { user: 'NÚÑEZ' }), ['0-0', '1-0', '2-0', '3-0']);
    assert.deepEqual(await idsOf(folder, { user: 'crm' }), []);
    assert.deepEqual(await idsOf(folder, { since: START + 2 * DAY_MS }), all.slice(4));
    assert.deepEqual(await idsOf(folder, { until: START + 2 * DAY_MS }), all.slice(0, 4));
    assert.deepEqual(await idsOf(folder, { since: START + DAY_MS, until: START + DAY_MS + 1 }), ['1-0']);
  });

  it('skips files whose day is out of range', async () => {
    const folder = newAuditFolder();
    const { writer, clock } = openAudit(folder);
    for (let day = 0; day < 6; day += 1) {
      await writer.record(lookupEvent({ at: clock.wall(), requestId: `${day}` }));
      clock.pass(DAY_MS);
    }
    await writer.close();
    const first = Date.UTC(2026, 5, 1);
    let bytes = 0;
    for await (const record of searchRecords(
      folder,
      { since: first + 5 * DAY_MS },
      (more) => (bytes += more),
    )) {
      assert.equal(record.fields.requestId, '5');
    }
    assert.ok(bytes > 0 && bytes < 2_000, `${bytes} bytes`);
  });

  it('that ends early leaves no file open', { skip: skipWithoutOpenFiles }, async () => {
    const folder = newAuditFolder();
    const audits = [openAudit(folder), openAudit(folder), openAudit(folder)];
    // Files of more than one piece each, so that none is at its end.
    for (const { writer } of audits) await recordMany(writer, 1_500);
    for (const { writer } of audits) await writer.close();
    const stop = () => {
      throw new Error('the time is over');
    };
    await assert.rejects(async () => {
      for await (const record of searchRecords(folder, {}, stop)) assert.ok(record.at);
    }, /the time is over/);
    for await (const record of searchRecords(folder, {}, () => undefined)) {
      assert.ok(record.at);
      break;
    }
    await until('every file is closed', () => openFilesBelow(folder).length === 0);
  });

  it('27: finds records written with a wrong clock by the time they carry', async () => {
    const folder = newAuditFolder();
    const { writer, clock } = openAudit(folder);
    const ask = (requestId: string) => writer.record(lookupEvent({ at: clock.wall(), requestId }));
    const first = clock.wall();
    await ask('before');
    clock.jumpWall(400 * DAY_MS);
    await ask('a year ahead');
    clock.jumpWall(-400 * DAY_MS);
    clock.pass(1_000);
    await ask('right again');
    clock.jumpWall(-30 * DAY_MS);
    await ask('a month behind');
    await writer.close();
    assert.deepEqual(await faultsOf(folder), []);
    assert.deepEqual(await idsOf(folder, { since: first, until: first + DAY_MS }), ['before', 'right again']);
    assert.deepEqual(await idsOf(folder, { since: first + 2 * DAY_MS }), ['a year ahead']);
    assert.deepEqual(await idsOf(folder, { until: first - DAY_MS }), ['a month behind']);
    assert.equal((await idsOf(folder, {})).length, 4);
  });

  it('gives records of version 0.1 with the current names of fields', async () => {
    const seen = new Set<unknown>();
    for await (const record of searchRecords(
      join(ROOT, 'test', 'fixtures', '0.1', 'audit'),
      {},
      () => undefined,
    )) {
      if (record.kind === 'unrecorded') continue;
      const fields = currentFields(record);
      assert.ok(!('door' in fields));
      seen.add(fields.endpoint).add(fields.result);
    }
    // Those that version 0.1 had.
    for (const name of ['goapi', 'v1', 'caller-id', 'card', 'cli', 'signed_in', 'call_notified', 'found'])
      assert.ok(seen.has(name), name);
    for (const old of ['api', 'command', 'call_told']) assert.ok(!seen.has(old), old);
  });
});
