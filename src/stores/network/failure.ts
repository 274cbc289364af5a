/**
 * What went wrong with a statement:
 *
 * - `unreachable`: no connection could be made, or the server refused it;
 * - `lost`: the connection ended before the answer came;
 * - `not ready`: the server answers, but does not serve (a cluster's node that is not in step, a standby);
 * - `silent`: the connection is there and nothing comes;
 * - `slow`: the server gave the statement up after its time;
 * - `busy`: so many statements wait already that this one would come too late;
 * - `schema`: a table, a column or a right is not there (any more);
 * - `statement`: anything else that the server says of the statement itself.
 */
export type FailureKind =
  'unreachable' | 'lost' | 'not ready' | 'silent' | 'slow' | 'busy' | 'schema' | 'statement';

/** A failure of a database over a network, for the log: without the statement and without its parameters. */
export class DatabaseFailure extends Error {
  readonly kind: FailureKind;
  /** The server's or the system's own code, such as `ER_ACCESS_DENIED_ERROR`. */
  readonly code: string | undefined;

  constructor(kind: FailureKind, message: string, code?: string) {
    super(message);
    this.name = 'DatabaseFailure';
    this.kind = kind;
    this.code = code;
  }
}
