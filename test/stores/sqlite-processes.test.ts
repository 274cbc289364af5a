import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { describe, it } from 'node:test';

import { inspectSqlite } from '../../src/diagnostics/sqlite.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';

const CHILD = join(import.meta.dirname, 'store-child.ts');

interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: AsyncIterator<string, undefined>;
  readonly ended: Promise<unknown>;
}

function start(...parameters: readonly string[]): Child {
  const process_ = spawn(process.execPath, [CHILD, ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: Child['lines'] = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  return { process: process_, lines, ended: once(process_, 'exit') };
}

describe('two processes that make the same store at once', () => {
  it('end with one store that has what both wrote', async () => {
    for (let round = 0; round < 3; round++) {
      const path = join(temporaryFolder(), 'shared.db');
      const children = ['one', 'two'].map((name) => start('create', path, name));
      try {
        for (const { lines } of children) assert.equal((await lines.next()).value, 'ready');
        for (const child of children) child.process.stdin.write('go\n');
        for (const { lines } of children) assert.equal((await lines.next()).value, 'made');
        for (const { ended } of children) assert.deepEqual(await ended, [0, null]);
      } finally {
        for (const child of children) child.process.kill('SIGKILL');
      }
      const store = openStore(testConfig(path));
      assert.deepEqual(
        (await store.users.list()).map(({ name }) => name),
        ['one', 'two'],
      );
      await store.close();
      assert.deepEqual(readdirSync(dirname(path)), ['shared.db']);
    }
  });
});

describe('a process that is killed while it counts failed logins', () => {
  it('41: loses no count that it had acknowledged', async () => {
    const path = join(temporaryFolder(), 'killed.db');
    for (let round = 1; round <= 4; round++) {
      const child = start('count', path, `round${round}`);
      const acknowledged: string[] = [];
      try {
        // Killed at another moment each round, in the middle of its work.
        const enough = 20 + Math.floor(Math.random() * 200);
        while (acknowledged.length < enough) {
          const line = await child.lines.next();
          assert.ok(line.done !== true, 'the child ended by itself');
          acknowledged.push(line.value);
        }
        child.process.kill('SIGKILL');
        for (let line = await child.lines.next(); line.done !== true; line = await child.lines.next()) {
          if (line.value !== '') acknowledged.push(line.value);
        }
      } finally {
        child.process.kill('SIGKILL');
        await child.ended;
      }
      const store = openStore(testConfig(path));
      for (const name of acknowledged) {
        assert.equal((await store.accounts.readFailures(name)).count, 1, name);
      }
      const afterLast = `round${round}-${acknowledged.length + 2}`;
      assert.equal((await store.accounts.readFailures(afterLast)).count, 0, afterLast);
      assert.equal(
        [...inspectSqlite(store.connection)].find(({ subject }) => subject === 'integrity')?.level,
        'ok',
      );
      await store.close();
    }
  });
});

describe('a process that opens one store twice', () => {
  const skip = skipWithout('sqlite3', findProgram('sqlite3') !== undefined, 'sqlite3');
  it('keeps its lock: what it writes after a backup by sqlite3 is not lost', { skip }, async () => {
    const path = join(temporaryFolder(), 'twice.db');
    const store = openStore(testConfig(path), { create: true });
    // As a domain whose settings were read again: the former store closes after its last request.
    const again = openStore(testConfig(path));
    await again.close();
    // Whoever closes a store last removes its write-ahead log.
    const backup = spawnSync('sqlite3', [path, `.backup ${path}.backup`]);
    assert.deepEqual([backup.status, String(backup.stderr)], [0, '']);
    await store.accounts.countFailure('later', Date.now());
    const other = start('failures', path, 'later');
    assert.equal((await other.lines.next()).value, '1');
    await other.ended;
    await store.close();
    assert.deepEqual(readdirSync(dirname(path)), ['twice.db', 'twice.db.backup']);
  });
});
