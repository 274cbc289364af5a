import { writeTable } from '../../src/process/terminal.ts';
import type { LoadFigures } from '../../test/support/load/plan.ts';

/** One line of the table: what was asked of the server, and what was reached. */
export interface FloodRow {
  /** The line of the promises that it is about. */
  readonly line: 30 | 31 | 32 | 33 | 47 | 48 | 49 | 50;
  readonly what: string;
  /** Right answers a second. */
  readonly goodput?: number;
  /** Milliseconds. */
  readonly p50?: number;
  readonly p99?: number;
  /** In words, such as `p99 <= 250 ms`, and what came of it; empty: only to compare with. */
  readonly asked: string;
  readonly reached: string;
  /** Undefined: nothing is asked, or the machine was too slow, or too busy with other things, to try it. */
  readonly holds: boolean | undefined;
}

export function writeRows(rows: readonly FloodRow[]): string {
  const number = (value: number | undefined, digits: number) =>
    value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: digits });
  return writeTable(
    ['line', 'what', 'good/s', 'p50 ms', 'p99 ms', 'asked', 'reached', ''],
    rows.map(({ line, what, goodput, p50, p99, asked, reached, holds }) => [
      String(line),
      what,
      number(goodput, 0),
      number(p50, 1),
      number(p99, 1),
      asked,
      reached,
      holds === undefined ? (asked === '' ? '' : 'not tried') : holds ? 'holds' : 'FAILS',
    ]),
  );
}

/** Several figures of clients that asked for the same at the same time; times are the worst of them. */
export function sumOf(figures: readonly LoadFigures[]): LoadFigures {
  const [first, ...others] = figures;
  if (first === undefined) throw new Error('no figures');
  const worst = (one: LoadFigures['answered'], other: LoadFigures['answered']) => ({
    count: one.count + other.count,
    p50: Math.max(one.p50, other.p50),
    p99: Math.max(one.p99, other.p99),
    max: Math.max(one.max, other.max),
  });
  return others.reduce(
    (sum, each) => ({
      seconds: Math.max(sum.seconds, each.seconds),
      due: sum.due + each.due,
      unsent: sum.unsent + each.unsent,
      answered: worst(sum.answered, each.answered),
      refused: worst(sum.refused, each.refused),
      overloaded: worst(sum.overloaded, each.overloaded),
      limited: worst(sum.limited, each.limited),
      wrong: sum.wrong + each.wrong,
      wrongWords: [...sum.wrongWords, ...each.wrongWords],
    }),
    first,
  );
}
