/** How long a login's write waits while another process imports into the same store. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { openStore } from '../../src/stores/open-store.ts';
import { writeWithRetry } from '../../src/stores/sqlite/transactions.ts';
import { benchConfig } from '../lookups/store.ts';

/** What an import's batches are kept to (HOLD_MS), with what a commit may take. */
export const GOAL_WAIT_MS = 250;

const ROWS = 100_000;
const EVERY_MS = 20;
const ROOT = join(import.meta.dirname, '..', '..');

export interface Waits {
  /** What the import did meanwhile. */
  readonly what: string;
  readonly writes: number;
  readonly medianMs: number;
  readonly longestMs: number;
  /** An empty store is filled with longer batches: what is asked is not asked of it (docs/decisions/0016-import-speed.md). */
  readonly isAsked: boolean;
}

/** Fills a store, changes every lead of it, replaces a third of them and takes that back, with a write every 20 ms beside. */
export async function measureWaits(folder: string): Promise<readonly Waits[]> {
  const cwd = mkdtempSync(join(folder, 'waits-'));
  const store = join(cwd, 'callercard.db');
  for (const week of [0, 1, 2]) writeFileSync(join(cwd, `week-${week}.csv`), sheetOf(week));
  const importArgs = (week: number) => ['import', `week-${week}.csv`, '--list', '1', '--key', 'codigo'];
  try {
    // Made before, so that there is something to write to.
    await openStore(benchConfig(store), { create: true }).close();
    const beside = (what: string, args: readonly string[], isAsked = true) =>
      measureBeside(what, [...args, '--database', `sqlite:${store}`], cwd, store, isAsked);
    return [
      await beside('an empty store is filled', importArgs(0), false),
      await beside('every lead is changed', importArgs(1)),
      await beside('--replace: a third goes, a third comes', [...importArgs(2), '--replace']),
      await beside('that is undone', ['import', '--undo', '3']),
    ];
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** @param week 0, 1: the same people with another name; 2: a third has gone, and a third is new */
function sheetOf(week: number): string {
  const first = week === 2 ? ROWS / 3 : 0;
  const rows = Array.from({ length: ROWS }, (_, at) => {
    const person = Math.floor(first) + at;
    return `C${person},Name ${person},City ${week},${8_100_000_000 + person * 7}`;
  });
  return `codigo,nombre,ciudad,telefono\n${rows.join('\n')}\n`;
}

async function measureBeside(
  what: string,
  args: readonly string[],
  cwd: string,
  path: string,
  isAsked: boolean,
): Promise<Waits> {
  const store = openStore(benchConfig(path));
  const { connection } = store;
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'callercard'), ...args], { cwd, stdio: 'ignore' });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const waits: number[] = [];
  const write = connection.database.prepare("INSERT OR REPLACE INTO meta VALUES ('bench', ?)");
  while (child.exitCode === null && child.signalCode === null) {
    const started = performance.now();
    await writeWithRetry(connection, () => write.run(String(started)));
    waits.push(performance.now() - started);
    await pause(EVERY_MS);
  }
  const [code] = await ended;
  await store.close();
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
  const sorted = waits.toSorted((one, other) => one - other);
  const medianMs = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  return { what, writes: waits.length, medianMs, longestMs: sorted.at(-1) ?? NaN, isAsked };
}
