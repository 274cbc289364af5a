import { valueOf } from '../../core/lead-state.ts';
import type { ListField } from '../../core/lead.ts';
import type { KeptLead } from '../../core/person-store.ts';
import type { Country } from '../../core/phone.ts';
import { CALL_COLUMNS, callOf, entryOf, newestFirst, OF_NOBODY } from '../call-rows.ts';
import type { Read } from '../network/connector.ts';
import { newestChange } from './lead-changes.ts';
import { readState } from './lead-rows.ts';
import { numbersOf } from './person-search.ts';
import { arrayOf, comparedText } from './rows.ts';
import { readTimeline } from './timeline.ts';

/** The statements that read all that is kept of a lead: a test reads the query plan of each. */
export const KEPT_STATEMENTS = {
  list: 'SELECT name FROM lists WHERE list_id = $1',
  fields: 'SELECT label, type, caption FROM custom_fields WHERE list_id = $1 ORDER BY position',
  externalIds: 'SELECT source, list_id, external_id FROM external_ids WHERE lead_id = $1',
  /** Of a lead that was removed. */
  formerIds: `SELECT id->>0, id->>1, id->>2
    FROM lead_changes, json_array_elements(coalesce(external_ids, '[]')::json) AS id WHERE change_id = $1`,
  readers: `SELECT DISTINCT user_name FROM daily_leads JOIN daily_lead_counts USING (day, account)
    WHERE lead_id = $1 ORDER BY user_name`,
  /** Of numbers, and of nobody. */
  calls: `SELECT ${CALL_COLUMNS.join(', ')} FROM calls WHERE number_key = ANY ($1::text[]) AND ${OF_NOBODY}`,
} as const;

/** However large: it is one person's. */
const ALL = { offset: 0, limit: Number.MAX_SAFE_INTEGER };
const WHOLE = { add: () => true, characters: () => 0 };

/** Reads all that is kept of a lead, also of one that was removed. */
export async function readKeptLead(
  read: Read,
  country: Country,
  leadId: number,
): Promise<KeptLead | undefined> {
  const stored = await readState(read, leadId);
  const last = stored === undefined ? await newestChange(read, leadId) : undefined;
  const state = stored?.state ?? last?.before;
  if (state === undefined) return undefined;
  const listId = Number(valueOf(state, 'list_id'));
  const [list] = await read(KEPT_STATEMENTS.list, [listId]);
  const fields = await read(KEPT_STATEMENTS.fields, [listId]);
  const ids =
    last === undefined
      ? await read(KEPT_STATEMENTS.externalIds, [leadId])
      : await read(KEPT_STATEMENTS.formerIds, [last.changeId]);
  const timeline = await readTimeline(read, leadId, ALL, WHOLE);
  const readers = await read(KEPT_STATEMENTS.readers, [leadId]);
  return {
    leadId,
    listId,
    listName: (list?.[0] as string | null | undefined) ?? null,
    fields: fields.map(([label, type, caption]) => ({
      label: String(label),
      type: type as ListField['type'],
      caption: (caption ?? label) as string,
    })),
    isRemoved: stored === undefined,
    state,
    modifyDate: stored?.modifyDate ?? null,
    externalIds: ids.map(([source, list, externalId]) => ({
      source: String(source),
      listId: Number(list),
      externalId: String(externalId),
    })),
    timeline: newestFirst(timeline?.entries ?? [], await callsOf(read, country, leadId)),
    readers: readers.map(([name]) => String(name)),
  };
}

async function callsOf(read: Read, country: Country, leadId: number) {
  const { keys } = await numbersOf(read, country, [leadId]);
  const known = [...keys].flatMap((key) => comparedText(key) ?? []);
  const rows = await read(KEPT_STATEMENTS.calls, [arrayOf(known)]);
  return rows.map((row) =>
    entryOf(callOf(Object.fromEntries(CALL_COLUMNS.map((column, at) => [column, row[at]])))),
  );
}
