import type { Inspection } from '../../core/store.ts';
import { readCustomFields } from '../../stores/vicidial/custom-fields.ts';
import {
  type Parameter,
  type Row,
  textOf,
  wholeNumber,
  expectedParameters,
} from '../../stores/vicidial/rows.ts';
import { missingOf } from '../../stores/vicidial/schema.ts';
import { lookupStatements, type LookupStatements } from '../../stores/vicidial/statements.ts';
import { numberParameters } from '../../stores/vicidial/stored-spellings.ts';
import { type InspectedDialer, listed } from './inspected.ts';
import { advise, ok, problem } from '../inspection.ts';

/**
 * Columns by which lookups search: what happens without an index, and what one gives. A dialer makes `vicidial_user_groups`
 * without any: its few rows are read whole, and inspectPlans tells where they have become many.
 */
const WANTED: Readonly<Record<string, readonly [without: string, gives: string]>> = {
  'vicidial_list.lead_id': ['each lookup reads every lead', 'leads are found by their id'],
  'vicidial_list.phone_number': ['no lead is found by its number', 'callers are found by their number'],
  'vicidial_list.alt_phone': ['alt_phone is not searched', 'callers from a second number are found'],
  'vicidial_users.user': ['each lookup reads every user', 'the user is found at once'],
  'vicidial_list.address3': [
    'address3 is not searched, though address3IsPhone is true',
    'callers from a third number are found',
  ],
  'vicidial_lists.list_id': ['each lookup reads every list', "a lead's campaign is found at once"],
};
/** Without an index on one of these, other numbers are still found. */
const OTHER_NUMBERS = ['alt_phone', 'address3'];

/** Indexes that lookups need, and the statement that makes a missing one. */
export function* inspectIndexes({ schema, rules }: InspectedDialer): Generator<Inspection> {
  for (const [name, [without, gives]] of Object.entries(WANTED)) {
    const [table = '', column = ''] = name.split('.');
    if (table === 'vicidial_lists' && rules.listScope !== 'campaigns') continue;
    if (column === 'address3' && !rules.address3IsPhone) continue;
    const found = schema.tables.get(table);
    if (found?.columns.has(column) !== true || found.indexed.has(column)) continue;
    const report = OTHER_NUMBERS.includes(column) ? advise : problem;
    const when =
      table === 'vicidial_list'
        ? 'It locks the table while it is built, on every server of a cluster, so do it at night, when nobody dials'
        : 'It takes a moment.';
    yield report(
      'indexes',
      `no index on ${name}: ${without}`,
      `ALTER TABLE ${table} ADD INDEX ${column} (${column}); then ${gives}. ${when}`,
    );
  }
  const { searched } = lookupStatements(schema, rules);
  const numbers = searched.flatMap(({ match }) => (match === 'block' ? [] : [NAMES[match] ?? match]));
  if (numbers.length > 0) yield ok('indexes', `searched by index: ${listed(numbers)}`);
}

/** Of places that are no column. */
const NAMES: Readonly<Record<string, string>> = { further: 'further numbers' };

/** A table as small as this is read whole sooner than by an index, and the server may choose so. */
const SMALL_ROWS = 1_000;

/** The tables by their short names in statements (statements.ts). */
const TABLES: Readonly<Record<string, string>> = {
  l: 'vicidial_list',
  p: 'vicidial_list',
  e: 'vicidial_users',
  x: 'vicidial_lists',
  u: 'vicidial_users',
  g: 'vicidial_user_groups',
  c: 'go_customers',
  k: "a list's custom table",
  f: 'vicidial_list_alt_phones',
};

/** Asks the server how it would run each statement of a lookup: none may read a whole table. Nothing is run. */
export async function* inspectPlans(inspected: InspectedDialer): AsyncGenerator<Inspection> {
  const { read, schema, rules } = inspected;
  if (missingOf(schema, rules.listScope).length > 0) return;
  const scans = new Map<string, number>();
  for (const [sql, parameters] of await boundStatements(inspected, lookupStatements(schema, rules))) {
    for (const step of await read(`EXPLAIN ${sql}`, parameters)) {
      const { table, rows } = scanOf(step);
      if (rows > SMALL_ROWS) scans.set(table, Math.max(rows, scans.get(table) ?? 0));
    }
  }
  if (scans.size === 0) {
    yield ok('lookups', 'the server runs every lookup by an index');
    return;
  }
  const tables = [...scans].map(([table, rows]) => `${table} (about ${rows} rows)`);
  yield problem(
    'lookups',
    `a lookup reads all of ${listed(tables)}, which holds up the calls`,
    `add the index that is missing there; if none is, ANALYZE TABLE ${listed([...scans.keys()])} at night renews what the server knows of it`,
  );
}

/** The table, and how many rows are read if all are. MySQL has a column `partitions` before the type, and one more behind. */
function scanOf(step: Row): { readonly table: string; readonly rows: number } {
  const isMysql = step.length > 10;
  const table = textOf(step[2]) ?? '';
  const type = (textOf(step[isMysql ? 4 : 3]) ?? '').toLowerCase();
  const isScan = ['all', 'index'].includes(type) && !table.startsWith('<');
  return { table: TABLES[table] ?? table, rows: isScan ? Number(step[isMysql ? 9 : 8] ?? 0) : 0 };
}

/** Bound like a lookup's: where there is no such user or lead, or another password, the server would have nothing to plan. */
async function boundStatements(
  inspected: InspectedDialer,
  statements: LookupStatements,
): Promise<readonly (readonly [sql: string, parameters: readonly Parameter[]])[]> {
  const { read, rules, schema } = inspected;
  const secret = schema.settings.passwords === 'plain' ? 'pass' : 'pass_hash';
  const [[[user, stored] = []], [[lead] = []], custom] = await Promise.all([
    read(
      `SELECT user, ${secret} FROM vicidial_users
        ORDER BY active = 'Y' AND user_level > 0 AND vdc_agent_api_access = '1' DESC LIMIT 1`,
      [],
    ),
    read('SELECT lead_id FROM vicidial_list LIMIT 1', []),
    someCustomFields(inspected),
  ]);
  const userName = typeof user === 'string' ? user : '';
  const leadId = wholeNumber(Number(lead ?? 1));
  const lists = '101,102';
  const { searched } = statements;
  const number = numberParameters(NOBODYS, 'MX', rules.numberBlocks);
  const expected = expectedParameters(textOf(stored) ?? '');
  const forEach = (...others: readonly Parameter[]) =>
    searched.flatMap((place) => [...number.winner(place), ...number.match(place), ...others]);
  const forAccount = (places: typeof searched) =>
    places.flatMap((place) => [...number.winner(place), ...expected, ...number.match(place), userName]);
  const bound: (readonly [string, readonly Parameter[]])[] = [
    [statements.account, [...expected, userName]],
    [statements.accountAndLead(undefined), [...expected, ...expected, leadId, userName]],
    [statements.accountAndLead(custom), [...expected, ...expected, leadId, userName]],
    [statements.lead(false), [leadId]],
    [statements.lead(true), [leadId, lists]],
    [statements.leadAndCustom(custom), [leadId]],
    [custom?.statement ?? '', [leadId]],
    [statements.further ?? '', [leadId, 1]],
    ...statements.steps.map(
      (places, at) => [statements.accountAndWinners[at] ?? '', [...expected, ...forAccount(places)]] as const,
    ),
    [statements.winners(false), forEach()],
    [statements.winners(true), forEach(lists)],
  ];
  // Without custom fields, or without a searched column, some are empty.
  return bound.filter(([sql]) => sql !== '');
}

/** A number that nobody has: the plan is the same for all. */
const NOBODYS = { asSent: '5200000000', digits: '5200000000', key: '525200000000' };

/** Of one list that has some; the tables of all lists are made alike, and their keys are looked at elsewhere. */
async function someCustomFields({ read, database, schema, definitions, customLists }: InspectedDialer) {
  const list = customLists.find((id) => definitions.has(id));
  if (list === undefined || !schema.settings.customFields) return undefined;
  const custom = await readCustomFields(read, database, list, schema.tables.get('vicidial_lists_fields'));
  return typeof custom === 'string' ? undefined : custom;
}
