import type { Clock } from '../core/clock.ts';
import { LOOKUP_BOUNDS_MS, OUTCOME_OF } from './lookup-metrics.ts';
import { readExposition, type Sample } from './exposition.ts';

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** An hour of minutes, and a day of quarters of an hour. */
const MINUTES = 60;
const QUARTERS = 96;
/** Domains and endpoints with lookups that one period keeps: in all some 10 MB. */
const MOST_SERIES = 200;
/** What runs now is not read more often, however many look at it. */
const FRESH_MS = 1_000;

/** What came of lookups, and how many calls were announced. */
export interface TrafficCounts {
  readonly found: number;
  /** Nobody was found. */
  readonly missed: number;
  /** Credentials, rights, rate, parameters. */
  readonly refused: number;
  /** By the server. */
  readonly failed: number;
  readonly pops: number;
  /** How long answered lookups took: how many were within each of LOOKUP_BOUNDS_MS, and how many longer. */
  readonly durations: readonly number[];
}

/** Some minutes of a domain, by endpoint. */
export interface TrafficPeriod {
  /** Milliseconds of the wall clock. */
  readonly from: number;
  readonly endpoints: ReadonlyMap<string, TrafficCounts>;
}

/** The last hour and the last day of a domain, oldest first; the last period goes on. */
export interface Traffic {
  /** Since when lookups are counted here. */
  readonly since: number;
  readonly minutes: readonly TrafficPeriod[];
  readonly quarters: readonly TrafficPeriod[];
}

export type TrafficHistory = ReturnType<typeof createTrafficHistory>;

/** By domain and endpoint; pops have no endpoint of their own. */
type Cells = Map<string, Float64Array>;
interface Period {
  readonly from: number;
  readonly cells: Cells;
}

const FIELDS = ['found', 'missed', 'refused', 'failed', 'pops'] as const;
const DURATIONS = FIELDS.length;
const WIDTH = DURATIONS + LOOKUP_BOUNDS_MS.length + 1;

/**
 * Keeps what the metrics said, minute by minute, for the overview of the console. Lookups do not wait for it, nor is anything
 * counted a second time.
 *
 * @param samples the counters of this process at this moment
 * @param writeMetrics those of all, where there are several; rejects while they cannot be had
 */
export function createTrafficHistory(
  samples: () => readonly Sample[],
  writeMetrics: (() => Promise<string>) | undefined,
  clock: Pick<Clock, 'wall'>,
) {
  const minutes: Period[] = [];
  const quarters: Period[] = [];
  let since = clock.wall();
  let before: Cells | undefined;
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function take(): Promise<void> {
    const totals = totalsOf(writeMetrics === undefined ? samples() : readExposition(await writeMetrics()));
    const at = clock.wall();
    if (before === undefined) since = at;
    else {
      const grown = growthOf(before, totals);
      addTo(minutes, at, MINUTE_MS, MINUTES, grown);
      addTo(quarters, at, QUARTER_MS, QUARTERS, grown);
    }
    before = totals;
    readAt = at;
  }

  /** One at a time; what cannot be read is read later. */
  function takeOnce(): Promise<void> {
    reading ??= take()
      .catch(() => undefined)
      .finally(() => (reading = undefined));
    return reading;
  }

  return {
    start(): void {
      void takeOnce();
      timer = setInterval(() => void takeOnce(), MINUTE_MS).unref();
    },
    stop: (): void => clearInterval(timer),
    /** Never rejects. */
    async of(domain: string): Promise<Traffic> {
      const age = clock.wall() - readAt;
      if (age >= FRESH_MS || age < 0) await takeOnce();
      const now = clock.wall();
      return {
        since,
        minutes: filled(minutes, domain, now, MINUTE_MS, MINUTES),
        quarters: filled(quarters, domain, now, QUARTER_MS, QUARTERS),
      };
    },
  };
}

/** What a domain has come to in some periods. */
export function sumOf(counts: Iterable<TrafficCounts>): TrafficCounts {
  const sum = new Float64Array(WIDTH);
  for (const each of counts) addCells(sum, cellOf(each));
  return countsOf(sum);
}

/**
 * Milliseconds within which this part of the answered lookups were, interpolated within a bound; undefined: none was answered;
 * Infinity: longer than the largest bound.
 */
export function quantileOf({ durations }: TrafficCounts, part: number): number | undefined {
  const rank = durations.reduce((sum, count) => sum + count, 0) * part;
  if (rank === 0) return undefined;
  let [below, from] = [0, 0];
  for (const [index, bound] of LOOKUP_BOUNDS_MS.entries()) {
    const count = durations[index] ?? 0;
    if (count > 0 && below + count >= rank) return from + ((bound - from) * (rank - below)) / count;
    below += count;
    from = bound;
  }
  return Infinity;
}

function totalsOf(samples: readonly Sample[]): Cells {
  const cells: Cells = new Map();
  const cell = ({ domain = '', endpoint = '' }: Sample['labels']) => {
    const key = `${domain}\0${endpoint}`;
    const found = cells.get(key) ?? new Float64Array(WIDTH);
    cells.set(key, found);
    return found;
  };
  for (const { name, labels, value } of samples) {
    if (value === 0) continue;
    if (name === 'callercard_lookups_total') add(cell(labels), fieldOf(labels.result), value);
    else if (name === 'callercard_call_notifications_total') add(cell(labels), 'pops', value);
    else if (name === 'callercard_lookup_duration_seconds_bucket' && labels.outcome === 'answered')
      noteBucket(cell(labels), labels.le, value);
  }
  // Buckets are cumulative.
  for (const one of cells.values())
    for (let at = WIDTH - 1; at > DURATIONS; at -= 1) one[at] = (one[at] ?? 0) - (one[at - 1] ?? 0);
  return cells;
}

function add(cell: Float64Array, field: (typeof FIELDS)[number] | undefined, value: number): void {
  if (field === undefined) return;
  const at = FIELDS.indexOf(field);
  cell[at] = (cell[at] ?? 0) + value;
}

function noteBucket(cell: Float64Array, le: string | undefined, value: number): void {
  const index = le === '+Inf' ? LOOKUP_BOUNDS_MS.length : BOUND_INDEX.get(le ?? '');
  if (index !== undefined) cell[DURATIONS + index] = value;
}

const BOUND_INDEX = new Map(LOOKUP_BOUNDS_MS.map((bound, index) => [String(bound / 1000), index]));

function fieldOf(result: string | undefined): (typeof FIELDS)[number] | undefined {
  if (result === 'found') return 'found';
  if (result === 'lead_not_found' || result === 'phone_not_found') return 'missed';
  const outcome = (OUTCOME_OF as Readonly<Record<string, string | undefined>>)[result ?? ''];
  return outcome === 'refused' || outcome === 'failed' ? outcome : undefined;
}

/** @returns what came since; a counter that fell began anew */
function growthOf(before: Cells, now: Cells): Cells {
  const grown: [string, Float64Array][] = [];
  for (const [key, cell] of now) {
    const old = before.get(key);
    const more = cell.map((value, at) => {
      const was = old?.[at] ?? 0;
      return value >= was ? value - was : value;
    });
    if (more.some((value) => value > 0)) grown.push([key, more]);
  }
  const size = (cell: Float64Array) => cell.subarray(0, DURATIONS).reduce((sum, value) => sum + value, 0);
  grown.sort(([, one], [, other]) => size(other) - size(one));
  return new Map(grown.slice(0, MOST_SERIES));
}

function addTo(periods: Period[], at: number, width: number, most: number, grown: Cells): void {
  const from = Math.floor(at / width) * width;
  let last = periods.at(-1);
  if (last?.from !== from) {
    last = { from, cells: new Map() };
    periods.push(last);
    if (periods.length > most) periods.shift();
  }
  for (const [key, cell] of grown) {
    const known = last.cells.get(key);
    if (known !== undefined) addCells(known, cell);
    else if (last.cells.size < MOST_SERIES) last.cells.set(key, cell.slice());
  }
}

function addCells(sum: Float64Array, cell: ArrayLike<number>): void {
  for (let at = 0; at < WIDTH; at += 1) sum[at] = (sum[at] ?? 0) + (cell[at] ?? 0);
}

/** Those up to now, whether or not anything came. */
function filled(
  periods: readonly Period[],
  domain: string,
  now: number,
  width: number,
  count: number,
): readonly TrafficPeriod[] {
  const byStart = new Map(periods.map(({ from, cells }) => [from, cells]));
  const last = Math.floor(now / width) * width;
  return Array.from({ length: count }, (_, index) => {
    const from = last - (count - 1 - index) * width;
    const endpoints = new Map<string, TrafficCounts>();
    for (const [key, cell] of byStart.get(from) ?? []) {
      const [ofDomain = '', endpoint = ''] = key.split('\0');
      if (ofDomain === domain) endpoints.set(endpoint, countsOf(cell));
    }
    return { from, endpoints };
  });
}

function countsOf(cell: Float64Array): TrafficCounts {
  const [found = 0, missed = 0, refused = 0, failed = 0, pops = 0, ...durations] = cell;
  return { found, missed, refused, failed, pops, durations };
}

function cellOf({ durations, ...counts }: TrafficCounts): readonly number[] {
  return [...FIELDS.map((field) => counts[field]), ...durations];
}
