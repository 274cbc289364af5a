import { createConnection, type Connection } from 'mariadb';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Runs `work` on a connection of its own, as root. */
export async function asDatabaseRoot<T>(
  { host, port }: Address,
  work: (root: Connection) => Promise<T>,
): Promise<T> {
  const root = await createConnection({
    host,
    port,
    user: 'root',
    multipleStatements: true,
    connectTimeout: 2_000,
  });
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}

/** Runs statements, separated by semicolons, as root; gives what the connector gives. */
export function runRootSql(server: Address, sql: string, values: readonly unknown[] = []): Promise<unknown> {
  return asDatabaseRoot(server, async (root) => root.query<unknown>(sql, values));
}

/** Whether root gets an answer. */
export async function answersRoot(server: Address): Promise<boolean> {
  try {
    await runRootSql(server, 'DO 1');
    return true;
  } catch {
    return false;
  }
}

/** Enough to be fast, and far below the largest statement that a server takes. */
const ROWS_AT_ONCE = 200;

/** Puts rows into a table of the connection's database. */
export async function insertRows(
  root: Connection,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): Promise<void> {
  const names = columns.map((column) => root.escapeId(column)).join(', ');
  const places = `(${columns.map(() => '?').join(', ')})`;
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const some = rows.slice(at, at + ROWS_AT_ONCE);
    const values = some.map(() => places).join(', ');
    await root.query(`INSERT INTO ${table} (${names}) VALUES ${values}`, some.flat());
  }
}
