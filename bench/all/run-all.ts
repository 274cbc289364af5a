import { writeTable } from '../../src/process/terminal.ts';
import { machineFacts } from '../measure/machine.ts';
import { drawChart } from '../page/chart.ts';
import { markdownTable, writeChart, writePagePart, type GrowthName } from '../page/page.ts';
import { ensureBenchData } from './data.ts';
import { PARTS, type PartName } from './parts.ts';
import type { GrowthStep, PartReport, ReportRow } from './report.ts';

/** What one run found. */
export interface FullReport {
  readonly machine: readonly string[];
  readonly minutes: number;
  readonly rows: readonly ReportRow[];
  readonly growth: readonly GrowthStep[];
  readonly notes: readonly string[];
  /** Parts that could not be measured, and why. */
  readonly failed: readonly string[];
}

/** Measures the parts, one after the other; what they need is made before, and its time does not count. */
export async function runParts(parts: readonly PartName[]): Promise<FullReport> {
  await ensureBenchData(parts);
  const began = performance.now();
  const reports: PartReport[] = [];
  const failed: string[] = [];
  for (const part of parts) {
    process.stderr.write(`== ${part}\n`);
    // What was measured before, and what comes after, is not lost with it.
    await PARTS[part]().then(
      (report) => reports.push(report),
      (cause: unknown) => failed.push(`${part}: ${cause instanceof Error ? cause.message : String(cause)}`),
    );
  }
  return {
    machine: machineFacts(),
    minutes: (performance.now() - began) / 60_000,
    rows: reports.flatMap(({ rows }) => rows),
    growth: reports.flatMap(({ growth = [] }) => growth),
    notes: reports.flatMap(({ notes = [] }) => notes),
    failed,
  };
}

const HEAD = ['what', 'asked', 'reached: median (lowest to highest)', ''];
const GROWTH_HEAD = ['', '', 'lookups/s', 'p50 ms', 'p99 ms', 'CPU us/lookup'];

export function writeReport({ machine, minutes, rows, growth, notes }: FullReport): string {
  const tables = [writeTable(HEAD, rows.map(cellsOf))];
  if (growth.length > 0) tables.push(writeTable(GROWTH_HEAD, growth.map(growthCells)));
  return [...tables, [...notes, ...machine, `${minutes.toFixed(1)} minutes`].join('\n')].join('\n\n');
}

/** What is asked and not reached, one line each. */
export function notReached({ rows, failed }: FullReport): readonly string[] {
  return [
    ...rows
      .filter(({ holds }) => !holds)
      .map(({ what, asked, reached }) => `not reached: ${what}: asked ${asked}, reached ${reached}`),
    ...failed.map((words) => `not measured: ${words}`),
  ];
}

/**
 * Puts the tables into docs/performance.md, and the chart beside it.
 *
 * @throws {Error} a part is missing: the page would say less than it seems to
 */
export function writePage(report: FullReport): void {
  if (report.failed.length > 0)
    throw new Error(`docs/performance.md stays as it is: ${report.failed.join('; ')}`);
  const { machine, rows, growth, notes } = report;
  writePagePart('asked', markdownTable(HEAD, rows.map(cellsOf)));
  writePagePart('machine', [...machine, ...notes].map((line) => `- ${line}`).join('\n'));
  const parts: Readonly<Record<GrowthName, readonly string[]>> = {
    leads: ['embedded', 'MariaDB'],
    connections: ['connections'],
    workers: ['workers'],
  };
  for (const part of Object.keys(parts) as GrowthName[]) {
    const steps = growth.filter(({ series }) => parts[part].includes(series));
    writePagePart(part, markdownTable(GROWTH_HEAD, steps.map(growthCells)));
  }
  writeChart(drawChart(rows, growth));
}

function cellsOf({ what, asked, reached, holds }: ReportRow): readonly string[] {
  return [what, asked, reached, holds ? 'holds' : 'NOT REACHED'];
}

function growthCells({ series, step, perSecond, p50, p99, cpuMicroseconds }: GrowthStep): readonly string[] {
  return [
    series,
    step,
    Math.round(perSecond).toLocaleString('en'),
    p50.toFixed(2),
    p99.toFixed(2),
    cpuMicroseconds.toFixed(1),
  ];
}
