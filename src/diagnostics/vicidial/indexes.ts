import type { Inspection } from '../../core/store.ts';
import { type CustomFields, readCustomFields } from '../../stores/vicidial/custom-fields.ts';
import { wholeNumber } from '../../stores/vicidial/rows.ts';
import { type Parameter, type Row, textOf } from '../../stores/vicidial/rows.ts';
import { type DialerTable, missingOf } from '../../stores/vicidial/schema.ts';
import { lookupStatements, type LookupStatements } from '../../stores/vicidial/statements.ts';
import { MAX_STORED_SPELLINGS } from '../../stores/vicidial/stored-spellings.ts';
import { type InspectedDialer, listed } from './inspected.ts';
import { ok, problem } from '../inspection.ts';

interface WantedIndex {
  readonly table: DialerTable;
  readonly column: string;
  readonly level: 'advice' | 'problem';
  readonly without: string;
  readonly gives: string;
}

const BY_NUMBER: WantedIndex = {
  table: 'vicidial_list',
  column: 'phone_number',
  level: 'problem',
  without: 'no lead is found by its number',
  gives: 'callers are found by their number',
};
const WANTED: readonly WantedIndex[] = [
  {
    table: 'vicidial_list',
    column: 'lead_id',
    level: 'problem',
    without: 'each lookup reads every lead',
    gives: 'leads are found by their id',
  },
  BY_NUMBER,
  {
    table: 'vicidial_list',
    column: 'alt_phone',
    level: 'advice',
    without: 'alt_phone is not searched',
    gives: 'callers from a second number are found',
  },
  {
    table: 'vicidial_users',
    column: 'user',
    level: 'problem',
    without: 'each lookup reads every user',
    gives: 'the user is found at once',
  },
];
const WANTED_BY_CAMPAIGN: readonly WantedIndex[] = [
  {
    table: 'vicidial_lists',
    column: 'list_id',
    level: 'problem',
    without: 'each lookup reads every list',
    gives: "a lead's campaign is found at once",
  },
  {
    table: 'vicidial_user_groups',
    column: 'user_group',
    level: 'problem',
    without: 'each lookup reads every user group',
    gives: 'what a user may see is found at once',
  },
];
const THIRD_NUMBER: WantedIndex = {
  table: 'vicidial_list',
  column: 'address3',
  level: 'advice',
  without: 'address3 is not searched, though address3IsPhone is true',
  gives: 'callers from a third number are found',
};

/** Indexes that lookups need, and the statement that makes a missing one. */
export function* inspectIndexes({ schema, rules, config }: InspectedDialer): Generator<Inspection> {
  const wanted = [
    ...WANTED,
    ...(rules.address3IsPhone ? [THIRD_NUMBER] : []),
    ...(config.listScope === 'campaigns' ? WANTED_BY_CAMPAIGN : []),
  ];
  for (const { table, column, level, without, gives } of wanted) {
    const found = schema.tables.get(table);
    if (found?.columns.has(column) !== true || found.indexed.has(column)) continue;
    yield {
      level,
      subject: 'indexes',
      message: `no index on ${table}.${column}: ${without}`,
      advice: `ALTER TABLE ${table} ADD INDEX ${column} (${column}); then ${gives}. ${WHEN[table] ?? 'It takes a moment.'}`,
    };
  }
  const { searched } = lookupStatements(schema, rules);
  if (searched.length > 0) {
    yield ok('indexes', `searched by index: ${listed(searched)}`);
  }
}

const WHEN: Readonly<Partial<Record<DialerTable, string>>> = {
  vicidial_list:
    'It locks the table while it is built, on every server of a cluster, so do it at night, when nobody dials',
};

/** A table as small as this is read whole sooner than by an index, and the server may choose so. */
const SMALL_ROWS = 1_000;

/** The tables by their short names in statements (statements.ts). */
const TABLES: Readonly<Record<string, string>> = {
  l: 'vicidial_list',
  p: 'vicidial_list',
  x: 'vicidial_lists',
  u: 'vicidial_users',
  g: 'vicidial_user_groups',
  c: 'go_customers',
  k: "a list's custom table",
};

interface BoundStatement {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/** Asks the server how it would run each statement of a lookup: none may read a whole table. Nothing is run. */
export async function* inspectPlans(inspected: InspectedDialer): AsyncGenerator<Inspection> {
  const { read, schema, rules, config } = inspected;
  if (missingOf(schema, config.listScope).length > 0) return;
  const statements = await boundStatements(inspected, lookupStatements(schema, rules));
  const scans = new Map<string, number>();
  for (const { sql, parameters } of statements) {
    for (const step of await read(`EXPLAIN ${sql}`, parameters)) {
      const { table, rows } = scanOf(step) ?? { table: '', rows: 0 };
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

/** MySQL has a column `partitions` before the type, and one more behind. */
function scanOf(step: Row): { readonly table: string; readonly rows: number } | undefined {
  const isMysql = step.length > 10;
  const table = textOf(step[2]) ?? '';
  const type = (textOf(step[isMysql ? 4 : 3]) ?? '').toLowerCase();
  if (!['all', 'index'].includes(type) || table.startsWith('<')) return undefined;
  return { table: TABLES[table] ?? table, rows: Number(step[isMysql ? 9 : 8] ?? 0) };
}

/** Bound like a lookup's: where there is no such user or lead, the server would have nothing to plan. */
async function boundStatements(
  inspected: InspectedDialer,
  statements: LookupStatements,
): Promise<readonly BoundStatement[]> {
  const { read } = inspected;
  const [[[user] = []], [[lead] = []], custom] = await Promise.all([
    read('SELECT user FROM vicidial_users LIMIT 1', []),
    read('SELECT lead_id FROM vicidial_list LIMIT 1', []),
    someCustomFields(inspected),
  ]);
  const userName = typeof user === 'string' ? user : '';
  const leadId = wholeNumber(Number(lead ?? 1));
  const lists = '101,102';
  const { searched } = statements;
  const forEach = (others: readonly Parameter[]) =>
    searched.flatMap(() => [SPELLINGS[0] ?? '', ...SPELLINGS, ...others]);
  const byNumber = [
    { sql: statements.accountAndWinners, parameters: forEach([userName]) },
    { sql: statements.winners(false), parameters: forEach([]) },
    { sql: statements.winners(true), parameters: forEach([lists]) },
  ];
  return [
    { sql: statements.account, parameters: [userName] },
    { sql: statements.accountAndLead(undefined), parameters: [leadId, userName] },
    { sql: statements.accountAndLead(custom), parameters: [leadId, userName] },
    { sql: statements.lead(false), parameters: [leadId] },
    { sql: statements.lead(true), parameters: [leadId, lists] },
    { sql: statements.leadAndCustom(custom), parameters: [leadId] },
    ...(custom === undefined ? [] : [{ sql: custom.statement, parameters: [leadId] }]),
    ...(searched.length === 0 ? [] : byNumber),
  ];
}

/** Numbers that nobody has: the plan is the same for all. */
const SPELLINGS = Array.from({ length: MAX_STORED_SPELLINGS }, (_, at) => String(5_200_000_000 + at));

/** Of one list that has some; the tables of all lists are made alike, and their keys are looked at elsewhere. */
async function someCustomFields({
  read,
  database,
  schema,
  definitions,
  customLists,
}: InspectedDialer): Promise<CustomFields | undefined> {
  const list = customLists.find((id) => definitions.has(id));
  if (list === undefined || !schema.settings.customFields) return undefined;
  const custom = await readCustomFields(read, database, list, schema.tables.get('vicidial_lists_fields'));
  return typeof custom === 'string' ? undefined : custom;
}
