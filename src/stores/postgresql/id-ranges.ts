import type { Read } from '../network/connector.ts';

/** So many rows one statement looks through, which takes it some 100 ms. */
const ROWS_AT_ONCE = 10_000;

/** From the first id, which is left out, to the last. */
export type IdRange = readonly [after: number, last: number];

/**
 * Goes through a table by ids, the lowest first, so that each statement ends soon however large the table is.
 *
 * @param column of ids, with an index
 */
export async function* idRanges(
  read: Read,
  table: string,
  column: string,
  from = 0,
): AsyncGenerator<IdRange> {
  const sql = `SELECT ${column} FROM ${table} WHERE ${column} > $1 ORDER BY ${column} OFFSET ${ROWS_AT_ONCE - 1} LIMIT 1`;
  for (let after = from; ;) {
    const [row] = await read(sql, [after]);
    yield [after, row === undefined ? Number.MAX_SAFE_INTEGER : Number(row[0])];
    if (row === undefined) return;
    after = Number(row[0]);
  }
}
