import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { readRecord } from '../../src/audit/record.ts';
import { openFilesBelow, skipWithoutOpenFiles } from '../support/open-files.ts';
import {
  auditPlace,
  faultsOf,
  filesOf,
  lookupEvent,
  openTrail,
  recordMany,
  recordsOf,
  verify,
} from './audit-fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the record of a lookup', () => {
  it('27: says who, from where, for what and what came of it, and nothing more', async () => {
    const folder = auditPlace();
    const { trail } = openTrail(folder);
    await trail.record(lookupEvent());
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
    await trail.close();
    assert.ok(!readFileSync(join(folder, filesOf(folder)[0] ?? ''), 'latin1').includes('1234'));
  });

  it('has no private cause and no name that was typed for a user', async () => {
    const folder = auditPlace();
    const { trail } = openTrail(folder);
    trail.note(
      lookupEvent({
        result: 'store_unavailable',
        user: undefined,
        query: undefined,
        leadId: undefined,
        foundBy: undefined,
        cause: new Error('planted-secret'),
      }),
    );
    await trail.close();
    const [record] = recordsOf(folder, 'lookup');
    assert.ok(record !== undefined && !('user' in record) && !('err' in record));
    assert.ok(!JSON.stringify(record).includes('planted-secret'));
  });

  it('is one line of ASCII whatever the names hold, and short', async () => {
    const folder = auditPlace();
    const { trail } = openTrail(folder);
    const names = [
      'a\r\nb',
      '\u001b[31mred',
      '\u2028\u2029\u0085',
      'Núñez',
      '\ud800',
      '"},{"',
      '\u202eright',
    ];
    for (const user of names) await trail.record(lookupEvent({ user }));
    await trail.record(lookupEvent({ user: 'x'.repeat(5_000), address: '\n'.repeat(5_000) }));
    await trail.close();
    const text = readFileSync(join(folder, filesOf(folder)[0] ?? ''), 'latin1');
    assert.match(text, /^[ -~\n]*$/);
    assert.ok(Math.max(...text.split('\n').map(({ length }) => length)) < 1_500);
    const users = recordsOf(folder, 'lookup').map(({ user }) => user);
    assert.deepEqual(users.slice(0, -1), names);
    assert.deepEqual(await faultsOf(folder), []);
  });
});

describe('an audit trail', () => {
  it('has the record in the file when the promise resolves, for all lookups of a turn in one write', async () => {
    const folder = auditPlace();
    const { trail } = openTrail(folder);
    await Promise.all(
      Array.from({ length: 50 }, async (_, at) => {
        await trail.record(lookupEvent({ requestId: `r-${at}` }));
        const ids = recordsOf(folder, 'lookup').map(({ requestId }) => requestId);
        assert.deepEqual(
          ids,
          Array.from({ length: 50 }, (__, id) => `r-${id}`),
        );
      }),
    );
    await trail.close();
  });

  it('waits for the disk where it is to be synced, and loses nothing that comes meanwhile', async () => {
    const folder = auditPlace();
    const { trail } = openTrail(folder, { durability: 'synced' });
    const first = trail.record(lookupEvent({ requestId: 'first' }));
    await new Promise(setImmediate);
    const others = Array.from({ length: 20 }, (_, at) => trail.record(lookupEvent({ requestId: `r-${at}` })));
    await Promise.all([first, ...others]);
    trail.note(lookupEvent({ result: 'credentials_invalid' }));
    await trail.close();
    assert.equal(recordsOf(folder, 'lookup').length, 22);
    assert.deepEqual(await faultsOf(folder), []);
  });

  it('is for its owner alone', async () => {
    const folder = auditPlace();
    const { trail } = openTrail(folder);
    trail.open();
    for (const name of [...filesOf(folder), 'chain-1.lock']) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    }
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    await trail.close();
  });

  it(
    'goes on in the same file after it was closed, and has no file open meanwhile',
    { skip: skipWithoutOpenFiles },
    async () => {
      const folder = auditPlace();
      for (let round = 0; round < 3; round += 1) {
        const { trail } = openTrail(folder);
        await recordMany(trail, 2);
        await trail.close();
        assert.deepEqual(openFilesBelow(folder), []);
        await trail.record(lookupEvent());
        await trail.close();
      }
      assert.equal(filesOf(folder).length, 1);
      assert.deepEqual(
        recordsOf(folder).map(({ seq }) => seq),
        Array.from({ length: 1 + 3 * 5 }, (_, at) => at + 1),
      );
      assert.deepEqual(await faultsOf(folder), []);
    },
  );

  it('27: begins another file when one is full, and on each day in UTC, and the chain goes on', async () => {
    const folder = auditPlace();
    const { trail, clock, told } = openTrail(folder, { limits: { fileBytes: 2_000 } });
    await recordMany(trail, 20);
    const ofFirstDay = filesOf(folder).length;
    assert.ok(ofFirstDay >= 3, String(ofFirstDay));
    for (const name of filesOf(folder)) assert.ok(statSync(join(folder, name)).size < 2_500, name);
    clock.pass(DAY_MS);
    await recordMany(trail, 1);
    // A clock that is set back begins another one, too: a file has the records of the day in its name.
    clock.jumpWall(-3 * DAY_MS);
    await recordMany(trail, 2);
    clock.jumpWall(3 * DAY_MS);
    await recordMany(trail, 1);
    await trail.close();
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
    for (const hash of hashes) assert.ok(told.some(({ message }) => message.includes(hash)));
  });

  it('goes on in another file where the last one ends with what is no record', async () => {
    const folder = auditPlace();
    const first = openTrail(folder);
    await recordMany(first.trail, 3);
    await first.trail.close();
    const [name = ''] = filesOf(folder);
    appendFileSync(join(folder, name), '{"seq":6,"at":"2026-06-01T0');
    const [before] = await verify(folder);
    assert.deepEqual([before?.bad, before?.records, before?.notes.length], [undefined, 5, 1]);
    const second = openTrail(folder);
    await recordMany(second.trail, 2);
    await second.trail.close();
    const [report] = await verify(folder);
    assert.deepEqual([report?.bad, report?.files, report?.records], [undefined, 2, 9]);
    assert.match(report?.notes[0] ?? '', /000001\.jsonl ends with 27 bytes that are no record/);
  });
});

describe('lookups that told nothing', () => {
  it('have their records, and nobody waits for them', async () => {
    const folder = auditPlace();
    const { trail } = openTrail(folder);
    for (const result of ['credentials_invalid', 'locked_out', 'rate_limited', 'internal'] as const) {
      trail.note(lookupEvent({ result }));
    }
    await trail.close();
    assert.equal(recordsOf(folder, 'lookup').length, 4);
  });

  it('are only counted beyond a rate, so that strangers cannot fill the disk', async () => {
    const folder = auditPlace();
    const { trail, clock } = openTrail(folder, { limits: { notesPerSecond: 5 } });
    for (let at = 0; at < 1_000; at += 1) trail.note(lookupEvent({ result: 'credentials_invalid' }));
    await new Promise(setImmediate);
    assert.equal(recordsOf(folder, 'lookup').length, 10);
    await trail.record(lookupEvent());
    assert.deepEqual(
      recordsOf(folder, 'unrecorded').map(({ count }) => count),
      [990],
    );
    clock.pass(1_000);
    for (let at = 0; at < 7; at += 1) trail.note(lookupEvent({ result: 'credentials_invalid' }));
    await trail.close();
    assert.deepEqual(
      recordsOf(folder, 'unrecorded').map(({ count }) => count),
      [990, 2],
    );
    assert.deepEqual(await faultsOf(folder), []);
  });
});

describe('several trails over one folder', () => {
  it('27: write a chain each, and those who come later go on with the chains that are free', async () => {
    const folder = auditPlace();
    for (let round = 0; round < 3; round += 1) {
      const desks = [openTrail(folder), openTrail(folder), openTrail(folder)];
      await Promise.all(desks.map(({ trail }) => recordMany(trail, 5)));
      await Promise.all(desks.map(({ trail }) => trail.close()));
    }
    const reports = await verify(folder);
    assert.deepEqual(
      reports.map(({ chain, bad, files, records }) => [chain, bad, files, records]),
      [1, 2, 3].map((chain) => [chain, undefined, 1, 1 + 3 * 6]),
    );
  });
});
