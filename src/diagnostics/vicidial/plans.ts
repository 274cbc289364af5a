import type { Inspection } from '../../core/inspection.ts';
import { MAX_STORED_SPELLINGS } from '../../stores/vicidial/stored-spellings.ts';
import { readCustomFields, type CustomFields } from '../../stores/vicidial/custom-fields.ts';
import type { Parameter, Row } from '../../stores/vicidial/parameter.ts';
import { listed, type Inspected } from './inspected.ts';
import { wholeNumber } from '../../stores/vicidial/lead-reader.ts';
import { missingOf } from '../../stores/vicidial/schema.ts';
import { textOf } from '../../stores/vicidial/sql-text.ts';
import { lookupStatements, type LookupStatements } from '../../stores/vicidial/statements.ts';

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
export async function* inspectPlans(inspected: Inspected): AsyncGenerator<Inspection> {
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
    yield { level: 'ok', subject: 'lookups', message: 'the server runs every lookup by an index' };
    return;
  }
  const told = [...scans].map(([table, rows]) => `${table} (about ${rows} rows)`);
  yield {
    level: 'problem',
    subject: 'lookups',
    message: `a lookup reads all of ${listed(told)}, which holds up the calls`,
    advice: `add the index that is missing there; if none is, ANALYZE TABLE ${listed([...scans.keys()])} at night renews what the server knows of it`,
  };
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
  inspected: Inspected,
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
}: Inspected): Promise<CustomFields | undefined> {
  const list = customLists.find((id) => definitions.has(id));
  if (list === undefined || !schema.settings.customFields) return undefined;
  const custom = await readCustomFields(read, database, list, schema.tables.get('vicidial_lists_fields'));
  return typeof custom === 'string' ? undefined : custom;
}
