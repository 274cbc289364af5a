import { type Lead, LEAD_FIELDS } from '../../core/lead.ts';
import type {
  ImportColumns,
  ImportDescription,
  LeadArchive,
  LeadList,
  LeadRecord,
  OnDuplicate,
} from '../../core/lead-archive.ts';
import type { Connection } from './connection.ts';
import { endKilledImports, listImports, undoImport } from './import-history.ts';
import { SqliteImport } from './lead-import.ts';
import { indexSearch } from './search-upkeep.ts';
import { claimFile } from './transactions.ts';
import { customInfoOf, furtherNumbersOf, type LeadRow, prepareCustomFields } from '../rows.ts';

/** The archive of the embedded store, which does everything at once. */
export type SqliteArchive = ReturnType<typeof createLeadArchive>;

/** Import and export of the embedded store. @param erasedDays for so long an import leaves out who was erased */
export function createLeadArchive(connection: Connection, erasedDays: number) {
  const { database } = connection;
  const lists = () => readLists(connection);
  // So that a store whose description of its tables is damaged is refused when it is opened.
  database.prepare(SELECT_LEADS);
  return {
    startImport: (columns: ImportColumns, onDuplicate: OnDuplicate, description?: ImportDescription) =>
      new SqliteImport(connection, columns, onDuplicate, description, erasedDays),
    imports: () => listImports(database),
    undoImport: (importId: number) => undoImport(connection, importId),
    claimImport: () => claimFile(`${connection.path}-import`),
    endKilledImports: () => endKilledImports(connection),
    indexSearch: () => indexSearch(connection),
    lists,
    countLeads: () => Number(database.prepare('SELECT count(*) AS count FROM leads').get()?.count),
    countByList: () => {
      const rows = database.prepare('SELECT list_id, count(*) AS count FROM leads GROUP BY list_id').all();
      return new Map(rows.map((row) => [Number(row.list_id), Number(row.count)]));
    },
    hasFurtherNumbers: () =>
      database.prepare('SELECT 1 FROM leads WHERE further_numbers IS NOT NULL LIMIT 1').get() !== undefined,
    leads: () => readLeads(connection, lists()),
  } satisfies LeadArchive;
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

/** Where the export's own columns begin, after the documented fields. */
const OWN = LEAD_FIELDS.length;

const SELECT_LEADS = `SELECT ${LEAD_FIELDS.join(', ')}, is_customer, custom, last_local_call_time, modify_date, further_numbers
  FROM leads ORDER BY lead_id`;

function* readLeads({ database }: Connection, lists: readonly LeadList[]): Generator<LeadRecord> {
  const fields = new Map(lists.map(({ listId, customFields }) => [listId, customFields]));
  const statement = database.prepare(SELECT_LEADS);
  statement.setReturnArrays(true);
  for (const values of statement.iterate()) {
    const row = values as unknown as LeadRow;
    const lead = leadOf(row);
    yield {
      lead,
      custom: customInfoOf(row[OWN + 1] as string | null, fields.get(lead.list_id) ?? []),
      isCustomer: row[OWN] === 1,
      lastLocalCallTime: row[OWN + 2] as string | null,
      modifyDate: row[OWN + 3] as string,
      further: furtherNumbersOf(row[OWN + 4] as string | null),
    };
  }
}

/** Field by field: a loop over the names takes 1.2 us longer for each lead. */
function leadOf(row: LeadRow): Lead {
  return {
    lead_id: row[0] as number,
    list_id: row[1] as number,
    title: row[2] as string | null,
    first_name: row[3] as string | null,
    middle_initial: row[4] as string | null,
    last_name: row[5] as string | null,
    phone_number: row[6] as string | null,
    alt_phone: row[7] as string | null,
    email: row[8] as string | null,
    address1: row[9] as string | null,
    address2: row[10] as string | null,
    address3: row[11] as string | null,
    city: row[12] as string | null,
    state: row[13] as string | null,
    province: row[14] as string | null,
    postal_code: row[15] as string | null,
    country_code: row[16] as string | null,
    gender: row[17] as string | null,
    date_of_birth: row[18] as string | null,
    status: row[19] as string | null,
    user: row[20] as string | null,
    comments: row[21] as string | null,
  };
}
