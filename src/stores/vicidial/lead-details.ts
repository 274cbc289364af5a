import {
  CALL_LOGS,
  type CallLogEntry,
  type CallLogName,
  type CallLogs,
  LEAD_DETAILS,
  type LeadDetails,
  NO_CALL_LOGS,
} from '../../core/lead-details.ts';
import { withStoreFailure } from '../network/pool.ts';
import { canReadRules, MOST_SORTED, RULE_TABLES, visibleCalls } from './history-rules.ts';
import { quoteName, type Read, textOf, wholeNumber } from './rows.ts';
import { createCached, retryAfterRefresh, type SchemaCache } from './schema-cache.ts';
import { byIndex, canFindBy, readTables, type Table, tableOf } from './schema.ts';

/** The dialer's table of each log, and the columns that put its entries in order, the newest first. */
const TABLES: Readonly<Record<CallLogName, { readonly table: string; readonly order: readonly string[] }>> = {
  calls: { table: 'vicidial_log', order: ['call_date', 'uniqueid'] },
  closerlog: { table: 'vicidial_closer_log', order: ['call_date', 'closecallid'] },
  agentlog: { table: 'vicidial_agent_log', order: ['event_time', 'agent_log_id'] },
  record: { table: 'recording_log', order: ['start_time', 'recording_id'] },
};
const NAMES = Object.keys(TABLES) as readonly CallLogName[];

/**
 * Reads what a dialer keeps of a lead beside the documented fields: its other columns, and its calls. What our account may not read
 * is not there. Calls are read by the index on `lead_id` that each log has, at most MOST_SORTED of a lead.
 *
 * @param database of the dialer
 */
export function createLeadDetails(read: Read, cache: SchemaCache, database: string) {
  // Apart from the schema of lookups: those need none of these tables.
  const logs = createCached(() =>
    readTables(read, database, [...NAMES.map((name) => TABLES[name].table), ...RULE_TABLES]),
  );

  async function readLog(name: CallLogName, table: Table | undefined, leadId: number, most: number) {
    if (!canFindBy(table, 'lead_id')) return [];
    const rows = await read(logStatement(name, table), [wholeNumber(leadId), most]);
    return rows.map((row): CallLogEntry => row.map(cellOf));
  }

  return {
    readDetails: (leadId: number): Promise<LeadDetails> =>
      withStoreFailure(() =>
        cache.use(async ({ schema }) => {
          const { columns } = tableOf(schema, 'vicidial_list');
          const known = LEAD_DETAILS.filter((name) => columns.has(name));
          if (known.length === 0) return {};
          const [row = []] = await read(
            `SELECT ${known.map(quoteName).join(', ')} FROM vicidial_list WHERE lead_id = ? LIMIT 1`,
            [wholeNumber(leadId)],
          );
          return Object.fromEntries(known.map((name, at) => [name, cellOf(row[at])]));
        }),
      ),
    readCallLogs: (leadId: number, most: number, user: string | undefined): Promise<CallLogs> =>
      withStoreFailure(() =>
        retryAfterRefresh(logs, async (tables) => {
          // The dialer's own API shows all of them: where the rules cannot be read, so does this.
          const visible = canReadRules(tables) ? await visibleCalls(read, tables, leadId, user) : Infinity;
          const shown = Math.min(most, visible);
          const entries = await Promise.all(
            NAMES.map((name) => readLog(name, tables.get(TABLES[name].table), leadId, shown)),
          );
          return {
            ...NO_CALL_LOGS,
            ...Object.fromEntries(NAMES.map((name, at) => [name, entries[at] ?? []])),
          };
        }),
      ),
  };
}

/** Binds the lead id and how many are wanted. An index on `lead_id` has no order of time: what it gives first is put in order. */
function logStatement(name: CallLogName, table: Table): string {
  const { table: from, order } = TABLES[name];
  const { columns } = table;
  const wanted = CALL_LOGS[name].map((column) => (columns.has(column) ? quoteName(column) : 'NULL'));
  const read = [...new Set([...CALL_LOGS[name], ...order])].filter((column) => columns.has(column));
  const sorted = order.filter((column) => columns.has(column)).map((column) => `${quoteName(column)} DESC`);
  return `SELECT ${wanted.join(', ')} FROM (SELECT ${read.map(quoteName).join(', ')} FROM ${from}
    ${byIndex(table, 'lead_id')} WHERE lead_id = ? LIMIT ${MOST_SORTED}) e
    ${sorted.length === 0 ? '' : `ORDER BY ${sorted.join(', ')}`} LIMIT ?`;
}

/** A number that JSON's readers would round is given as text. */
function cellOf(value: unknown): string | number | null {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : textOf(value);
}
