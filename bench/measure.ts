/** Lookups a second of servers that run each in a process of its own, side by side in one run. */
import { writeTable } from '../src/process/terminal.ts';
import { CONNECTIONS, measureRound, type Figures, type Traffic } from './measure/figures.ts';
import { createServerPool, type ServerPool, type StartServer } from './measure/servers.ts';
import { median, spreadOf, writeSpread, type Spread } from './measure/statistics.ts';

export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
export const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
/** Until the engine has compiled what is used often, in every server. */
const WARM_UP_SECONDS = Number(process.env.BENCH_WARM_UP_SECONDS ?? 3);

/** A server of a comparison, and what is asked of it. */
export interface Candidate extends Traffic {
  readonly name: string;
  readonly start: StartServer;
}

/** The rounds of a candidate, in their order. */
export interface Measured {
  readonly candidate: Candidate;
  readonly rounds: readonly Figures[];
  /** The median of a figure. */
  readonly of: (figure: keyof Figures) => number;
  /** Answered requests of all rounds, the warm-up included. */
  readonly requests: number;
}

export interface Comparison {
  readonly rounds?: number;
  readonly seconds?: number;
  /** Where the servers run on to the next comparison; undefined: they end with this one. */
  readonly pool?: ServerPool;
  /** 0: the servers have answered this before. */
  readonly warmUpSeconds?: number;
  /** Called with the progress; by default standard error gets it. */
  readonly log?: (progress: string) => void;
  /** Called before and after each round of a candidate. */
  readonly onRound?: (candidate: Candidate, answered: number | undefined) => Promise<void>;
}

/**
 * The same clients ask for random leads over kept-alive connections. The servers keep running and the rounds are short
 * and alternate (A B A B), so that a slow moment of the machine hits all of them.
 */
export async function compare<const Names extends readonly Candidate[]>(
  candidates: Names,
  comparison: Comparison = {},
): Promise<{ readonly [At in keyof Names]: Measured }> {
  const { rounds = ROUNDS, seconds = SECONDS, warmUpSeconds = WARM_UP_SECONDS, onRound } = comparison;
  const { pool = createServerPool(), log = (progress) => process.stderr.write(`${progress}\n`) } = comparison;
  const measured = new Map<Candidate, Figures[]>(candidates.map((each) => [each, []]));
  const measureOne = async (candidate: Candidate, duration: number) => {
    await onRound?.(candidate, undefined);
    const figures = await measureRound(await pool.get(candidate.start), candidate, duration);
    await onRound?.(candidate, figures.answered);
    return figures;
  };
  const warmUps = new Map<Candidate, Figures>();
  try {
    for (const candidate of warmUpSeconds === 0 ? [] : candidates) {
      warmUps.set(candidate, await measureOne(candidate, warmUpSeconds));
    }
    for (let round = 1; round <= rounds; round += 1) {
      log(`round ${round}/${rounds}: ${candidates.map(({ name }) => name).join(' | ')}`);
      for (const candidate of candidates) {
        measured.get(candidate)?.push(await measureOne(candidate, seconds));
      }
    }
  } finally {
    if (comparison.pool === undefined) await pool.stop();
  }
  return candidates.map((candidate) =>
    measuredOf(candidate, measured.get(candidate) ?? [], warmUps.get(candidate)?.answered ?? 0),
  ) as { readonly [At in keyof Names]: Measured };
}

function measuredOf(candidate: Candidate, rounds: readonly Figures[], warmUp: number): Measured {
  return {
    candidate,
    rounds,
    of: (figure) => median(rounds.map((round) => round[figure])),
    requests: rounds.reduce((sum, { answered }) => sum + answered, warmUp),
  };
}

/** A figure of each round, divided by that of the round beside it. */
export function pairedRatio(one: Measured, base: Measured, figure: keyof Figures): Spread {
  return spreadOf(one.rounds.map((round, at) => round[figure] / (base.rounds[at]?.[figure] ?? NaN)));
}

/** The same as a difference. */
export function pairedDifference(one: Measured, base: Measured, figure: keyof Figures): Spread {
  return spreadOf(one.rounds.map((round, at) => round[figure] - (base.rounds[at]?.[figure] ?? NaN)));
}

/** A table with each candidate's share of what the base reached, and a line that says how it was measured. */
export function writeComparison(measured: readonly Measured[], base: Measured): string {
  const rows = measured.map((one) => [
    one.candidate.name,
    Math.round(one.of('perSecond')).toLocaleString('en'),
    one.of('p50').toFixed(2),
    one.of('p99').toFixed(2),
    one.of('cpuMicroseconds').toFixed(1),
    writeSpread(pairedRatio(one, base, 'perSecond')),
  ]);
  const table = writeTable(['server', 'requests/s', 'p50 ms', 'p99 ms', 'CPU us/request', 'ratio'], rows);
  const { connections = CONNECTIONS, leads } = base.candidate;
  return `${table}\nmedian of ${base.rounds.length} paired rounds of ${SECONDS} s (lowest to highest), ${connections} connections, ${leads.count.toLocaleString('en')} leads`;
}

/** What makes a candidate's figures worth less than they look, one line each. */
export function doubtsOf({ candidate: { name, perSecond }, rounds, of }: Measured): readonly string[] {
  const [server, client] = [of('serverCore'), of('clientCore')];
  const overloaded = rounds.reduce((sum, round) => sum + round.overloaded, 0);
  const doubts: string[] = [];
  // At full load the server should have a core of its own and use it up.
  if (perSecond === undefined && client >= 0.9 && server < client) {
    doubts.push(
      `the clients were the bottleneck (${client.toFixed(2)} of a core, the server ${server.toFixed(2)})`,
    );
  }
  if (overloaded > 0) doubts.push(`${overloaded} requests were refused, because too many waited already`);
  return doubts.map((doubt) => `${name}: ${doubt}`);
}
