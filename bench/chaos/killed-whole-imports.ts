/** kill -9 of `callercard import --replace` and `import --undo`, at any moment: each is there as a whole, or not at all. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { openStore } from '../../src/stores/open-store.ts';
import { runCallercard } from '../../test/support/command.ts';
import { temporaryFolder, testConfig } from '../../test/support/test-app.ts';
import { timeOf } from '../../test/support/until.ts';
import { createBreaches, rowOfCount, rowOfNone, type Chaos, type ChaosRow } from './chaos.ts';
import { startVictim } from './victim.ts';

/** A third goes, a third comes, and a third gets another number. */
const ROWS = 12_000;
/** Rounds beside each other. */
const LANES = 2;
/** Of the time that the command takes: before, it only starts; one that has ended cannot be killed. */
const [FIRST_MOMENT, LAST_MOMENT] = [0.15, 0.95];

/** A command, the store before it and what may be there afterwards: `name number` of each lead, sorted. */
interface Scene {
  readonly name: string;
  /** A folder with the store as it is before. */
  readonly folder: string;
  readonly args: readonly string[];
  readonly tookMs: number;
  readonly before: string;
  readonly after: string;
}

export async function killWholeImports(chaos: Chaos): Promise<readonly ChaosRow[]> {
  const [torn, unsound] = [createBreaches(chaos), createBreaches(chaos)];
  const scenes = await prepare();
  const drawn = Array.from({ length: chaos.rounds }, (_, round) => ({
    scene: scenes[round % scenes.length],
    moment: FIRST_MOMENT + chaos.random.next() * (LAST_MOMENT - FIRST_MOMENT),
  }));
  let [begun, ended, killed] = [0, 0, 0];
  const ends = { before: 0, after: 0 };

  async function oneRound(round: number, scene: Scene, moment: number): Promise<void> {
    const cwd = temporaryFolder();
    cpSync(scene.folder, cwd, { recursive: true });
    const child = startVictim(scene.args, { cwd });
    await pause(moment * scene.tookMs);
    if ((await child.kill()) === null) killed += 1;
    const content = await contentOf(storeIn(cwd), (what) =>
      unsound.add(`${scene.name} round ${round}: ${what}`),
    );
    if (content === scene.before) ends.before += 1;
    else if (content === scene.after) ends.after += 1;
    else torn.add(`${scene.name} round ${round}: ${content.split('\n').length} leads that are neither`);
    rmSync(cwd, { recursive: true });
  }

  async function lane(): Promise<void> {
    for (let next = drawn[begun]; next?.scene !== undefined; next = drawn[begun]) {
      begun += 1;
      await oneRound(begun, next.scene, next.moment);
      ended += 1;
      if (ended % 20 === 0) chaos.log(`replace: ${ended} of ${chaos.rounds} rounds`);
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const { folder } of scenes) rmSync(folder, { recursive: true });
  chaos.noteKilled(killed, torn.count + unsound.count);
  const isLong = chaos.rounds >= 20;
  return [
    rowOfCount(
      'imports with --replace and undos killed (-9) before their end',
      isLong ? chaos.rounds / 2 : 0,
      killed,
      `${ends.before} as before, ${ends.after} done`,
    ),
    rowOfNone('of these, neither whole nor as before', torn),
    rowOfNone('stores that fail the integrity check, or numbers without a lead', unsound),
  ];
}

async function prepare(): Promise<readonly Scene[]> {
  const first = temporaryFolder();
  for (const week of [0, 1]) writeFileSync(join(first, `week-${week}.csv`), sheetOf(week));
  mkdirSync(join(first, 'data'));
  const argsOf = (week: number) => ['import', `week-${week}.csv`, '--list', '1', '--key', 'codigo'];
  await run(argsOf(0), first);
  const replace = { name: '--replace', args: [...argsOf(1), '--replace', '--replace-most'] };
  const undo = { name: '--undo', args: ['import', '--undo', '2'] };
  const second = temporaryFolder();
  cpSync(first, second, { recursive: true });
  const replaceMs = await timeOf(() => run(replace.args, second));
  const third = temporaryFolder();
  cpSync(second, third, { recursive: true });
  const undoMs = await timeOf(() => run(undo.args, third));
  const refuse = (what: string) => {
    throw new Error(`before anything was killed: ${what}`);
  };
  const [before, after] = [await contentOf(storeIn(first), refuse), await contentOf(storeIn(second), refuse)];
  if (before === after || (await contentOf(storeIn(third), refuse)) !== before)
    refuse('the undo did not undo');
  rmSync(third, { recursive: true });
  return [
    { ...replace, folder: first, tookMs: replaceMs, before, after },
    { ...undo, folder: second, tookMs: undoMs, before: after, after: before },
  ];
}

function sheetOf(week: number): string {
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const person = at + (week * ROWS) / 3;
    return `C${person},Name ${person},${8_100_000_000 + person * 10 + week}`;
  });
  return `codigo,nombre,telefono\n${rows.join('\n')}\n`;
}

async function run(args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await runCallercard(args, { cwd });
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}: ${stderr}`);
}

function storeIn(folder: string): string {
  return join(folder, 'data', 'callercard.db');
}

/** What a killed command left, once the store was opened as a server opens it. */
async function contentOf(path: string, fault: (what: string) => void): Promise<string> {
  const store = openStore(testConfig(path), { log: () => undefined });
  try {
    await store.upkeep?.();
    const { database } = store.connection;
    const check = String(database.prepare('PRAGMA integrity_check').get()?.integrity_check);
    if (check !== 'ok') fault(check);
    const leads = [...store.archive.leads()];
    const numbers = Number(database.prepare('SELECT count(*) AS count FROM lead_numbers').get()?.count);
    if (numbers !== leads.length) fault(`${numbers} numbers of ${leads.length} leads`);
    return leads
      .map(({ lead }) => `${lead.last_name ?? ''} ${lead.phone_number ?? ''}`)
      .toSorted()
      .join('\n');
  } finally {
    await store.close();
  }
}
