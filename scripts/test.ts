/**
 * `npm test`: every test. Three files at a time, because they wait for something half of the time: with more, two cores keep what
 * is tested from answering in time. But for those that fill the machine or compare times: these come afterwards, one by one, so
 * that none of them takes another's time for a fault.
 *
 * `npm test -- PATH...`: these files, or those of these folders, and no others. What is no such path goes to `node --test`.
 */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const AT_ONCE = 3;

const BY_THEMSELVES = [
  'test/load/@(cost|daily-leads|held-connections|overload|password-flood|rate-limit).test.ts',
  'test/attacks/@(costly-bodies|fuzz|long-fields|timing).test.ts',
  'test/http/overload.test.ts',
  'test/stores/sqlite-shared-numbers.test.ts',
];

const root = join(import.meta.dirname, '..');
const END_HUNG = pathToFileURL(join(import.meta.dirname, 'end-hung-test.ts')).href;
const given = process.argv.slice(2);
const chosen = given.flatMap(testsIn);
const options = given.filter((argument) => testsIn(argument).length === 0);

function testsIn(path: string): readonly string[] {
  if (path.startsWith('-')) return [];
  if (path.endsWith('.test.ts')) return [path];
  const isFolder = statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? [join(path, '**', '*.test.ts')] : [];
}

const REPORTERS = options.some((option) => option.startsWith('--test-reporter'))
  ? []
  : [
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...[
        `--test-reporter=${join(root, 'scripts', 'slowest-files.ts')}`,
        '--test-reporter-destination=stdout',
      ],
    ];

const run = (files: readonly string[], atOnce: number): boolean =>
  spawnSync(
    process.execPath,
    ['--test', `--test-concurrency=${atOnce}`, `--import=${END_HUNG}`, ...REPORTERS, ...options, ...files],
    {
      cwd: root,
      // Tests assert English; those of other languages say so themselves.
      env: { ...process.env, LC_ALL: 'C' },
      stdio: 'inherit',
    },
  ).status === 0;

function runAll(): boolean {
  const alone = globSync(BY_THEMSELVES, { cwd: root });
  const others = globSync('test/**/*.test.ts', { cwd: root, exclude: alone });
  const passed = run(others, AT_ONCE);
  return run(alone, 1) && passed;
}

process.exitCode = (chosen.length > 0 ? run(chosen, 1) : runAll()) ? 0 : 1;
