import { join } from 'node:path';

import { AUDIT_ACTIONS } from '../core/lookup-event.ts';
import { userIdentity } from '../auth/lockout.ts';
import { type ChainFile, listChains, readLines } from './chain-files.ts';
import { dayOf, readRecord, type ReadRecord } from './record.ts';

/** The criteria, all of which must hold. */
export interface AuditSearch {
  /** The lead that was found, or that was asked for by its id; of an operator's act one that it concerns. */
  readonly lead?: number | undefined;
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
  folder: string,
  search: AuditSearch,
  onRead: (bytes: number) => void,
): AsyncGenerator<ReadRecord> {
  const matches = createFilter(search);
  const heads: { readonly rest: AsyncGenerator<ReadRecord>; record: ReadRecord }[] = [];
  for (const files of listChains(folder).values()) {
    const rest = searchFiles(folder, filesWithin(files, search), matches, onRead);
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
}

/** The files that a search reads. */
export function filesOfSearch(folder: string, search: AuditSearch): readonly ChainFile[] {
  return [...listChains(folder).values()].flatMap((files) => filesWithin(files, search));
}

async function* searchFiles(
  folder: string,
  files: readonly ChainFile[],
  matches: (record: ReadRecord) => boolean,
  onRead: (bytes: number) => void,
): AsyncGenerator<ReadRecord> {
  for (const { name } of files) {
    let read = 0;
    for await (const { lines, bytes } of readLines(join(folder, name))) {
      yield* lines
        .map(readRecord)
        .filter((record) => record !== undefined)
        .filter(matches);
      onRead(bytes - read);
      read = bytes;
    }
  }
}

/** The files of the days in question and of one more day on each side: a record's time may be before its file's day. */
function filesWithin(files: readonly ChainFile[], { since, until }: AuditSearch): readonly ChainFile[] {
  const first = since === undefined ? -Infinity : dayOf(since) - 1;
  const last = until === undefined ? Infinity : dayOf(until) + 1;
  return files.filter(({ day }) => {
    const ofFile = dayOf(Date.parse(day));
    return ofFile >= first && ofFile <= last;
  });
}

/** The kinds of records about what somebody did. */
const ACTION_KINDS: ReadonlySet<string> = new Set(['lookup', ...Object.values(AUDIT_ACTIONS), 'operator']);

function createFilter({ lead, user, since, until }: AuditSearch): (record: ReadRecord) => boolean {
  const identity = user === undefined ? undefined : userIdentity(user);
  const from = since === undefined ? '' : new Date(since).toISOString();
  const to = until === undefined ? '~' : new Date(until).toISOString();
  return ({ kind, at, fields }) => {
    if (at < from || at >= to) return false;
    if (kind === 'unrecorded') return true;
    if (!ACTION_KINDS.has(kind)) return false;
    if (lead !== undefined && !concerns(fields, lead)) return false;
    return identity === undefined || isOf(fields.user, identity) || isOf(fields.subject, identity);
  };
}

function concerns({ leadId, askedLead, leadIds }: ReadRecord['fields'], lead: number): boolean {
  return leadId === lead || askedLead === lead || (Array.isArray(leadIds) && leadIds.includes(lead));
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
