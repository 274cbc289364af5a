import { cpus } from 'node:os';

import type { LoadFigures } from '../../test/support/load/plan.ts';
import { preparePlan } from '../../test/support/load/run-plan.ts';
import type { RunningServer } from './servers.ts';

/** The leads that are asked for, at random. */
export interface LeadRange {
  readonly first: number;
  readonly count: number;
}

/** What clients ask of a server. */
export interface Traffic {
  /** Path and query for a lead. */
  readonly target: (leadId: number) => string;
  /** The query travels as the form of a POST. */
  readonly asForm?: true;
  readonly leads: LeadRange;
  /** Kept alive; 32 where nothing is said. */
  readonly connections?: number;
  /** Requests a second, sent when they are due; undefined: each connection asks again once it has its answer. */
  readonly perSecond?: number;
}

/** What one round gave. */
export interface Figures {
  readonly perSecond: number;
  /** Milliseconds from the moment that a request was sent. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server's processes for a lookup. */
  readonly cpuMicroseconds: number;
  readonly answered: number;
  /** Refused with 503, because too much waited already: not counted as answered. */
  readonly overloaded: number;
  /** Of one core: what the server, and what the clients had of it. */
  readonly serverCore: number;
  readonly clientCore: number;
  /** Of all cores together, 0 to 1. */
  readonly machineBusy: number;
}

export const CONNECTIONS = 32;
/** So many different requests in a round: far more than what a store's own cache holds. */
const TARGETS = 50_000;

/**
 * Clients in this process ask the server for random leads.
 *
 * @throws {Error} an answer was neither a found lead nor a refusal because of too much
 */
export async function measureRound(
  server: RunningServer,
  traffic: Traffic,
  seconds: number,
): Promise<Figures> {
  const { target, asForm, leads, connections = CONNECTIONS, perSecond } = traffic;
  const targets = Array.from({ length: TARGETS }, () =>
    target(leads.first + Math.floor(Math.random() * leads.count)),
  );
  const { url } = server;
  const run = await preparePlan({ url, targets, asForm, order: 'random', connections, seconds, perSecond });
  const [own, machine, serverBefore] = [process.cpuUsage(), readMachine(), await server.cpuMicroseconds()];
  const began = performance.now();
  const figures = await run();
  const wall = (performance.now() - began) * 1000;
  const ofServer = (await server.cpuMicroseconds()) - serverBefore;
  const ofClients = process.cpuUsage(own);
  refuseOtherAnswers(figures);
  const { answered } = figures;
  return {
    perSecond: answered.count / figures.seconds,
    p50: answered.p50,
    p99: answered.p99,
    cpuMicroseconds: ofServer / answered.count,
    answered: answered.count,
    overloaded: figures.overloaded.count,
    serverCore: ofServer / wall,
    clientCore: (ofClients.user + ofClients.system) / wall,
    machineBusy: busySince(machine),
  };
}

function refuseOtherAnswers({ answered, refused, limited, wrong, wrongWords }: LoadFigures): void {
  const others = { refused: refused.count, limited: limited.count, wrong };
  if (answered.count > 0 && Object.values(others).every((count) => count === 0)) return;
  const words = Object.entries(others).map(([kind, count]) => `${count} ${kind}`);
  throw new Error(`${answered.count} answered, ${words.join(', ')}: ${wrongWords.join('; ')}`);
}

interface MachineTime {
  readonly idle: number;
  readonly all: number;
}

function readMachine(): MachineTime {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (values: readonly number[]) => values.reduce((one, other) => one + other, 0);
  return {
    idle: sum(times.map(({ idle }) => idle)),
    all: sum(times.flatMap((time) => Object.values<number>(time))),
  };
}

function busySince(before: MachineTime): number {
  const now = readMachine();
  return 1 - (now.idle - before.idle) / (now.all - before.all);
}
