import { AUDIT_ACTIONS } from '../core/lookup-event.ts';
import type { DayRange } from '../core/audit-table.ts';
import { userIdentity } from '../auth/lockout.ts';
import { type AuditPlace, type AuditSource, openSource } from './audit-source.ts';
import type { ChainFile } from './chain-files.ts';
import { dayOf, readRecord, type ReadRecord } from './record.ts';

/** The criteria, all of which must hold. */
export interface AuditSearch {
  /** One of them was found, or was asked for by its id; an operator's act concerns one of them. */
  readonly leads?: ReadonlySet<number> | undefined;
  /** In any letter case, as when a user logs in. An operator's act concerns this user, or `token:NAME`. */
  readonly user?: string | undefined;
  /** Milliseconds of the wall clock; `until` is exclusive. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/**
 * Finds the records of lookups, sign-ins, calls and operators' acts, oldest first, and those that count lookups without a record.
 *
 * @param onRead notified of how many bytes were read since the last time
 * @throws what the file system says
 */
export async function* searchRecords(
  place: AuditPlace,
  search: AuditSearch,
  onRead: (bytes: number) => void,
): AsyncGenerator<ReadRecord> {
  const source = await openSource(place, daysOf(search));
  const matches = createFilter(search);
  const heads: { readonly rest: AsyncGenerator<ReadRecord>; record: ReadRecord }[] = [];
  try {
    for (const files of source.chains.values()) {
      const rest = searchFiles(source, filesWithin(files, search), matches, onRead);
      const first = await rest.next();
      if (first.done !== true) heads.push({ rest, record: first.value });
    }
    // Merges the chains: times in ISO 8601 sort as texts do.
    while (heads.length > 0) {
      const head = heads.reduce((oldest, other) => (other.record.at < oldest.record.at ? other : oldest));
      yield head.record;
      const next = await head.rest.next();
      if (next.done === true) heads.splice(heads.indexOf(head), 1);
      else head.record = next.value;
    }
  } finally {
    // A search that ends early has a file of each chain open.
    for (const { rest } of heads) await rest.return(undefined);
  }
}

/** How many bytes a search reads. */
export async function bytesOfSearch(place: AuditPlace, search: AuditSearch): Promise<number> {
  const { chains, bytesOf } = await openSource(place, daysOf(search));
  const files = [...chains.values()].flatMap((one) => filesWithin(one, search));
  return files.reduce((sum, file) => sum + bytesOf(file), 0);
}

async function* searchFiles(
  source: AuditSource,
  files: readonly ChainFile[],
  matches: (record: ReadRecord) => boolean,
  onRead: (bytes: number) => void,
): AsyncGenerator<ReadRecord> {
  for (const file of files) {
    let read = 0;
    for await (const { lines, bytes } of source.lines(file)) {
      yield* lines
        .map(readRecord)
        .filter((record) => record !== undefined)
        .filter(matches);
      onRead(bytes - read);
      read = bytes;
    }
  }
}

/** The days in question and one more on each side: a record's time may be before its file's day. */
function daysOf({ since, until }: AuditSearch): DayRange {
  return {
    first: since === undefined ? -Infinity : dayOf(since) - 1,
    last: until === undefined ? Infinity : dayOf(until) + 1,
  };
}

function filesWithin(files: readonly ChainFile[], search: AuditSearch): readonly ChainFile[] {
  const { first, last } = daysOf(search);
  return files.filter(({ day }) => {
    const ofFile = dayOf(Date.parse(day));
    return ofFile >= first && ofFile <= last;
  });
}

/** The kinds of records about what somebody did. */
const ACTION_KINDS: ReadonlySet<string> = new Set(['lookup', ...Object.values(AUDIT_ACTIONS), 'operator']);

function createFilter({ leads, user, since, until }: AuditSearch): (record: ReadRecord) => boolean {
  const identity = user === undefined ? undefined : userIdentity(user);
  const from = since === undefined ? '' : new Date(since).toISOString();
  const to = until === undefined ? '~' : new Date(until).toISOString();
  return ({ kind, at, fields }) => {
    if (at < from || at >= to) return false;
    if (kind === 'unrecorded') return true;
    if (!ACTION_KINDS.has(kind)) return false;
    if (leads !== undefined && !concerns(fields, leads)) return false;
    return identity === undefined || isOf(fields.user, identity) || isOf(fields.subject, identity);
  };
}

function concerns(
  { leadId, askedLead, leadIds }: ReadRecord['fields'],
  leads: ReadonlySet<unknown>,
): boolean {
  return (
    leads.has(leadId) ||
    leads.has(askedLead) ||
    (Array.isArray(leadIds) && leadIds.some((id) => leads.has(id)))
  );
}

function isOf(name: unknown, identity: string): boolean {
  return typeof name === 'string' && userIdentity(name) === identity;
}

/** Values that version 0.1 wrote, and the current ones. */
const RENAMED = new Map<unknown, string>([
  ['command', 'cli'],
  ['api', 'v1'],
  ['call_told', 'call_notified'],
]);

/** The fields of a record by their current names: version 0.1 wrote `door` for `endpoint`. */
export function currentFields({ fields }: ReadRecord): ReadRecord['fields'] {
  if (!('door' in fields)) return fields;
  const { ['door']: endpoint, result, ...rest } = fields;
  return { ...rest, endpoint: RENAMED.get(endpoint) ?? endpoint, result: RENAMED.get(result) ?? result };
}
