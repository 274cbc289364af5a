/**
 * `npm run bench`: lookups a second, side by side in one run. Each server runs alone in a process of its own,
 * the same client asks for random leads over 32 kept-alive connections, and the rounds alternate so that a slow
 * moment of the machine hits all of them.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';

import autocannon, { type Result } from 'autocannon';

import { writeTable } from '../src/cli/table.ts';
import { ensureBenchStore, FIRST_LEAD_ID, LEADS, phoneOf, USER } from './lookups/store.ts';

const STORE = join(import.meta.dirname, '..', '.bench', 'lookups.db');
const CONNECTIONS = 32;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
/** The goal of the first row of callercard, against the bare lookup. */
const GOAL = 0.6;

type Kind = 'fixed' | 'sqlite' | 'callercard';

interface Contestant {
  readonly name: string;
  readonly kind: Kind;
  readonly target: (leadId: number) => string;
}

const PATH = '/goAPIv2/goAgent/goAPI.php';
const CREDENTIALS = `goUser=${USER.name}&goPass=${USER.password}&goAction=goGetCustomerInfo&responsetype=json`;
const byLead = (leadId: number) => `${PATH}?${CREDENTIALS}&lead_id=${leadId}`;

const CONTESTANTS: readonly Contestant[] = [
  { name: 'bare node:http, fixed answer', kind: 'fixed', target: byLead },
  { name: 'bare node:http + query + node:sqlite + JSON', kind: 'sqlite', target: byLead },
  { name: 'callercard, by lead_id', kind: 'callercard', target: byLead },
  {
    name: 'callercard, by phone_number',
    kind: 'callercard',
    target: (leadId) => `${PATH}?${CREDENTIALS}&phone_number=${phoneOf(leadId)}`,
  },
];

interface Round {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicroseconds: number;
}

interface Target {
  readonly url: string;
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

await ensureBenchStore(STORE);
const rounds = new Map<Contestant, Round[]>(CONTESTANTS.map((contestant) => [contestant, []]));
for (let round = 1; round <= ROUNDS; round += 1) {
  for (const contestant of CONTESTANTS) {
    process.stderr.write(`round ${round}/${ROUNDS}: ${contestant.name}\n`);
    rounds.get(contestant)?.push(await measure(contestant));
  }
}
report();

async function measure({ kind, target }: Contestant): Promise<Round> {
  const server = await startTarget(kind);
  try {
    await fire(server.url, target, 1);
    const before = await server.cpuMicroseconds();
    const result = await fire(server.url, target, SECONDS);
    const cpu = (await server.cpuMicroseconds()) - before;
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${kind}: ${result.non2xx} bad answers, ${result.errors} errors`);
    return {
      perSecond: result.requests.total / result.duration,
      p50: result.latency.p50,
      p99: result.latency.p99,
      cpuMicroseconds: cpu / result.requests.total,
    };
  } finally {
    await server.stop();
  }
}

function fire(url: string, target: (leadId: number) => string, seconds: number): Promise<Result> {
  const requests = Array.from({ length: 5_000 }, () => ({
    path: target(FIRST_LEAD_ID + Math.floor(Math.random() * LEADS)),
  }));
  return autocannon({ url, connections: CONNECTIONS, duration: seconds, requests });
}

async function startTarget(kind: Kind): Promise<Target> {
  const nowhere = openSync(devNull, 'w');
  const child = fork(join(import.meta.dirname, 'lookups', 'target.ts'), [kind, STORE], {
    stdio: ['ignore', nowhere, 'inherit', 'ipc'],
  });
  const { url } = (await reply(child)) as { url: string };
  return {
    url,
    async cpuMicroseconds() {
      child.send('cpu');
      const { cpu } = (await reply(child)) as { cpu: NodeJS.CpuUsage };
      return cpu.user + cpu.system;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

async function reply(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the server ended early');
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
  return message;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function report(): void {
  const medians = CONTESTANTS.map((contestant) => {
    const measured = rounds.get(contestant) ?? [];
    const of = (key: keyof Round) => median(measured.map((round) => round[key]));
    return {
      contestant,
      perSecond: of('perSecond'),
      p50: of('p50'),
      p99: of('p99'),
      cpu: of('cpuMicroseconds'),
    };
  });
  const base = medians[1]?.perSecond ?? NaN;
  const rows = medians.map(({ contestant, perSecond, p50, p99, cpu }) => [
    contestant.name,
    Math.round(perSecond).toLocaleString('en'),
    String(p50),
    String(p99),
    cpu.toFixed(1),
    (perSecond / base).toFixed(2),
  ]);
  process.stdout.write(
    `${writeTable(['server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU us/request', 'ratio'], rows)}\n`,
  );
  const ratio = (medians[2]?.perSecond ?? 0) / base;
  process.stdout.write(
    `median of ${ROUNDS} rounds of ${SECONDS} s, ${CONNECTIONS} connections, ${LEADS.toLocaleString('en')} leads; goal for lead_id: ${GOAL}, reached: ${ratio.toFixed(2)}\n`,
  );
  if (ratio < GOAL) process.exitCode = 1;
}
