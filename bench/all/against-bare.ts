import { compare, doubtsOf, pairedDifference, pairedRatio, type Candidate } from '../measure.ts';
import type { ServerPool } from '../measure/servers.ts';
import { atLeast, atMost, type PartReport } from './report.ts';

/** What is asked of every row, beside its share of the bare server's lookups. */
const CPU_TIMES = 1.3;
const P99_MS = 2;

/** For the paced rounds: enough that one is always free, so that no request waits in the client. */
const PACED_CONNECTIONS = 128;
/** Many short ones: a moment in which the machine does something else spoils the p99 of its own round, and not the median. */
const PACED_ROUNDS = 21;
const PACED_SECONDS = 0.5;

/** A row of the table: a candidate, and the share of the bare server's lookups a second that is asked of it. */
export interface AskedShare {
  readonly what: string;
  readonly candidate: Candidate;
  readonly share: number;
}

/** Throughput and CPU at full load, then p99 at half of what each can do, in pairs of rounds. */
export async function againstBare(
  { what, candidate, share }: AskedShare,
  bare: Candidate,
  pool: ServerPool,
): Promise<PartReport> {
  const [base, reached] = await compare([bare, candidate], { pool });
  const halfOf = (one: typeof base): Candidate => ({
    ...one.candidate,
    connections: PACED_CONNECTIONS,
    perSecond: one.of('perSecond') / 2,
  });
  const [pacedBase, paced] = await compare([halfOf(base), halfOf(reached)], {
    pool,
    rounds: PACED_ROUNDS,
    seconds: PACED_SECONDS,
    warmUpSeconds: 0,
  });
  const number = (value: number) => Math.round(value).toLocaleString('en');
  return {
    rows: [
      atLeast(
        `${what}: lookups a second, of the bare server's`,
        share,
        pairedRatio(reached, base, 'perSecond'),
        {
          beside: `${number(reached.of('perSecond'))} of ${number(base.of('perSecond'))}/s`,
        },
      ),
      atMost(
        `${what}: CPU time per lookup, times the bare one's`,
        CPU_TIMES,
        pairedRatio(reached, base, 'cpuMicroseconds'),
        {
          beside: `${reached.of('cpuMicroseconds').toFixed(1)} and ${base.of('cpuMicroseconds').toFixed(1)} us`,
        },
      ),
      atMost(
        `${what}: p99 at half of capacity, above the bare one's`,
        P99_MS,
        pairedDifference(paced, pacedBase, 'p99'),
        {
          unit: ' ms',
          beside: `${paced.of('p99').toFixed(2)} and ${pacedBase.of('p99').toFixed(2)} ms`,
        },
      ),
    ],
    notes: [base, reached, pacedBase, paced].flatMap(doubtsOf),
  };
}
