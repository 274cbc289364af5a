import { runClients } from '../../test/support/load/clients.ts';
import type { LoadFigures } from '../../test/support/load/plan.ts';
import { byPhone } from '../lookups/requests.ts';
import { sumOf, type FloodRow } from './row.ts';
import type { FloodServer } from './server.ts';
import { SHARED_NUMBER } from './shared-number.ts';

const MiB = 1024 * 1024;
const WARM_UP_SECONDS = 4;
const SECONDS = 6;
/** Clients that ask when it is due; in two processes, or the load would come and go with the event loop of one. */
const CONNECTIONS = 1_000;
/** Where clients and server share too few cores, less comes than was meant. */
const TWICE_AT_LEAST = 1.7;

/** 32: what it can do, and what becomes of twice that. */
export async function overloadRows(
  { url, residentBytes }: FloodServer,
  log: (progress: string) => void,
): Promise<readonly FloodRow[]> {
  // They cost the server more than the client: two processes of clients bring more than it can do.
  const plan = { url, targets: [byPhone(SHARED_NUMBER)], order: 'random' as const };
  log('warming up');
  await runClients({ ...plan, connections: 64, seconds: WARM_UP_SECONDS });
  const closed: LoadFigures[] = [];
  for (const connections of [32, 64, 256]) {
    log(`capacity, ${connections} connections`);
    closed.push(...(await runClients({ ...plan, connections, seconds: SECONDS })));
  }
  const perSecond = (figures: LoadFigures) => figures.answered.count / figures.seconds;
  const peak = Math.max(...closed.map(perSecond));
  const rows = closed.map((figures, at) => capacityRow(figures, [32, 64, 256][at] ?? 0));
  log(`twice the capacity: ${Math.round(2 * peak)} requests a second`);
  const half = { ...plan, connections: CONNECTIONS / 2, perSecond: peak };
  const settled = [half, half] as const;
  const first = sumOf(await runClients(...settled.map((each) => ({ ...each, seconds: SECONDS }))));
  const before = residentBytes();
  const second = sumOf(await runClients(...settled.map((each) => ({ ...each, seconds: SECONDS }))));
  const grown = (residentBytes() - before) / MiB;
  const twice = perSecond(first) < perSecond(second) ? first : second;
  return [...rows, ...twiceRows(twice, peak), memoryRow(grown)];
}

function capacityRow(figures: LoadFigures, connections: number): FloodRow {
  const { answered, overloaded, wrong, seconds } = figures;
  return {
    line: 32,
    what: `capacity, ${connections} connections that ask in turn`,
    goodput: answered.count / seconds,
    p50: answered.p50,
    p99: answered.p99,
    asked: 'nobody refused',
    reached: `${overloaded.count} refused, ${wordsOfWrong(figures)}`,
    holds: overloaded.count === 0 && wrong === 0,
  };
}

function twiceRows(twice: LoadFigures, peak: number): readonly FloodRow[] {
  const { answered, overloaded, due, unsent, seconds } = twice;
  const times = (due - unsent) / seconds / peak;
  const share = answered.count / seconds / peak;
  const isTried = times >= TWICE_AT_LEAST || undefined;
  return [
    {
      line: 32,
      what: `twice the capacity (${times.toFixed(1)} times came): answered`,
      goodput: answered.count / seconds,
      p50: answered.p50,
      p99: answered.p99,
      asked: 'p99 <= 250 ms, >= 80 % of the capacity',
      reached: `${Math.round(answered.p99)} ms, ${Math.round(share * 100)} %, ${wordsOfWrong(twice)}`,
      holds: twice.wrong === 0 && isTried && answered.p99 <= 250 && share >= 0.8,
    },
    {
      line: 32,
      what: 'twice the capacity: refused (503)',
      p50: overloaded.p50,
      p99: overloaded.p99,
      asked: 'p99 <= 50 ms',
      reached: `${Math.round(overloaded.p99)} ms, ${Math.round(overloaded.count / seconds)} a second`,
      holds: isTried && overloaded.count > 0 && overloaded.p99 <= 50,
    },
  ];
}

function memoryRow(mebibytes: number): FloodRow {
  return {
    line: 32,
    what: 'twice the capacity: memory, second round against first',
    asked: 'flat',
    reached: `${mebibytes.toFixed(0)} MiB more`,
    holds: mebibytes < 32,
  };
}

function wordsOfWrong({ wrong, wrongWords }: LoadFigures): string {
  return wrong === 0 ? 'none wrong' : `${wrong} WRONG (${wrongWords.join('; ')})`;
}
