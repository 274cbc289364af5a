import { NUMBER_MATCHES } from '../core/lead.ts';
import { type Endpoint, ENDPOINTS, type LookupEvent } from '../core/lookup-event.ts';
import type { Collector } from './exposition.ts';

/** The outcome of each result, for its duration. Undefined: it is no lookup. */
export const OUTCOME_OF = {
  found: 'answered',
  lead_not_found: 'answered',
  phone_not_found: 'answered',
  credentials_invalid: 'refused',
  locked_out: 'refused',
  api_not_allowed: 'refused',
  parameters_missing: 'refused',
  parameter_malformed: 'refused',
  rate_limited: 'refused',
  overloaded: 'failed',
  store_unavailable: 'failed',
  audit_unavailable: 'failed',
  internal: 'failed',
  signed_in: undefined,
  call_notified: undefined,
  call_changed: undefined,
  calls_read: undefined,
  lead_added: undefined,
  lead_changed: undefined,
  lead_removed: undefined,
  note_added: undefined,
  list_changed: undefined,
  timeline_read: undefined,
  person_found: undefined,
  person_exported: undefined,
  person_erased: undefined,
  administered: undefined,
  daily_leads: undefined,
  list_not_found: undefined,
  change_not_found: undefined,
  call_not_found: undefined,
  import_not_found: undefined,
  import_refused: undefined,
  text_search_unavailable: undefined,
  read_only_store: undefined,
  number_taken: undefined,
  list_exists: undefined,
  several_people: undefined,
  every_list_needed: 'refused',
  changed_meanwhile: undefined,
  precondition_required: undefined,
  undo_conflict: undefined,
  idempotency_key_reused: undefined,
  route_unknown: undefined,
  method_not_allowed: undefined,
  credentials_in_url: undefined,
  cross_origin: undefined,
  request_unparsable: undefined,
  request_too_large: undefined,
  url_too_long: undefined,
  body_type_unknown: undefined,
} as const satisfies Readonly<Record<LookupEvent['result'], Outcome | undefined>>;

const OUTCOMES = ['answered', 'refused', 'failed'] as const;
type Outcome = (typeof OUTCOMES)[number];
type Result = LookupEvent['result'];

/** Milliseconds; each about twice the one before, with the promises of docs/operations.md among them. */
export const LOOKUP_BOUNDS_MS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000,
] as const;
const BOUNDS = LOOKUP_BOUNDS_MS.map((milliseconds) => milliseconds / 1000);

/** The label `key` of results that found nothing; `none` for all others. */
const KEY_NOT_FOUND: Readonly<Partial<Record<Result, string>>> = {
  lead_not_found: 'lead_id',
  phone_not_found: 'phone',
};

/** The series of one endpoint: a key and a result each. */
const SERIES: readonly { readonly key: string; readonly result: Result; readonly outcome: Outcome }[] = [
  ...(['lead_id', ...NUMBER_MATCHES, 'text'] as const).map(
    (key) => ({ key, result: 'found', outcome: 'answered' }) as const,
  ),
  ...(Object.keys(OUTCOME_OF) as readonly Result[]).flatMap((result) => {
    const outcome = OUTCOME_OF[result];
    if (outcome === undefined || result === 'found') return [];
    return [{ key: KEY_NOT_FOUND[result] ?? 'none', result, outcome }];
  }),
  { key: 'text', result: 'lead_not_found', outcome: 'answered' },
];
const NO_TEXT_FOUND = SERIES.length - 1;
/** The index of a series: by the key for what was found, by the result for all else. */
const INDEX_OF = new Map<string, number>(
  SERIES.slice(0, NO_TEXT_FOUND).map(({ key, result }, index) => [result === 'found' ? key : result, index]),
);

type Counts = ReturnType<typeof emptyCounts>;

/** @param domains the names of the domains at the start, so that their counters begin at zero */
export function createLookupMetrics(domains: readonly string[]) {
  // Bounded, because names of domains come from the configuration.
  const byDomain = new Map<string, Partial<Record<Endpoint, Counts>>>(
    domains.map((name) => [name, { goapi: emptyCounts() }]),
  );

  return {
    /** Counts a lookup; other actions are ignored. */
    count: ({ domain, endpoint, result, foundBy, query, durationMs }: LookupEvent): void => {
      const isNoText = result === 'lead_not_found' && query?.by === 'text';
      const index = isNoText ? NO_TEXT_FOUND : INDEX_OF.get(foundBy ?? result);
      const series = index === undefined ? undefined : SERIES[index];
      if (index === undefined || series === undefined) return;
      let endpoints = byDomain.get(domain);
      if (endpoints === undefined) byDomain.set(domain, (endpoints = { goapi: emptyCounts() }));
      const counts = (endpoints[endpoint] ??= emptyCounts());
      const duration = counts.durations[series.outcome];
      increment(counts.lookups, index);
      increment(duration.buckets, bucketOf(durationMs));
      duration.sumMs += durationMs;
    },
    read: (collector: Collector): void => {
      for (const [domain, endpoints] of byDomain) {
        for (const endpoint of ENDPOINTS) {
          const counts = endpoints[endpoint];
          if (counts !== undefined) readCounts(collector, counts, { domain, endpoint });
        }
      }
    },
  };
}

/** The counts of one domain and endpoint. */
function emptyCounts() {
  const empty = () => ({ buckets: new Float64Array(BOUNDS.length + 1), sumMs: 0 });
  return {
    /** As SERIES. */
    lookups: new Float64Array(SERIES.length),
    durations: { answered: empty(), refused: empty(), failed: empty() },
  };
}

function increment(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}

/** The first bound that is not below. A linear search, because most lookups are in the first buckets. */
function bucketOf(milliseconds: number): number {
  let index = 0;
  while (index < LOOKUP_BOUNDS_MS.length && milliseconds > (LOOKUP_BOUNDS_MS[index] ?? 0)) index += 1;
  return index;
}

function readCounts(
  collector: Collector,
  { lookups, durations }: Counts,
  labels: { readonly domain: string; readonly endpoint: Endpoint },
): void {
  for (const [index, { key, result }] of SERIES.entries()) {
    collector.put('callercard_lookups_total', lookups[index] ?? 0, { ...labels, key, result });
  }
  for (const outcome of OUTCOMES) {
    const { buckets, sumMs } = durations[outcome];
    const histogram = { bounds: BOUNDS, counts: buckets, sum: sumMs / 1000 };
    collector.putHistogram('callercard_lookup_duration_seconds', histogram, { ...labels, outcome });
  }
}
