import { type Merge, METRIC_NAMES, type MetricName, METRICS } from './catalog.ts';

/** The samples of each metric of one process, or of several merged: by series, such as `callercard_workers{state="silent"}`. */
export type Snapshot = ReadonlyMap<MetricName, ReadonlyMap<string, number>>;

export type Labels = Readonly<Record<string, string>>;

/** Puts the values that it knows at this moment into the collector; called for each scrape. */
export type Source = (collector: Collector) => void;

/** Collects the values of a process into a snapshot. */
export class Collector {
  readonly snapshot = new Map<MetricName, Map<string, number>>();

  put(name: MetricName, value: number, labels: Labels = {}): void {
    this.#samplesOf(name).set(name + writeLabels(labels), value);
  }

  /** @param histogram `counts`, which are not cumulative, has one entry more than `bounds`, for what exceeds them */
  putHistogram(
    name: MetricName,
    { bounds, counts, sum }: { bounds: readonly number[]; counts: Iterable<number>; sum: number },
    labels: Labels,
  ): void {
    const samples = this.#samplesOf(name);
    let [at, total] = [0, 0];
    for (const count of counts) {
      total += count;
      const le = bounds[at] === undefined ? '+Inf' : String(bounds[at]);
      samples.set(`${name}_bucket${writeLabels({ ...labels, le })}`, total);
      at += 1;
    }
    samples.set(`${name}_sum${writeLabels(labels)}`, sum);
    samples.set(`${name}_count${writeLabels(labels)}`, total);
  }

  #samplesOf(name: MetricName): Map<string, number> {
    const samples = this.snapshot.get(name) ?? new Map<string, number>();
    this.snapshot.set(name, samples);
    return samples;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function writeLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (letter) => ESCAPES[letter] ?? letter)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Writes the text format of Prometheus, version 0.0.4; a metric without a sample is omitted. */
export function writeExposition(snapshot: Snapshot): string {
  const lines: string[] = [];
  for (const name of METRIC_NAMES) {
    const samples = snapshot.get(name);
    if (samples === undefined || samples.size === 0) continue;
    const { help, type } = METRICS[name];
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [series, value] of samples) lines.push(`${series} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

/** One sample of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const LINE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/i;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"/gi;

/** Reads the text format as this program writes it; lines that it cannot read are skipped. */
export function readExposition(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: readLabels(labels), value: Number(value) }];
  });
}

function readLabels(text: string): Labels {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    ]),
  );
}

/** Merges the snapshots of several processes, each metric as the catalog says. */
export function mergeSnapshots(parts: readonly Snapshot[]): Snapshot {
  const whole = new Map<MetricName, Map<string, number>>();
  for (const part of parts) {
    for (const [name, samples] of part) {
      const { merge } = METRICS[name];
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

function mergeTwo(merge: Merge, one: number, other: number): number {
  if (merge === 'sum') return one + other;
  return merge === 'max' ? Math.max(one, other) : Math.min(one, other);
}

/** Only counters and histograms: what remains true of a process that has exited. */
export function countersOf(snapshot: Snapshot): Snapshot {
  return new Map([...snapshot].filter(([name]) => METRICS[name].type !== 'gauge'));
}
