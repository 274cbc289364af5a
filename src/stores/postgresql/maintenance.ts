import { withDeadline } from '../../core/clock.ts';
import { cut } from '../network/connection.ts';
import type { Read } from '../network/connector.ts';
import { serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { DatabasePool } from '../network/pool.ts';
import { directAddress, MAINTENANCE_STATEMENT_MS, type PostgresqlConfig } from './address.ts';
import { openOnFirst } from './transactions.ts';

/** What the server says beside an answer. */
export interface Notice {
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
}

/** Statements that are in no transaction, each of which may take long. */
export interface Maintenance {
  readonly run: Read;
  /** @returns what the server said meanwhile */
  readonly runScript: (sql: string) => Promise<readonly Notice[]>;
}

/** A connection that does not end in this time is reset: the server or the network hangs. */
const END_MS = 1_000;

export type RunMaintenance = <Result>(work: (maintenance: Maintenance) => Promise<Result>) => Promise<Result>;

/** Work that can be in no transaction, such as `VACUUM`, on a connection that is made for it and ended after it. */
export function createMaintenance(
  config: PostgresqlConfig,
  pool: Pick<DatabasePool, 'servers'>,
): RunMaintenance {
  const address = directAddress(config);
  // Of a server that a pooler stands before nothing is known.
  const known = config.databaseDirect === undefined ? pool : { servers: [] };
  return async (work) => {
    const { connection, server } = await openOnFirst(address, known, address.openForMaintenance);
    const name = serverName(server);
    if (connection.isPooled) {
      cut(connection.socket);
      throw new DatabaseFailure(
        'unreachable',
        `${name} is a pooler, and VACUUM needs the server itself: name it in databaseDirect`,
      );
    }
    const deadline = MAINTENANCE_STATEMENT_MS + 1_000;

    async function bounded<Result>(statement: Promise<Result>): Promise<Result> {
      const silent = new DatabaseFailure('silent', `${name}: no answer for ${deadline} ms`);
      try {
        return await withDeadline(statement, deadline, silent);
      } catch (cause) {
        throw address.explain(cause, name);
      }
    }

    let said: Notice[] = [];
    connection.onNotice((notice) => said.push(notice));
    try {
      return await work({
        run: (sql, parameters) => bounded(connection.execute(sql, parameters)),
        async runScript(sql) {
          said = [];
          await bounded(connection.runScript(sql));
          return said;
        },
      });
    } finally {
      const late = new DatabaseFailure('silent', `${name}: no answer at the end`);
      await withDeadline(connection.end(), END_MS, late).catch(() => cut(connection.socket));
    }
  };
}
