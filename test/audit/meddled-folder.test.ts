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
  newAuditFolder,
  faultsOf,
  filesOf,
  lookupEvent,
  openAudit,
  recordMany,
  recordsOf,
  verify,
} from './audit-fixture.ts';

const IS_ROOT = process.getuid?.() === 0;

describe('a folder that is removed while it is written to', () => {
  it('is made again within a second, and verify notes what is gone', async () => {
    const folder = newAuditFolder();
    const { writer, clock, logged } = openAudit(folder);
    await recordMany(writer, 5);
    rmSync(folder, { recursive: true });
    clock.pass(1_001);
    assert.equal(writer.isReady(), true);
    await recordMany(writer, 1);
    await writer.close();
    assert.ok(logged.some(({ level }) => level === 'warn'));
    const [report] = await verify(folder);
    assert.match(report?.notes[0] ?? '', /begins with .*000002\.jsonl; 1 before it are not here/);
    assert.equal(recordsOf(folder, 'lookup').length, 1);
  });

  it('has a bad chain when its last file was removed', async () => {
    const folder = newAuditFolder();
    const { writer, clock } = openAudit(folder, { limits: { fileBytes: 1_000 } });
    await recordMany(writer, 8);
    rmSync(join(folder, filesOf(folder).at(-1) ?? ''));
    clock.pass(1_001);
    await recordMany(writer, 1);
    await writer.close();
    assert.match((await faultsOf(folder)).join(), /is missing/);
  });

  it('is found again after it was moved away and back, with an intact chain', async () => {
    const folder = newAuditFolder();
    const { writer, clock } = openAudit(folder);
    await recordMany(writer, 5);
    renameSync(folder, `${folder}.aside`);
    renameSync(`${folder}.aside`, folder);
    clock.pass(1_001);
    await recordMany(writer, 5);
    await writer.close();
    assert.deepEqual(await faultsOf(folder), []);
    assert.equal(recordsOf(folder, 'lookup').length, 10);
  });
});

describe('a file that is changed while it is written to', () => {
  it('is left alone after it was truncated, as by logrotate, and verify notes it', async () => {
    const folder = newAuditFolder();
    const { writer, clock, logged } = openAudit(folder);
    await recordMany(writer, 5);
    const [name = ''] = filesOf(folder);
    const seen = recordsOf(folder).at(-1) ?? assert.fail();
    truncateSync(join(folder, name));
    clock.pass(1_001);
    await recordMany(writer, 2);
    await writer.close();
    assert.equal(statSync(join(folder, name)).size, 0);
    assert.ok(logged.some(({ level, message }) => level === 'warn' && message.includes('moved or changed')));
    // The next file goes on from the records that were there.
    assert.deepEqual(
      recordsOf(folder).map(({ seq }) => seq),
      [8, 9, 10, 11],
    );
    const earlier = new Map([[1, { seq: Number(seen.seq), hash: String(seen.hash) }]]);
    assert.deepEqual(await faultsOf(folder, earlier), []);
    const [report] = await verify(folder);
    assert.match(report?.notes.join() ?? '', /000001\.jsonl ends with 0 bytes/);
  });

  it('is followed by another after something was appended to it', async () => {
    const folder = newAuditFolder();
    const { writer, clock } = openAudit(folder);
    await recordMany(writer, 2);
    appendFileSync(join(folder, filesOf(folder)[0] ?? ''), 'no record\n');
    clock.pass(1_001);
    await recordMany(writer, 2);
    await writer.close();
    assert.equal(filesOf(folder).length, 2);
    assert.equal(recordsOf(folder, 'lookup').length, 4);
    assert.deepEqual(await faultsOf(folder), [], 'a write that was cut short looks the same');
  });
});

describe('links and special files in the folder of an audit', () => {
  it('a link to an archived file is read, and never written through', async () => {
    const folder = newAuditFolder();
    const first = openAudit(folder);
    await recordMany(first.writer, 3);
    await first.writer.close();
    const [name = ''] = filesOf(folder);
    const elsewhere = join(temporaryFolder(), name);
    renameSync(join(folder, name), elsewhere);
    symlinkSync(elsewhere, join(folder, name));
    const before = readFileSync(elsewhere);
    const second = openAudit(folder);
    await recordMany(second.writer, 3);
    await second.writer.close();
    assert.deepEqual(readFileSync(elsewhere), before);
    assert.equal(filesOf(folder).length, 2);
    const [report] = await verify(folder);
    assert.deepEqual([report?.bad, report?.files, report?.records], [undefined, 2, 5 + 5]);
  });

  it('a link with the name of the next file is not followed', async () => {
    const folder = newAuditFolder();
    mkdirSync(folder);
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'precious');
    // There is no clock here but the fake one: the name of the first file is known beforehand.
    symlinkSync(victim, join(folder, 'audit-2026-06-01-c1-000001.jsonl'));
    const { writer } = openAudit(folder);
    await recordMany(writer, 2);
    await writer.close();
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    assert.equal(recordsOf(folder, 'lookup').length, 2);
  });

  it(
    'a pipe blocks nobody',
    { skip: skipWithout('mkfifo', findProgram('mkfifo') !== undefined, 'coreutils'), timeout: 20_000 },
    async () => {
      const folder = newAuditFolder();
      mkdirSync(folder);
      const pipe = 'audit-2026-05-01-c1-000001.jsonl';
      assert.equal(spawnSync('mkfifo', [join(folder, pipe)]).status, 0);
      mkdirSync(join(folder, 'audit-2026-05-01-c1-000002.jsonl'));
      const { writer } = openAudit(folder);
      await recordMany(writer, 2);
      await writer.close();
      assert.equal((await verify(folder))[0]?.bad, undefined);
    },
  );

  it(
    'root gives the files that it makes to the owner of the folder, and no others',
    { skip: !IS_ROOT },
    async () => {
      const folder = newAuditFolder();
      mkdirSync(folder);
      const { writer } = openAudit(folder);
      spawnSync('chown', ['12345:12345', folder]);
      const secret = join(temporaryFolder(), 'of-root');
      writeFileSync(secret, '');
      linkSync(secret, join(folder, 'choice.lock'));
      await recordMany(writer, 2);
      await writer.close();
      for (const name of [...filesOf(folder), 'chain-1.lock'])
        assert.equal(lstatSync(join(folder, name)).uid, 12345, name);
      assert.equal(statSync(secret).uid, 0);
    },
  );
});

describe('a folder that cannot be written', () => {
  it('28: is refused with advice, and used once it can be written', { skip: IS_ROOT }, async () => {
    const folder = newAuditFolder();
    mkdirSync(folder, { mode: 0o500 });
    await refuseThenServe(folder, () => chmodSync(folder, 0o700));
  });

  it('28: is refused with advice when a file has its name', async () => {
    const folder = newAuditFolder();
    writeFileSync(folder, 'in the way');
    await refuseThenServe(folder, () => rmSync(folder));
  });

  it('28: is refused with advice on a read-only file system', async (t) => {
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
    const { writer, logged } = openAudit(folder, { limits: { retryMs: 20 } });
    assert.throws(
      () => writer.open(),
      (cause: unknown) => {
        assert.ok(cause instanceof AuditRefusal);
        assert.match(cause.message, new RegExp(`^the audit cannot be written in .*${basename(folder)} \\(E`));
        return true;
      },
    );
    await assert.rejects(writer.record(lookupEvent()), { name: 'AuditFailure' });
    await assert.rejects(writer.record(lookupEvent()), { name: 'AuditFailure' });
    assert.equal(writer.isReady(), false);
    repair();
    await until('it can be written', () => writer.isReady());
    await writer.record(lookupEvent());
    await writer.close();
    assert.ok(existsSync(folder));
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['error', 'info'],
    );
    assert.deepEqual(
      recordsOf(folder, 'unrecorded').map(({ count }) => count),
      [2],
    );
    assert.equal(recordsOf(folder, 'lookup').length, 1);
  }
});
