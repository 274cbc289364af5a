import type { Endpoint, LookupEvent } from '../core/lookup-event.ts';
import { PHONE_COLUMNS } from '../core/lead.ts';
import type { Collector } from './measured.ts';

/** What came of a lookup, for its time. Undefined: it never becomes a lookup. */
const OUTCOMES = {
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
  call_told: undefined,
  list_not_found: undefined,
  route_unknown: undefined,
  method_not_allowed: undefined,
  credentials_in_url: undefined,
  request_unparsable: undefined,
  request_too_large: undefined,
  url_too_long: undefined,
  body_type_unknown: undefined,
} as const satisfies Readonly<Record<LookupEvent['result'], Outcome | undefined>>;

type Outcome = (typeof OUTCOME_NAMES)[number];
const OUTCOME_NAMES = ['answered', 'refused', 'failed'] as const;

/** A door's place in the arrays. */
const DOORS = { goapi: 0, command: 1, api: 2, 'caller-id': 3, card: 4 } as const satisfies Readonly<
  Record<Endpoint, number>
>;
const DOOR_NAMES = Object.keys(DOORS) as readonly Endpoint[];

/** Milliseconds; about twice as long each time, and the promises of docs/operations.md among them. */
const BOUNDS_MS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000] as const;
const BOUNDS = BOUNDS_MS.map((milliseconds) => milliseconds / 1000);
const PLACES = BOUNDS_MS.length + 1;

/** What is counted apart: a key and a result. */
interface Kind {
  readonly key: string;
  readonly result: LookupEvent['result'];
  readonly outcome: number;
}

const FOUND_BY = ['lead_id', ...PHONE_COLUMNS] as const;
const KEYS_NOT_FOUND: Readonly<Record<string, string>> = {
  lead_not_found: 'lead_id',
  phone_not_found: 'phone',
};

/** Where nobody was found or asked, the result says it all. */
const KINDS: readonly Kind[] = [
  ...FOUND_BY.map((key) => ({ key, result: 'found' as const, outcome: 0 })),
  ...(Object.keys(OUTCOMES) as readonly LookupEvent['result'][]).flatMap((result) => {
    const outcome = OUTCOMES[result];
    if (outcome === undefined || result === 'found') return [];
    return [{ key: KEYS_NOT_FOUND[result] ?? 'none', result, outcome: OUTCOME_NAMES.indexOf(outcome) }];
  }),
];
const KIND_OF_RESULT = new Map(KINDS.map(({ result }, at) => [result, at]));
const KIND_OF_FOUND = new Map(FOUND_BY.map((key, at) => [key, at]));

/** The counts of one domain, by place: door, then kind; door, then outcome, then bound. */
interface Counts {
  readonly kinds: Float64Array;
  readonly times: Float64Array;
  /** Milliseconds. */
  readonly sums: Float64Array;
}

export interface LookupCounts {
  /** Counts a lookup: some additions, because it is done for each of them. */
  note(event: LookupEvent): void;
  read(sheet: Collector): void;
}

/** @param domains those that are there from the start, so that what they count begins at zero */
export function createLookupCounts(domains: readonly string[]): LookupCounts {
  const byDomain = new Map(domains.map((name) => [name, emptyCounts()]));

  return {
    note({ domain, door, result, foundBy, durationMs }) {
      // The names of domains are the configuration's: there are no more of them than an operator writes.
      let counts = byDomain.get(domain);
      if (counts === undefined) byDomain.set(domain, (counts = emptyCounts()));
      const at = foundBy === undefined ? KIND_OF_RESULT.get(result) : KIND_OF_FOUND.get(foundBy);
      const kind = at === undefined ? undefined : KINDS[at];
      if (at === undefined || kind === undefined) return;
      const place = DOORS[door];
      add(counts.kinds, place * KINDS.length + at, 1);
      const outcome = place * OUTCOME_NAMES.length + kind.outcome;
      add(counts.times, outcome * PLACES + boundOf(durationMs), 1);
      add(counts.sums, outcome, durationMs);
    },
    read(sheet) {
      for (const [domain, counts] of byDomain) {
        for (const door of DOOR_NAMES) readDoor(sheet, counts, domain, door);
      }
    },
  };
}

function emptyCounts(): Counts {
  const outcomes = DOOR_NAMES.length * OUTCOME_NAMES.length;
  return {
    kinds: new Float64Array(DOOR_NAMES.length * KINDS.length),
    times: new Float64Array(outcomes * PLACES),
    sums: new Float64Array(outcomes),
  };
}

function add(array: Float64Array, at: number, amount: number): void {
  array[at] = (array[at] ?? 0) + amount;
}

/** The first bound that is not below; most lookups are quick, so the first ones are tried first. */
function boundOf(milliseconds: number): number {
  let at = 0;
  while (at < BOUNDS_MS.length && milliseconds > (BOUNDS_MS[at] ?? 0)) at += 1;
  return at;
}

function readDoor(sheet: Collector, { kinds, times, sums }: Counts, domain: string, door: Endpoint): void {
  const place = DOORS[door];
  const own = kinds.subarray(place * KINDS.length, (place + 1) * KINDS.length);
  // A door that nobody has used is not spoken of, but for the one that clients use from the start.
  if (door !== 'goapi' && own.every((count) => count === 0)) return;
  for (const [at, { key, result }] of KINDS.entries()) {
    sheet.put('callercard_lookups_total', own[at] ?? 0, { domain, door, key, result });
  }
  for (const [at, outcome] of OUTCOME_NAMES.entries()) {
    const row = place * OUTCOME_NAMES.length + at;
    const counts = times.subarray(row * PLACES, (row + 1) * PLACES);
    const sum = (sums[row] ?? 0) / 1000;
    sheet.putHistogram(
      'callercard_lookup_duration_seconds',
      { bounds: BOUNDS, counts, sum },
      { domain, door, outcome },
    );
  }
}
