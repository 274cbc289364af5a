import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

import { plainEnvironment, ROOT } from '../support/command.ts';

/** A folder whose tests take a moment. */
const FOLDER = 'test/throttle';
const FILE = 'test/throttle/rate-limit.test.ts';

/** Runs `npm test -- ARGS...`, which ends with an exit code. @returns how many tests there were */
async function runTests(expected: number, ...args: readonly string[]): Promise<number> {
  const all = [join(ROOT, 'scripts', 'test.ts'), '--test-reporter=tap', ...args];
  const child = spawn(process.execPath, all, {
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [said, [code]] = await Promise.all([text(child.stdout), ended]);
  const runs = [...said.matchAll(/^# tests (\d+)$/gm)].map(([, count]) => Number(count));
  assert.ok(runs.length <= 1, said);
  assert.equal(code, expected, said);
  return runs[0] ?? 0;
}

describe('npm test --', () => {
  it('FILE and FOLDER run these alone, and options go with them', async () => {
    const inFile = await runTests(0, FILE);
    const inFolder = await runTests(0, FOLDER);
    assert.ok(inFile > 1 && inFolder > inFile, `${inFile} of ${inFolder}`);
    assert.equal(await runTests(0, '--test-name-pattern', 'is not taken from others', FILE), 1);
  });

  it('a file that is not there is a failure', async () => {
    assert.equal(await runTests(1, 'test/nowhere.test.ts'), 0);
  });
});
