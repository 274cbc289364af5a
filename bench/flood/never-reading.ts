import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { openBadClients } from '../../test/support/load/bad-clients.ts';
import { runClients } from '../../test/support/load/clients.ts';
import type { FloodRow } from './row.ts';
import type { FloodServer } from './server.ts';

const MiB = 1024 * 1024;
const SECONDS = 6;

/** 48: clients without credentials that pipeline requests for a large page and read no answer. */
export async function neverReadingRows(
  { url, targets, residentBytes }: FloodServer,
  log: (progress: string) => void,
): Promise<readonly FloodRow[]> {
  const rows: FloodRow[] = [];
  const good = { url, targets, order: 'random', connections: 4, perSecond: 100, seconds: SECONDS } as const;
  await runClients({ ...good, targets: ['/docs'], seconds: 1 });
  for (const count of [400, 2_000]) {
    log(`${count} clients pipeline GET /docs and read nothing`);
    const before = residentBytes();
    const running = runClients(good);
    // Those clients are connected by then; what newer connections wait for is asked apart.
    await pause(1_000);
    const newcomers = askOnNewConnections(`${url}${targets[0] ?? ''}`);
    const opening = openBadClients(url, 'reads nothing', count, '/docs');
    const [meanwhile] = await running;
    const most = residentBytes();
    (await opening).end();
    const longest = await newcomers.end();
    await pause(1_000);
    const { answered, wrong, wrongWords, overloaded } = meanwhile;
    const grown = (most - before) / MiB;
    const what = `${count.toLocaleString('en')} clients pipeline GET /docs and read nothing`;
    rows.push({
      line: 48,
      what: `${what}: good ones`,
      goodput: answered.count / meanwhile.seconds,
      p50: answered.p50,
      p99: answered.p99,
      asked: 'every answer within 250 ms, <= 100 MiB more',
      reached: `at most ${answered.max.toFixed(0)} ms, ${wrong + overloaded.count} not answered${wrong > 0 ? ` (${wrongWords.join('; ')})` : ''}, ${grown.toFixed(0)} MiB more`,
      holds: answered.count > 0 && answered.max <= 250 && grown <= 100 && wrong + overloaded.count === 0,
    });
    rows.push({
      line: 48,
      what: `${what}: on new connections`,
      asked: 'every answer within 250 ms',
      reached: `at most ${longest.toFixed(0)} ms`,
      holds: longest <= 250,
    });
  }
  return rows;
}

/** Asks ten times a second, each time on a connection of its own. */
function askOnNewConnections(url: string) {
  let longest = 0;
  const asked: Promise<void>[] = [];
  const timer = setInterval(() => asked.push(ask()), 100);
  async function ask(): Promise<void> {
    const began = performance.now();
    const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
    await response.toArray();
    longest = Math.max(longest, performance.now() - began);
  }
  return {
    /** @returns the milliseconds of the longest */
    async end(): Promise<number> {
      clearInterval(timer);
      await Promise.all(asked);
      return longest;
    },
  };
}
