/**
 * `npm test`: every test. Three files at a time, because they wait for something most of the time; but for those that fill the
 * machine, look at the clock or ask a database that must not be slow: these come afterwards, one by one, so that none of them
 * takes another's time for a fault.
 *
 * `npm test -- PATH...`: these files, or those of these folders, and no others. What is no such path goes to `node --test`.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

const BY_THEMSELVES = 'attacks|http|load|stores';

const root = join(import.meta.dirname, '..');
const given = process.argv.slice(2);
const chosen = given.flatMap(testsIn);
const options = given.filter((argument) => testsIn(argument).length === 0);

function testsIn(path: string): readonly string[] {
  if (path.startsWith('-')) return [];
  if (path.endsWith('.test.ts')) return [path];
  const isFolder = statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? [join(path, '**', '*.test.ts')] : [];
}

const run = (files: readonly string[], atOnce: number): boolean =>
  spawnSync(process.execPath, ['--test', `--test-concurrency=${atOnce}`, ...options, ...files], {
    cwd: root,
    stdio: 'inherit',
  }).status === 0;

if (chosen.length > 0) process.exitCode = run(chosen, 1) ? 0 : 1;
else {
  const together = run([`test/!(${BY_THEMSELVES})/**/*.test.ts`], 3);
  const alone = run([`test/@(${BY_THEMSELVES})/**/*.test.ts`], 1);
  process.exitCode = together && alone ? 0 : 1;
}
