/** A file of leads into a new store, beside what SQLite's own command line tool needs for the same. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { ENGLISH } from '../../src/cli/words/import-en.ts';
import { CREATE_NUMBER_INDEX } from '../../src/stores/sqlite/remake-numbers.ts';
import { median } from '../measure/statistics.ts';
import { COLUMNS, writeLeads } from './file.ts';

/** At most so many times as long as `sqlite3 .import`. */
export const GOAL_RATIO = 2;
/** At most so much memory, in MB of 1,000,000 bytes. */
export const GOAL_MEGABYTES = 200;

export interface ImportMeasure {
  /** The median of the rounds' ratios: callercard's time by sqlite3's of the same round. */
  readonly ratio: number;
  /** Of each round. */
  readonly ratios: readonly number[];
  /** Medians. */
  readonly seconds: number;
  readonly sqlite3Seconds: number;
  /** The most of all rounds, resident. */
  readonly peakMegabytes: number;
  readonly sqlite3PeakMegabytes: number;
  /** What it takes beyond that until every lead is found by words: a server can do it as well. The median. */
  readonly indexSeconds: number;
  /** The same file again, into the store that has it: every lead is met and none changes. The median. */
  readonly againSeconds: number;
  readonly rows: number;
}

interface Measured {
  /** Until the leads are there, and the import begins to index them for search. */
  readonly seconds: number;
  readonly indexSeconds: number;
  readonly megabytes: number;
}

interface Round {
  readonly sqlite3: Measured;
  readonly callercard: Measured;
  readonly again: Measured;
}

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.bench');
/** Of this process's own: two measurements at a time do not take each other's. */
const DATABASE = join(FOLDER, `import-${process.pid}.db`);
/** As an installed package is, and a checkout from its second start on: nothing is to be compiled. */
const COMPILED = { NODE_COMPILE_CACHE: join(FOLDER, 'compiled') };

/**
 * The rounds alternate, so that a slow moment of the machine hits both.
 *
 * @throws {Error} sqlite3 is not installed, or rows are missing
 */
export async function measureImport(options: {
  readonly rows: number;
  readonly rounds: number;
}): Promise<ImportMeasure> {
  if (spawnSync('sqlite3', ['--version']).status !== 0) {
    throw new Error('this needs the sqlite3 command line tool: apt-get install sqlite3');
  }
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `leads-${options.rows}.csv`);
  if (!existsSync(file)) await writeLeads(file, options.rows);
  await callercard(['--version']);
  const rounds: Round[] = [];
  try {
    while (rounds.length < options.rounds) {
      const sqlite3 = await importWithSqlite3(file);
      checkCount(options.rows);
      removeDatabase();
      const fresh = await importWithCallercard(file);
      const again = await importWithCallercard(file);
      checkCount(options.rows);
      rounds.push({ sqlite3, callercard: fresh, again });
    }
  } finally {
    removeDatabase();
  }
  return summaryOf(rounds, options.rows);
}

function summaryOf(rounds: readonly Round[], rows: number): ImportMeasure {
  const ratios = rounds.map((round) => round.callercard.seconds / round.sqlite3.seconds);
  return {
    ratio: median(ratios),
    ratios,
    seconds: median(rounds.map((round) => round.callercard.seconds)),
    sqlite3Seconds: median(rounds.map((round) => round.sqlite3.seconds)),
    peakMegabytes: Math.max(
      ...rounds.flatMap(({ callercard: one, again }) => [one.megabytes, again.megabytes]),
    ),
    sqlite3PeakMegabytes: Math.max(...rounds.map((round) => round.sqlite3.megabytes)),
    indexSeconds: median(rounds.map((round) => round.callercard.indexSeconds)),
    againSeconds: median(rounds.map((round) => round.again.seconds)),
    rows,
  };
}

/**
 * The same rows into the same tables, with the store's page size and journal, and the index afterwards: that is faster for it,
 * too. The keys of the numbers are made as they are in this file, where each is of ten digits and of Mexico.
 */
function importWithSqlite3(file: string): Promise<Measured> {
  removeDatabase();
  const columns = COLUMNS.map((name) => `${name} ${name === 'list_id' ? 'INTEGER' : 'TEXT'}`);
  const numberOf = 'CASE part WHEN 0 THEN phone_number WHEN 1 THEN alt_phone ELSE address3 END';
  return measure('sqlite3', [
    DATABASE,
    'PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;',
    `CREATE TABLE leads (${columns.join(', ')});`,
    `CREATE TABLE lead_numbers (lead_id INTEGER NOT NULL, key TEXT NOT NULL, part INTEGER NOT NULL, reading INTEGER NOT NULL,
      number TEXT NOT NULL, list_id INTEGER NOT NULL, last_local_call_time TEXT, modify_date TEXT NOT NULL,
      PRIMARY KEY (lead_id, key, part)) STRICT, WITHOUT ROWID;`,
    '.mode csv',
    `.import --skip 1 '${file}' leads`,
    // .import has no NULL: an empty cell is an empty string.
    `INSERT INTO lead_numbers SELECT lead_id, '52' || number, part, 0, number, list_id, NULL, datetime() FROM (
       SELECT leads.rowid AS lead_id, part, ${numberOf} AS number, list_id FROM leads
       CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1 UNION ALL SELECT 2)) WHERE number <> '';`,
    `${CREATE_NUMBER_INDEX};`,
  ]);
}

function importWithCallercard(file: string): Promise<Measured> {
  return callercard(['import', file, '--database', `sqlite:${DATABASE}`]);
}

function callercard(args: readonly string[]): Promise<Measured> {
  return measure(process.execPath, [join(ROOT, 'bin', 'callercard'), ...args]);
}

/** Wall time, and the most memory that the process had at once (Linux: VmHWM, asked while it runs). */
async function measure(program: string, args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...COMPILED, LC_ALL: 'C' },
  });
  let importedAt: number | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes(ENGLISH.indexing)) importedAt ??= performance.now();
  });
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
  const ended = performance.now();
  importedAt ??= ended;
  return {
    seconds: (importedAt - started) / 1000,
    indexSeconds: (ended - importedAt) / 1000,
    megabytes: (kilobytes * 1024) / 1e6,
  };
}

/** A fast import that loses rows is no import. */
function checkCount(rows: number): void {
  const { stdout, stderr } = spawnSync('sqlite3', [DATABASE, 'SELECT count(*) FROM leads'], {
    encoding: 'utf8',
  });
  if (Number(stdout) !== rows) throw new Error(`${stdout.trim()} of ${rows} rows arrived ${stderr}`);
}

function removeDatabase(): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(DATABASE + suffix, { force: true });
}
