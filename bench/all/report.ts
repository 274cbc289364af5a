import type { Measured } from '../measure.ts';
import { writeSpread, type Spread } from '../measure/statistics.ts';

/** One line of the table: what was asked, and what was reached. */
export interface ReportRow {
  readonly what: string;
  /** In words, such as `>= 0.80`. */
  readonly asked: string;
  readonly reached: string;
  /** Of the figure that decides. */
  readonly value: Spread;
  readonly holds: boolean;
}

/** One step of something that grows, and what a lookup then costs. */
export interface GrowthStep {
  readonly series: string;
  readonly step: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMicroseconds: number;
}

/** What a part of the benchmark found. */
export interface PartReport {
  readonly rows: readonly ReportRow[];
  readonly growth?: readonly GrowthStep[];
  /** What a reader has to know beside it. */
  readonly notes?: readonly string[];
}

interface Wording {
  /** Of the figure; 2 by default. */
  readonly digits?: number;
  /** Behind the limit and the figure, such as ` ms`. */
  readonly unit?: string;
  /** Told beside the figure. */
  readonly beside?: string;
}

export function atLeast(what: string, limit: number, value: Spread, wording: Wording = {}): ReportRow {
  return rowOf(what, '>=', limit, value, wording);
}

export function atMost(what: string, limit: number, value: Spread, wording: Wording = {}): ReportRow {
  return rowOf(what, '<=', limit, value, wording);
}

function rowOf(
  what: string,
  sign: '>=' | '<=',
  limit: number,
  value: Spread,
  { digits = 2, unit = '', beside }: Wording,
): ReportRow {
  return {
    what,
    asked: `${sign} ${limit.toFixed(digits)}${unit}`,
    reached: `${writeSpread(value, digits)}${unit}${beside === undefined ? '' : `; ${beside}`}`,
    value,
    holds: sign === '>=' ? value.median >= limit : value.median <= limit,
  };
}

export function growthStep(series: string, step: string, { of }: Measured): GrowthStep {
  return {
    series,
    step,
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMicroseconds: of('cpuMicroseconds'),
  };
}
