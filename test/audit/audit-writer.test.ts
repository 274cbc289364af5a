import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { readRecord } from '../../src/audit/record.ts';
import { openFilesBelow, skipWithoutOpenFiles } from '../support/open-files.ts';
import {
  newAuditFolder,
  faultsOf,
  filesOf,
  lookupEvent,
  openAudit,
  recordMany,
  recordsOf,
  verify,
} from './audit-fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the record of a lookup', () => {
  it('27: holds who asked, from where, for what and the result, and nothing else', async () => {
    const folder = newAuditFolder();
    const { writer } = openAudit(folder);
    await writer.record(lookupEvent());
    const [record] = recordsOf(folder, 'lookup');
    const { seq, hash, ...fields } = record ?? {};
    assert.deepEqual([seq, typeof hash], [3, 'string']);
    assert.deepEqual(fields, {
      at: '2026-06-01T08:30:00.000Z',
      kind: 'lookup',
      result: 'found',
      user: 'crm',
      address: '192.0.2.1',
      endpoint: 'goapi',
      domain: 'default',
      askedPhone: '**********78',
      leadId: 7,
      foundBy: 'phone_number',
      requestId: 'r-1',
    });
    await writer.close();
    assert.ok(!readFileSync(join(folder, filesOf(folder)[0] ?? ''), 'latin1').includes('1234'));
  });

  it('holds no private cause and no name of an unknown user', async () => {
    const folder = newAuditFolder();
    const { writer } = openAudit(folder);
    writer.note(
      lookupEvent({
        result: 'store_unavailable',
        user: undefined,
        query: undefined,
        leadId: undefined,
        foundBy: undefined,
        cause: new Error('planted-secret'),
      }),
    );
    await writer.close();
    const [record] = recordsOf(folder, 'lookup');
    assert.ok(record !== undefined && !('user' in record) && !('err' in record));
    assert.ok(!JSON.stringify(record).includes('planted-secret'));
  });

  it('is one short line of ASCII, whatever the names hold', async () => {
    const folder = newAuditFolder();
    const { writer } = openAudit(folder);
    const names = [
      'a\r\nb',
      '\u001b[31mred',
      '\u2028\u2029\u0085',
      'Núñez',
      '\ud800',
      '"},{"',
      '\u202eright',
    ];
    for (const user of names) await writer.record(lookupEvent({ user }));
    await writer.record(lookupEvent({ user: 'x'.repeat(5_000), address: '\n'.repeat(5_000) }));
    await writer.close();
    const text = readFileSync(join(folder, filesOf(folder)[0] ?? ''), 'latin1');
    assert.match(text, /^[ -~\n]*$/);
    assert.ok(Math.max(...text.split('\n').map(({ length }) => length)) < 1_500);
    const users = recordsOf(folder, 'lookup').map(({ user }) => user);
    assert.deepEqual(users.slice(0, -1), names);
    assert.deepEqual(await faultsOf(folder), []);
  });
});

describe('an audit writer', () => {
  it('has written the record when the promise resolves, with one write for all lookups of a tick', async () => {
    const folder = newAuditFolder();
    const { writer } = openAudit(folder);
    await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        await writer.record(lookupEvent({ requestId: `r-${at}` }));
        const ids = recordsOf(folder, 'lookup').map(({ requestId }) => requestId);
        assert.deepEqual(
          ids,
          Array.from({ length: 50 }, (__, id) => `r-${id}`),
        );
      }),
    );
    await writer.close();
  });

  it('waits for the disk when synced, and loses no record that comes meanwhile', async () => {
    const folder = newAuditFolder();
    const { writer } = openAudit(folder, { durability: 'synced' });
    const first = writer.record(lookupEvent({ requestId: 'first' }));
    await new Promise(setImmediate);
    const others = Array.from({ length: 20 }, (_, at) =>
      writer.record(lookupEvent({ requestId: `r-${at}` })),
    );
    await Promise.all([first, ...others]);
    writer.note(lookupEvent({ result: 'credentials_invalid' }));
    await writer.close();
    assert.equal(recordsOf(folder, 'lookup').length, 22);
    assert.deepEqual(await faultsOf(folder), []);
  });

  it('is readable by its owner only', async () => {
    const folder = newAuditFolder();
    const { writer } = openAudit(folder);
    writer.open();
    for (const name of [...filesOf(folder), 'chain-1.lock']) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    }
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    await writer.close();
  });

  it(
    'appends to the same file after close, and has no file open in between',
    { skip: skipWithoutOpenFiles },
    async () => {
      const folder = newAuditFolder();
      for (let round = 0; round < 3; round += 1) {
        const { writer } = openAudit(folder);
        await recordMany(writer, 2);
        await writer.close();
        assert.deepEqual(openFilesBelow(folder), []);
        await writer.record(lookupEvent());
        await writer.close();
      }
      assert.equal(filesOf(folder).length, 1);
      assert.deepEqual(
        recordsOf(folder).map(({ seq }) => seq),
        Array.from({ length: 1 + 3 * 5 }, (_, at) => at + 1),
      );
      assert.deepEqual(await faultsOf(folder), []);
    },
  );

  it('27: begins a new file when one is full and on each UTC day, in one chain', async () => {
    const folder = newAuditFolder();
    const { writer, clock, logged } = openAudit(folder, { limits: { fileBytes: 2_000 } });
    await recordMany(writer, 20);
    const ofFirstDay = filesOf(folder).length;
    assert.ok(ofFirstDay >= 3, String(ofFirstDay));
    for (const name of filesOf(folder)) assert.ok(statSync(join(folder, name)).size < 2_500, name);
    clock.pass(DAY_MS);
    await recordMany(writer, 1);
    // A clock that is set back begins another one, too: a file has the records of the day in its name.
    clock.jumpWall(-3 * DAY_MS);
    await recordMany(writer, 2);
    clock.jumpWall(3 * DAY_MS);
    await recordMany(writer, 1);
    await writer.close();
    const names = filesOf(folder);
    const numberOf = (at: number) => String(ofFirstDay + at).padStart(6, '0');
    assert.deepEqual(names.slice(ofFirstDay), [
      `audit-2026-06-02-c1-${numberOf(1)}.jsonl`,
      `audit-2026-05-30-c1-${numberOf(2)}.jsonl`,
      `audit-2026-06-02-c1-${numberOf(3)}.jsonl`,
    ]);
    const [report] = await verify(folder);
    assert.deepEqual([report?.bad, report?.files, report?.notes], [undefined, names.length, []]);
    assert.deepEqual(
      recordsOf(folder).map(({ seq }) => seq),
      Array.from({ length: report?.records ?? 0 }, (_, at) => at + 1),
    );
    // The log has the hash of the last record of each file.
    const hashes = names.slice(0, -1).map((name) => {
      const lines = readFileSync(join(folder, name), 'latin1').trimEnd().split('\n');
      return readRecord(lines.at(-1) ?? '')?.hash ?? 'none';
    });
    for (const hash of hashes) assert.ok(logged.some(({ message }) => message.includes(hash)));
  });

  it('begins a new file after one that ends with a torn record', async () => {
    const folder = newAuditFolder();
    const first = openAudit(folder);
    await recordMany(first.writer, 3);
    await first.writer.close();
    const [name = ''] = filesOf(folder);
    appendFileSync(join(folder, name), '{"seq":6,"at":"2026-06-01T0');
    const [before] = await verify(folder);
    assert.deepEqual([before?.bad, before?.records, before?.notes.length], [undefined, 5, 1]);
    const second = openAudit(folder);
    await recordMany(second.writer, 2);
    await second.writer.close();
    const [report] = await verify(folder);
    assert.deepEqual([report?.bad, report?.files, report?.records], [undefined, 2, 9]);
    assert.match(report?.notes[0] ?? '', /000001\.jsonl ends with 27 bytes that are no record/);
  });
});

describe('lookups that disclosed nothing', () => {
  it('are recorded without anybody waiting', async () => {
    const folder = newAuditFolder();
    const { writer } = openAudit(folder);
    for (const result of ['credentials_invalid', 'locked_out', 'rate_limited', 'internal'] as const) {
      writer.note(lookupEvent({ result }));
    }
    await writer.close();
    assert.equal(recordsOf(folder, 'lookup').length, 4);
  });

  it('are only counted beyond a rate, so that unauthenticated clients cannot fill the disk', async () => {
    const folder = newAuditFolder();
    const { writer, clock } = openAudit(folder, { limits: { notesPerSecond: 5 } });
    for (let at = 0; at < 1_000; at += 1) writer.note(lookupEvent({ result: 'credentials_invalid' }));
    await new Promise(setImmediate);
    assert.equal(recordsOf(folder, 'lookup').length, 10);
    await writer.record(lookupEvent());
    assert.deepEqual(
      recordsOf(folder, 'unrecorded').map(({ count }) => count),
      [990],
    );
    clock.pass(1_000);
    for (let at = 0; at < 7; at += 1) writer.note(lookupEvent({ result: 'credentials_invalid' }));
    await writer.close();
    assert.deepEqual(
      recordsOf(folder, 'unrecorded').map(({ count }) => count),
      [990, 2],
    );
    assert.deepEqual(await faultsOf(folder), []);
  });
});

describe('several writers in one folder', () => {
  it('27: write one chain each, and later ones go on with unlocked chains', async () => {
    const folder = newAuditFolder();
    for (let round = 0; round < 3; round += 1) {
      const audits = [openAudit(folder), openAudit(folder), openAudit(folder)];
      await Promise.all(audits.map(({ writer }) => recordMany(writer, 5)));
      await Promise.all(audits.map(({ writer }) => writer.close()));
    }
    const reports = await verify(folder);
    assert.deepEqual(
      reports.map(({ chain, bad, files, records }) => [chain, bad, files, records]),
      [1, 2, 3].map((chain) => [chain, undefined, 1, 1 + 3 * 6]),
    );
  });
});
