import { CUSTOM_PREFIX, withoutNulls } from '../../../src/core/lead-state.ts';
import { LEAD_TEXT_FIELDS } from '../../../src/core/lead.ts';
import { createLeadRows } from '../../../src/stores/postgresql/lead-rows.ts';
import { LIST_STATEMENTS } from '../../../src/stores/postgresql/list-settings.ts';
import type { PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import type { DescribedLead, StoreDescription } from '../described-store.ts';

/** Loads the lists and leads of a description; the words of the leads wait to be indexed. */
export async function fillPostgresql(
  { database }: PostgresqlStore,
  { lists, leads }: StoreDescription,
): Promise<void> {
  const rows = createLeadRows(database.country);
  await database.transaction(async ({ run }) => {
    for (const { list_id, name, fields = [] } of lists) {
      await run('INSERT INTO lists (list_id, name) VALUES ($1, $2)', [list_id, name]);
      for (const [at, { label, type, caption = null }] of fields.entries())
        await run(LIST_STATEMENTS.addField, [list_id, at + 1, label, type, caption, null]);
    }
    for (const lead of leads)
      await rows.insert(run, lead.lead_id, stateOfDescribed(lead), lead.modifyDate ?? '2026-01-01 00:00:00');
    await run(LIST_STATEMENTS.queueAll, []);
  });
}

function stateOfDescribed(lead: DescribedLead) {
  const further = (lead.further ?? [])
    .filter(({ isActive }) => isActive !== false)
    .map(({ label = null, number, phoneCode }) => ({
      label,
      number: phoneCode === undefined ? number : `+${phoneCode}${number}`,
    }));
  return withoutNulls([
    ['list_id', lead.list_id],
    ...LEAD_TEXT_FIELDS.map((field) => [field, lead[field] ?? null] as const),
    ['last_local_call_time', lead.lastLocalCallTime ?? null],
    ['is_customer', lead.isCustomer ?? false],
    ['numbers', further.length === 0 ? null : further],
    ...(lead.custom ?? []).map(([label, value]) => [CUSTOM_PREFIX + label, value] as const),
  ]);
}
