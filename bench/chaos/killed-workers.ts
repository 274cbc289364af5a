/** One of two workers is killed (-9) under load: it is replaced, and answers are lost on its own connections alone. */
import { setTimeout as pause } from 'node:timers/promises';

import { startCallercard } from '../../test/support/command.ts';
import { createFilledFolder, FILLED_REQUESTS } from '../../test/support/filled-folder.ts';
import { startTraffic } from '../../test/support/load/traffic.ts';
import { childrenOf, processTreeSkip } from '../../test/support/process-tree.ts';
import { timeOf, untilSaid } from '../../test/support/until.ts';
import {
  createBreaches,
  inWords,
  rowOfCount,
  rowOfLongest,
  rowOfNone,
  type Chaos,
  type ChaosRow,
} from './chaos.ts';
import { clientPortsOf } from './connections-of.ts';

/** Promised: a killed worker is back. */
const BACK_MS = 2_000;
/** Clients with a new connection for each request, beside 16 that keep theirs. */
const NEWCOMERS = 4;

export async function killWorkers(chaos: Chaos): Promise<readonly ChaosRow[]> {
  if (processTreeSkip !== false || process.platform !== 'linux') {
    return [{ what: 'worker killed', asked: '-', reached: 'this needs /proc (Linux)', isKept: undefined }];
  }
  const [elsewhere, wrong] = [createBreaches(chaos), createBreaches(chaos)];
  const cwd = await createFilledFolder();
  const backs: number[] = [];
  // For comparison: a machine that is busy with something else starts everything slowly.
  const starts: number[] = [];
  let [onIts, answers, hung] = [0, 0, 0];
  for (let round = 1; round <= chaos.rounds; round += 1) {
    const words = `worker round ${round}`;
    let lost: number;
    const began = performance.now();
    const server = await startCallercard(['serve', '--workers', '2', '--rate-limit', '1000000'], { cwd });
    starts.push(performance.now() - began);
    const clients = startTraffic(server.url, FILLED_REQUESTS, { newcomers: NEWCOMERS, mayLose: true });
    try {
      await clients.untilConnected();
      await clients.untilRight(300);
      await pause(chaos.random.next() * 100);
      const workers = childrenOf(server.pid);
      const victim = workers[chaos.random.below(workers.length)] ?? 0;
      const its = clientPortsOf(victim, server);
      process.kill(victim, 'SIGKILL');
      backs.push(await timeOf(() => untilSaid(server, /worker \d \(process \d+\) answers at /)));
      await clients.untilRight(300);
      const figures = await clients.stop();
      for (const { port, isKept, why } of figures.lost) {
        // A connection that was new at that moment may have been on its way to the killed one.
        if (port !== undefined && (its.has(port) || !isKept)) onIts += 1;
        else elsewhere.add(`${words}: port ${port ?? 'none'}: ${why}`);
      }
      // As docs/decisions/0012-workers-and-tls.md says: one new connection may have been on its way to the killed worker.
      const hanging = figures.lost.filter(({ why }) => why === 'hangs');
      if (hanging.length > 1 || hanging.some(({ isKept }) => isKept)) {
        wrong.add(`${words}: ${hanging.length} requests got neither an answer nor an end`);
      }
      hung += hanging.length;
      if (figures.refused > 0) wrong.add(`${words}: ${figures.refused} refused`);
      for (const answer of figures.wrong) wrong.add(`${words}: ${answer}`);
      lost = figures.lost.length;
      if (lost > its.size + NEWCOMERS) elsewhere.add(`${words}: ${lost} answers lost`);
      answers += figures.right;
      server.kill('SIGTERM');
      const { code } = await server.ended();
      if (code !== 0) wrong.add(`${words}: ended with ${String(code)}`);
    } finally {
      server.kill('SIGKILL');
      await clients.stop();
    }
    chaos.log(`${words}: back after ${Math.round(backs.at(-1) ?? NaN)} ms, ${lost} answers lost`);
  }
  const startsIn = `${inWords(Math.min(...starts))} to ${inWords(Math.max(...starts))} ms`;
  return [
    rowOfCount('worker killed (-9) under load, rounds', chaos.rounds, backs.length),
    rowOfLongest('another one answers after', BACK_MS, backs, chaos, `a whole server starts in ${startsIn}`),
    rowOfNone(
      "answers lost on other workers' connections",
      elsewhere,
      `on its own: ${onIts} of ${inWords(answers)}`,
    ),
    rowOfNone(
      'wrong answers, more than one request that hangs, other ends',
      wrong,
      `${hung} connections were on their way to a killed one`,
    ),
  ];
}
