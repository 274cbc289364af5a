import type { CustomField } from '../../core/lead.ts';
import type { Read, Row } from '../network/connector.ts';
import { searchedFieldsOf, searchText } from '../search-text.ts';
import { shareLeads } from './leads-lock.ts';
import { arrayOf } from './rows.ts';

/** Leads that are brought in one transaction. */
const LEADS_AT_ONCE = 500;

const COLUMNS = `lead_id, list_id, first_name, middle_initial, last_name, email, custom,
  (SELECT json_agg(external_id)::text FROM external_ids WHERE external_ids.lead_id = leads.lead_id),
  CASE WHEN custom IS NOT NULL THEN (SELECT json_agg(json_build_array(label, type, caption) ORDER BY position)::text
    FROM custom_fields AS field WHERE field.list_id = leads.list_id) END`;

/** The statements that index words: a test reads the query plan of each. */
export const INDEX_STATEMENTS = {
  // Who changes one meanwhile waits, or its former words would come after its new ones.
  one: `SELECT ${COLUMNS} FROM leads WHERE lead_id = $1 FOR SHARE`,
  range: `SELECT ${COLUMNS} FROM leads WHERE lead_id BETWEEN $1 AND $2 ORDER BY lead_id LIMIT $3 FOR SHARE`,
  /** As they are, for somebody who must not find them by all of their words. */
  some: `SELECT ${COLUMNS} FROM leads WHERE lead_id = ANY ($1::bigint[])`,
  put: `INSERT INTO search_texts (lead_id, text) SELECT * FROM unnest($1::bigint[], $2::text[])
    ON CONFLICT (lead_id) DO UPDATE SET text = excluded.text WHERE search_texts.text <> excluded.text`,
  first: 'SELECT first_lead_id, last_lead_id FROM search_queue ORDER BY first_lead_id LIMIT 1 FOR UPDATE',
  done: 'DELETE FROM search_queue WHERE first_lead_id = $1',
  rest: `INSERT INTO search_queue VALUES ($1, $2)
    ON CONFLICT (first_lead_id) DO UPDATE SET last_lead_id = greatest(search_queue.last_lead_id, $2)`,
  left: 'SELECT coalesce(sum(last_lead_id - first_lead_id + 1), 0)::bigint FROM search_queue',
} as const;

/** @param row with COLUMNS. @param without fields whose words are left out */
export function textOf(row: Row, without?: ReadonlySet<string>): string {
  const [, listId, first, middle, last, email, custom, ids, fields] = row as readonly [
    number,
    number,
    ...(string | null)[],
  ];
  return searchText(
    {
      listId,
      names: [first ?? null, middle ?? null, last ?? null],
      email: email ?? null,
      custom: custom ?? null,
      externalIds: ids ? (JSON.parse(ids) as readonly string[]) : [],
    },
    searchedFieldsOf(fields ? (JSON.parse(fields) as readonly FieldOfList[]).map(fieldOf) : []),
    without,
  );
}

type FieldOfList = readonly [label: string, type: CustomField['type'], caption: string | null];

const fieldOf = ([label, type, caption]: FieldOfList): CustomField => ({
  label,
  type,
  ...(caption !== null && { caption }),
});

/** Brings the words of a lead as it is now; one that goes takes them along. In a transaction. */
export async function refreshWords(run: Read, leadId: number): Promise<void> {
  await put(run, await run(INDEX_STATEMENTS.one, [leadId]));
}

/** The same, of several leads that nobody else writes meanwhile. */
export async function refreshWordsOf(run: Read, leadIds: readonly number[]): Promise<void> {
  if (leadIds.length > 0) await put(run, await run(INDEX_STATEMENTS.some, [arrayOf(leadIds)]));
}

async function put(run: Read, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await run(INDEX_STATEMENTS.put, [
    arrayOf(rows.map((row) => Number(row[0]))),
    arrayOf(rows.map((row) => textOf(row))),
  ]);
}

/**
 * Brings leads that wait in the queue. In a transaction.
 *
 * @returns how many, and how many ids the queue still spans
 */
export async function indexSome(run: Read): Promise<{ readonly leads: number; readonly left: number }> {
  await shareLeads(run);
  const [range] = await run(INDEX_STATEMENTS.first, []);
  if (range === undefined) return { leads: 0, left: 0 };
  const [first, last] = range.map(Number) as [number, number];
  const rows = await run(INDEX_STATEMENTS.range, [first, last, LEADS_AT_ONCE]);
  await put(run, rows);
  await run(INDEX_STATEMENTS.done, [first]);
  const done = rows.length < LEADS_AT_ONCE ? last : Number(rows.at(-1)?.[0]);
  if (done < last) await run(INDEX_STATEMENTS.rest, [done + 1, last]);
  return { leads: rows.length, left: Number((await run(INDEX_STATEMENTS.left, []))[0]?.[0]) };
}
