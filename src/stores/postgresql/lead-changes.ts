import type { LeadChange } from '../../core/record-store.ts';
import type { Read, Row } from '../network/connector.ts';
import { boundByChange, changeOf, type KeptChange } from '../record-rows.ts';
import { arrayOf } from './rows.ts';

/** Of the table lead_changes. */
export const CHANGE_COLUMNS = [
  ...['change_id', 'lead_id', 'at', 'user_name', 'endpoint', 'request_id', 'import_id', 'undoes'],
  ...['before', 'after', 'modify_date', 'external_ids'],
];
const SELECT = `SELECT ${CHANGE_COLUMNS.join(', ')} FROM lead_changes WHERE lead_id = $1`;
const EXTERNAL_IDS =
  '(SELECT json_agg(json_build_array(source, list_id, external_id))::text FROM external_ids WHERE lead_id = $1)';

/** The statements of changes: a test reads the query plan of each. */
export const CHANGE_STATEMENTS = {
  add: `INSERT INTO lead_changes (${CHANGE_COLUMNS.slice(1).join(', ')})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $11 = 1 THEN ${EXTERNAL_IDS} END) RETURNING change_id`,
  find: `${SELECT} AND change_id = $2`,
  some: `${SELECT} AND change_id = ANY ($2::bigint[])`,
  /** The newest. */
  newest: `${SELECT} ORDER BY change_id DESC LIMIT 1`,
  restoreExternalIds: `INSERT INTO external_ids
    SELECT id->>0, (id->>1)::bigint, id->>2, lead_id
    FROM lead_changes, json_array_elements(coalesce(external_ids, '[]')::json) AS id WHERE change_id = $1
    ON CONFLICT DO NOTHING`,
} as const;

function read(row: Row): LeadChange {
  return changeOf(Object.fromEntries(CHANGE_COLUMNS.map((column, at) => [column, row[at]])));
}

/** @returns its id */
export async function addChange(run: Read, change: KeptChange): Promise<number> {
  const [row] = await run(CHANGE_STATEMENTS.add, boundByChange(change));
  return Number(row?.[0]);
}

export async function findChange(
  run: Read,
  leadId: number,
  changeId: number,
): Promise<LeadChange | undefined> {
  const [row] = await run(CHANGE_STATEMENTS.find, [leadId, changeId]);
  return row && read(row);
}

/** In no order. */
export async function readChanges(
  run: Read,
  leadId: number,
  changeIds: readonly number[],
): Promise<readonly LeadChange[]> {
  if (changeIds.length === 0) return [];
  return (await run(CHANGE_STATEMENTS.some, [leadId, arrayOf(changeIds)])).map(read);
}

export async function newestChange(run: Read, leadId: number): Promise<LeadChange | undefined> {
  const [row] = await run(CHANGE_STATEMENTS.newest, [leadId]);
  return row && read(row);
}

/** Gives a lead back the external ids that it had when it was removed. */
export async function restoreExternalIds(run: Read, changeId: number): Promise<void> {
  await run(CHANGE_STATEMENTS.restoreExternalIds, [changeId]);
}
