import type { PersonStore } from '../../core/person-store.ts';
import type { Read } from '../network/connector.ts';
import { dateTimeOf } from '../stored-state.ts';
import { idRanges } from './id-ranges.ts';
import { arrayOf } from './rows.ts';
import { listIn } from './timeline.ts';

/** $1, $2: the range of ids; $3 and $4: the moment, in milliseconds and as text; $5: lists; $6: whether these, or all but these. */
const IN_LISTS = '(list_id = ANY ($5::bigint[])) = $6::boolean';
const NO_NOTES = 'NOT EXISTS (SELECT 1 FROM notes WHERE notes.lead_id = old.lead_id AND at >= $3)';
const NO_CALLS = 'NOT EXISTS (SELECT 1 FROM calls WHERE calls.lead_id = old.lead_id AND started_at >= $3)';

/** The statements that find leads whose time is over: a test reads the query plan of each. */
export const UNTOUCHED_STATEMENTS = {
  leads: `SELECT lead_id FROM leads AS old
    WHERE lead_id > $1 AND lead_id <= $2 AND ${IN_LISTS} AND modify_date < $4
      AND coalesce(last_local_call_time, '') < $4
      AND NOT EXISTS (SELECT 1 FROM lead_changes WHERE lead_changes.lead_id = old.lead_id AND at >= $3)
      AND ${NO_NOTES} AND ${NO_CALLS}
      AND NOT EXISTS (SELECT 1 FROM imports JOIN import_additions USING (import_id)
        WHERE started_at COLLATE "C" >= $4 AND old.lead_id BETWEEN first_lead_id AND last_lead_id)
    ORDER BY lead_id`,
  /** Of leads that were deleted, their timeline; the list is that of the last change. */
  removed: `SELECT lead_id FROM (
      SELECT DISTINCT ON (lead_id) lead_id, ${listIn('before')} AS list_id,
        max(at) OVER (PARTITION BY lead_id) AS last_at
      FROM lead_changes WHERE lead_id > $1 AND lead_id <= $2
        AND NOT EXISTS (SELECT 1 FROM leads WHERE leads.lead_id = lead_changes.lead_id)
      ORDER BY lead_id, change_id DESC) AS old
    WHERE last_at < $3 AND ${IN_LISTS} AND ${NO_NOTES} AND ${NO_CALLS} AND $4::text IS NOT NULL
    ORDER BY lead_id`,
} as const;

/** A call is by the lead's own clock, which is up to 14 hours from UTC. */
export async function findUntouched(
  read: Read,
  ...[lists, before, { after, limit }]: Parameters<PersonStore['findUntouched']>
): Promise<readonly number[]> {
  const [ids, isIn] = 'listId' in lists ? [[lists.listId], true] : [lists.except, false];
  const bound = [before, dateTimeOf(before), arrayOf(ids), String(isIn)];
  const sources = [
    ['leads', UNTOUCHED_STATEMENTS.leads],
    ['lead_changes', UNTOUCHED_STATEMENTS.removed],
  ] as const;
  const found: number[] = [];
  for (const [table, sql] of sources) {
    let count = 0;
    for await (const range of idRanges(read, table, 'lead_id', after)) {
      const rows = await read(sql, [...range, ...bound]);
      found.push(...rows.map(([leadId]) => Number(leadId)));
      count += rows.length;
      if (count >= limit) break;
    }
  }
  return found.sort((a, b) => a - b).slice(0, limit);
}
