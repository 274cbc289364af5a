import type { DialerConfig } from '../../stores/vicidial/address.ts';
import { DatabaseFailure } from '../../stores/network/failure.ts';
import { HISTORY_TABLES } from '../../stores/vicidial/call-history.ts';
import { LIVE_TABLES } from '../../stores/vicidial/live-calls.ts';
import { readSchema, readTables, type DialerSchema } from '../../stores/vicidial/schema.ts';
import { quoteName, type Read, textOf } from '../../stores/vicidial/rows.ts';
import { lookupRules } from '../../stores/vicidial/statements.ts';

/** Names alone, of which information_schema gives many without opening a table. */
const SELECT_CUSTOM_TABLES = `SELECT TABLE_NAME FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE 'custom\\_%'`;

export type InspectedDialer = Awaited<ReturnType<typeof lookAt>>;

/** Reads what every part of a check needs: small tables and information_schema. */
export async function lookAt(config: DialerConfig, read: Read) {
  const { database } = config.database;
  const rules = lookupRules(config);
  const [schema, account, tables, more] = await Promise.all([
    readSchema(read, database, rules.customersDatabase),
    readAccount(read),
    read(SELECT_CUSTOM_TABLES, [database]),
    readTables(read, database, [...LIVE_TABLES, ...HISTORY_TABLES]),
  ]);
  return {
    config,
    read,
    database,
    rules,
    schema,
    account,
    /** Tables of calls, as far as our account may read them. */
    more,
    /** What the dialer's pages defined, by list. */
    definitions: await readDefinitions(read, schema),
    /** The lists that have a custom table of which our account may know. */
    customLists: tables.flatMap(([name]) => {
      const list = /^custom_(\d+)$/i.exec(String(name))?.[1];
      return list === undefined ? [] : [Number(list)];
    }),
  };
}

/** Our account, by the name under which the server keeps its rights. */
export async function readAccount(read: Read) {
  const [[name] = []] = await read('SELECT CURRENT_USER()', []);
  const text = String(name);
  const at = text.lastIndexOf('@');
  return { user: text.slice(0, at), host: text.slice(at + 1) };
}

/** As GRANT takes it. */
export function accountName({ user, host }: InspectedDialer['account']): string {
  return `${quoteName(user)}@${quoteName(host)}`;
}

/** The statement that gives an account the right to read a table, or only these columns of it. */
export function grantOf(
  { database, account }: Pick<InspectedDialer, 'database' | 'account'>,
  table: string,
  columns: readonly string[] = [],
): string {
  const which = columns.length === 0 ? '' : ` (${columns.map(quoteName).join(', ')})`;
  return `GRANT SELECT${which} ON ${quoteName(database)}.${quoteName(table)} TO ${accountName(account)};`;
}

async function readDefinitions(read: Read, { tables }: DialerSchema) {
  const has = (column: string) => tables.get('vicidial_lists_fields')?.columns.has(column) === true;
  const isKnown = has('list_id') && has('field_label');
  const typeColumn = has('field_type') ? 'field_type' : "'TEXT'";
  const statement = `SELECT list_id, field_label, ${typeColumn} FROM vicidial_lists_fields`;
  const fields = (isKnown ? await read(statement, []) : []).map(([list, label, type]) => ({
    list: Number(list),
    label: textOf(label) ?? '',
    type: textOf(type) ?? '',
  }));
  return Map.groupBy(fields, ({ list }) => list);
}

/** `denied` also where the server hides from this account whether the table exists. */
export type Access = 'readable' | 'denied' | 'absent';

const ABSENT = ['ER_BAD_DB_ERROR', 'ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR'];

/**
 * Whether our account may read a table or a column: the server's own answer, whatever gives the right. No row is read.
 *
 * @param table quoted
 */
export async function accessTo(read: Read, table: string, column?: string): Promise<Access> {
  try {
    await read(`SELECT ${column === undefined ? '1' : quoteName(column)} FROM ${table} LIMIT 0`, []);
    return 'readable';
  } catch (cause) {
    if (!(cause instanceof DatabaseFailure) || cause.kind !== 'schema') throw cause;
    return ABSENT.includes(cause.code ?? '') ? 'absent' : 'denied';
  }
}

const MOST_NAMES = 10;

/** Names for people: not all of many, and nothing that a terminal would obey. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => name.replace(/[\p{C}\p{Z}]/gu, ' '));
  const rest = names.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
