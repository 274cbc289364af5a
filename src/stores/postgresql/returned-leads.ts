import type { LeadState } from '../../core/lead-state.ts';
import { valueOf } from '../../core/lead-state.ts';
import { foldName, joinName } from '../../core/person-names.ts';
import type { Country } from '../../core/phone.ts';
import { MOST_CANDIDATES } from '../import-rules.ts';
import { nameOfState } from '../import-values.ts';
import type { Read } from '../network/connector.ts';
import { PART } from '../number-keys.ts';
import { sharedKeyOf } from '../record-rows.ts';

/** That a lead was brought by an import after $1, or made by somebody after the change $2. */
const CAME_LATER = `(EXISTS (SELECT 1 FROM import_additions
    WHERE import_id > $1 AND there.lead_id BETWEEN first_lead_id AND last_lead_id)
  OR EXISTS (SELECT 1 FROM lead_changes AS made
    WHERE made.lead_id = there.lead_id AND made.before IS NULL AND made.change_id > $2))`;

/** The statements that look for people who are back: a test reads the query plan of each. */
export const RETURNED_STATEMENTS = {
  byKey: `SELECT 1 FROM lead_changes, json_array_elements(coalesce(lead_changes.external_ids, '[]')::json) AS id,
      external_ids AS there
    WHERE lead_changes.change_id = $2 AND there.source = id->>0 AND there.list_id = (id->>1)::bigint
      AND there.external_id = id->>2 AND ${CAME_LATER} LIMIT 1`,
  byNumber: `SELECT leads.first_name, leads.middle_initial, leads.last_name
    FROM lead_numbers AS there JOIN leads ON leads.lead_id = there.lead_id
    WHERE there.key = $3 AND there.part = ${PART.phone_number} AND there.reading = 0 AND there.list_id = $4
      AND ${CAME_LATER} LIMIT ${MOST_CANDIDATES}`,
} as const;

/** A lead before it was removed, by that change of that import. */
export interface RemovedLead {
  readonly importId: number;
  readonly changeId: number;
  readonly before: LeadState;
}

/**
 * Whether the person of a lead that an import removed is there again under another id: by the key of another system, or in the same
 * list by number and name. To bring the lead back would make the person twice.
 */
export async function isReturned(
  run: Read,
  country: Country,
  { importId, changeId, before }: RemovedLead,
): Promise<boolean> {
  if ((await run(RETURNED_STATEMENTS.byKey, [importId, changeId])).length > 0) return true;
  const key = sharedKeyOf(before, country)?.key;
  if (key === undefined) return false;
  const name = foldName(nameOfState(before));
  const rows = await run(RETURNED_STATEMENTS.byNumber, [
    ...[importId, changeId, key],
    Number(valueOf(before, 'list_id')),
  ]);
  return rows.some((row) => foldName(joinName(row as readonly (string | null)[])) === name);
}
