import type { DatabaseSync } from 'node:sqlite';

import type { PersonStore } from '../../core/person-store.ts';
import { dateTimeOf } from '../stored-state.ts';

/** ?1 and ?2: the moment, in milliseconds and as text; ?3: the lists, as JSON; ?4: whether these or all but these; ?5, ?6: the page. */
const IN_LISTS = '((list_id IN (SELECT value FROM json_each(?3))) = ?4)';

const SELECT_UNTOUCHED = `SELECT lead_id FROM leads
  WHERE lead_id > ?5 AND ${IN_LISTS} AND modify_date < ?2
    AND coalesce(last_local_call_time, '') < ?2
    AND NOT EXISTS (SELECT 1 FROM lead_changes WHERE lead_changes.lead_id = leads.lead_id AND at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM notes WHERE notes.lead_id = leads.lead_id AND at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM calls WHERE calls.lead_id = leads.lead_id AND started_at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM imports JOIN import_additions USING (import_id)
      WHERE started_at >= ?2 AND leads.lead_id BETWEEN first_lead_id AND last_lead_id)
  ORDER BY lead_id LIMIT ?6 + 0`;

/** Of leads that were deleted, their timeline; the list is that of the last change. */
const SELECT_REMOVED = `SELECT lead_id FROM (
    SELECT lead_id, max(change_id) AS change_id, max(at) AS last_at, json_extract(before, '$.list_id') AS list_id
    FROM lead_changes WHERE lead_id > ?5 AND lead_id NOT IN (SELECT lead_id FROM leads) GROUP BY lead_id) AS gone
  WHERE last_at < ?1 AND ${IN_LISTS}
    AND NOT EXISTS (SELECT 1 FROM notes WHERE notes.lead_id = gone.lead_id AND at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM calls WHERE calls.lead_id = gone.lead_id AND started_at >= ?1) AND ?2 IS NOT NULL
  ORDER BY lead_id LIMIT ?6 + 0`;

/** Finds leads whose time is over. A call is by the lead's own clock, which is up to 14 hours from UTC. */
export function createUntouched(database: DatabaseSync) {
  const statements = [SELECT_UNTOUCHED, SELECT_REMOVED].map((sql) => database.prepare(sql));
  return (
    ...[lists, before, { after, limit }]: Parameters<PersonStore['findUntouched']>
  ): readonly number[] => {
    const [ids, isIn] = 'listId' in lists ? [[lists.listId], 1] : [lists.except, 0];
    const bound = [before, dateTimeOf(before), JSON.stringify(ids), isIn, after, limit] as const;
    const found = statements.flatMap((statement) => statement.all(...bound));
    return found
      .map(({ lead_id: leadId }) => Number(leadId))
      .sort((a, b) => a - b)
      .slice(0, limit);
  };
}
