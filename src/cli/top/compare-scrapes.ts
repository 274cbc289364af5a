import type { Labels, Sample } from '../../observe/exposition.ts';
import type { Scrape } from './fetch-metrics.ts';

/** Rates of lookups between two scrapes, a second, and how long lookups took. */
export interface Traffic {
  readonly lookups: number;
  readonly found: number;
  readonly notFound: number;
  /** By result. */
  readonly refused: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  /** Milliseconds, of answered lookups; null: none was answered; Infinity: beyond the largest bound. */
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface EndpointTraffic extends Traffic {
  readonly domain: string;
  readonly endpoint: string;
}

/** What `top` shows of a server. */
export interface TopView {
  readonly seconds: number;
  readonly total: Traffic;
  /** The busiest first. */
  readonly endpoints: readonly EndpointTraffic[];
  /** Current values by metric, those with labels summed; `NAME:STATE` where there is a label `state` or `percentile`. */
  readonly gauges: Readonly<Record<string, number>>;
}

const NOT_FOUND = new Set(['lead_not_found', 'phone_not_found']);
/** Errors of the server, not of the caller. */
const FAILURES = new Set(['overloaded', 'store_unavailable', 'audit_unavailable', 'internal']);

/** Compares two scrapes of one server. */
export function compareScrapes(before: Scrape, after: Scrape): TopView {
  const seconds = Math.max(0.001, (after.at - before.at) / 1000);
  const earlier = new Map(before.samples.map((sample) => [seriesOf(sample), sample.value]));
  // A counter that fell was reset.
  const grown = after.samples.map((sample) => {
    const old = earlier.get(seriesOf(sample)) ?? 0;
    return { ...sample, value: (sample.value >= old ? sample.value - old : sample.value) / seconds };
  });
  const keys = new Map(
    grown
      .filter(({ name }) => name === 'callercard_lookups_total')
      .map(({ labels }) => [endpointOf(labels), labels]),
  );
  const endpoints = [...keys].map(([key, { domain = '', endpoint = '' }]) => ({
    domain,
    endpoint,
    ...trafficOf(grown.filter(({ labels }) => endpointOf(labels) === key)),
  }));
  endpoints.sort((one, other) => other.lookups - one.lookups || one.domain.localeCompare(other.domain));
  return { seconds, total: trafficOf(grown), endpoints, gauges: gaugesOf(after, grown) };
}

function seriesOf({ name, labels }: Sample): string {
  return `${name} ${JSON.stringify(labels)}`;
}

function endpointOf({ domain = '', endpoint = '' }: Labels): string {
  return `${domain} ${endpoint}`;
}

function trafficOf(grown: readonly Sample[]): Traffic {
  const counts: Record<string, number> = {};
  for (const { name, labels, value } of grown) {
    if (name !== 'callercard_lookups_total') continue;
    counts[labels.result ?? ''] = (counts[labels.result ?? ''] ?? 0) + value;
  }
  const { found = 0, ...others } = counts;
  const pick = (wanted: (result: string) => boolean) =>
    Object.fromEntries(Object.entries(others).filter(([result, rate]) => rate > 0 && wanted(result)));
  return {
    lookups: Object.values(counts).reduce((sum, rate) => sum + rate, 0),
    found,
    notFound: [...NOT_FOUND].reduce((sum, result) => sum + (counts[result] ?? 0), 0),
    refused: pick((result) => !NOT_FOUND.has(result) && !FAILURES.has(result)),
    failed: pick((result) => FAILURES.has(result)),
    p50: quantileOf(grown, 0.5),
    p99: quantileOf(grown, 0.99),
  };
}

/** Interpolated linearly within a bucket, as Prometheus does. */
function quantileOf(grown: readonly Sample[], quantile: number): number | null {
  const byBound = new Map<number, number>();
  for (const { name, labels, value } of grown) {
    if (name !== 'callercard_lookup_duration_seconds_bucket' || labels.outcome !== 'answered') continue;
    const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
    byBound.set(bound, (byBound.get(bound) ?? 0) + value);
  }
  const rank = (byBound.get(Infinity) ?? 0) * quantile;
  if (rank === 0) return null;
  let [from, below] = [0, 0];
  for (const [bound, count] of [...byBound].sort(([one], [other]) => one - other)) {
    if (count >= rank) {
      return bound === Infinity
        ? Infinity
        : (from + ((bound - from) * (rank - below)) / (count - below)) * 1000;
    }
    [from, below] = [bound, count];
  }
  return null;
}

function gaugesOf(after: Scrape, grown: readonly Sample[]): Record<string, number> {
  const gauges: Record<string, number> = {};
  const isOwn = (name: string) => !/^callercard_lookup(?:s_total|_duration)/.test(name);
  for (const { name, labels, value } of after.samples.filter((sample) => isOwn(sample.name))) {
    const key = [name, labels.state ?? labels.percentile].filter((part) => part !== undefined).join(':');
    gauges[key] = (gauges[key] ?? 0) + value;
  }
  const cpu = grown.find(({ name }) => name === 'process_cpu_seconds_total');
  if (cpu !== undefined) gauges.cpu = cpu.value;
  return gauges;
}
