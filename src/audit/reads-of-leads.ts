import { lstatSync } from 'node:fs';

import type { AuditPlace } from './audit-source.ts';
import type { ReadRecord } from './record.ts';
import { currentFields, searchRecords } from './search.ts';

/** What the audit has of leads. */
export interface LeadReads {
  /** The oldest first. */
  readonly reads: readonly ReadRecord['fields'][];
  /** How many older ones there are. */
  readonly older: number;
}

/**
 * Who read leads and who did something to them: the records of the audit that name one of them. The audit is read once.
 *
 * @param most so many, the newest
 * @throws what the file system says
 */
export async function readsOfLeads(
  place: AuditPlace,
  leadIds: readonly number[],
  most = Infinity,
): Promise<LeadReads> {
  // None yet: then nothing was recorded.
  if (typeof place === 'string' && lstatSync(place, { throwIfNoEntry: false }) === undefined)
    return { reads: [], older: 0 };
  let records: ReadRecord[] = [];
  let count = 0;
  for await (const record of searchRecords(place, { leads: new Set(leadIds) }, () => undefined)) {
    if (record.kind === 'unrecorded') continue;
    records.push(record);
    count += 1;
    // Not with each of them: that would move all others.
    if (records.length >= 2 * most) records = records.slice(-most);
  }
  const reads = records
    .slice(most === Infinity ? 0 : -most)
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(currentFields);
  return { reads, older: count - reads.length };
}
