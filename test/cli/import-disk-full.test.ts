import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { plainEnvironment, ROOT, runCallercard, type Ran } from '../support/command.ts';
import { mountSmall, skipWithoutFileLimit } from '../support/file-limit.ts';
import { temporaryFolder } from '../support/test-app.ts';
import { assertRefused } from './customers.ts';

const ROWS = 45_000;
/** But not for all rows. */
const ENOUGH_FOR_A_BATCH = 7_000_000;
const IMPORT = ['import', 'customers.csv', '--list', '1'] as const;

describe('an import for which there is no room', { timeout: 240_000 }, () => {
  it(
    '42: says what it kept, keeps exactly that, and goes on when there is room, where files may not grow',
    { skip: skipWithoutFileLimit },
    async () => {
      for (const bytes of [ENOUGH_FOR_A_BATCH, 500_000]) {
        const cwd = temporaryFolder();
        writeCustomers(cwd);
        const ran = importWithin(cwd, bytes);
        const kept = assertHonest(cwd, ran);
        // The batch that is written when there is no room may be the first one.
        assert.equal(kept > 0, bytes === ENOUGH_FOR_A_BATCH, `${bytes}: ${kept}`);
        await finish(cwd, kept);
      }
    },
  );

  it('42: makes no store by halves, and says why', { skip: skipWithoutFileLimit }, async () => {
    const cwd = temporaryFolder();
    writeCustomers(cwd);
    assertRefused(
      importWithin(cwd, 20_000),
      1,
      /^callercard: cannot make a store at .* \(disk I\/O error\); /,
    );
    await finish(cwd, 0);
  });

  it('42: and where the disk is full', async (t) => {
    const cwd = temporaryFolder();
    writeCustomers(cwd);
    const data = join(cwd, 'data');
    mkdirSync(data);
    const disk = mountSmall(data, '4m');
    if (disk === undefined) {
      t.skip('this user may not mount');
      return;
    }
    t.after(() => disk.unmount());
    const ran = await runCallercard(IMPORT, { cwd });
    assert.match(ran.stderr, /\(database or disk is full\)/);
    const kept = assertHonest(cwd, ran);
    disk.remount('size=64m');
    await finish(cwd, kept);
  });
});

describe('a sound store on a full disk', { timeout: 240_000 }, () => {
  it('42: is not called damaged by any command, says what to do, and is used again when there is room', async (t) => {
    const cwd = temporaryFolder();
    const data = join(cwd, 'data');
    mkdirSync(data);
    const disk = mountSmall(data, '3m');
    if (disk === undefined) {
      t.skip('this user may not mount');
      return;
    }
    t.after(() => disk.unmount());
    writeFileSync(join(cwd, 'customers.csv'), 'phone,first_name\n5512345678,Ana\n');
    assert.equal((await runCallercard(IMPORT, { cwd })).code, 0);
    // To the last byte: nobody can make SQLite's own files beside the store.
    spawnSync('dd', ['if=/dev/zero', `of=${join(data, 'filler')}`, 'bs=4k']);
    const commands = [
      ['user', 'list'],
      ['token', 'list'],
      ['lookup', '--lead', '1'],
      ['export'],
      ['import', 'customers.csv', '--list', '1'],
      ['serve', '--port', '0'],
      ['check'],
    ];
    for (const args of commands) {
      const { code, stdout, stderr } = await runCallercard(args, { cwd });
      const said = stdout + stderr;
      assert.notEqual(code, 0, args.join(' '));
      assert.match(said, /cannot be used now: the disk is full, or it fails; make room/, args.join(' '));
      assert.doesNotMatch(said, /damaged; restore|unexpected failure|\n {4}at /, args.join(' '));
    }
    rmSync(join(data, 'filler'));
    const { code, stdout } = await runCallercard(['lookup', '--lead', '1'], { cwd });
    assert.deepEqual([code, /first_name +Ana/.test(stdout)], [0, true]);
  });
});

function writeCustomers(cwd: string): void {
  const rows = Array.from({ length: ROWS }, (_, at) => `${5_500_000_000 + at},Name ${at}`);
  writeFileSync(join(cwd, 'customers.csv'), `phone,first_name\n${rows.join('\n')}\n`);
}

function importWithin(cwd: string, bytes: number): Ran {
  const command = [process.execPath, join(ROOT, 'bin', 'callercard'), ...IMPORT];
  const ran = spawnSync('prlimit', [`--fsize=${bytes}:unlimited`, ...command], {
    cwd,
    env: plainEnvironment(),
    encoding: 'utf8',
  });
  return { code: ran.status, signal: ran.signal, stdout: ran.stdout, stderr: ran.stderr };
}

/** One clear line, and what it says was kept is what is there: whole rows, from the first one on. */
function assertHonest(cwd: string, ran: Ran): number {
  assertRefused(
    ran,
    1,
    /^callercard: the import failed after line \d+ \((?:disk I\/O error|database or disk is full)\)(?:; what came before stays: added \d+, updated 0)?; run it again\n$/,
  );
  const kept = Number(/stays: added (\d+)/.exec(ran.stderr)?.[1] ?? 0);
  assert.deepEqual(readStore(cwd), expectedRows(kept));
  return kept;
}

async function finish(cwd: string, kept: number): Promise<void> {
  const { code, stderr } = await runCallercard(IMPORT, { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`^added ${ROWS - kept}, updated 0, unchanged ${kept}, rejected 0`, 'm'));
  assert.deepEqual(readStore(cwd), expectedRows(ROWS));
}

function expectedRows(count: number) {
  return {
    integrity: 'ok',
    rows: Array.from({ length: count }, (_, at) => `${at + 1} ${5_500_000_000 + at} Name ${at}`),
  };
}

function readStore(cwd: string) {
  const database = new DatabaseSync(join(cwd, 'data', 'callercard.db'));
  try {
    const rows = database
      .prepare('SELECT lead_id, phone_number, first_name FROM leads ORDER BY lead_id')
      .all();
    return {
      integrity: database.prepare('PRAGMA integrity_check').get()?.integrity_check,
      rows: rows.map((row) => Object.values(row).join(' ')),
    };
  } finally {
    database.close();
  }
}
