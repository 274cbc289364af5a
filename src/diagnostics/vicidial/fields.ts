import type { Inspection } from '../../core/store.ts';
import { customTableName, isStoredField } from '../../stores/vicidial/custom-fields.ts';
import { poolAddress } from '../../stores/vicidial/address.ts';
import { createPool } from '../../stores/network/pool.ts';
import { canFindBy, CUSTOMERS_TABLE, readTables, type Table } from '../../stores/vicidial/schema.ts';
import { quoteName, type Read } from '../../stores/vicidial/rows.ts';
import { accessTo, accountName, grantOf, type InspectedDialer, listed, readAccount } from './inspected.ts';
import { inspectServers } from './servers.ts';
import { advise, ok } from '../inspection.ts';

const CUSTOM_FIELDS = 'custom fields';
/** So many lists are looked at: beyond them one statement would name too much. */
const MOST_LISTS = 1_000;

/** What the dialer's pages define of custom fields, against the tables that hold their values. */
export async function* inspectCustom(inspected: InspectedDialer): AsyncGenerator<Inspection> {
  const { read, database, schema, definitions, customLists } = inspected;
  if (!schema.settings.customFields) {
    yield definitions.size === 0
      ? ok(CUSTOM_FIELDS, 'switched off in the dialer: custom_info is null for every lead')
      : advise(
          CUSTOM_FIELDS,
          `switched off in the dialer, though lists define some (${definitions.size}): custom_info is null for every lead`,
          'in the dialer, Admin, System Settings, Custom List Fields Enabled; if they are not to be answered, leave it so',
        );
    return;
  }
  const defined = [...definitions]
    .sort(([one], [other]) => one - other)
    .map(([list, fields]) => ({
      name: customTableName(list),
      labels: fields.filter(({ label, type }) => isStoredField(label, type)).map(({ label }) => label),
    }))
    .filter(({ labels }) => labels.length > 0);
  const looked = defined.slice(0, MOST_LISTS);
  const names = looked.map(({ name }) => name);
  const tables = names.length === 0 ? new Map<string, Table>() : await readTables(read, database, names);
  yield* inspectMissing(
    inspected,
    names.filter((name) => (tables.get(name)?.columns.size ?? 0) === 0),
  );
  yield* inspectColumns(tables, looked);
  const alone = customLists.filter((list) => !definitions.has(list)).map(customTableName);
  if (alone.length > 0) {
    yield advise(
      CUSTOM_FIELDS,
      `tables without definitions: ${listed(alone)}; their values are not answered`,
      "define the fields in the dialer's pages (Lists, Custom Fields) if they are to be answered",
    );
  }
  const rest = defined.length - looked.length;
  yield ok(
    CUSTOM_FIELDS,
    `lists with custom fields: ${defined.length}${rest > 0 ? `, of which ${rest} were not looked at` : ''}`,
  );
}

/** With rights on single tables the server does not say whether a table is absent or unreadable. */
async function* inspectMissing(
  inspected: InspectedDialer,
  names: readonly string[],
): AsyncGenerator<Inspection> {
  const { read, database, account } = inspected;
  const absent: string[] = [];
  const denied: string[] = [];
  for (const name of names) {
    const access = await accessTo(read, quoteName(name));
    if (access === 'absent') absent.push(name);
    else if (access === 'denied') denied.push(name);
  }
  if (absent.length > 0) {
    yield advise(
      CUSTOM_FIELDS,
      `fields are defined, but their tables are not there: ${listed(absent)}`,
      "save the fields once more in the dialer's pages (Lists, Custom Fields), which makes the table, or delete them there",
    );
  }
  if (denied.length > 0) {
    const grants = denied.slice(0, MOST_STATEMENTS).map((table) => grantOf(inspected, table));
    const rest = denied.length - grants.length;
    const more = rest > 0 ? ` And so for ${rest} more.` : '';
    yield advise(
      CUSTOM_FIELDS,
      `our account may not read ${listed(denied)}, if they are there: custom_info is null for leads of these lists`,
      `${grants.join(' ')}${more} MariaDB grants nothing by pattern, so each new list needs such a line; GRANT SELECT ON ${quoteName(database)}.* TO ${accountName(account)}; spares that, and lets callercard's account read everything else in ${database} too`,
    );
  }
}

/** Enough to copy; who lacks more is better off with one for all. */
const MOST_STATEMENTS = 5;

function* inspectColumns(
  tables: ReadonlyMap<string, Table>,
  defined: readonly { readonly name: string; readonly labels: readonly string[] }[],
): Generator<Inspection> {
  const withoutKey: string[] = [];
  const withoutColumn: string[] = [];
  for (const { name, labels } of defined) {
    const table = tables.get(name);
    if (table === undefined || table.columns.size === 0) continue;
    if (!canFindBy(table, 'lead_id')) withoutKey.push(name);
    const lacking = labels.filter((label) => !table.columns.has(label.toLowerCase()));
    withoutColumn.push(...lacking.map((label) => `${name}.${label}`));
  }
  if (withoutKey.length > 0) {
    yield advise(
      'indexes',
      `no index on lead_id in ${listed(withoutKey)}: custom_info is null for leads of these lists`,
      withoutKey
        .slice(0, MOST_STATEMENTS)
        .map((name) => `ALTER TABLE ${name} ADD INDEX lead_id (lead_id);`)
        .join(' '),
    );
  }
  if (withoutColumn.length > 0) {
    yield advise(
      CUSTOM_FIELDS,
      `fields are defined that have no column: ${listed(withoutColumn)}; they are left out of answers`,
      "save them once more in the dialer's pages (Lists, Custom Fields), or delete them there",
    );
  }
}

const GOAUTODIAL = 'goautodial';
const NOBODY = 'is_customer is 0 for every lead';

/** GOautodial's customers, wherever the settings say that they are. */
export async function* inspectCustomers({ config, read }: InspectedDialer): AsyncGenerator<Inspection> {
  const { goautodialDatabase } = config;
  if (goautodialDatabase === 'none') {
    yield ok(GOAUTODIAL, `goautodialDatabase is none: ${NOBODY}`);
    return;
  }
  if ('name' in goautodialDatabase) {
    yield await inspectTable(read, goautodialDatabase.name);
    return;
  }
  const elsewhere = createPool(poolAddress(config, goautodialDatabase, 'SELECT 1'), () => undefined);
  try {
    yield* inspectServers(goautodialDatabase, config.databaseTls, elsewhere);
    if (elsewhere.servers.every(({ failure }) => failure !== undefined)) return;
    yield await inspectTable(elsewhere.read, goautodialDatabase.database);
  } finally {
    await elsewhere.close();
  }
}

async function inspectTable(read: Read, database: string): Promise<Inspection> {
  const name = `${quoteName(database)}.${CUSTOMERS_TABLE}`;
  const plainName = `${database}.${CUSTOMERS_TABLE}`;
  const access = await accessTo(read, name, 'lead_id');
  if (access === 'absent') {
    return ok(GOAUTODIAL, `${plainName} is not there, as in a VICIdial without GOautodial: ${NOBODY}`);
  }
  if (access === 'denied') {
    return advise(
      GOAUTODIAL,
      `${plainName} is not there, or our account may not read it: ${NOBODY}`,
      `with GOautodial, GRANT SELECT ON ${name} TO ${accountName(await readAccount(read))}; without it, set goautodialDatabase to none`,
    );
  }
  const table = (await readTables(read, database, [CUSTOMERS_TABLE])).get(CUSTOMERS_TABLE);
  return table?.indexed.has('lead_id') === true
    ? ok(GOAUTODIAL, `${plainName} says who is a customer`)
    : advise(
        GOAUTODIAL,
        `no index on ${plainName}.lead_id: ${NOBODY}`,
        `ALTER TABLE ${name} ADD INDEX lead_id (lead_id); then is_customer is answered`,
      );
}
