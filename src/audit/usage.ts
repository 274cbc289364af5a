import { RIGHT_BIT, type Right, type Rights, rightsOf } from '../core/rights.ts';
import { type AuditPlace, openSource } from './audit-source.ts';
import type { ChainFile } from './chain-files.ts';
import { DAY_MS, dayOf, readRecord } from './record.ts';
import { currentFields } from './search.ts';

export const USAGE_LIMITS = {
  /** So far back at most: who needs a right once a quarter does need it. */
  mostDays: 90,
  /** Less says nothing: somebody was on holiday. */
  leastDays: 30,
  /** A second or two of reading. Of a larger audit fewer days are read. */
  bytes: 256 * 1024 * 1024,
} as const;

export interface Usage {
  /** The whole days that were read, today not counted. */
  readonly days: number;
  /** The rights that somebody made use of, by name as the audit has it: a user's, or `token:NAME`. */
  readonly used: ReadonlyMap<string, Rights>;
  /** Whose rights were given within these days. */
  readonly isNew: ReadonlySet<string>;
}

/**
 * Which rights were made use of, as far as the audit says.
 *
 * @param now milliseconds of the wall clock
 * @returns only the days, where they are fewer than `leastDays`
 * @throws what the file system says
 */
export async function readUsage(
  place: AuditPlace,
  now: number,
  limits: { readonly [Limit in keyof typeof USAGE_LIMITS]: number } = USAGE_LIMITS,
): Promise<Usage | Pick<Usage, 'days'>> {
  const source = await openSource(place);
  const chains = [...source.chains.values()];
  const today = dayOf(now);
  const first = Math.max(today - limits.mostDays, firstWholeDay(chains, today));
  const { from, files } = filesWithin(source.bytesOf, chains.flat(), { first, bytes: limits.bytes });
  const days = today - from;
  if (days < limits.leastDays) return { days: Math.max(0, days) };
  const used = new Map<string, Rights>();
  const isNew = new Set<string>();
  const since = new Date(from * DAY_MS).toISOString();
  for (const file of files) {
    for await (const { lines } of source.lines(file)) {
      for (const line of lines) take(line, since, used, isNew);
    }
  }
  return { days, used, isNew };
}

/** The first day of which nothing is missing: the audit began before it, and no earlier file of a chain was taken away. */
function firstWholeDay(chains: readonly (readonly ChainFile[])[], today: number): number {
  const begins = chains.flatMap(([file]) => (file === undefined ? [] : [file]));
  const days = begins.map(dayOfFile);
  const archived = begins.filter(({ number }) => number > 1).map(dayOfFile);
  return Math.max(Math.min(today, ...days), ...archived) + 1;
}

/** The newest files, and the first day whose files are all among them. */
function filesWithin(
  bytesOf: (file: ChainFile) => number,
  all: readonly ChainFile[],
  { first, bytes }: { readonly first: number; readonly bytes: number },
) {
  const byDay = Map.groupBy(all, dayOfFile);
  const files: ChainFile[] = [];
  let read = 0;
  // A record's time may be before its file's day, and never after it but where the clock was set.
  for (const day of [...byDay.keys()].filter((one) => one >= first).sort((one, other) => other - one)) {
    const ofDay = byDay.get(day) ?? [];
    read += ofDay.reduce((sum, file) => sum + bytesOf(file), 0);
    if (read > bytes) return { from: day + 1, files };
    files.push(...ofDay);
  }
  return { from: first, files };
}

function dayOfFile({ day }: ChainFile): number {
  return dayOf(Date.parse(day));
}

function take(line: string, since: string, used: Map<string, Rights>, isNew: Set<string>): void {
  const record = readRecord(line);
  if (record === undefined || record.at < since) return;
  const { kind } = record;
  const { user, endpoint, right, result, action, subject } = currentFields(record);
  if (kind === 'operator') {
    if (GIVING.has(action) && typeof subject === 'string') isNew.add(subject);
    return;
  }
  if (typeof user !== 'string') return;
  const rights = kind !== 'lookup' ? USED_BY.get(kind) : LET_IN.has(result) ? usedBy(endpoint, right) : 0;
  if (rights !== undefined) used.set(user, (used.get(user) ?? 0) | rights);
}

/** A lookup that is part of a change is no use of the right to read. */
function usedBy(endpoint: unknown, right: unknown): Rights | undefined {
  return right === 'edit' ? RIGHT_BIT.edit : USED_BY.get(endpoint);
}

/** Acts that give rights. */
const GIVING: ReadonlySet<unknown> = new Set(['user_add', 'user_set', 'token_create']);

/** What comes of a lookup only for somebody who had the right. */
const LET_IN: ReadonlySet<unknown> = new Set([
  'found',
  'calls_read',
  'timeline_read',
  'lead_not_found',
  'phone_not_found',
  'list_not_found',
  'parameters_missing',
  'parameter_malformed',
]);

/** The rights that are made use of, by a lookup's endpoint or another record's kind. */
const USED_BY: ReadonlyMap<unknown, Rights> = new Map(
  Object.entries({
    goapi: ['read'],
    v1: ['read'],
    'caller-id': ['read', 'caller-id'],
    card: ['card'],
    'sign-in': ['card'],
    call: ['calls'],
    change: ['edit'],
    note: ['edit'],
    person: ['admin'],
  } satisfies Readonly<Record<string, readonly Right[]>>).map(([name, rights]) => [name, rightsOf(rights)]),
);
