import { METRIC_NAMES, metricOf } from './catalog.ts';
import type { Measured } from './measured.ts';

/** The text format of Prometheus; metrics without a sample are left out. */
export function writeExposition(measured: Measured): string {
  const lines: string[] = [];
  for (const name of METRIC_NAMES) {
    const samples = measured.get(name);
    if (samples === undefined || samples.size === 0) continue;
    const { help, type } = metricOf(name);
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [series, value] of samples) lines.push(`${series} ${numeral(value)}`);
  }
  return `${lines.join('\n')}\n`;
}

function numeral(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
