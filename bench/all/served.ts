import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { send } from '../../test/support/test-app.ts';
import { embeddedCandidates } from '../lookups/candidates.ts';
import { byLead } from '../lookups/requests.ts';
import { ensureBenchStore, LEADS } from '../lookups/store.ts';
import { compare, pairedRatio, type Candidate } from '../measure.ts';
import { CONNECTIONS, measureRound } from '../measure/figures.ts';
import { readThrough } from '../measure/read-through.ts';
import { ownMemory, startServe } from '../measure/served.ts';
import { spreadOf } from '../measure/statistics.ts';
import { atLeast, atMost, growthStep, type PartReport } from './report.ts';
import { MANY } from './sizes.ts';

const CPU_TIMES = 1.05;
const MEGABYTES = 150;
const START_SECONDS = 0.5;
const STARTS = 7;
/** Cores are full when no more than this is left. */
const FULL = 0.9;
const LOAD_SECONDS = 8;

/** `callercard serve` with two workers against one; clients on the same machine. */
export async function measureWorkers(): Promise<PartReport> {
  const store = await ensureBenchStore();
  readThrough(store);
  const { lead } = embeddedCandidates(store, LEADS);
  const served = (workers: number): Candidate => ({
    ...lead,
    // As many for each of two workers as one has elsewhere: the size of a batch decides what a lookup costs.
    connections: 2 * CONNECTIONS,
    name: `callercard serve, workers: ${workers}`,
    start: () => startServe(store, { workers }),
  });
  const [one, two] = await compare([served(1), served(2)]);
  const throughput = pairedRatio(two, one, 'perSecond');
  const busy = two.of('machineBusy');
  const grows = atLeast(
    'two workers against one: lookups a second, until the cores are full',
    1,
    throughput,
    {
      beside: `all cores ${Math.round(busy * 100)} % busy, with one ${Math.round(one.of('machineBusy') * 100)} %`,
    },
  );
  return {
    rows: [
      atMost(
        'two workers against one: CPU time per lookup',
        CPU_TIMES,
        pairedRatio(two, one, 'cpuMicroseconds'),
        {
          beside: `${two.of('cpuMicroseconds').toFixed(1)} and ${one.of('cpuMicroseconds').toFixed(1)} us`,
        },
      ),
      { ...grows, holds: grows.holds && (busy >= FULL || throughput.median >= 1.9) },
    ],
    growth: [growthStep('workers', '1', one), growthStep('workers', '2', two)],
  };
}

/** What `callercard serve` needs with many leads: memory, and time until it answers. */
export async function measureServed(): Promise<PartReport> {
  const store = await ensureBenchStore(MANY);
  readThrough(store);
  const megabytes = await memoryAfterLoad(store);
  const [starts, bareStarts]: [number[], number[]] = [[], []];
  for (let round = 1; round <= STARTS; round += 1) {
    process.stderr.write(`start ${round}/${STARTS}\n`);
    bareStarts.push(await secondsOfBareStart());
    starts.push(await secondsToFirstAnswer(store));
  }
  const [whole, bare] = [spreadOf(starts), spreadOf(bareStarts)];
  const own = spreadOf(starts.map((seconds, at) => seconds - (bareStarts[at] ?? 0)));
  return {
    rows: [
      atMost(
        'one worker, 10,000,000 leads: memory beyond the page cache, after load',
        MEGABYTES,
        spreadOf([megabytes]),
        {
          digits: 0,
          unit: ' MB',
        },
      ),
      atMost('start to first answer, 10,000,000 leads, beyond the start of Node.js', START_SECONDS, own, {
        unit: ' s',
        beside: `${whole.median.toFixed(2)} s in all, Node.js by itself ${bare.median.toFixed(2)} s`,
      }),
    ],
  };
}

async function memoryAfterLoad(store: string): Promise<number> {
  const server = await startServe(store);
  try {
    const { lead, phone, xml, post } = embeddedCandidates(store, MANY);
    for (const one of [lead, phone, xml, post]) await measureRound(server, one, LOAD_SECONDS / 4);
    return ownMemory(server.pid) / 1e6;
  } finally {
    await server.stop();
  }
}

/** From the start of the command to a lead in an answer; the password is hashed on the way. */
async function secondsToFirstAnswer(store: string): Promise<number> {
  const began = performance.now();
  const server = await startServe(store);
  try {
    const { text } = await send(server.url, byLead(MANY));
    const seconds = (performance.now() - began) / 1000;
    if (!text.includes('"result":"success"')) throw new Error(text);
    return seconds;
  } finally {
    await server.stop();
  }
}

/** The runtime alone, from its start to its end. */
async function secondsOfBareStart(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return (performance.now() - began) / 1000;
}
