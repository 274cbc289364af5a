import { StoreRefusal } from '../../core/store.ts';
import {
  byName,
  COPIED_META,
  type CopiedRow,
  type CopiedTable,
  type CopySource,
  type CopyTarget,
  type CopiedValue,
  type MakeStore,
  type ReadStore,
  type StoreFacts,
} from '../copied-store.ts';
import type { Read } from '../network/connector.ts';
import { poolAddress, type PostgresqlConfig } from './address.ts';
import { readClock, writeClock } from './clock.ts';
import { copyLine } from './copy-text.ts';
import { CLAIM } from './lead-archive.ts';
import { isServed } from './lock.ts';
import { bringUpToDate } from './migrate.ts';
import { arrayOf, quoted } from './rows.ts';
import { openSession, type Session } from './transactions.ts';

const ROWS_AT_ONCE = 1_000;

/** Meta is copied by name; the others belong to processes that run, or to the audit, which is about this store. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'meta',
  'last_calls',
  'large_calls',
  'leases',
  'audit_records',
]);

/** The tables of the schema with their columns, but those that the server computes. */
const COLUMNS = `SELECT relname, attname, format_type(atttypid, NULL), attidentity <> '',
    array_position(indkey::smallint[], attnum)
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
  LEFT JOIN pg_index ON indrelid = pg_class.oid AND indisprimary
  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY relname, attname`;

/**
 * Reads a store in PostgreSQL.
 *
 * @param noteServed is called where a server with the store runs: what it writes meanwhile is not read
 * @throws {StoreRefusal} there is none, or not of this version; or somebody imports into it
 */
export function readSchema(config: PostgresqlConfig, noteServed: () => void = () => undefined): ReadStore {
  return (work) =>
    withSession(config, 'ISOLATION LEVEL REPEATABLE READ READ ONLY', async (session) => {
      const { schema } = config.database;
      await bringUpToDate(session, schema, { mayCreate: false, mayMigrate: false });
      const [claimed] = await session.run(`SELECT pg_try_advisory_xact_lock${CLAIM}`, []);
      if (claimed?.[0] !== true)
        throw new StoreRefusal(`an import into the schema ${schema} runs; wait for its end`);
      if (await isServed(session.run, schema)) noteServed();
      return work(await readerOf(session));
    });
}

/**
 * Makes a store in PostgreSQL, in one transaction. One that is there and has nothing yet is filled.
 *
 * @throws {StoreRefusal} there is one with something in it, or one that a server has open
 */
export function makeSchema(config: PostgresqlConfig): MakeStore {
  return (work) =>
    withSession(config, '', async (session) => {
      const { schema } = config.database;
      const before = await bringUpToDate(session, schema, { mayCreate: true, mayMigrate: false });
      const [reader, types] = [await readerOf(session), await columnsOf(session.run)];
      if (before !== undefined) await takeEmpty(session, reader, schema);
      const target: CopyTarget = {
        ...reader,
        write: (table, rows) => writeRows(session, table, rows, types),
        finish: (facts) => finish(session, facts, types),
      };
      return work(target);
    });
}

/** @throws {StoreRefusal} the store is not empty, or a server has it open */
async function takeEmpty({ run }: Session, reader: CopySource, schema: string): Promise<void> {
  const another = `name another one with ?schema=NAME, or remove it: DROP SCHEMA ${schema} CASCADE`;
  for (const table of reader.tables)
    if ((await reader.count(table)) > 0)
      throw new StoreRefusal(
        `there is a store in the schema ${schema} already, with rows in ${table.name}; ${another}`,
      );
  // It knows the secrets of the store, which become others, and may write at any moment.
  if (await isServed(run, schema))
    throw new StoreRefusal(`a server has the store in the schema ${schema} open; end it, or ${another}`);
  await run(`DELETE FROM meta WHERE name = 'clock'`, []);
}

/** Not by `databaseDirect`, which is of the store that the settings name: a transaction needs no way around a pooler. */
async function withSession<Result>(
  config: PostgresqlConfig,
  mode: string,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = await openSession(poolAddress(config));
  try {
    return await session.transaction(async () => {
      // While the other store is written nothing comes.
      await session.run(`SELECT set_config('idle_in_transaction_session_timeout', '0', true)`, []);
      return work(session);
    }, mode);
  } finally {
    await session.close();
  }
}

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly isIdentity: boolean;
  /** Its place in the key; null: it is not in it. */
  readonly inKey: number | null;
}

async function columnsOf(run: Read): Promise<readonly Column[]> {
  const rows = await run(COLUMNS, []);
  return rows
    .map(([table, name, type, isIdentity, inKey]) => ({
      ...{ table: String(table), name: String(name), type: String(type) },
      ...{ isIdentity: isIdentity === true, inKey: inKey as number | null },
    }))
    .filter(({ table }) => !LEFT_OUT.has(table));
}

async function readerOf({ run }: Session): Promise<CopySource> {
  const columns = await columnsOf(run);
  const tables = byName(
    [...new Set(columns.map(({ table }) => table))].map((name) => {
      const own = byName(columns.filter(({ table }) => table === name));
      const key = own.filter(({ inKey }) => inKey !== null).sort((a, b) => (a.inKey ?? 0) - (b.inKey ?? 0));
      return { name, columns: own.map((column) => column.name), key: key.map((column) => column.name) };
    }),
  );
  return {
    tables,
    async facts() {
      const rows = await run('SELECT name, value FROM meta', []);
      const all = new Map(rows.map(([name, value]) => [String(name), String(value)]));
      const meta = Object.fromEntries(COPIED_META.map((name) => [name, all.get(name) ?? '']));
      return { meta, clock: await readClock(run), lastIds: await lastIdsOf(run, columns) };
    },
    async count({ name }) {
      const [row] = await run(`SELECT count(*) FROM ${name}`, []);
      return Number(row?.[0]);
    },
    rows: (table) => readRows(run, table, columns),
  };
}

async function lastIdsOf(run: Read, columns: readonly Column[]): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>();
  for (const { table, name } of columns.filter(({ isIdentity }) => isIdentity)) {
    const [row] = await run('SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass)', [
      table,
      name,
    ]);
    if (typeof row?.[0] === 'number') last.set(table, row[0]);
  }
  return last;
}

async function* readRows(
  run: Read,
  { name, columns, key }: CopiedTable,
  types: readonly Column[],
): AsyncGenerator<readonly CopiedRow[]> {
  const shown = columns.map((column) => comparable(column, typeOf(types, name, column)));
  await run(
    `DECLARE copied_${name} NO SCROLL CURSOR FOR SELECT ${shown.join(', ')} FROM ${name} ORDER BY ${key.join(', ')}`,
    [],
  );
  const fetch = () => run(`FETCH ${ROWS_AT_ONCE} FROM copied_${name}`, []);
  let next = fetch();
  for (;;) {
    const rows = await next;
    if (rows.length === 0) break;
    next = fetch();
    // It is heard of when it is waited for, if anybody still is.
    next.catch(() => undefined);
    yield rows as readonly CopiedRow[];
  }
  await run(`CLOSE copied_${name}`, []);
}

function typeOf(types: readonly Column[], table: string, column: string): string | undefined {
  return types.find((one) => one.table === table && one.name === column)?.type;
}

/** A column as the embedded store has it. */
function comparable(column: string, type: string | undefined): string {
  if (type === 'boolean') return `${quoted(column)}::integer`;
  return type === 'bigint[]' ? `array_to_json(${quoted(column)})::text` : quoted(column);
}

async function writeRows(
  session: Session,
  table: CopiedTable,
  rows: readonly CopiedRow[],
  types: readonly Column[],
): Promise<void> {
  const isArray = table.columns.map((column) => typeOf(types, table.name, column) === 'bigint[]');
  const stored = (row: CopiedRow) =>
    row.map((value, at) => {
      if (typeof value !== 'string') return value;
      if (value.includes('\0')) throw unkept(table, row, at);
      return isArray[at] === true ? `{${value.slice(1, -1)}}` : value;
    });
  // COPY keeps ids also where the server gives them itself.
  const text = rows.map((row) => copyLine(stored(row))).join('');
  await session.copy(table.name, table.columns.map(quoted), text);
}

function unkept({ name, columns, key }: CopiedTable, row: CopiedRow, at: number): StoreRefusal {
  const valueOf = (column: string): CopiedValue => row[columns.indexOf(column)] ?? null;
  const which = key.map((column) => `${column} ${String(valueOf(column))}`).join(', ');
  return new StoreRefusal(
    `${columns[at] ?? ''} of ${which} in the table ${name} has U+0000, which PostgreSQL cannot keep; take it out there, and run this again`,
  );
}

async function finish(
  { run }: Session,
  { meta, clock, lastIds }: StoreFacts,
  columns: readonly Column[],
): Promise<void> {
  await run(
    `INSERT INTO meta SELECT * FROM unnest($1::text[], $2::text[])
     ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    [arrayOf(Object.keys(meta)), arrayOf(Object.values(meta))],
  );
  await writeClock(run, clock);
  for (const { table, name } of columns.filter(({ isIdentity }) => isIdentity)) {
    const last = lastIds.get(table) ?? 0;
    if (last > 0)
      await run('SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)', [table, name, last]);
  }
}
