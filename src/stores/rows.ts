import { type Account, type LoginFailures, NO_FAILURES, type UserEntry } from '../core/account-store.ts';
import type { LookupResult, Viewer } from '../core/lead-store.ts';
import {
  type CustomField,
  type CustomFieldType,
  type CustomInfo,
  type CustomValue,
  type FurtherNumber,
  type Lead,
  LEAD_FIELDS,
  type ListScope,
  NUMBER_MATCHES,
  type NumberMatch,
} from '../core/lead.ts';

/** A list's custom fields in their order, by list_id. */
export const SELECT_CUSTOM_FIELDS =
  'SELECT label, type, caption FROM custom_fields WHERE list_id = ? ORDER BY position';

/** A database that runs its statements at once. */
interface PreparesStatements {
  prepare(sql: string): { all(listId: number): readonly Readonly<Record<string, unknown>>[] };
}

/** Reads a list's custom fields in their order. */
export function prepareCustomFields(
  database: PreparesStatements,
): (listId: number) => readonly CustomField[] {
  const statement = database.prepare(SELECT_CUSTOM_FIELDS);
  return (listId) =>
    statement.all(listId).map((row) => ({
      label: row.label as string,
      type: row.type as CustomFieldType,
      ...(row.caption === null ? {} : { caption: row.caption as string }),
    }));
}

/** More places than one person is signed in at; the oldest gives way. */
export const SESSIONS_OF_USER = 20;
/** Of all users, as far as they are listed. */
export const LISTED_SESSIONS = 2_000;

/** A row read as an array. */
export type LeadRow = readonly unknown[];

/**
 * Values in their list's field order. A value whose field is gone is not shown; a field without value is null.
 *
 * @returns null when the lead has no values or its list no fields
 */
export function customInfoOf(
  json: string | null,
  fields: readonly Pick<CustomField, 'label'>[],
): CustomInfo | null {
  if (json === null || fields.length === 0) return null;
  // From a Map: the labels `__proto__` and `2024` are labels like any other.
  const values = new Map(Object.entries(JSON.parse(json) as Record<string, CustomValue>));
  return fields.map(({ label }) => [label, values.get(label) ?? null] as const);
}

/** The stored form of custom values; null where there is no value at all. */
export function customJsonOf(custom: Iterable<readonly [string, CustomValue]>): string | null {
  const values = [...custom].filter(([, value]) => value !== null);
  return values.length === 0 ? null : JSON.stringify(Object.fromEntries(values));
}

/** As a restriction to lists is stored: a JSON array of their ids; null where there is none. */
export function listsOf(scope: ListScope): string | null {
  return scope === 'every list' ? null : JSON.stringify(scope);
}

/** A restriction that cannot be read as a whole allows nothing. */
export function scopeOf(json: unknown): ListScope {
  if (json === null) return 'every list';
  try {
    const lists: unknown = JSON.parse(json as string);
    return Array.isArray(lists) && lists.every((id): id is number => Number.isSafeInteger(id)) ? lists : [];
  } catch {
    return [];
  }
}

/**
 * What a lookup reads of a lead. The documented fields, named one by one (a new column is never public by itself), come as one JSON text, which SQLite writes as
 * `JSON.stringify` does: measured 5.5 instead of 9.1 us for reading and writing a lead.
 */
export const FOUND_COLUMNS: readonly string[] = [
  `json_object(${LEAD_FIELDS.map((field) => `'${field}', ${field}`).join(', ')})`,
  'lead_id',
  'list_id',
  'is_customer',
  'custom',
  'further_numbers',
  '(SELECT masked FROM lists WHERE lists.list_id = leads.list_id)',
];

/** A lead as it was found. Its fields are read from the text when somebody wants them. */
export class LeadResult implements LookupResult {
  readonly leadJson: string;
  readonly leadId: number;
  readonly listId: number;
  readonly isCustomer: boolean;
  /** The custom values as stored. */
  readonly customJson: string | null;
  readonly #furtherJson: string | null;
  readonly #masksJson: string | null;
  custom: CustomInfo | null = null;
  foundBy?: NonNullable<LookupResult['foundBy']>;
  #lead: Lead | undefined;

  /** @param row as FOUND_COLUMNS are read */
  constructor(row: LeadRow) {
    this.leadJson = row[0] as string;
    this.leadId = row[1] as number;
    this.listId = row[2] as number;
    this.isCustomer = row[3] === 1;
    this.customJson = row[4] as string | null;
    this.#furtherJson = row[5] as string | null;
    this.#masksJson = row[6] as string | null;
  }

  get masks(): readonly string[] | null {
    return this.#masksJson === null ? null : (JSON.parse(this.#masksJson) as readonly string[]);
  }

  get further(): readonly FurtherNumber[] {
    return furtherNumbersOf(this.#furtherJson);
  }

  get lead(): Lead {
    this.#lead ??= JSON.parse(this.leadJson) as Lead;
    return this.#lead;
  }
}

/** From the three columns, which are null where nothing failed. */
export function failuresOf(count: unknown, lastFailedAt: unknown, knownFailedAt: unknown): LoginFailures {
  if (count === null) return NO_FAILURES;
  return {
    count: Number(count),
    lastFailedAt: Number(lastFailedAt),
    knownFailedAt: Number(knownFailedAt),
  };
}

/**
 * A user as the directory lists them.
 *
 * @param lists as the engine reads its column: each stores them in another form
 * @param row the columns of the account; from the seventh on: three of failures, extension
 */
export function userEntryOf(
  { name, active, rights }: Account,
  lists: ListScope,
  row: readonly unknown[],
): UserEntry {
  return {
    ...{ name, active, rights, lists },
    failures: failuresOf(row[6], row[7], row[8]),
    extension: (row[9] as string | null) ?? undefined,
  };
}

/** @param json as stored: an array of pairs; null: none */
export function furtherNumbersOf(json: string | null): readonly FurtherNumber[] {
  if (json === null) return NO_NUMBERS;
  const pairs = JSON.parse(json) as readonly (readonly [string | null, string])[];
  return pairs.map(([label, number]) => ({ label, number }));
}

const NO_NUMBERS: readonly FurtherNumber[] = [];

/** The stored form; null where there are none. */
export function furtherJsonOf(numbers: readonly FurtherNumber[]): string | null {
  return numbers.length === 0 ? null : JSON.stringify(numbers.map(({ label, number }) => [label, number]));
}

/** A lead with a number, and what decides its place among the others with it. */
export interface Candidate {
  readonly leadId: number;
  /** PART of number-keys.ts. */
  readonly part: number;
  /** 0: read under the lead's own country, which comes first. */
  readonly reading: number;
  readonly isExact: boolean;
  readonly calledAt: string | null;
  readonly modifiedAt: string;
}

/** What candidateOf reads, in its order. */
export const CANDIDATE_COLUMNS = 'lead_id, part, reading, number, last_local_call_time, modify_date';

/** @param digits as they were asked for */
export function candidateOf(row: LeadRow, digits: string): Candidate {
  const [leadId, part, reading, number, calledAt, modifiedAt] = row as readonly [
    number,
    number,
    number,
    string,
    string | null,
    string,
  ];
  return { leadId, part, reading, isExact: number === digits, calledAt, modifiedAt };
}

/**
 * The order of winners (docs/goapi-compatibility.md): by part; own country; exact stored digits; last called, last modified,
 * highest id. Without a call comes last.
 */
export function byRank(a: Candidate, b: Candidate): number {
  return (
    a.part - b.part ||
    a.reading - b.reading ||
    Number(b.isExact) - Number(a.isExact) ||
    compare(b.calledAt ?? '', a.calledAt ?? '') ||
    compare(b.modifiedAt, a.modifiedAt) ||
    b.leadId - a.leadId
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** In the order of winners, each lead once. */
export function ranked(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<number>();
  return candidates.toSorted(byRank).filter(({ leadId }) => !seen.has(leadId) && seen.add(leadId));
}

/** What of the lead it is. */
export function matchOf({ part }: Candidate): NumberMatch {
  return NUMBER_MATCHES[part] ?? 'further';
}

/** The lists of somebody who looks; a user's are in the snapshot. */
export function listsSeenBy(viewer: Viewer): ListScope {
  return viewer === 'every list' || !('identity' in viewer) ? viewer : (viewer.lists ?? []);
}
