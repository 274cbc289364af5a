import { DatabaseSync } from 'node:sqlite';

/** Changes a store as another process would: through a connection of its own. */
export function runSql(path: string, sql: string): void {
  const other = new DatabaseSync(path, { timeout: 10_000 });
  try {
    other.exec(sql);
  } finally {
    other.close();
  }
}
