import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

import { plainEnvironment, ROOT } from '../support/command.ts';

const FILE = 'test/files/encoding.test.ts';
const FOLDER = 'test/files';

/** What `npm test -- ARGS...` runs: its exit code, and how many tests there were. */
async function runTests(...args: readonly string[]): Promise<{ code: number | null; tests: number }> {
  const all = [join(ROOT, 'scripts', 'test.ts'), '--test-reporter=tap', ...args];
  const child = spawn(process.execPath, all, {
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [said, [code]] = await Promise.all([text(child.stdout), ended]);
  const runs = [...said.matchAll(/^# tests (\d+)$/gm)].map(([, count]) => Number(count));
  assert.ok(runs.length <= 1, said);
  return { code, tests: runs[0] ?? 0 };
}

describe('npm test --', () => {
  it('FILE and FOLDER run these alone, and options go with them', async () => {
    const file = await runTests(FILE);
    const folder = await runTests(FOLDER);
    assert.deepEqual([file.code, folder.code], [0, 0]);
    assert.ok(file.tests > 1 && folder.tests > file.tests, `${file.tests} of ${folder.tests}`);
    assert.deepEqual(await runTests('--test-name-pattern', 'byte order mark', FILE), { code: 0, tests: 1 });
  });

  it('a file that is not there is a failure', async () => {
    assert.deepEqual(await runTests('test/nowhere.test.ts'), { code: 1, tests: 0 });
  });
});
