/**
 * What went wrong with a statement:
 *
 * - `unreachable`: no connection could be made, or the server refused it;
 * - `lost`: the connection ended before the answer came;
 * - `not ready`: the server answers, but has no data to give (a cluster's node that is not in step);
 * - `silent`: the connection is there and nothing comes;
 * - `slow`: the server gave the statement up after its time;
 * - `busy`: so many statements wait already that this one would come too late;
 * - `schema`: a table, a column or a right is not there (any more);
 * - `statement`: anything else that the server says of the statement itself.
 */
export type FailureKind =
  'unreachable' | 'lost' | 'not ready' | 'silent' | 'slow' | 'busy' | 'schema' | 'statement';

/** A failure of the dialer's database, for the log: without the statement and without its parameters. */
export class DialerFailureError extends Error {
  readonly kind: FailureKind;
  /** The server's or the system's own code, such as `ER_ACCESS_DENIED_ERROR`. */
  readonly code: string | undefined;

  constructor(kind: FailureKind, message: string, code?: string) {
    super(message);
    this.name = 'DialerFailureError';
    this.kind = kind;
    this.code = code;
  }
}

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
export function dialerFailure(error: unknown, server: string, whileConnecting = false): DialerFailureError {
  if (error instanceof DialerFailureError) return error;
  const { code, errno, fatal, sqlMessage } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const known = typeof errno === 'number' ? KINDS[errno] : undefined;
  const kind = whileConnecting ? 'unreachable' : (known ?? (fatal === true ? 'lost' : 'statement'));
  // What the server says of a statement may quote a value, or the statement; of connections and tables it names names.
  const said = typeof sqlMessage === 'string' && kind !== 'statement' ? sqlMessage : undefined;
  const name = typeof code === 'string' ? code : undefined;
  return new DialerFailureError(kind, `${server}: ${said ?? name ?? 'unknown failure'}`, name);
}
