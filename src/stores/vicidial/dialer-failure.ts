import { DatabaseFailure, type FailureKind } from '../network/failure.ts';

/** Of the server's error numbers (https://mariadb.com/kb/en/mariadb-error-codes/), those that mean more than themselves. */
const KINDS: Readonly<Record<number, FailureKind>> = {
  // WSREP has not yet prepared node for application use.
  1047: 'not ready',
  // Server shutdown in progress.
  1053: 'lost',
  // max_statement_time exceeded; the same of MySQL; lock wait timeout.
  1969: 'slow',
  3024: 'slow',
  1205: 'slow',
  // Unknown database, column, table; denied for a table or column.
  1049: 'schema',
  1054: 'schema',
  // No such index.
  1176: 'schema',
  // Collations that are not compared: a column has another one now.
  1267: 'schema',
  // The statement must be prepared anew.
  1615: 'schema',
  1146: 'schema',
  1142: 'schema',
  1143: 'schema',
  1044: 'schema',
};

/**
 * What the connector's error means. Its own text is left behind: it holds the statement.
 *
 * @param whileConnecting whether there was no connection yet
 */
export function dialerFailure(error: unknown, server: string, whileConnecting = false): DatabaseFailure {
  if (error instanceof DatabaseFailure) return error;
  const { code, errno, fatal, sqlMessage } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const known = typeof errno === 'number' ? KINDS[errno] : undefined;
  const kind = whileConnecting ? 'unreachable' : (known ?? (fatal === true ? 'lost' : 'statement'));
  // What the server says of a statement may quote a value, or the statement; of connections and tables it names names.
  const said = typeof sqlMessage === 'string' && kind !== 'statement' ? sqlMessage : undefined;
  const name = typeof code === 'string' ? code : undefined;
  return new DatabaseFailure(kind, `${server}: ${said ?? name ?? 'unknown failure'}`, name);
}
