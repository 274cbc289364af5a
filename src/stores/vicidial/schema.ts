import type { ListScopeRule } from '../../config/settings.ts';
import { quoteName, textOf, type Read } from './rows.ts';

/** The tables of every dialer that a lookup reads. */
export const DIALER_TABLES = [
  'vicidial_list',
  'vicidial_lists',
  'vicidial_lists_fields',
  'vicidial_users',
  'vicidial_user_groups',
  'system_settings',
  'vicidial_list_alt_phones',
] as const;
export type DialerTable = (typeof DIALER_TABLES)[number];

export interface Column {
  /** In lower case, as the server says: `varchar`, `int`, `text`. */
  readonly type: string;
  /** Whether our account may write it. */
  readonly mayUpdate: boolean;
  readonly charset: string | null;
  readonly collation: string | null;
}

/** A table as our account sees it; names in lower case. */
export interface Table {
  readonly columns: ReadonlyMap<string, Column>;
  /** Columns that an index begins with, each with the name of such an index. */
  readonly indexed: ReadonlyMap<string, string>;
}

/** What this dialer has. Versions differ, and operators widen columns and add indexes. */
export type DialerSchema = Awaited<ReturnType<typeof readSchema>>;

/** How a dialer that hashes does it: `pass_key` and `pass_cost` of its system settings, the same for all users. */
export interface HashedForm {
  readonly key: string;
  readonly cost: number;
}

/** In which form the dialer keeps its passwords at this moment. */
export type PasswordForm = 'plain' | HashedForm;

const SELECT_COLUMNS = `SELECT LOWER(TABLE_NAME), LOWER(COLUMN_NAME), LOWER(DATA_TYPE), CHARACTER_SET_NAME, COLLATION_NAME,
  PRIVILEGES
  FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN`;
const SELECT_INDEXES = `SELECT LOWER(TABLE_NAME), LOWER(COLUMN_NAME), INDEX_NAME
  FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND SEQ_IN_INDEX = 1 AND INDEX_TYPE <> 'FULLTEXT'
  AND COMMENT NOT LIKE '%disabled%' AND TABLE_NAME IN`;

/** The name under which GOautodial keeps its customers. */
export const CUSTOMERS_TABLE = 'go_customers';

/**
 * Looks at what there is, in information_schema and by names, so that no table is opened that is not needed.
 *
 * @param customersDatabase GOautodial's database on the same server; undefined: elsewhere or nowhere
 */
export async function readSchema(read: Read, database: string, customersDatabase: string | undefined) {
  const [tables, customers] = await Promise.all([
    readTables(read, database, DIALER_TABLES),
    customersDatabase === undefined ? undefined : readTables(read, customersDatabase, [CUSTOMERS_TABLE]),
  ]);
  return {
    tables,
    /** GOautodial's table of customers, if our account may read it. */
    customers: customers?.get(CUSTOMERS_TABLE),
    settings: await readSettings(read, tables.get('system_settings')),
  };
}

/** Tables that are there and of which our account may read something. */
export async function readTables(
  read: Read,
  database: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Table>> {
  const list = `(${names.map(() => '?').join(', ')})`;
  const [columns, indexes] = await Promise.all([
    read(`${SELECT_COLUMNS} ${list} ORDER BY TABLE_NAME, ORDINAL_POSITION`, [database, ...names]),
    read(`${SELECT_INDEXES} ${list}`, [database, ...names]),
  ]);
  const tables = new Map<string, { columns: Map<string, Column>; indexed: Map<string, string> }>();
  for (const [table, column, type, charset, collation, privileges] of columns) {
    const known = tables.get(String(table)) ?? { columns: new Map(), indexed: new Map() };
    tables.set(String(table), known);
    if (!/\bselect\b/i.test(String(privileges))) continue;
    known.columns.set(String(column), {
      type: String(type),
      mayUpdate: /\bupdate\b/i.test(String(privileges)),
      charset: textOf(charset),
      collation: textOf(collation),
    });
  }
  for (const [table, column, name] of indexes)
    tables.get(String(table))?.indexed.set(String(column), String(name));
  return tables;
}

/** Whether rows can be found by the column: our account may read it, and an index begins with it. */
export function canFindBy(table: Table | undefined, column: string): table is Table {
  return table?.columns.has(column) === true && table.indexed.has(column);
}

export function tableOf({ tables }: DialerSchema, name: DialerTable): Table {
  return tables.get(name) ?? { columns: new Map(), indexed: new Map() };
}

/**
 * Forces the index: with old statistics, or where nearly every lead has the same alternative number (none), the server
 * would scan the table, on a dialer in the middle of its calls.
 */
export function byIndex({ indexed }: Table, column: string): string {
  return `FORCE INDEX (${quoteName(indexed.get(column) ?? '')})`;
}

async function readSettings(read: Read, table: Table | undefined) {
  const columns = ['custom_fields_enabled', 'pass_hash_enabled', 'pass_key', 'pass_cost'];
  const asked = columns.map((column) => (table?.columns.has(column) === true ? column : 'NULL'));
  const [row = []] =
    table === undefined ? [] : await read(`SELECT ${asked.join(', ')} FROM system_settings LIMIT 1`, []);
  const [customFields, hashed, key, cost] = row.map((value) => textOf(value) ?? '');
  const passwords: PasswordForm = hashed === '1' ? { key: key ?? '', cost: Number(cost) } : 'plain';
  return { customFields: customFields === '1', passwords };
}

const ALWAYS_REQUIRED: Readonly<Partial<Record<DialerTable, readonly string[]>>> = {
  vicidial_list: ['lead_id', 'list_id', 'phone_number'],
  vicidial_users: ['user_id', 'user', 'user_level', 'active', 'vdc_agent_api_access'],
  system_settings: [],
};
/** To know which lists a user may see. */
const REQUIRED_BY_CAMPAIGN: Readonly<Partial<Record<DialerTable, readonly string[]>>> = {
  vicidial_users: ['user_group'],
  vicidial_user_groups: ['user_group', 'allowed_campaigns'],
  vicidial_lists: ['list_id', 'campaign_id'],
};

/** Without these nothing can be answered: `table` or `table.column`. */
export function missingOf({ tables, settings }: DialerSchema, listScope: ListScopeRule): readonly string[] {
  const password = settings.passwords === 'plain' ? 'pass' : 'pass_hash';
  const required = [
    ...Object.entries(ALWAYS_REQUIRED),
    ...Object.entries({ vicidial_users: [password] }),
    ...(listScope === 'campaigns' ? Object.entries(REQUIRED_BY_CAMPAIGN) : []),
  ];
  const missing = required.flatMap(([name, columns]) => {
    const table = tables.get(name);
    if (table === undefined || table.columns.size === 0) return [name];
    return columns.filter((column) => !table.columns.has(column)).map((column) => `${name}.${column}`);
  });
  return [...new Set(missing)];
}
