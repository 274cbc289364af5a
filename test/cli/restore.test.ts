import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { runCallercard, startCallercard, stopServer } from '../support/command.ts';
import { createFilledFolder, FILLED_LEADS, targetOf } from '../support/filled-folder.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { assertRefused } from './customers.ts';

const STORE = join('data', 'callercard.db');

function idsOf(path: string): readonly number[] {
  using database = new DatabaseSync(path, { readOnly: true });
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  return database
    .prepare('SELECT lead_id FROM leads ORDER BY lead_id')
    .all()
    .map(({ lead_id: leadId }) => Number(leadId));
}

function highestRemoved(path: string): unknown {
  using database = new DatabaseSync(path, { readOnly: true });
  return database.prepare("SELECT value FROM meta WHERE name = 'highest_removed_lead'").get()?.value;
}

const ALL = Array.from({ length: FILLED_LEADS }, (_, at) => at + 1);

describe('a restore', { timeout: 120_000 }, () => {
  it('brings a backup back under a server, without who was erased since, and keeps the former store', async () => {
    const cwd = await createFilledFolder();
    const run = (...args: readonly string[]) => runCallercard(args, { cwd });
    assert.equal((await run('backup', 'all.backup')).code, 0);
    const before = readFileSync(join(cwd, 'all.backup'));
    assert.equal((await run('lead', 'delete', '7')).code, 0);
    assert.equal((await run('person', 'erase', '--lead', '8', '--yes')).code, 0);
    {
      using present = new DatabaseSync(join(cwd, STORE));
      // The id of an erased person that somebody else has by now; and one that was given after the backup.
      present.exec(`INSERT INTO erased_leads VALUES (9, ${Date.now()}, 0, 1);
        UPDATE meta SET value = '5000' WHERE name = 'highest_removed_lead'`);
    }
    const server = await startCallercard(['serve'], { cwd });
    try {
      const found = async (leadId: number) =>
        (await send(server.url, targetOf(leadId))).text.includes(`"lead_id":${leadId},`);
      assert.deepEqual([await found(7), await found(8)], [false, false]);
      assertRefused(
        await run('restore', 'all.backup'),
        1,
        /there is a store at .*; --replace puts the backup/,
      );
      const { code, stdout, stderr } = await run('restore', 'all.backup', '--replace', '--json');
      assert.equal(code, 0, stderr);
      const said = JSON.parse(stdout) as { former: string; leads: number; erased: number };
      assert.deepEqual([said.leads, said.erased], [FILLED_LEADS - 1, 1]);
      assert.match(stderr, /left out: 1 leads that were erased after the backup/);
      await until('the server answers from it', () => found(7));
      assert.deepEqual([await found(8), await found(9)], [false, true]);
      assert.equal(statSync(join(cwd, STORE)).mode & 0o777, 0o600);
      assert.equal(highestRemoved(join(cwd, STORE)), '5000');
      // It is used like any other: what is written comes into it, and nothing into the former one.
      assert.equal((await run('lead', 'delete', '9')).code, 0);
      await stopServer(server);
      assert.deepEqual(
        idsOf(join(cwd, STORE)),
        ALL.filter((leadId) => leadId !== 8 && leadId !== 9),
      );
      assert.deepEqual(
        idsOf(said.former),
        ALL.filter((leadId) => leadId !== 7 && leadId !== 8),
      );
      assert.doesNotMatch(readFileSync(join(cwd, STORE), 'latin1'), /Name 8\b|5500000008/);
      assert.deepEqual(readFileSync(join(cwd, 'all.backup')), before);
      // An import still knows whom it leaves out.
      writeFileSync(join(cwd, 'again.csv'), 'phone_number,list_id\n5500000008,1\n');
      const again = await run('import', 'again.csv');
      assert.deepEqual(
        [again.code, readFileSync(join(cwd, 'again.rejects.csv'), 'utf8').includes('erased')],
        [3, true],
      );
    } finally {
      server.kill('SIGKILL');
    }
  });

  it('makes a store where none is, and has what the backup has', async () => {
    const from = await createFilledFolder();
    const cwd = temporaryFolder();
    assert.equal((await runCallercard(['backup', join(cwd, 'all.backup')], { cwd: from })).code, 0);
    const flags = ['--database', 'sqlite:new.db'];
    const { code, stderr } = await runCallercard(['restore', 'all.backup', ...flags], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^restored 50 leads and 1 users from all\.backup to new\.db\n/);
    assert.deepEqual(idsOf(join(cwd, 'new.db')), ALL);
  });

  it('refuses what is no backup of a store, and changes nothing then', async () => {
    const cwd = await createFilledFolder();
    const run = (...args: readonly string[]) => runCallercard(['restore', ...args, '--replace'], { cwd });
    assert.equal((await runCallercard(['backup', 'all.backup'], { cwd })).code, 0);
    writeFileSync(join(cwd, 'text.backup'), 'x'.repeat(9_000));
    const bytes = readFileSync(join(cwd, 'all.backup'));
    bytes.writeUInt32BE(99, 60);
    writeFileSync(join(cwd, 'newer.backup'), bytes);
    bytes.writeUInt32BE(12, 60);
    bytes.fill(0xff, Math.floor(bytes.length / 2));
    writeFileSync(join(cwd, 'damaged.backup'), bytes);
    assertRefused(
      await run('text.backup'),
      1,
      /no callercard store; name a file that "callercard backup" has made/,
    );
    assertRefused(await run('newer.backup'), 1, /written by a newer callercard \(schema 99/);
    assertRefused(await run('damaged.backup'), 1, /damaged\.backup is damaged/);
    assertRefused(await run('none.backup'), 1, /there is no store at none\.backup/);
    assert.deepEqual(idsOf(join(cwd, STORE)), ALL);
    assert.deepEqual(
      readdirSync(join(cwd, 'data')).filter((name) => /former|copy/.test(name)),
      [],
    );
  });

  it('brings a store back whose file is damaged, and says what it could not know', async () => {
    const cwd = await createFilledFolder();
    assert.equal((await runCallercard(['backup', 'all.backup'], { cwd })).code, 0);
    writeFileSync(join(cwd, STORE), 'x'.repeat(9_000));
    const { code, stderr } = await runCallercard(['restore', 'all.backup', '--replace'], { cwd });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /whom the former store had erased is not known here/);
    assert.ok(!existsSync(join(cwd, `${STORE}-wal`)));
    assert.deepEqual(idsOf(join(cwd, STORE)), ALL);
    writeFileSync(join(cwd, STORE), '');
    const again = await runCallercard(['restore', 'all.backup', '--replace'], { cwd });
    assert.equal(again.code, 3, again.stderr);
    assert.match(again.stderr, /is not known here \(.*is empty \(0 bytes\)/);
    assert.deepEqual(idsOf(join(cwd, STORE)), ALL);
  });
});
