/**
 * `npm test`: every test. Two files at a time, but for those that fill the machine, look at the clock or ask a database that
 * must not be slow: these come afterwards, one by one, so that none of them takes another's time for a fault.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BY_THEMSELVES = 'attacks|http|load|store';

const root = join(import.meta.dirname, '..');
const run = (files: string, atOnce: number): boolean =>
  spawnSync(process.execPath, ['--test', `--test-concurrency=${atOnce}`, ...process.argv.slice(2), files], {
    cwd: root,
    stdio: 'inherit',
  }).status === 0;

const together = run(`test/!(${BY_THEMSELVES})/**/*.test.ts`, 2);
const alone = run(`test/@(${BY_THEMSELVES})/**/*.test.ts`, 1);
process.exitCode = together && alone ? 0 : 1;
