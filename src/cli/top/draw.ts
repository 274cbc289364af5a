import { printable } from '../../process/terminal.ts';
import type { EndpointTraffic, TopView, Traffic } from './compare-scrapes.ts';

/** The size of the terminal, in characters. */
export interface Viewport {
  readonly columns: number;
  readonly rows: number;
}

/** Draws a view as lines of text that fit into the viewport; where rows lack, the busiest endpoints are shown. */
export function draw(url: string, view: TopView, { columns, rows }: Viewport): readonly string[] {
  const head = [...headOf(url, view), '', TABLE_HEAD];
  const { endpoints } = view;
  const available = Math.max(1, rows - head.length - 1);
  const shown = endpoints.length > available ? endpoints.slice(0, available - 1) : endpoints;
  const rest = endpoints.length - shown.length;
  const lines = [...head, ...shown.map(rowOf), ...(rest > 0 ? [`… and ${rest} more`] : [])];
  return lines.map((line) => printable(line).slice(0, columns).trimEnd());
}

function headOf(url: string, { total, gauges, seconds }: TopView): readonly string[] {
  const gauge = (name: string) => gauges[name] ?? 0;
  const files = gauges.process_open_fds === undefined ? '' : `   files ${gauge('process_open_fds')}`;
  return [
    `callercard top   ${url}   ${gauge('callercard_workers:answering')} answering   the last ${seconds.toFixed(1)} s`,
    '',
    `lookups    ${rate(total.lookups)}   p50 ${time(total.p50)}   p99 ${time(total.p99)}   in flight ${gauge('callercard_lookups_in_flight')}`,
    `answered   found ${rate(total.found)}   not found ${rate(total.notFound)}`,
    `refused    ${reasons(total.refused)}`,
    `failed     ${reasons(total.failed)}`,
    `process    cpu ${Math.round(gauge('cpu') * 100)} %   memory ${Math.round(gauge('process_resident_memory_bytes') / 1024 / 1024)} MiB   event loop p99 ${time(gauge('callercard_event_loop_delay_seconds:99') * 1000)}${files}`,
    `attention  ${attention(gauges)}`,
  ];
}

/** What needs the operator's attention; `-` when there is nothing. */
function attention(gauges: TopView['gauges']): string {
  const warnings = [
    ['callercard_workers:silent', 'workers silent'],
    ['callercard_workers:missing', 'workers missing'],
    ['callercard_overload_refused_total', 'requests shed since the start'],
    ['callercard_audit_failing', 'audits failing'],
    ['callercard_database_servers:failed', 'database servers failed'],
    ['callercard_log_lines_dropped_total', 'log lines dropped'],
  ] as const;
  const present = warnings.flatMap(([name, words]) => {
    const value = gauges[name] ?? 0;
    return value > 0 ? [`${value} ${words}`] : [];
  });
  return present.length === 0 ? '-' : present.join(', ');
}

const WIDTHS = [16, 9, 10, 8, 8, 6, 8] as const;
const TABLE_HEAD = inColumns(['domain', 'endpoint', 'lookups/s', 'p50', 'p99', 'found', 'refused', 'failed']);

function rowOf({ domain, endpoint, ...traffic }: EndpointTraffic): string {
  const { lookups, found, p50, p99, refused, failed } = traffic;
  const share = lookups === 0 ? '-' : `${Math.round((found / lookups) * 100)} %`;
  return inColumns([
    domain,
    endpoint,
    number(lookups),
    time(p50),
    time(p99),
    share,
    sum(refused),
    sum(failed),
  ]);
}

function inColumns(cells: readonly string[]): string {
  return cells
    .map((cell, at) =>
      at < 2 ? cell.slice(0, WIDTHS[at] ?? 0).padEnd(WIDTHS[at] ?? 0) : cell.padStart(WIDTHS[at] ?? 7),
    )
    .join(' ');
}

function sum(rates: Traffic['refused']): string {
  return number(Object.values(rates).reduce((total, each) => total + each, 0));
}

/** The most frequent first. */
function reasons(rates: Traffic['refused']): string {
  const sorted = Object.entries(rates).sort(([, one], [, other]) => other - one);
  if (sorted.length === 0) return '-';
  return sorted.map(([reason, each]) => `${reason.replaceAll('_', ' ')} ${rate(each)}`).join('   ');
}

function rate(perSecond: number): string {
  return `${number(perSecond)}/s`;
}

function number(value: number): string {
  return value >= 100 || value === 0 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);
}

function time(milliseconds: number | null): string {
  if (milliseconds === null) return '-';
  if (milliseconds === Infinity) return '> 5 s';
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}
