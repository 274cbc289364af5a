import type { DialerConfig } from '../../stores/vicidial/address.ts';
import { DialerFailureError } from '../../stores/vicidial/failure.ts';
import { readSchema, type DialerSchema } from '../../stores/vicidial/schema.ts';
import type { Read } from '../../stores/vicidial/rows.ts';
import { quoteName, textOf } from '../../stores/vicidial/rows.ts';
import type { LookupRules } from '../../stores/vicidial/statements.ts';

/** What every part of a check looks at. */
export interface InspectedDialer {
  readonly config: DialerConfig;
  readonly read: Read;
  readonly database: string;
  readonly rules: LookupRules;
  readonly schema: DialerSchema;
  readonly account: DatabaseAccount;
  /** What the dialer's pages defined, by list. */
  readonly definitions: ReadonlyMap<number, readonly CustomDefinition[]>;
  /** The lists that have a custom table of which our account may know. */
  readonly customLists: readonly number[];
}

export interface CustomDefinition {
  readonly label: string;
  readonly type: string;
}

/** Our account, by the name under which the server keeps its rights. */
export interface DatabaseAccount {
  readonly user: string;
  readonly host: string;
}

/** As GRANT takes it. */
export function accountName({ user, host }: DatabaseAccount): string {
  return `${quoteName(user)}@${quoteName(host)}`;
}

/** Names alone, of which information_schema gives many without opening a table. */
const SELECT_CUSTOM_TABLES = `SELECT TABLE_NAME FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE 'custom\\_%'`;

/** Reads what a check needs: small tables and information_schema. */
export async function lookAt(config: DialerConfig, read: Read): Promise<InspectedDialer> {
  const { database } = config.database;
  const { goautodialDatabase } = config;
  const rules = {
    address3IsPhone: config.address3IsPhone,
    listScope: config.listScope,
    customersDatabase:
      goautodialDatabase !== 'none' && 'name' in goautodialDatabase ? goautodialDatabase.name : undefined,
  };
  const [schema, account, tables] = await Promise.all([
    readSchema(read, database, rules.customersDatabase),
    readAccount(read),
    read(SELECT_CUSTOM_TABLES, [database]),
  ]);
  return {
    config,
    read,
    database,
    rules,
    schema,
    account,
    definitions: await readDefinitions(read, schema),
    customLists: tables.flatMap(([name]) => {
      const list = /^custom_(\d+)$/i.exec(String(name))?.[1];
      return list === undefined ? [] : [Number(list)];
    }),
  };
}

export async function readAccount(read: Read): Promise<DatabaseAccount> {
  const [[name] = []] = await read('SELECT CURRENT_USER()', []);
  const text = String(name);
  const at = text.lastIndexOf('@');
  return { user: text.slice(0, at), host: text.slice(at + 1) };
}

async function readDefinitions(
  read: Read,
  { tables }: DialerSchema,
): Promise<ReadonlyMap<number, readonly CustomDefinition[]>> {
  const has = (column: string) => tables.get('vicidial_lists_fields')?.columns.has(column) === true;
  const rows =
    has('list_id') && has('field_label')
      ? await read(
          `SELECT list_id, field_label, ${has('field_type') ? 'field_type' : "'TEXT'"} FROM vicidial_lists_fields`,
          [],
        )
      : [];
  const definitions = new Map<number, CustomDefinition[]>();
  for (const [list, label, type] of rows) {
    const known = definitions.get(Number(list)) ?? [];
    definitions.set(Number(list), known);
    known.push({ label: textOf(label) ?? '', type: textOf(type) ?? '' });
  }
  return definitions;
}

/** `denied` also where the server hides from this account whether the table exists. */
export type Access = 'readable' | 'denied' | 'absent';

const ABSENT: ReadonlySet<string | undefined> = new Set([
  'ER_BAD_DB_ERROR',
  'ER_NO_SUCH_TABLE',
  'ER_BAD_FIELD_ERROR',
]);

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
    if (!(cause instanceof DialerFailureError) || cause.kind !== 'schema') throw cause;
    return ABSENT.has(cause.code) ? 'absent' : 'denied';
  }
}

const MOST_NAMES = 10;

/** Names for people: not all of many, and nothing that a terminal would obey. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => name.replace(/[\p{C}\p{Z}]/gu, ' '));
  const rest = names.length - shown.length;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
