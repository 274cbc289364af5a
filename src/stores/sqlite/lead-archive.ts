import type { LeadArchive, LeadList, LeadRecord } from '../../core/lead-archive.ts';
import type { Connection } from './connection.ts';
import { SqliteImport } from './lead-import.ts';
import {
  AFTER_LEAD,
  customInfoOf,
  customJson,
  isCustomer,
  LEAD_COLUMNS,
  leadOf,
  type LeadRow,
  prepareCustomFields,
} from './rows.ts';

/** Import and export of the embedded store. */
export function createLeadArchive(connection: Connection): LeadArchive {
  const { database } = connection;
  const lists = () => readLists(connection);
  return {
    startImport: (columns, onDuplicate) => new SqliteImport(connection, columns, onDuplicate),
    lists,
    countLeads: () => Number(database.prepare('SELECT count(*) AS count FROM leads').get()?.count),
    leads: () => readLeads(connection, lists()),
  };
}

function readLists({ database }: Connection): readonly LeadList[] {
  const fieldsOf = prepareCustomFields(database);
  const named = database.prepare(
    'SELECT list_id, name FROM lists UNION ALL SELECT DISTINCT list_id, NULL FROM custom_fields WHERE list_id NOT IN (SELECT list_id FROM lists) ORDER BY 1',
  );
  return named.all().map((row) => {
    const listId = row.list_id as number;
    return { listId, name: row.name as string | null, customFields: fieldsOf(listId) };
  });
}

function* readLeads({ database }: Connection, lists: readonly LeadList[]): Generator<LeadRecord> {
  const fields = new Map(lists.map(({ listId, customFields }) => [listId, customFields]));
  const statement = database.prepare(
    `SELECT ${LEAD_COLUMNS.join(', ')}, last_local_call_time, modify_date FROM leads ORDER BY lead_id`,
  );
  statement.setReturnArrays(true);
  for (const values of statement.iterate()) {
    const row = values as unknown as LeadRow;
    const lead = leadOf(row);
    yield {
      lead,
      custom: customInfoOf(customJson(row), fields.get(lead.list_id) ?? []),
      isCustomer: isCustomer(row),
      lastLocalCallTime: row[AFTER_LEAD] as string | null,
      modifyDate: row[AFTER_LEAD + 1] as string,
    };
  }
}
