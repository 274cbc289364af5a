import { metricOf, type Merge, type MetricName } from './catalog.ts';
import type { Measured } from './measured.ts';

/** What several processes measured, as one. */
export function mergeMeasured(parts: readonly Measured[]): Measured {
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
export function countersOf(measured: Measured): Measured {
  return new Map([...measured].filter(([name]) => metricOf(name).type !== 'gauge'));
}

function mergeTwo(merge: Merge, one: number, other: number): number {
  if (merge === 'sum') return one + other;
  return merge === 'max' ? Math.max(one, other) : Math.min(one, other);
}
