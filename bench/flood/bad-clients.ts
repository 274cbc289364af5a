import { setTimeout as pause } from 'node:timers/promises';

import { openBadClients, type Badness } from '../../test/support/load/bad-clients.ts';
import { runClients } from '../../test/support/load/clients.ts';
import type { FloodRow } from './row.ts';
import type { FloodServer } from './server.ts';

const CLOSED_WITHIN_MS = 12_000;
/** Clients that read nothing pipeline requests, whose answers fill the system's buffers: five are a load of their own. */
const COUNTS: Readonly<Record<Exclude<Badness, 'idle'>, number>> = {
  'slow headers': 2_000,
  'slow body': 2_000,
  'reads nothing': 5,
};

/** 30: clients that hold connections without being served, and the latency of others meanwhile. */
export async function badClientRows(
  { url, targets }: FloodServer,
  log: (progress: string) => void,
): Promise<readonly FloodRow[]> {
  const good = { url, targets, order: 'random' as const, connections: 8, perSecond: 500 };
  log('good clients alone');
  const [usual] = await runClients({ ...good, seconds: 4 });
  const rows: FloodRow[] = [];
  for (const badness of ['slow headers', 'slow body', 'reads nothing'] as const) {
    const count = COUNTS[badness];
    log(`${count} clients: ${badness}`);
    const bad = await openBadClients(url, badness, count, targets[0] ?? '');
    const [meanwhile] = await runClients({ ...good, seconds: 8 });
    for (let waited = 0; bad.closedAfter.length < count && waited < 40_000; waited += 100) await pause(100);
    const longest = Math.max(...bad.closedAfter);
    bad.end();
    const { answered, wrong, overloaded } = meanwhile;
    const isQuick = answered.p99 <= Math.max(2 * usual.answered.p99, 5);
    rows.push({
      line: 30,
      what: `${count.toLocaleString('en')} clients: ${badness}; good ones at 500 a second`,
      goodput: answered.count / meanwhile.seconds,
      p50: answered.p50,
      p99: answered.p99,
      asked: `closed within 12 s, p99 <= 2 x ${usual.answered.p99.toFixed(1)} ms`,
      reached: `${bad.closedAfter.length} closed, the last after ${(longest / 1000).toFixed(1)} s; ${wrong + overloaded.count} not answered`,
      holds:
        bad.closedAfter.length >= count &&
        longest <= CLOSED_WITHIN_MS &&
        isQuick &&
        wrong + overloaded.count === 0,
    });
  }
  return rows;
}
