import {
  quantileOf,
  sumOf,
  type Traffic,
  type TrafficCounts,
  type TrafficPeriod,
} from '../../../observe/traffic-history.ts';
import type { Reader } from '../../pages/reader.ts';
import { type ChartView, viewChart } from './chart.ts';
import type { OverviewWords } from './overview-words.ts';

/** An hour or a day, as the page shows it. */
export interface SpanView {
  readonly id: string;
  readonly title: string;
  /** Where the counting began within it. */
  readonly since: string | undefined;
  readonly tiles: readonly { readonly label: string; readonly value: string }[];
  readonly chart: ChartView;
  readonly endpoints: readonly EndpointView[];
}

interface EndpointView {
  readonly name: string;
  /** In the order of the table's head. */
  readonly values: readonly string[];
}

const HOUR_MS = 60 * 60 * 1000;

export function viewTraffic(traffic: Traffic, reader: Reader, words: OverviewWords): readonly SpanView[] {
  const { minutes, quarters, since } = traffic;
  const span = (id: string, title: string, unit: string, periods: readonly TrafficPeriod[], ms: number) =>
    viewSpan({ id, title, unit, periods, since, ms }, reader, words);
  return [
    span('hour', words.lastHour, words.perMinute, minutes, HOUR_MS),
    span('day', words.lastDay, words.perQuarter, quarters, 24 * HOUR_MS),
  ];
}

interface Span {
  readonly id: string;
  readonly title: string;
  /** What a bar of the chart counts. */
  readonly unit: string;
  readonly periods: readonly TrafficPeriod[];
  readonly since: number;
  readonly ms: number;
}

function viewSpan(
  { id, title, unit, periods, since, ms }: Span,
  reader: Reader,
  words: OverviewWords,
): SpanView {
  const format = formats(reader);
  const perPeriod = periods.map(({ from, endpoints }) => ({ from, counts: sumOf(endpoints.values()) }));
  const all = sumOf(perPeriod.map(({ counts }) => counts));
  const begin = perPeriod[0]?.from ?? 0;
  const most = Math.max(0, ...perPeriod.map(({ counts }) => lookupsIn(counts)));
  return {
    id,
    title,
    since: since > begin ? words.since(format.time(since, ms > HOUR_MS)) : undefined,
    tiles: tilesOf(all, format, words),
    chart: viewChart(perPeriod, {
      label: words.chart(title, format.count(lookupsIn(all)), format.count(most)),
      unit,
      time: (at) => format.time(at, false),
      count: format.count,
    }),
    endpoints: viewEndpoints(periods, format, words),
  };
}

type Formats = ReturnType<typeof formats>;

function tilesOf(counts: TrafficCounts, format: Formats, words: OverviewWords): SpanView['tiles'] {
  return [
    { label: words.lookups, value: format.count(lookupsIn(counts)) },
    { label: words.pops, value: format.count(counts.pops) },
    { label: words.missed, value: format.count(counts.missed) },
    { label: words.refused, value: format.count(counts.refused) },
    { label: words.failed, value: format.count(counts.failed) },
    { label: words.p50, value: format.duration(quantileOf(counts, 0.5)) },
    { label: words.p99, value: format.duration(quantileOf(counts, 0.99)) },
  ];
}

function viewEndpoints(
  periods: readonly TrafficPeriod[],
  format: Formats,
  words: OverviewWords,
): readonly EndpointView[] {
  const names = [...new Set(periods.flatMap(({ endpoints }) => [...endpoints.keys()]))];
  return names
    .map((name) => {
      const of = periods.flatMap(({ endpoints }) => endpoints.get(name) ?? []);
      return { name, counts: sumOf(of) };
    })
    .filter(({ counts }) => lookupsIn(counts) > 0)
    .sort((one, other) => lookupsIn(other.counts) - lookupsIn(one.counts))
    .map(({ name, counts }) => ({
      name: words.endpoints[name] ?? name,
      values: [
        ...[lookupsIn(counts), counts.found, counts.missed, counts.refused, counts.failed].map(format.count),
        format.duration(quantileOf(counts, 0.5)),
        format.duration(quantileOf(counts, 0.99)),
      ],
    }));
}

export function lookupsIn({ found, missed, refused, failed }: TrafficCounts): number {
  return found + missed + refused + failed;
}

function formats({ tag }: Reader) {
  const count = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const small = new Intl.NumberFormat(tag, { maximumSignificantDigits: 2 });
  const time = new Intl.DateTimeFormat(tag, { timeStyle: 'short' });
  const dateTime = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    count: (value: number) => count.format(value),
    duration: (ms: number | undefined) => {
      if (ms === undefined) return '–';
      if (ms === Infinity) return '> 5 s';
      return ms >= 1000 ? `${small.format(ms / 1000)} s` : `${small.format(ms)} ms`;
    },
    time: (at: number, withDate: boolean) => (withDate ? dateTime : time).format(at),
  };
}
