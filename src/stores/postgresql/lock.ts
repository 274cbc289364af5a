import type { Read, Row } from '../network/connector.ts';
import type { OwnConnection } from './own-connection.ts';

/** A process that does not hold the lock looks so often whether it is free. */
const LOOK_MS = 3_000;
/** A holder that says nothing for so long (it is frozen, or cut off) loses the lock: the server ends its session. */
const IDLE_MS = 30_000;

/** Of the session that holds a lock. */
export const LOCK_SESSION = [
  `idle_session_timeout=${IDLE_MS}`,
  `idle_in_transaction_session_timeout=${IDLE_MS}`,
];

/** By which all processes know a lock of a store. @param task a word, such as `upkeep` */
export function lockName(task: string, schema: string): string {
  return `callercard ${task} ${schema}`;
}

const IS_HELD = `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0))`;

/** Whether some process serves the store of a schema: one of all keeps it up. */
export async function isServed(run: Read, schema: string): Promise<boolean> {
  const [row] = await run(IS_HELD, [lockName('upkeep', schema)]);
  return row?.[0] === true;
}

export type Lock = ReturnType<typeof createLock>;

/** A lock of the session, which a pooler would leave behind in one of its own; there a lock of a transaction that stays open. */
async function tryLock(connection: OwnConnection, name: string): Promise<readonly Row[]> {
  if (connection.isPooled) await connection.begin();
  const lock = connection.isPooled ? 'pg_try_advisory_xact_lock' : 'pg_try_advisory_lock';
  return connection.run(`SELECT ${lock}(hashtextextended($1, 0))`, [name]);
}

/**
 * What one process at a time may hold, of all that have a store open: an advisory lock of the server, on a connection of its own,
 * with which it ends.
 *
 * @param options.name by which all of them know it
 * @param options.open a connection for the lock alone
 */
export function createLock({
  name,
  read,
  open,
}: {
  readonly name: string;
  readonly read: Read;
  readonly open: () => Promise<OwnConnection>;
}) {
  let held: OwnConnection | undefined;
  let lookedAt = -Infinity;
  let isClosed = false;

  /** Whether nobody held it just now. It costs the others no connection of their own. */
  async function isFree(): Promise<boolean> {
    // Until the end of this statement, which is a transaction.
    const [row] = await read('SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))', [name]);
    return row?.[0] === true;
  }

  async function take(): Promise<boolean> {
    const connection = await open();
    const [row] = await tryLock(connection, name).catch((cause: unknown) => {
      connection.destroy();
      throw cause;
    });
    if (row?.[0] === true && !isClosed) held = connection;
    else await connection.end();
    return held !== undefined;
  }

  return {
    isHeld: () => held?.isLost() === false,
    isClosed: () => isClosed,
    /**
     * Goes on holding it, or takes it where nobody does; to be called often. Calls wait for each other.
     *
     * @returns whether this process holds it now
     * @throws {DatabaseFailure | StoreRefusal}
     */
    async hold(): Promise<boolean> {
      if (held !== undefined) {
        // Another server may have been promoted, where another process has the lock.
        if (held.isServerFailed()) held.destroy();
        // It keeps the session, and notices that it has ended.
        if (!held.isLost()) await held.run('SELECT 1', []).catch(() => held?.destroy());
        if (!held.isLost()) return true;
        held = undefined;
      }
      const now = performance.now();
      if (isClosed || now - lookedAt < LOOK_MS) return false;
      lookedAt = now;
      return (await isFree()) && (await take());
    },
    /** Gives it to whoever comes next. */
    async close(): Promise<void> {
      isClosed = true;
      await held?.end();
      held = undefined;
    },
  };
}
