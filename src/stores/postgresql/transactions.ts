import type { ServerAddress } from '../../config/addresses.ts';
import { type Read, serverName } from '../network/connector.ts';
import { DatabaseFailure } from '../network/failure.ts';
import type { DatabasePool } from '../network/pool.ts';
import { type PostgresqlServers, SESSION_STATEMENT_MS, TRANSACTION_STATEMENT_MS } from './address.ts';
import { type OwnConnection, ownConnection } from './own-connection.ts';
import type { PostgresqlConnection } from './session-statements.ts';
import type { TakenConnection } from './shared-transactions.ts';

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

/**
 * Work of several statements, whole or not at all, on connections for transactions alone: on those of lookups it would mix with that
 * of others.
 */
export function createTransactions(address: PostgresqlServers, pool: Pick<DatabasePool, 'servers'>) {
  const connections = address.transactions.join({
    schema: address.schema,
    connections: address.connections,
    async open() {
      const { connection, server } = await openOnFirst(address, pool, (to) => address.openOwn(to));
      return { own: ownConnection(connection, serverName(server), SILENT_MS), server };
    },
    failureOf: (server) => pool.servers.find(({ name }) => name === serverName(server))?.failure,
  });
  const timer = setInterval(() => connections.expire(performance.now()), SWEEP_MS).unref();

  async function runWhole<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        const done = await attempt(await connections.take(), work);
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
      await connections.acquire();
      try {
        return await runWhole(work);
      } finally {
        connections.release();
      }
    },
    /** Open connections. */
    count: () => connections.count(),
    async close(): Promise<void> {
      clearInterval(timer);
      await connections.close();
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

/** @returns undefined: the connection had ended before anything was done */
async function attempt<Result>(
  { own, isReused, giveBack }: TakenConnection,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  const { transaction, end } = whileOpen(own);
  try {
    await own.begin();
  } catch (cause) {
    const isEnded = isReused && own.isLost();
    own.destroy();
    await giveBack();
    if (isEnded) return undefined;
    throw cause;
  }
  try {
    const result = await work(transaction);
    end();
    await own.run('COMMIT', []);
    return { result };
  } catch (cause) {
    end();
    if (!own.isLost()) await own.run('ROLLBACK', []).catch(() => own.destroy());
    throw cause;
  } finally {
    await giveBack();
  }
}

/** The connection is another transaction's afterwards, and that may be one of another schema: nothing that comes late goes there. */
function whileOpen(own: OwnConnection): { readonly transaction: Transaction; readonly end: () => void } {
  let isOver = false;
  const over = () => Promise.reject(new DatabaseFailure('lost', 'the transaction is over'));
  return {
    transaction: {
      run: (sql, parameters) => (isOver ? over() : own.run(sql, parameters)),
      runScript: (sql) => (isOver ? over() : own.runScript(sql)),
    },
    end() {
      isOver = true;
    },
  };
}
