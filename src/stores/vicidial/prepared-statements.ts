import type { Connection, Prepare } from 'mariadb';

import type { Parameter, Row } from './parameter.ts';

/** So many statements stay prepared on a connection: a few for all leads, and one for each list with custom fields. */
const PREPARED_LIMIT = 250;

/**
 * Prepared statements by their text, each prepared once. The connector has such a memory too, but puts its key
 * together anew for each execution.
 */
export function createPreparedStatements(connection: Connection) {
  const prepared = new Map<string, Promise<Prepare> | Prepare>();

  function prepare(sql: string): Promise<Prepare> {
    if (prepared.size >= PREPARED_LIMIT) forgetOldest();
    const preparing = connection.prepare(sql);
    prepared.set(sql, preparing);
    preparing.then(
      (statement) => prepared.set(sql, statement),
      () => prepared.delete(sql),
    );
    return preparing;
  }

  function forgetOldest(): void {
    const [oldest] = prepared;
    if (oldest === undefined) return;
    prepared.delete(oldest[0]);
    // After those that are under way with it: they were sent before.
    void Promise.resolve(oldest[1]).then(
      (statement) => statement.close(),
      () => undefined,
    );
  }

  return {
    execute(sql: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
      const statement = prepared.get(sql) ?? prepare(sql);
      return statement instanceof Promise
        ? statement.then((ready) => ready.execute<Row[]>(parameters))
        : statement.execute<Row[]>(parameters);
    },
  };
}
