import type { MetricName } from './catalog.ts';

/** What one process, or several together, measured: the samples of each metric as they will be written. */
export type Snapshot = ReadonlyMap<MetricName, Samples>;

/** By the series, such as `callercard_workers{state="silent"}`. */
export type Samples = ReadonlyMap<string, number>;

export type Labels = Readonly<Record<string, string>>;

/** A histogram as it is kept: `counts` has one place more than `bounds`, for what is beyond them. */
export interface Histogram {
  /** Seconds, rising. */
  readonly bounds: readonly number[];
  /** Not added up. */
  readonly counts: Iterable<number>;
  readonly sum: number;
}

/** Takes readings and puts them together. */
export class Collector {
  readonly measured = new Map<MetricName, Map<string, number>>();

  put(name: MetricName, value: number, labels: Labels = {}): void {
    this.#samplesOf(name).set(name + written(labels), value);
  }

  putHistogram(name: MetricName, { bounds, counts, sum }: Histogram, labels: Labels): void {
    const samples = this.#samplesOf(name);
    let [at, total] = [0, 0];
    for (const count of counts) {
      total += count;
      const le = bounds[at] === undefined ? '+Inf' : String(bounds[at]);
      samples.set(`${name}_bucket${written({ ...labels, le })}`, total);
      at += 1;
    }
    samples.set(`${name}_sum${written(labels)}`, sum);
    samples.set(`${name}_count${written(labels)}`, total);
  }

  #samplesOf(name: MetricName): Map<string, number> {
    const samples = this.measured.get(name) ?? new Map<string, number>();
    this.measured.set(name, samples);
    return samples;
  }
}

/** Writes what it knows at this moment; called for each scrape. */
export type Source = (sheet: Collector) => void;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (letter) => ESCAPES[letter] ?? letter)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
