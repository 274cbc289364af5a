/** kill -9 of `callercard import`, at any moment from its first file on: into a new store, and over one that is there. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

import { runCallercard } from '../../test/support/command.ts';
import { temporaryFolder } from '../../test/support/test-app.ts';
import { timeOf, until } from '../../test/support/until.ts';
import { createBreaches, rowOfCount, rowOfNone, type Chaos, type ChaosRow } from './chaos.ts';
import { startVictim } from './victim.ts';

/** Of three batches. */
const ROWS = 45_000;
/** One that has ended cannot be killed, and a quick moment of the machine ends it sooner. */
const NEARLY_ALL = 0.85;
/** Imports beside each other. */
const LANES = 2;
const OLD = 'old';
const NEW = 'new';

interface Files {
  readonly folder: string;
  /** A store with every row as OLD. */
  readonly filled: string;
  /** How long an import takes here, from its first file on. */
  readonly tookMs: number;
}

interface Lead {
  readonly lead_id: number;
  readonly phone_number: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly alt_phone: string;
}

export async function killImports(chaos: Chaos): Promise<readonly ChaosRow[]> {
  const [lost, unsound, different] = [createBreaches(chaos), createBreaches(chaos), createBreaches(chaos)];
  const files = await prepare();
  // Drawn before, so that they do not depend on which lane is faster.
  const moments = Array.from({ length: chaos.rounds }, () => chaos.random.next());
  let [begun, killedInTime, half] = [0, 0, 0];

  async function oneRound(round: number, moment: number): Promise<void> {
    const isOver = round % 2 === 0;
    const words = (what: string) => `import round ${round}: ${what}`;
    const cwd = temporaryFolder();
    const store = join(cwd, 'data', 'callercard.db');
    mkdirSync(join(cwd, 'data'));
    if (isOver) copyFileSync(files.filled, store);
    const { isDone } = await killOne(files, cwd, moment);
    if (!isDone) killedInTime += 1;
    const kept = existsSync(store) ? inspect(store, isOver, (what) => unsound.add(words(what))) : 0;
    if (isDone && kept !== ROWS) lost.add(words(`it had ended, and ${ROWS - kept} rows are not there`));
    if (kept > 0 && kept < ROWS) half += 1;
    const { stderr } = await runImport(files, cwd, NEW);
    const all = inspect(store, isOver, (what) => different.add(words(what)));
    const changed = isOver ? `added 0, updated ${ROWS - kept}` : `added ${ROWS - kept}, updated 0`;
    if (all !== ROWS) different.add(words(`${all} rows after it was run again`));
    // Without which fields were updated.
    if (
      !stderr.replace(/(updated \d+) \([^)]*\)/, '$1').includes(`${changed}, unchanged ${kept}, rejected 0`)
    ) {
      different.add(words(`run again after ${kept} rows it said: ${stderr}`));
    }
    rmSync(cwd, { recursive: true });
  }

  async function lane(): Promise<void> {
    for (let moment = moments[begun]; moment !== undefined; moment = moments[begun]) {
      begun += 1;
      await oneRound(begun, moment);
      if (begun % 10 === 0) chaos.log(`import: ${begun} of ${chaos.rounds} rounds`);
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  chaos.noteKilled(killedInTime, lost.count + unsound.count + different.count);
  const isLong = chaos.rounds >= 20;
  return [
    rowOfCount('imports killed (-9) before their end', isLong ? chaos.rounds / 2 : 0, killedInTime),
    rowOfCount('of these, with some batches in and others not', isLong ? 1 : 0, half),
    rowOfNone('rows lost that an import had reported', lost),
    rowOfNone('stores that fail the integrity check, or torn or misplaced rows', unsound),
    rowOfNone('ends that differ when the import is run again', different),
  ];
}

async function prepare(): Promise<Files> {
  const folder = temporaryFolder();
  for (const version of [OLD, NEW]) writeFileSync(join(folder, `${version}.csv`), sheetOf(version));
  mkdirSync(join(folder, 'data'));
  const files = { folder, filled: join(folder, 'data', 'callercard.db'), tookMs: NaN };
  await runImport(files, folder, OLD);
  const elsewhere = temporaryFolder();
  let firstFileAt = NaN;
  const took = await timeOf(() =>
    Promise.all([
      runImport(files, elsewhere, OLD),
      until('a first file', () => existsSync(join(elsewhere, 'data')), 1).then(() => {
        firstFileAt = performance.now();
      }),
    ]),
  );
  return { ...files, tookMs: Math.min(took, performance.now() - firstFileAt) };
}

function sheetOf(version: string): string {
  const rows = Array.from({ length: ROWS }, (_, at) =>
    [phoneOf(at), `${version} ${at}`, `${version} ${at}`, `81${10_000_000 + at}`].join(','),
  );
  return `phone,nombre,apellido,telefono2\n${rows.join('\n')}\n`;
}

function phoneOf(at: number): string {
  return `55${10_000_000 + at}`;
}

function argsOf({ folder }: Files, version: string): readonly string[] {
  return ['import', join(folder, `${version}.csv`), '--list', '101', '--on-duplicate', 'update'];
}

async function runImport(files: Files, cwd: string, version: string) {
  const ran = await runCallercard(argsOf(files, version), { cwd });
  if (ran.code !== 0) throw new Error(`the import ended with ${String(ran.code)}: ${ran.stderr}`);
  return ran;
}

/** @param moment from 0, its first file, to 1, near its end */
async function killOne(files: Files, cwd: string, moment: number): Promise<{ readonly isDone: boolean }> {
  const child = startVictim(argsOf(files, NEW), { cwd });
  const data = join(cwd, 'data');
  const before = readdirSync(data).length;
  // With a store there before, its log is the first file.
  await until('a first file', () => readdirSync(data).length > before || child.hasEnded(), 1);
  await pause(moment * NEARLY_ALL * files.tookMs);
  return { isDone: (await child.kill()) === 0 };
}

/** How many rows are as the new file has them; they come first, and the rest is as it was before. */
function inspect(store: string, isOver: boolean, fault: (what: string) => void): number {
  const database = new DatabaseSync(store);
  try {
    const check = database.prepare('PRAGMA integrity_check').get()?.integrity_check;
    if (check !== 'ok') fault(String(check));
    const leads = database
      .prepare('SELECT lead_id, phone_number, first_name, last_name, alt_phone FROM leads ORDER BY lead_id')
      .all() as unknown as readonly Lead[];
    const kept = leads.findLastIndex(({ first_name: name }) => name.startsWith(NEW)) + 1;
    if (isOver && leads.length !== ROWS) fault(`${ROWS - leads.length} rows from before are gone`);
    if (!isOver && kept !== leads.length) fault(`${leads.length - kept} rows that no file has`);
    const wrong = leads.findIndex((lead, at) => !isWhole(lead, at, at < kept ? NEW : OLD));
    if (wrong >= 0) fault(`row ${wrong} of ${kept}: ${JSON.stringify(leads[wrong])}`);
    return kept;
  } finally {
    database.close();
  }
}

function isWhole(lead: Lead, at: number, version: string): boolean {
  return (
    lead.lead_id === at + 1 &&
    lead.phone_number === phoneOf(at) &&
    lead.first_name === `${version} ${at}` &&
    lead.last_name === `${version} ${at}` &&
    lead.alt_phone === `81${10_000_000 + at}`
  );
}
