import { withDeadline } from '../../core/clock.ts';
import { cut } from '../network/connection.ts';
import type { Read } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { PostgresqlConnection } from './session-statements.ts';
import { postgresqlFailure } from './postgresql-failure.ts';

/** A connection that does not end in this time is reset. */
const END_MS = 1_000;

export type OwnConnection = ReturnType<typeof ownConnection>;

/**
 * A connection for one user alone.
 *
 * @param silentMs no answer for so long: the server or the network hangs, and the connection is given up
 */
export function ownConnection(
  connection: PostgresqlConnection,
  name: string,
  silentMs: number,
  isServerFailed = () => false,
) {
  let isLost = false;
  connection.onLost(() => {
    isLost = true;
  });

  function destroy(): void {
    isLost = true;
    cut(connection.socket);
  }

  async function bounded<Result>(work: Promise<Result>): Promise<Result> {
    const silent = new DatabaseFailure('silent', `${name}: no answer for ${silentMs} ms`);
    try {
      return await withDeadline(work, silentMs, silent);
    } catch (cause) {
      const failure = postgresqlFailure(cause, name);
      if (failure.kind === 'silent' || failure.kind === 'lost') destroy();
      throw failure;
    }
  }

  return {
    isPooled: connection.isPooled,
    /** Where it rejects, the connection is of no use any more. */
    useSchema: (schema: string) => bounded(connection.useSchema(schema)),
    begin: (mode?: string) => bounded(connection.begin(mode)),
    run: ((sql, parameters) => bounded(connection.execute(sql, parameters))) satisfies Read,
    runScript: (sql: string) => bounded(connection.runScript(sql)),
    copy: (sql: string, text: string) => bounded(connection.copy(sql, text)),
    isLost: () => isLost,
    isServerFailed,
    destroy,
    /** Also where the server hangs. */
    async end(): Promise<void> {
      if (isLost) return;
      const silent = new DatabaseFailure('silent', `${name}: no answer at the end`);
      await withDeadline(connection.end(), END_MS, silent).catch(destroy);
    },
  };
}
