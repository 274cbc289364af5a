/**
 * `npm run bench:import`: a file of a million leads into a new store, beside what SQLite's own command line tool
 * needs for the same file and indexes. The rounds alternate so that a slow moment of the machine hits both.
 * Exits with 1 when the import takes more than GOAL_RATIO times as long or GOAL_MB of memory.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { writeTable } from '../src/cli/table.ts';
import { COLUMNS, writeLeads } from './import/file.ts';

const FOLDER = join(import.meta.dirname, '..', '.bench');
const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 2);
const GOAL_RATIO = 3;
const GOAL_MB = 200;

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

const file = join(FOLDER, `leads-${ROWS}.csv`);
const database = join(FOLDER, 'import.db');

if (spawnSync('sqlite3', ['--version']).status !== 0) {
  console.error('this needs the sqlite3 command line tool: apt-get install sqlite3');
  process.exit(1);
}
mkdirSync(FOLDER, { recursive: true });
if (!existsSync(file)) await writeLeads(file, ROWS);

const rounds: { readonly sqlite: Measured; readonly callercard: Measured }[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  rounds.push({ sqlite: await importWithSqlite(), callercard: await importWithCallercard() });
  console.error(`round ${round} of ${ROUNDS} done`);
}
report();

async function importWithSqlite(): Promise<Measured> {
  removeDatabase();
  const table = `CREATE TABLE leads (${COLUMNS.map((name) => `${name} TEXT`).join(', ')});`;
  // The partial indexes of the product's own schema; .import has no NULL, an empty cell is an empty string.
  const indexes = ['phone_number', 'alt_phone', 'address3'].map(
    (name) => `CREATE INDEX leads_by_${name} ON leads (${name}) WHERE ${name} <> '';`,
  );
  run('sqlite3', [database, `PRAGMA journal_mode = WAL; ${table} ${indexes.join(' ')}`]);
  const measured = await measure('sqlite3', [database, '.mode csv', `.import --skip 1 '${file}' leads`]);
  checkCount();
  return measured;
}

async function importWithCallercard(): Promise<Measured> {
  removeDatabase();
  const command = join(import.meta.dirname, '..', 'bin', 'callercard');
  const measured = await measure(process.execPath, [
    command,
    'import',
    file,
    '--database',
    `sqlite:${database}`,
  ]);
  checkCount();
  return measured;
}

/** Wall time, and the most memory that the process had at once (Linux: VmHWM, asked while it runs). */
async function measure(program: string, args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  let kilobytes = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
      kilobytes = Math.max(kilobytes, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // It has just ended.
    }
  }, 50);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(watch);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code ?? 'a signal'}`);
  return { seconds: (performance.now() - started) / 1000, megabytes: (kilobytes * 1024) / 1e6 };
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  return stdout;
}

/** A fast import that loses rows is no import. */
function checkCount(): void {
  const count = Number(run('sqlite3', [database, 'SELECT count(*) FROM leads']));
  if (count !== ROWS) throw new Error(`${count} of ${ROWS} rows arrived`);
}

function removeDatabase(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true });
}

function report(): void {
  const sqlite = best(rounds.map((round) => round.sqlite));
  const callercard = best(rounds.map((round) => round.callercard));
  const ratio = callercard.seconds / sqlite.seconds;
  const row = (name: string, { seconds, megabytes }: Measured) => [
    name,
    seconds.toFixed(1),
    Math.round(ROWS / seconds).toLocaleString('en'),
    megabytes.toFixed(0),
    (seconds / sqlite.seconds).toFixed(2),
  ];
  const size = (statSync(file).size / 1e6).toFixed(0);
  console.log(
    `${ROWS.toLocaleString('en')} leads, ${COLUMNS.length} columns, ${size} MB, three indexes; best of ${ROUNDS}`,
  );
  const lines = [row('sqlite3 .import', sqlite), row('callercard import', callercard)];
  console.log(writeTable(['', 'seconds', 'rows/s', 'max RSS MB', 'ratio'], lines));
  removeDatabase();
  if (ratio > GOAL_RATIO)
    fail(`the import takes ${ratio.toFixed(2)} times as long; the goal is ${GOAL_RATIO}`);
  if (callercard.megabytes >= GOAL_MB)
    fail(`the import takes ${callercard.megabytes.toFixed(0)} MB; the goal is ${GOAL_MB}`);
}

/** The fastest round, with the most memory of all rounds. */
function best(measured: readonly Measured[]): Measured {
  return {
    seconds: Math.min(...measured.map(({ seconds }) => seconds)),
    megabytes: Math.max(...measured.map(({ megabytes }) => megabytes)),
  };
}

function fail(reason: string): void {
  console.error(reason);
  process.exitCode = 1;
}
