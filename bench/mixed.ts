/**
 * `npm run bench:mixed`: how long lookups take on the embedded store while other work is done beside them: an import, a lookup of
 * 1,000 leads, a search, a backup, an audit that begins new files, and all of it at once. Exits with 1 when a goal is missed.
 * BENCH_LEADS and BENCH_ROWS in the environment are the leads of the store and of the imported file, BENCH_RATE the lookups a
 * second, BENCH_ROUNDS and BENCH_SECONDS the rounds.
 */
import { join } from 'node:path';

import { writeTable } from '../src/process/terminal.ts';
import { preparePlan } from '../test/support/load/run-plan.ts';
import { readThrough } from './measure/read-through.ts';
import { forkServer, type RunningServer } from './measure/servers.ts';
import { startServe } from './measure/served.ts';
import { median } from './measure/statistics.ts';
import { mixedTargets, openMixedStore } from './mixed/store.ts';
import { otherWorks, type OtherWork } from './mixed/works.ts';

const LEADS = Number(process.env.BENCH_LEADS ?? 200_000);
const ROWS = Number(process.env.BENCH_ROWS ?? 200_000);
const RATE = Number(process.env.BENCH_RATE ?? 500);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const CONNECTIONS = 32;
/** Beside an import, of the quiet p99. */
const ASKED_TIMES = 3;

/** Milliseconds of the lookups beside one kind of work: medians of the rounds, and the longest of all. */
interface Row {
  readonly what: string;
  readonly rounds: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly asked?: number | undefined;
}

const store = await openMixedStore(LEADS, ROWS);
const rows: Row[] = [];
try {
  readThrough(store.path);
  const works = otherWorks(store, LEADS, ASKED_TIMES);
  await withServer(
    () => startServe(store.path),
    async (server) => {
      await measure(server, 'nothing (warm-up)', []);
      rows.push(await measure(server, 'nothing', []));
      for (const work of works) rows.push(await measure(server, work.what, [work]));
      rows.push(await measure(server, 'nothing', []));
      rows.push(
        await measure(
          server,
          'all of it at once',
          works.filter(({ what }) => !what.includes('new')),
        ),
      );
    },
  );
  const target = join(import.meta.dirname, 'mixed', 'target.ts');
  await withServer(
    () => forkServer(target, [store.path]),
    async (server) => {
      await measure(server, 'nothing (warm-up)', []);
      rows.push(await measure(server, 'an audit that begins a file each second', []));
    },
  );
} finally {
  store.remove();
}
report();

async function withServer(
  start: () => Promise<RunningServer>,
  work: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const server = await start();
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

/** Lookups come at a fixed rate, in rounds, until what is done once is done. */
async function measure(server: RunningServer, what: string, works: readonly OtherWork[]): Promise<Row> {
  process.stderr.write(`== ${what}\n`);
  const { url } = server;
  let isOver = false;
  const running = works.map(async ({ run, isOnce }) => {
    do await run(url);
    while (isOnce !== true && !isOver);
  });
  let onceLeft = works.filter(({ isOnce }) => isOnce).length;
  for (const [at, work] of works.entries()) {
    if (work.isOnce) void running[at]?.finally(() => (onceLeft -= 1));
  }
  const found = [];
  do {
    const targets = mixedTargets(LEADS, RATE * SECONDS);
    const plan = { url, targets, order: 'random', connections: CONNECTIONS, seconds: SECONDS } as const;
    const figures = await (await preparePlan({ ...plan, perSecond: RATE }))();
    if (figures.wrong > 0) throw new Error(figures.wrongWords.join('; '));
    found.push(figures.answered);
  } while (works.some(({ isOnce }) => isOnce) ? onceLeft > 0 : found.length < ROUNDS);
  isOver = true;
  await Promise.all(running);
  return {
    what,
    rounds: found.length,
    p50: median(found.map(({ p50 }) => p50)),
    p99: median(found.map(({ p99 }) => p99)),
    longest: Math.max(...found.map(({ max }) => max)),
    asked: works.length === 1 ? works[0]?.asked : undefined,
  };
}

function report(): void {
  const quiet = median(rows.filter(({ what }) => what === 'nothing').map(({ p99 }) => p99));
  const missed = rows.filter(({ asked, p99 }) => asked !== undefined && p99 > asked * quiet);
  const cells = rows.map(({ what, rounds, p50, p99, longest, asked }) => [
    what,
    String(rounds),
    ...[p50, p99, longest].map((milliseconds) => milliseconds.toFixed(2)),
    (p99 / quiet).toFixed(2),
    asked === undefined ? '' : `<= ${asked.toFixed(1)}`,
  ]);
  const head = [
    'lookups beside',
    'rounds',
    'p50 ms',
    'p99 ms',
    'longest ms',
    'p99, times the quiet',
    'asked',
  ];
  console.log(writeTable(head, cells));
  console.log(
    `${RATE} lookups a second over ${CONNECTIONS} connections, every second one by number, ${LEADS.toLocaleString('en')} leads; imports of ${ROWS.toLocaleString('en')}. Rounds of ${SECONDS} s, each with its own p99: the median of these`,
  );
  for (const { what } of missed) console.error(`not reached: ${what}`);
  if (missed.length > 0) process.exitCode = 1;
}
