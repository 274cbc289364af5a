import type { DatabaseSync } from 'node:sqlite';

import { type LeadState, valueOf } from '../../core/lead-state.ts';
import type { ExternalId, KeptLead } from '../../core/person-store.ts';
import { CALL_COLUMNS, callOf, entryOf, newestFirst, OF_NOBODY } from '../call-rows.ts';
import type { PersonConnection } from './connection.ts';
import { createLeadChanges } from './lead-changes.ts';
import { createLeadStates } from './lead-state.ts';
import { prepareCustomFields } from '../rows.ts';
import type { PersonSearch } from './person-search.ts';
import { createTimeline } from './timeline.ts';

/** Reads all that is kept of a lead, also of one that was removed. */
export function createKeptLeads(
  { database, country }: PersonConnection,
  { numbersOf }: Pick<PersonSearch, 'numbersOf'>,
): (leadId: number) => KeptLead | undefined {
  const states = createLeadStates(database, country);
  const changes = createLeadChanges(database);
  const timeline = createTimeline(database, changes);
  const fieldsOf = prepareCustomFields(database);
  const listName = database.prepare('SELECT name FROM lists WHERE list_id = ?');
  const externalIds = createExternalIds(database);
  const calls = database.prepare(
    `SELECT ${CALL_COLUMNS.join(', ')} FROM calls WHERE number_key = ? AND ${OF_NOBODY}`,
  );
  const callsOf = (leadId: number) =>
    [...numbersOf([leadId]).keys].flatMap((key) => calls.all(key).map((row) => entryOf(callOf(row))));
  const readers = database.prepare(
    `SELECT DISTINCT user_name FROM daily_leads JOIN daily_lead_counts USING (day, account)
     WHERE lead_id = ? ORDER BY user_name`,
  );
  return (leadId) => {
    const stored = states.read(leadId);
    const last = stored === undefined ? changes.last(leadId) : undefined;
    const state: LeadState | undefined = stored?.state ?? last?.before;
    if (state === undefined) return undefined;
    const listId = Number(valueOf(state, 'list_id'));
    return {
      leadId,
      listId,
      listName: (listName.get(listId)?.name as string | null | undefined) ?? null,
      fields: fieldsOf(listId).map((field) => ({ ...field, caption: field.caption ?? field.label })),
      isRemoved: stored === undefined,
      state,
      modifyDate: stored?.modifyDate ?? null,
      externalIds: externalIds(leadId, last?.changeId),
      timeline: newestFirst(timeline(leadId, ALL)?.entries ?? [], callsOf(leadId)),
      readers: readers.all(leadId).map(({ user_name: name }) => String(name)),
    };
  };
}

const ALL = { offset: 0, limit: Number.MAX_SAFE_INTEGER };

/** @returns those of a lead, or those that one had that was removed by a change */
function createExternalIds(database: DatabaseSync) {
  const own = database.prepare('SELECT source, list_id, external_id FROM external_ids WHERE lead_id = ?');
  const former = database.prepare(
    `SELECT json_extract(value, '$[0]') AS source, json_extract(value, '$[1]') AS list_id,
       json_extract(value, '$[2]') AS external_id
     FROM lead_changes, json_each(coalesce(external_ids, '[]')) WHERE change_id = ?`,
  );
  return (leadId: number, removal: number | undefined): readonly ExternalId[] =>
    (removal === undefined ? own.all(leadId) : former.all(removal)).map((row) => ({
      source: String(row.source),
      listId: Number(row.list_id),
      externalId: String(row.external_id),
    }));
}
