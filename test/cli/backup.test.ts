import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { plainEnvironment, ROOT, runCallercard, startCallercard, stopServer } from '../support/command.ts';
import { createFilledFolder, FILLED_LEADS, targetOf } from '../support/filled-folder.ts';
import { mountSmall } from '../support/file-limit.ts';
import { send } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { assertRefused } from './customers.ts';

const STORE = join('data', 'callercard.db');

/** Makes a store larger by some megabytes: copying takes several steps. */
function fillUp(path: string, megabytes: number): void {
  using database = new DatabaseSync(path);
  const insert = database.prepare(
    `INSERT INTO notes (lead_id, at, user_name, endpoint, text) VALUES (1, 1, 'ana', 'v1', ?)`,
  );
  database.exec('BEGIN');
  for (let at = 0; at < megabytes * 100; at += 1) insert.run('x'.repeat(10_000));
  database.exec('COMMIT');
}

describe('a backup', { timeout: 120_000 }, () => {
  it('has the store as it was at one moment, while a server answers and another process writes', async () => {
    const cwd = await createFilledFolder();
    const path = join(cwd, STORE);
    fillUp(path, 30);
    const server = await startCallercard(['serve'], { cwd });
    // A note and its counter in one transaction, as fast as it can.
    const writer = spawn(
      process.execPath,
      [
        '-e',
        `const { DatabaseSync } = require('node:sqlite');
         const database = new DatabaseSync(process.argv[1], { timeout: 5000 });
         database.exec("INSERT INTO meta VALUES ('notes', '0')");
         setInterval(() => database.exec(\`BEGIN IMMEDIATE;
           INSERT INTO notes (lead_id, at, user_name, endpoint, text) VALUES (2, 1, 'ana', 'v1', 'new');
           UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'notes'; COMMIT\`), 1);`,
        path,
      ],
      { stdio: 'ignore' },
    );
    try {
      const written = () => {
        using database = new DatabaseSync(path, { readOnly: true });
        return Number(database.prepare("SELECT value FROM meta WHERE name = 'notes'").get()?.value ?? 0);
      };
      await until('somebody writes', () => written() > 10);
      const { code, stdout, stderr } = await runCallercard(['backup', 'all.backup', '--json'], { cwd });
      assert.equal(code, 0, stderr);
      assert.equal((await send(server.url, targetOf(1))).status, 200);
      const at = written();
      await until('it still writes', () => written() > at);
      const file = join(cwd, 'all.backup');
      const { sha256, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
      const bytes = statSync(file).size;
      const schema = readdirSync(join(ROOT, 'src', 'stores', 'sqlite', 'migrations')).length;
      assert.deepEqual(rest, { file: 'all.backup', leads: FILLED_LEADS, users: 1, schema, bytes });
      assert.equal(sha256, createHash('sha256').update(readFileSync(file)).digest('hex'));
      assert.equal(statSync(file).mode & 0o777, 0o600);
      using copy = new DatabaseSync(file, { readOnly: true });
      const [row] = copy
        .prepare(
          `SELECT (SELECT count(*) FROM notes WHERE lead_id = 2) AS notes,
                  (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'notes') AS counted`,
        )
        .all();
      assert.equal(row?.notes, row?.counted);
      assert.ok(Number(row?.notes) > 10);
      assert.deepEqual(
        readdirSync(cwd).filter((name) => name.includes('backup')),
        ['all.backup'],
      );
    } finally {
      writer.kill('SIGKILL');
      await stopServer(server);
    }
  });

  it('takes the place of nothing, and is made of nothing but a sound store', async () => {
    const cwd = await createFilledFolder();
    const run = (...args: readonly string[]) => runCallercard(['backup', ...args], { cwd });
    writeFileSync(join(cwd, 'there'), 'kept');
    assertRefused(await run('there'), 1, /^callercard: there exists; name a file that is not there yet\n$/);
    assert.equal(readFileSync(join(cwd, 'there'), 'utf8'), 'kept');
    assertRefused(await run(STORE), 2, /is the store itself/);
    assertRefused(await run('none/all.backup'), 1, /there is no folder for none\/all\.backup/);
    assertRefused(await run('a.backup', '--database', 'sqlite:none.db'), 1, /there is no store at none\.db/);
    assertRefused(await run('a.backup', '--database', 'sqlite:there'), 1, /there is no callercard store/);
    assertRefused(
      await run('a.backup', '--database', 'postgres://u@127.0.0.1:1/name'),
      2,
      /by its own tools \(pg_dump, pg_restore\); docs\/operations\.md, "Backups"/,
    );
    assertRefused(
      await run('a.backup', '--database', 'mariadb://u@127.0.0.1:1/asterisk'),
      2,
      /a dialer is backed up by its own tools; .* --database sqlite:.*state\.db; /,
    );
    // A page in the middle: only reading it through tells.
    const bytes = readFileSync(join(cwd, STORE));
    bytes.fill(
      0xff,
      Math.floor(bytes.length / 2 / 8192) * 8192,
      Math.floor(bytes.length / 2 / 8192 + 4) * 8192,
    );
    writeFileSync(join(cwd, 'damaged.db'), bytes);
    assertRefused(await run('a.backup', '--database', 'sqlite:damaged.db'), 1, /damaged\.db is damaged/);
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.includes('backup')),
      [],
    );
  });

  it('42: is not there by halves where the disk is full', async (t) => {
    const cwd = await createFilledFolder();
    const folder = join(cwd, 'small');
    mkdirSync(folder);
    const disk = mountSmall(folder, '1m');
    if (disk === undefined) {
      t.skip('this user may not mount');
      return;
    }
    t.after(() => disk.unmount());
    fillUp(join(cwd, STORE), 4);
    assertRefused(
      await runCallercard(['backup', 'small/all.backup'], { cwd }),
      1,
      /^callercard: small\/all\.backup cannot be written \(database or disk is full\)\n$/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it('41: nor where it is killed, and removes what it made where it is stopped', async () => {
    const cwd = await createFilledFolder();
    fillUp(join(cwd, STORE), 100);
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const child = spawn(process.execPath, [join(ROOT, 'bin', 'callercard'), 'backup', 'all.backup'], {
        cwd,
        env: plainEnvironment(),
      });
      const drafts = () => readdirSync(cwd).filter((name) => /^all\.backup\.part-\w+$/.test(name));
      const before = drafts().length;
      await until('it copies', () => drafts().length > before);
      child.kill(signal);
      const [code] = (await once(child, 'close')) as [number | null];
      assert.ok(!existsSync(join(cwd, 'all.backup')));
      assert.equal(code, signal === 'SIGINT' ? 130 : null);
      assert.equal(drafts().length, signal === 'SIGINT' ? before : before + 1);
    }
  });
});
