import { type LeadState, valueOf } from '../../core/lead-state.ts';
import type { Connection } from './connection.ts';
import { MOST_CANDIDATES } from '../import-rules.ts';
import { nameOfState } from '../import-values.ts';
import { PART } from '../number-keys.ts';
import { sharedKeyOf } from '../record-rows.ts';
import { foldName, joinName } from '../../core/person-names.ts';

/** That a lead was brought by an import after ?1, or made by somebody after the change ?2. */
const CAME_LATER = `(EXISTS (SELECT 1 FROM import_additions
    WHERE import_id > ?1 AND there.lead_id BETWEEN first_lead_id AND last_lead_id)
  OR EXISTS (SELECT 1 FROM lead_changes AS made
    WHERE made.lead_id = there.lead_id AND made.before IS NULL AND made.change_id > ?2))`;

/**
 * Finds out whether the person of a lead that an import removed is there again under another id: by the key of another system,
 * or in the same list by number and name. To bring the lead back would make the person twice.
 */
export function createReturnedCheck({ database, country }: Connection, importId: number) {
  const byKey = database.prepare(
    `SELECT 1 FROM lead_changes, json_each(coalesce(lead_changes.external_ids, '[]')) AS id, external_ids AS there
     WHERE lead_changes.change_id = ?2 AND there.source = json_extract(id.value, '$[0]')
       AND there.list_id = json_extract(id.value, '$[1]') AND there.external_id = json_extract(id.value, '$[2]')
       AND ${CAME_LATER}`,
  );
  const byNumber = database.prepare(
    `SELECT leads.first_name, leads.middle_initial, leads.last_name
     FROM lead_numbers AS there JOIN leads ON leads.lead_id = there.lead_id
     WHERE there.key = ?3 AND there.part = ${PART.phone_number} AND there.reading = 0 AND there.list_id = ?4
       AND ${CAME_LATER} LIMIT ${MOST_CANDIDATES}`,
  );
  byNumber.setReturnArrays(true);

  /** @param state the lead before it was removed, by that change */
  return (changeId: number, state: LeadState): boolean => {
    if (byKey.get(importId, changeId) !== undefined) return true;
    const key = sharedKeyOf(state, country)?.key;
    if (key === undefined) return false;
    const name = foldName(nameOfState(state));
    const rows = byNumber.all(importId, changeId, key, Number(valueOf(state, 'list_id')));
    return rows.some((row) => foldName(joinName(row as unknown as readonly (string | null)[])) === name);
  };
}
