import { LEAD_FIELDS } from '../../core/lead.ts';
import type { Inspection } from '../../core/store.ts';
import { accessTo, grantOf, listed, type InspectedDialer } from './inspected.ts';
import { quoteName, textOf } from '../../stores/vicidial/rows.ts';
import { DIALER_TABLES, missingOf, type DialerTable } from '../../stores/vicidial/schema.ts';
import { advise, ok, problem } from '../inspection.ts';

/** What stops without a table that every lookup needs. */
const NEEDED_FOR: Readonly<Record<string, string>> = {
  vicidial_list: 'no lead can be found',
  vicidial_users: 'nobody can be let in',
  system_settings: 'how passwords are kept is not known',
  vicidial_user_groups: 'which lists a user may see is not known',
  vicidial_lists: 'which lists a user may see is not known',
};

/** What is different where a version of the dialer does not have these columns. */
const OPTIONAL: readonly (readonly [table: DialerTable, columns: readonly string[], without: string])[] = [
  ['vicidial_list', LEAD_FIELDS, 'null in answers'],
  [
    'vicidial_list',
    ['entry_list_id'],
    'custom values of a lead that was moved to another list are not found',
  ],
  [
    'vicidial_list',
    ['last_local_call_time', 'modify_date'],
    'not looked at when several leads have one number',
  ],
  [
    'vicidial_users',
    ['failed_login_count', 'last_login_date'],
    "the dialer's own lock after failed logins is not seen",
  ],
  ['vicidial_list', ['phone_code'], "numbers are not read under the lead's own country"],
  [
    'vicidial_list_alt_phones',
    ['lead_id', 'phone_number', 'phone_code', 'active'],
    'further numbers of a lead are not searched',
  ],
  ['vicidial_lists_fields', ['list_id', 'field_label'], 'custom_info is null for every lead'],
  [
    'vicidial_lists_fields',
    ['field_type', 'field_rank', 'field_order'],
    'custom fields come in another order, or with some that hold nothing',
  ],
];

/** Tables and columns: which are there, and what follows from those that are not. */
export async function* inspectSchema(inspected: InspectedDialer): AsyncGenerator<Inspection> {
  const { read, schema, rules, database } = inspected;
  if (DIALER_TABLES.every((name) => (schema.tables.get(name)?.columns.size ?? 0) === 0)) {
    const isAbsent = (await accessTo(read, 'vicidial_list')) === 'absent';
    yield problem(
      'tables',
      `${database} has none of the dialer's tables${isAbsent ? '' : ' that our account may read'}`,
      "name the dialer's database at the end of database; it usually is asterisk",
    );
    return;
  }
  const missing = missingOf(schema, rules.listScope);
  for (const name of missing) {
    const [table = '', column] = name.split('.');
    const effect = `${NEEDED_FOR[table] ?? 'nothing can be found'}, so no lookup is answered`;
    const isAbsent = (await accessTo(read, quoteName(table), column)) === 'absent';
    yield isAbsent
      ? problem(
          'tables',
          `${name} is not there: ${effect}`,
          'look whether database names the right one, and whether the upgrade of the dialer was finished',
        )
      : problem(
          'rights',
          `our account may not read ${name}: ${effect}`,
          grantOf(inspected, table, column === undefined ? [] : [column]),
        );
  }
  yield* inspectOptional(inspected, new Set(missing));
  if (missing.length === 0) {
    yield ok('tables', `${database} has every table and column that lookups need`);
  }
  yield* inspectSize(inspected);
}

async function* inspectOptional(
  inspected: InspectedDialer,
  missing: ReadonlySet<string>,
): AsyncGenerator<Inspection> {
  for (const [table, columns, without] of OPTIONAL) {
    if (missing.has(table)) continue;
    const known = inspected.schema.tables.get(table)?.columns;
    const lacking = columns.filter((name) => known?.has(name) !== true && !missing.has(`${table}.${name}`));
    if (lacking.length === 0) continue;
    const isWhole = known === undefined || known.size === 0;
    const access = await accessTo(inspected.read, table, isWhole ? undefined : lacking[0]);
    const names = isWhole ? table : `${table}: ${listed(lacking)}`;
    yield access === 'absent'
      ? ok('columns', `${names}: not in this version of the dialer; ${without}`)
      : advise(
          'rights',
          `our account may not read ${names}; ${without}`,
          grantOf(inspected, table, isWhole ? [] : lacking),
        );
  }
}

const SELECT_TABLES = `SELECT TABLE_NAME, ENGINE, TABLE_ROWS FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (${DIALER_TABLES.map(() => '?').join(', ')})`;

/** What the server knows of its tables without reading them. */
async function* inspectSize({ read, schema, database }: InspectedDialer): AsyncGenerator<Inspection> {
  const rows = await read(SELECT_TABLES, [database, ...DIALER_TABLES]);
  const engines = Map.groupBy(rows, ([, engine]) => textOf(engine) ?? 'a view');
  const kinds = [...engines].map(([engine, tables]) =>
    engines.size === 1 ? engine : `${engine} (${listed(tables.map(([name]) => String(name)))})`,
  );
  const columns = [...(schema.tables.get('vicidial_list')?.columns.values() ?? [])];
  const charsets = new Set(columns.map(({ charset }) => charset).filter((charset) => charset !== null));
  yield ok('tables', `engine: ${kinds.join(', ')}; texts of leads in ${[...charsets].sort().join(', ')}`);
  const leads = rows.find(([name]) => String(name).toLowerCase() === 'vicidial_list')?.[2] ?? null;
  if (leads === null) return;
  yield Number(leads) > 0
    ? ok('leads', `about ${textOf(leads) ?? ''}, as the server estimates`)
    : advise('leads', 'the dialer has no leads', "load some in the dialer's pages: Lists, Load New Leads");
}
