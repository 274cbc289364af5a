import { type Merge, METRIC_NAMES, type MetricName, metricOf } from './catalog.ts';
import type { Labels, Snapshot } from './measured.ts';

/** The text format of Prometheus; metrics without a sample are left out. */
export function writeExposition(measured: Snapshot): string {
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

/** One sample of a text that a server wrote. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const LINE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/i;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"/gi;

/** Reads the text format as this program writes it; lines that it does not understand are left out. */
export function readExposition(text: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, name, labels = '', numeral = ''] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    samples.push({ name, labels: readLabels(labels), value: Number(numeral.replace('Inf', 'Infinity')) });
  }
  return samples;
}

function readLabels(text: string): Labels {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    ]),
  );
}

/** What several processes measured, as one. */
export function mergeMeasured(parts: readonly Snapshot[]): Snapshot {
  const whole = new Map<MetricName, Map<string, number>>();
  for (const part of parts) {
    for (const [name, samples] of part) {
      const { merge } = metricOf(name);
      const merged = whole.get(name) ?? new Map<string, number>();
      whole.set(name, merged);
      for (const [series, value] of samples) {
        const other = merged.get(series);
        merged.set(series, other === undefined ? value : mergeTwo(merge, other, value));
      }
    }
  }
  return whole;
}

/** What stays true of a process that is gone: what it counted. */
export function countersOf(measured: Snapshot): Snapshot {
  return new Map([...measured].filter(([name]) => metricOf(name).type !== 'gauge'));
}

function mergeTwo(merge: Merge, one: number, other: number): number {
  if (merge === 'sum') return one + other;
  return merge === 'max' ? Math.max(one, other) : Math.min(one, other);
}
