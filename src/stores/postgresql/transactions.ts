import type { ServerAddress } from '../../config/addresses.ts';
import { type Read, serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import { createConcurrencyLimit, type DatabasePool } from '../network/pool.ts';
import { type PostgresqlServers, SESSION_STATEMENT_MS, TRANSACTION_STATEMENT_MS } from './address.ts';
import type { PostgresqlConnection } from './open-connection.ts';
import { type OwnConnection, ownConnection } from './own-connection.ts';

/** So many transactions of a process run at a time, or fewer: as many as it may have connections for lookups. The others wait, and not for long. */
const MOST_AT_ONCE = 4;
const SWEEP_MS = 100;
/** The server ends a statement earlier. If nothing comes, it or the network hangs. */
const SILENT_MS = TRANSACTION_STATEMENT_MS + 1_000;
const SESSION_SILENT_MS = SESSION_STATEMENT_MS + 1_000;

/** Serialization failure, deadlock: nothing was done, and it may well be done when it is tried again. */
const AGAIN: ReadonlySet<string | undefined> = new Set(['40001', '40P01']);
const ATTEMPTS = 3;

/** Statements of one transaction, in their order; `runScript` takes several at once, without parameters. */
export interface Transaction {
  readonly run: Read;
  readonly runScript: (sql: string) => Promise<void>;
}

export type Transactions = ReturnType<typeof createTransactions>;

/** Work of several statements, whole or not at all, on connections of its own: on the shared ones it would mix with that of others. */
export function createTransactions(address: PostgresqlServers, pool: Pick<DatabasePool, 'servers'>) {
  const slots = createConcurrencyLimit(Math.min(MOST_AT_ONCE, address.connections));
  const timer = setInterval(() => slots.expire(performance.now()), SWEEP_MS).unref();
  const attempts = createAttempts(() => openOwn(address, pool));

  async function runWhole<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        const done = await attempts.attempt(work);
        if (done !== undefined) return done.result;
      } catch (cause) {
        const isTriedAgain = cause instanceof DatabaseFailure && AGAIN.has(cause.code);
        if (!isTriedAgain || tries === ATTEMPTS) throw cause;
      }
    }
  }

  return {
    /**
     * @param work is done again from its beginning where another transaction was in the way
     * @throws {DatabaseFailure} where the connection was lost at the end, it may have been done
     */
    async run<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
      await slots.acquire('transactions');
      try {
        return await runWhole(work);
      } finally {
        slots.release();
      }
    },
    /** Open connections. */
    count: () => attempts.count(),
    async close(): Promise<void> {
      clearInterval(timer);
      await attempts.close();
    },
  };
}

/** @param session more settings of the session, as `name=value` */
export async function openOwn(
  address: PostgresqlServers,
  pool: Pick<DatabasePool, 'servers'>,
  session?: readonly string[],
): Promise<OwnConnection> {
  const { connection, server, isFailed } = await openOnFirst(address, pool, (to) =>
    address.openOwn(to, session),
  );
  return ownConnection(connection, serverName(server), SILENT_MS, isFailed);
}

/** To the first server that has not failed and takes writes. */
export async function openOnFirst(
  address: Pick<PostgresqlServers, 'servers'>,
  { servers }: Pick<DatabasePool, 'servers'>,
  open: PostgresqlServers['openOwn'],
): Promise<{
  readonly connection: PostgresqlConnection;
  readonly server: ServerAddress;
  /** Whether the server has failed meanwhile. */
  readonly isFailed: () => boolean;
}> {
  let failure: unknown;
  for (const [at, server] of address.servers.entries()) {
    const known = servers[at];
    failure = known?.failure;
    if (failure !== undefined) continue;
    try {
      return { connection: await open(server), server, isFailed: () => known?.failure !== undefined };
    } catch (cause) {
      failure = cause;
    }
  }
  throw failure;
}

/** A connection for one piece of long work: an import, an undo or an export. */
export interface Session extends Transaction {
  /** @param rows in the server's text format (copy-text.ts) */
  readonly copy: (table: string, columns: readonly string[], rows: string) => Promise<void>;
  /** Whole or not at all; after the one before it. @param mode such as `READ ONLY` */
  readonly transaction: <Result>(work: () => Promise<Result>, mode?: string) => Promise<Result>;
  close(): Promise<void>;
}

/** @throws {DatabaseFailure} */
export async function openSession(address: PostgresqlServers): Promise<Session> {
  const opened = await openOnFirst(address, { servers: [] }, address.openSession);
  const own = ownConnection(opened.connection, serverName(opened.server), SESSION_SILENT_MS);
  let last: Promise<unknown> = Promise.resolve();

  async function whole<Result>(work: () => Promise<Result>, mode: string): Promise<Result> {
    await own.begin(mode);
    try {
      const result = await work();
      await own.run('COMMIT', []);
      return result;
    } catch (cause) {
      if (!own.isLost()) await own.run('ROLLBACK', []).catch(() => own.destroy());
      throw cause;
    }
  }

  return {
    run: own.run,
    runScript: own.runScript,
    async copy(table, columns, rows) {
      if (rows !== '') await own.copy(`COPY ${table} (${columns.join(', ')}) FROM STDIN`, rows);
    },
    transaction(work, mode = '') {
      const result = last.then(() => whole(work, mode));
      last = result.catch(() => undefined);
      return result;
    },
    close: () => own.end(),
  };
}

/** Runs transactions on connections that are kept for the next. */
function createAttempts(open: () => Promise<OwnConnection>) {
  const idle: OwnConnection[] = [];
  const all = new Set<OwnConnection>();
  let isClosed = false;

  /** Not to a server that hangs, or from which another one has taken over. */
  function takeIdle(): OwnConnection | undefined {
    if (isClosed) throw new DatabaseFailure('lost', 'the store is closed');
    for (;;) {
      const own = idle.pop();
      if (own?.isServerFailed() !== true) return own;
      own.destroy();
    }
  }

  return {
    count(): number {
      for (const own of all) if (own.isLost()) all.delete(own);
      return all.size;
    },
    /** @returns undefined: the connection had ended before anything was done */
    async attempt<Result>(
      work: (transaction: Transaction) => Promise<Result>,
    ): Promise<{ readonly result: Result } | undefined> {
      const reused = takeIdle();
      const own = reused ?? (await open());
      all.add(own);
      try {
        await own.begin();
      } catch (cause) {
        all.delete(own);
        if (reused !== undefined && own.isLost()) return undefined;
        own.destroy();
        throw cause;
      }
      try {
        const result = await work(own);
        await own.run('COMMIT', []);
        return { result };
      } catch (cause) {
        if (!own.isLost()) await own.run('ROLLBACK', []).catch(() => own.destroy());
        throw cause;
      } finally {
        if (own.isLost()) all.delete(own);
        else if (isClosed) await own.end();
        else idle.push(own);
      }
    },
    async close(): Promise<void> {
      isClosed = true;
      await Promise.all(idle.splice(0).map((own) => own.end()));
    },
  };
}
