import { LEAD_FIELDS } from '../../core/lead.ts';
import type { Inspection } from '../../core/store.ts';
import { accessTo, accountName, listed, type Access, type InspectedDialer } from './inspected.ts';
import { quoteName, textOf } from '../../stores/vicidial/rows.ts';
import { DIALER_TABLES, missingOf, type DialerTable } from '../../stores/vicidial/schema.ts';
import { advise, ok, problem } from '../inspection.ts';

/** What stops without a table that every lookup needs. */
const NEEDED_FOR: Readonly<Partial<Record<DialerTable, string>>> = {
  vicidial_list: 'no lead can be found',
  vicidial_users: 'nobody can be let in',
  system_settings: 'how passwords are kept is not known',
  vicidial_user_groups: 'which lists a user may see is not known',
  vicidial_lists: 'which lists a user may see is not known',
};

/** What is different where a version of the dialer does not have these. */
const OPTIONAL: readonly { table: DialerTable; columns: readonly string[]; without: string }[] = [
  { table: 'vicidial_list', columns: LEAD_FIELDS, without: 'null in answers' },
  {
    table: 'vicidial_list',
    columns: ['entry_list_id'],
    without: 'custom values of a lead that was moved to another list are not found',
  },
  {
    table: 'vicidial_list',
    columns: ['last_local_call_time', 'modify_date'],
    without: 'not looked at when several leads have one number',
  },
  {
    table: 'vicidial_users',
    columns: ['failed_login_count', 'last_login_date'],
    without: "the dialer's own lock after failed logins is not seen",
  },
  {
    table: 'vicidial_lists_fields',
    columns: ['list_id', 'field_label'],
    without: 'custom_info is null for every lead',
  },
  {
    table: 'vicidial_lists_fields',
    columns: ['field_type', 'field_rank', 'field_order'],
    without: 'custom fields come in another order, or with some that hold nothing',
  },
];

/** Tables and columns: which are there, and what follows from those that are not. */
export async function* inspectSchema(inspected: InspectedDialer): AsyncGenerator<Inspection> {
  const { read, schema, config, database } = inspected;
  const missing = missingOf(schema, config.listScope);
  if (DIALER_TABLES.every((name) => (schema.tables.get(name)?.columns.size ?? 0) === 0)) {
    yield nothingThere(database, await accessTo(read, 'vicidial_list'));
    return;
  }
  for (const name of missing) {
    const [table = '', column] = name.split('.');
    yield missingNeeded(inspected, table, column, await accessTo(read, quoteName(table), column));
  }
  yield* inspectOptional(inspected, new Set(missing));
  if (missing.length === 0) {
    yield ok('tables', `${database} has every table and column that lookups need`);
  }
  yield* inspectSize(inspected);
}

function nothingThere(database: string, access: Access): Inspection {
  return problem(
    'tables',
    access === 'absent'
      ? `${database} has none of the dialer's tables`
      : `${database} has none of the dialer's tables that our account may read`,
    "name the dialer's database at the end of database; it usually is asterisk",
  );
}

function missingNeeded(
  { database, account }: InspectedDialer,
  table: string,
  column: string | undefined,
  access: Access,
): Inspection {
  const name = column === undefined ? table : `${table}.${column}`;
  const effect = `${NEEDED_FOR[table as DialerTable] ?? 'nothing can be found'}, so no lookup is answered`;
  if (access === 'absent') {
    return problem(
      'tables',
      `${name} is not there: ${effect}`,
      'look whether database names the right one, and whether the upgrade of the dialer was finished',
    );
  }
  return problem(
    'rights',
    `our account may not read ${name}: ${effect}`,
    grantOf(database, table, column === undefined ? [] : [column], accountName(account)),
  );
}

async function* inspectOptional(
  { read, schema, database, account }: InspectedDialer,
  missing: ReadonlySet<string>,
): AsyncGenerator<Inspection> {
  for (const { table, columns, without } of OPTIONAL) {
    if (missing.has(table)) continue;
    const known = schema.tables.get(table)?.columns;
    const lacking = columns.filter((name) => known?.has(name) !== true && !missing.has(`${table}.${name}`));
    if (lacking.length === 0) continue;
    const isWhole = known === undefined || known.size === 0;
    const access = await accessTo(read, table, isWhole ? undefined : lacking[0]);
    const names = isWhole ? table : `${table}: ${listed(lacking)}`;
    yield access === 'absent'
      ? ok('columns', `${names}: not in this version of the dialer; ${without}`)
      : advise(
          'rights',
          `our account may not read ${names}; ${without}`,
          grantOf(database, table, isWhole ? [] : lacking, accountName(account)),
        );
  }
}

function grantOf(database: string, table: string, columns: readonly string[], account: string): string {
  const which = columns.length === 0 ? '' : ` (${columns.map((name) => quoteName(name)).join(', ')})`;
  return `GRANT SELECT${which} ON ${quoteName(database)}.${quoteName(table)} TO ${account};`;
}

const SELECT_TABLES = `SELECT TABLE_NAME, ENGINE, TABLE_ROWS FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (${DIALER_TABLES.map(() => '?').join(', ')})`;

/** What the server knows of its tables without reading them. */
async function* inspectSize({ read, schema, database }: InspectedDialer): AsyncGenerator<Inspection> {
  const rows = await read(SELECT_TABLES, [database, ...DIALER_TABLES]);
  const engines = new Map<string, string[]>();
  for (const [name, engine] of rows) {
    const kind = textOf(engine) ?? 'a view';
    engines.set(kind, [...(engines.get(kind) ?? []), String(name)]);
  }
  const kinds = [...engines].map(([engine, names]) =>
    engines.size === 1 ? engine : `${engine} (${listed(names)})`,
  );
  const charsets = new Set<string>();
  for (const { charset } of schema.tables.get('vicidial_list')?.columns.values() ?? []) {
    if (charset !== null) charsets.add(charset);
  }
  yield ok('tables', `engine: ${kinds.join(', ')}; texts of leads in ${[...charsets].sort().join(', ')}`);
  const leads = rows.find(([name]) => String(name).toLowerCase() === 'vicidial_list')?.[2] ?? null;
  if (leads === null) return;
  yield Number(leads) > 0
    ? ok('leads', `about ${textOf(leads) ?? ''}, as the server estimates`)
    : advise('leads', 'the dialer has no leads', "load some in the dialer's pages: Lists, Load New Leads");
}
