import type { DatabaseSync } from 'node:sqlite';

import type { LeadChange } from '../../core/record-store.ts';
import { boundByChange, changeOf, type KeptChange } from '../record-rows.ts';

const EXTERNAL_IDS = `(SELECT json_group_array(json_array(source, list_id, external_id)) FROM external_ids WHERE lead_id = ?1)`;

/** The table lead_changes. */
export function createLeadChanges(database: DatabaseSync) {
  const insert = database.prepare(
    `INSERT INTO lead_changes (lead_id, at, user_name, endpoint, request_id, import_id, undoes, before, after, modify_date, external_ids)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, CASE WHEN ?11 THEN ${EXTERNAL_IDS} END)`,
  );
  const select = database.prepare('SELECT * FROM lead_changes WHERE lead_id = ? AND change_id = ?');
  const last = database.prepare(
    'SELECT * FROM lead_changes WHERE lead_id = ? ORDER BY change_id DESC LIMIT 1',
  );
  const insertIds = database.prepare(
    `INSERT OR IGNORE INTO external_ids
     SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), lead_id
     FROM lead_changes, json_each(coalesce(external_ids, '[]')) WHERE change_id = ?`,
  );

  return {
    /** @returns its id */
    add(change: KeptChange): number {
      const { lastInsertRowid } = insert.run(...boundByChange(change));
      return Number(lastInsertRowid);
    },
    find(leadId: number, changeId: number): LeadChange | undefined {
      const row = select.get(leadId, changeId);
      return row === undefined ? undefined : changeOf(row);
    },
    /** The last one of a lead. */
    last(leadId: number): LeadChange | undefined {
      const row = last.get(leadId);
      return row === undefined ? undefined : changeOf(row);
    },
    /** Gives a lead back the external ids that it had when it was removed. */
    restoreExternalIds: (changeId: number) => void insertIds.run(changeId),
  };
}
