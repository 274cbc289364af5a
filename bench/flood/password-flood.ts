import { CACHE_MS } from '../../src/auth/password-check.ts';
import { runClients } from '../../test/support/load/clients.ts';
import type { LoadFigures, LoadPlan } from '../../test/support/load/plan.ts';
import { asUser } from '../lookups/requests.ts';
import type { FloodRow } from './row.ts';
import type { FloodServer } from './server.ts';

const FLOODERS = 64;
const SPRAYED_NAMES = 5_000;
const SECONDS = 8;
/** A call centre's user that works on: it asks so often that no hash is needed for it. */
const WARM = { connections: 8, perSecond: 200 } as const;
/** Known-good users whose cached credentials have expired come back at this rate, each once. */
const COLD = { connections: 16, perSecond: 12 } as const;

/** 33: wrong passwords, and the latency of users with the right one meanwhile. */
export async function passwordFloodRows(
  server: FloodServer,
  log: (progress: string) => void,
  store = 'embedded store',
): Promise<readonly FloodRow[]> {
  const { url, targets, frequentUsers } = server;
  const known = frequentUsers.map((name) => asUser(name));
  const warm: LoadPlan = { url, targets, order: 'random', seconds: SECONDS, ...WARM };
  log(`${store}: ${known.length} users log in once`);
  await runClients({ url, targets: known, order: 'once', connections: 4, seconds: 60, perSecond: 40 });
  const half = known.length / 2;
  // Until the engine has compiled what is used often.
  await runClients({ ...warm, perSecond: 1_000 });
  log(`${store}: a warm user alone`);
  const [alone] = await runClients(warm);
  const rows: FloodRow[] = [usualRow(store, alone)];
  for (const [at, [what, names]] of [
    ['on one name', ['somebody']] as const,
    [`over ${SPRAYED_NAMES.toLocaleString('en')} names`, sprayedNames()] as const,
  ].entries()) {
    log(`${store}: wrong passwords from ${FLOODERS} clients ${what}`);
    await server.passTime(CACHE_MS + 1);
    const wrong = names.map((name) => asUser(name, 'wrong'));
    const [flood, ofWarm, ofCold] = await runClients(
      { url, targets: wrong, order: 'random', connections: FLOODERS, seconds: SECONDS },
      warm,
      { ...COLD, url, targets: known.slice(at * half, (at + 1) * half), order: 'once', seconds: SECONDS },
    );
    rows.push(...rowsOf(`${store}, wrong passwords ${what}`, flood, ofWarm, ofCold));
  }
  return rows;
}

function usualRow(store: string, { answered, seconds }: LoadFigures): FloodRow {
  return {
    line: 33,
    what: `${store}: a warm user, no flood`,
    goodput: answered.count / seconds,
    p50: answered.p50,
    p99: answered.p99,
    asked: '',
    reached: `${answered.p99.toFixed(1)} ms`,
    holds: undefined,
  };
}

function sprayedNames(): readonly string[] {
  return Array.from({ length: SPRAYED_NAMES }, (_, at) => `name${at}`);
}

function rowsOf(what: string, flood: LoadFigures, warm: LoadFigures, cold: LoadFigures): readonly FloodRow[] {
  const shareOf = ({ answered, due, unsent }: LoadFigures) => answered.count / (due - unsent);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const floodRate = (flood.refused.count + flood.overloaded.count) / flood.seconds;
  return [
    {
      line: 33,
      what: `${what}: a warm user`,
      goodput: warm.answered.count / warm.seconds,
      p50: warm.answered.p50,
      p99: warm.answered.p99,
      asked: 'p99 <= 25 ms',
      reached: `${warm.answered.p99.toFixed(1)} ms, ${percent(shareOf(warm))}; ${Math.round(floodRate)} wrong ones a second`,
      holds: warm.answered.p99 <= 25 && shareOf(warm) === 1 && flood.answered.count === 0,
    },
    {
      line: 33,
      what: `${what}: known-good users, cold`,
      goodput: cold.answered.count / cold.seconds,
      p50: cold.answered.p50,
      p99: cold.answered.p99,
      asked: '>= 99 %, p99 <= 500 ms',
      reached: `${percent(shareOf(cold))} of ${cold.due - cold.unsent}, ${Math.round(cold.answered.p99)} ms`,
      holds: shareOf(cold) >= 0.99 && cold.answered.p99 <= 500,
    },
  ];
}
