/**
 * `npm run bench:import`: a million leads into a new store, beside `sqlite3 .import`, and the same file once more; then how long
 * a login's write waits beside imports. `-- --waits`: that alone. Exits with 1 when a goal is missed. BENCH_ROWS and BENCH_ROUNDS in the environment make it longer or shorter.
 */
import { mkdirSync } from 'node:fs';

import { writeTable } from '../src/process/terminal.ts';
import { COLUMNS } from './import/file.ts';
import { GOAL_WAIT_MS, measureWaits } from './import/waits.ts';
import { GOAL_MEGABYTES, GOAL_RATIO, measureImport } from './import/measure-import.ts';
import { BENCH_FOLDER } from './lookups/store.ts';

if (!process.argv.includes('--waits')) await reportSpeed();
await reportWaits();

async function reportSpeed(): Promise<void> {
  const rows = Number(process.env.BENCH_ROWS ?? 1_000_000);
  const rounds = Number(process.env.BENCH_ROUNDS ?? 3);

  const found = await measureImport({ rows, rounds });
  const perSecond = (seconds: number) => Math.round(rows / seconds).toLocaleString('en');
  const lines = [
    ['sqlite3 .import', found.sqlite3Seconds, found.sqlite3PeakMegabytes],
    ['callercard import', found.seconds, found.peakMegabytes],
    ['the same file again', found.againSeconds, found.peakMegabytes],
  ].map(([name, seconds, megabytes]) => [
    String(name),
    Number(seconds).toFixed(1),
    perSecond(Number(seconds)),
    Number(megabytes).toFixed(0),
  ]);
  console.log(
    `${rows.toLocaleString('en')} leads, ${COLUMNS.length} columns, their numbers and an index; medians of ${rounds}, alternating`,
  );
  console.log(writeTable(['', 'seconds', 'rows/s', 'max RSS MB'], lines));
  console.log(`and ${found.indexSeconds.toFixed(1)} s until all are indexed for search`);
  const spread = found.ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  report(
    `ratio ${found.ratio.toFixed(2)} (${spread}); asked: at most ${GOAL_RATIO}`,
    found.ratio <= GOAL_RATIO,
  );
  report(
    `memory ${found.peakMegabytes.toFixed(0)} MB; asked: at most ${GOAL_MEGABYTES}`,
    found.peakMegabytes <= GOAL_MEGABYTES,
  );
}

async function reportWaits(): Promise<void> {
  mkdirSync(BENCH_FOLDER, { recursive: true });
  const found = await measureWaits(BENCH_FOLDER);
  const inMs = (milliseconds: number) => milliseconds.toFixed(1);
  const lines = found.map(({ what, writes, medianMs, longestMs }) => [
    what,
    String(writes),
    inMs(medianMs),
    inMs(longestMs),
  ]);
  console.log(writeTable(['a write beside it, while', 'writes', 'median ms', 'longest ms'], lines));
  const longest = Math.max(...found.filter(({ isAsked }) => isAsked).map(({ longestMs }) => longestMs));
  report(
    `longest wait beside a change ${inMs(longest)} ms; asked: at most ${GOAL_WAIT_MS}`,
    longest <= GOAL_WAIT_MS,
  );
}

function report(sentence: string, isReached: boolean): void {
  console.log(`${isReached ? 'reached' : 'MISSED'}: ${sentence}`);
  if (!isReached) process.exitCode = 1;
}
