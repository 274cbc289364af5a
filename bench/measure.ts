/** Lookups a second of servers that run each in a process of its own, side by side in one run. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { devNull } from 'node:os';

import autocannon, { type Result } from 'autocannon';

import { writeTable } from '../src/cli/table.ts';

const CONNECTIONS = 32;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 5);
/** Until the engine has compiled what is used often, in every server. */
const WARM_UP_SECONDS = 3;

/** One server of a comparison. */
export interface Contestant {
  readonly name: string;
  /** The file of its process, and what it is told. */
  readonly file: string;
  readonly args: readonly string[];
  /** The request's target for a lead. */
  readonly target: (leadId: number) => string;
}

/** The leads that are asked for, at random. */
export interface LeadRange {
  readonly first: number;
  readonly count: number;
}

interface Round {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicroseconds: number;
}

/** Medians of a contestant's rounds. */
export interface Measured extends Round {
  readonly contestant: Contestant;
  /** Answered requests of all rounds, the warm-up included. */
  readonly requests: number;
}

interface Target {
  readonly url: string;
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * The same client asks for random leads over kept-alive connections, and the rounds alternate, so that a slow moment
 * of the machine hits all of them.
 *
 * @param onTurn told before and after each contestant's turn
 */
export async function compare(
  contestants: readonly Contestant[],
  leads: LeadRange,
  onTurn: (contestant: Contestant, answered: number | undefined) => Promise<void> = () => Promise.resolve(),
): Promise<readonly Measured[]> {
  const rounds = new Map<Contestant, (Round & { requests: number })[]>(contestants.map((each) => [each, []]));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const contestant of contestants) {
      process.stderr.write(`round ${round}/${ROUNDS}: ${contestant.name}\n`);
      await onTurn(contestant, undefined);
      const measured = await measure(contestant, leads);
      await onTurn(contestant, measured.requests);
      rounds.get(contestant)?.push(measured);
    }
  }
  return contestants.map((contestant) => {
    const measured = rounds.get(contestant) ?? [];
    const of = (key: keyof Round) => median(measured.map((round) => round[key]));
    return {
      contestant,
      perSecond: of('perSecond'),
      p50: of('p50'),
      p99: of('p99'),
      cpuMicroseconds: of('cpuMicroseconds'),
      requests: measured.reduce((sum, { requests }) => sum + requests, 0),
    };
  });
}

/** A table with each contestant's share of what the base reached, and a line that says how it was measured. */
export function writeComparison(measured: readonly Measured[], base: Measured, leads: LeadRange): string {
  const rows = measured.map(({ contestant, perSecond, p50, p99, cpuMicroseconds }) => [
    contestant.name,
    Math.round(perSecond).toLocaleString('en'),
    String(p50),
    String(p99),
    cpuMicroseconds.toFixed(1),
    (perSecond / base.perSecond).toFixed(2),
  ]);
  const table = writeTable(['server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU us/request', 'ratio'], rows);
  return `${table}\nmedian of ${ROUNDS} rounds of ${SECONDS} s, ${CONNECTIONS} connections, ${leads.count.toLocaleString('en')} leads`;
}

async function measure(contestant: Contestant, leads: LeadRange): Promise<Round & { requests: number }> {
  const server = await startTarget(contestant);
  try {
    const warmUp = await fire(server.url, contestant, leads, WARM_UP_SECONDS);
    const before = await server.cpuMicroseconds();
    const result = await fire(server.url, contestant, leads, SECONDS);
    const cpu = (await server.cpuMicroseconds()) - before;
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${contestant.name}: ${result.non2xx} bad answers, ${result.errors} errors`);
    return {
      perSecond: result.requests.total / result.duration,
      p50: result.latency.p50,
      p99: result.latency.p99,
      cpuMicroseconds: cpu / result.requests.total,
      requests: warmUp.requests.total + result.requests.total,
    };
  } finally {
    await server.stop();
  }
}

function fire(
  url: string,
  { target }: Contestant,
  { first, count }: LeadRange,
  seconds: number,
): Promise<Result> {
  const requests = Array.from({ length: 5_000 }, () => ({
    path: target(first + Math.floor(Math.random() * count)),
  }));
  return autocannon({ url, connections: CONNECTIONS, duration: seconds, requests });
}

async function startTarget({ file, args }: Contestant): Promise<Target> {
  const nowhere = openSync(devNull, 'w');
  const child = fork(file, args, { stdio: ['ignore', nowhere, 'inherit', 'ipc'] });
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
