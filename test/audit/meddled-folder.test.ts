import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';

import { AuditRefusal } from '../../src/audit/audit-limits.ts';
import { mountSmall } from '../support/file-limit.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';
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

const IS_ROOT = process.getuid?.() === 0;

describe('a folder that somebody removes while it is written to', () => {
  it('is made again within a second, and the chain tells that something is gone', async () => {
    const folder = auditPlace();
    const { trail, clock, told } = openTrail(folder);
    await recordMany(trail, 5);
    rmSync(folder, { recursive: true });
    clock.pass(1_001);
    assert.equal(trail.isReady(), true);
    await recordMany(trail, 1);
    await trail.close();
    assert.ok(told.some(({ level }) => level === 'warn'));
    const [report] = await verify(folder);
    assert.match(report?.notes[0] ?? '', /begins with .*000002\.jsonl; 1 before it are not here/);
    assert.equal(recordsOf(folder, 'lookup').length, 1);
  });

  it('or of which somebody removes the last file, has a bad chain', async () => {
    const folder = auditPlace();
    const { trail, clock } = openTrail(folder, { limits: { fileBytes: 1_000 } });
    await recordMany(trail, 8);
    rmSync(join(folder, filesOf(folder).at(-1) ?? ''));
    clock.pass(1_001);
    await recordMany(trail, 1);
    await trail.close();
    assert.match((await faultsOf(folder)).join(), /is missing/);
  });

  it('is found again where somebody put it aside and back, and the chain is whole', async () => {
    const folder = auditPlace();
    const { trail, clock } = openTrail(folder);
    await recordMany(trail, 5);
    renameSync(folder, `${folder}.aside`);
    renameSync(`${folder}.aside`, folder);
    clock.pass(1_001);
    await recordMany(trail, 5);
    await trail.close();
    assert.deepEqual(await faultsOf(folder), []);
    assert.equal(recordsOf(folder, 'lookup').length, 10);
  });
});

describe('a file that somebody changes while it is written to', () => {
  it('is left as it is when it was made empty, as by logrotate, and the chain tells of it', async () => {
    const folder = auditPlace();
    const { trail, clock, told } = openTrail(folder);
    await recordMany(trail, 5);
    const [name = ''] = filesOf(folder);
    truncateSync(join(folder, name));
    clock.pass(1_001);
    await recordMany(trail, 2);
    await trail.close();
    assert.equal(statSync(join(folder, name)).size, 0);
    assert.ok(told.some(({ level, message }) => level === 'warn' && message.includes('moved or changed')));
    // The next file goes on from the records that were there.
    assert.deepEqual(
      recordsOf(folder).map(({ seq }) => seq),
      [8, 9, 10, 11],
    );
    const earlier = new Map([[1, { seq: 7, hash: 'seen before it was made empty' }]]);
    assert.deepEqual(await faultsOf(folder, earlier), []);
    const [report] = await verify(folder);
    assert.match(report?.notes.join() ?? '', /000001\.jsonl ends with 0 bytes/);
  });

  it('is followed by another when something was added to it', async () => {
    const folder = auditPlace();
    const { trail, clock } = openTrail(folder);
    await recordMany(trail, 2);
    appendFileSync(join(folder, filesOf(folder)[0] ?? ''), 'no record\n');
    clock.pass(1_001);
    await recordMany(trail, 2);
    await trail.close();
    assert.equal(filesOf(folder).length, 2);
    assert.equal(recordsOf(folder, 'lookup').length, 4);
    assert.deepEqual(await faultsOf(folder), [], 'a write that was cut short looks the same');
  });
});

describe('links and other things in the folder of an audit', () => {
  it('lead nobody to write elsewhere: an old file that was put away may be read by its link', async () => {
    const folder = auditPlace();
    const first = openTrail(folder);
    await recordMany(first.trail, 3);
    await first.trail.close();
    const [name = ''] = filesOf(folder);
    const elsewhere = join(temporaryFolder(), name);
    renameSync(join(folder, name), elsewhere);
    symlinkSync(elsewhere, join(folder, name));
    const before = readFileSync(elsewhere);
    const second = openTrail(folder);
    await recordMany(second.trail, 3);
    await second.trail.close();
    assert.deepEqual(readFileSync(elsewhere), before);
    assert.equal(filesOf(folder).length, 2);
    const [report] = await verify(folder);
    assert.deepEqual([report?.bad, report?.files, report?.records], [undefined, 2, 5 + 5]);
  });

  it('a link in the place of the next file is not followed', async () => {
    const folder = auditPlace();
    mkdirSync(folder);
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'precious');
    // There is no clock here but the fake one: the name of the first file is known beforehand.
    symlinkSync(victim, join(folder, 'audit-2026-06-01-c1-000001.jsonl'));
    const { trail } = openTrail(folder);
    await recordMany(trail, 2);
    await trail.close();
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.equal(recordsOf(folder, 'lookup').length, 2);
  });

  it(
    'a pipe does not make anybody wait',
    { skip: skipWithout('mkfifo', findProgram('mkfifo') !== undefined, 'coreutils'), timeout: 20_000 },
    async () => {
      const folder = auditPlace();
      mkdirSync(folder);
      const pipe = 'audit-2026-05-01-c1-000001.jsonl';
      assert.equal(spawnSync('mkfifo', [join(folder, pipe)]).status, 0);
      mkdirSync(join(folder, 'audit-2026-05-01-c1-000002.jsonl'));
      const { trail } = openTrail(folder);
      await recordMany(trail, 2);
      await trail.close();
      assert.equal((await verify(folder))[0]?.bad, undefined);
    },
  );

  it(
    'root gives what it makes to the owner of the folder, and nothing else',
    { skip: !IS_ROOT },
    async () => {
      const folder = auditPlace();
      mkdirSync(folder);
      const { trail } = openTrail(folder);
      spawnSync('chown', ['12345:12345', folder]);
      const secret = join(temporaryFolder(), 'of-root');
      writeFileSync(secret, '');
      linkSync(secret, join(folder, 'choice.lock'));
      await recordMany(trail, 2);
      await trail.close();
      for (const name of [...filesOf(folder), 'chain-1.lock'])
        assert.equal(lstatSync(join(folder, name)).uid, 12345, name);
      assert.equal(statSync(secret).uid, 0);
    },
  );
});

describe('a folder that may not be written to', () => {
  it(
    '28: is refused, with words that say what to do, and used once it may be',
    { skip: IS_ROOT },
    async () => {
      const folder = auditPlace();
      mkdirSync(folder, { mode: 0o500 });
      await refuseThenServe(folder, () => chmodSync(folder, 0o700));
    },
  );

  it('28: and where something else is in its place', async () => {
    const folder = auditPlace();
    writeFileSync(folder, 'in the way');
    await refuseThenServe(folder, () => rmSync(folder));
  });

  it('28: and on a file system that is read-only', async (t) => {
    const place = temporaryFolder();
    const disk = mountSmall(place, '1m');
    if (disk === undefined) {
      t.skip('this user may not mount');
      return;
    }
    t.after(() => disk.unmount());
    disk.remount('ro');
    await refuseThenServe(join(place, 'audit'), () => disk.remount('rw'));
  });

  async function refuseThenServe(folder: string, repair: () => void): Promise<void> {
    const { trail, told } = openTrail(folder, { limits: { retryMs: 20 } });
    assert.throws(
      () => trail.open(),
      (cause: unknown) => {
        assert.ok(cause instanceof AuditRefusal);
        assert.match(cause.message, new RegExp(`^the audit cannot be written in .*${basename(folder)} \\(E`));
        return true;
      },
    );
    await assert.rejects(trail.record(lookupEvent()), { name: 'AuditFailure' });
    await assert.rejects(trail.record(lookupEvent()), { name: 'AuditFailure' });
    assert.equal(trail.isReady(), false);
    repair();
    await until('it can be written', () => trail.isReady());
    await trail.record(lookupEvent());
    await trail.close();
    assert.ok(existsSync(folder));
    assert.deepEqual(
      told.map(({ level }) => level),
      ['error', 'info'],
    );
    assert.deepEqual(
      recordsOf(folder, 'unrecorded').map(({ count }) => count),
      [2],
    );
    assert.equal(recordsOf(folder, 'lookup').length, 1);
  }
});
