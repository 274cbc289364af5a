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
    const opening = openBadClients(url, 'reads nothing', count, '/docs');
    const [meanwhile] = await runClients(good);
    const most = residentBytes();
    (await opening).end();
    await pause(1_000);
    const { answered, wrong, wrongWords, overloaded } = meanwhile;
    const grown = (most - before) / MiB;
    rows.push({
      line: 48,
      what: `${count.toLocaleString('en')} clients pipeline GET /docs and read nothing: good ones`,
      goodput: answered.count / meanwhile.seconds,
      p50: answered.p50,
      p99: answered.p99,
      asked: 'every answer within 250 ms, <= 100 MiB more',
      reached: `at most ${answered.max.toFixed(0)} ms, ${wrong + overloaded.count} not answered${wrong > 0 ? ` (${wrongWords.join('; ')})` : ''}, ${grown.toFixed(0)} MiB more`,
      holds: answered.count > 0 && answered.max <= 250 && grown <= 100 && wrong + overloaded.count === 0,
    });
  }
  return rows;
}
