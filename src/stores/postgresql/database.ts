import { cachedByText } from '../../core/bounded-map.ts';
import type { MachineClock } from '../../core/clock.ts';
import type { Country } from '../../core/phone.ts';
import { type LogStoreEvent, StoreRefusal } from '../../core/store.ts';
import { CACHED_KEYS, loginKeys } from '../login-rules.ts';
import type { Read } from '../network/connector.ts';
import { createPool, type DatabasePool } from '../network/pool.ts';
import { poolStateOf } from '../network/pool-state.ts';
import { directAddress, poolAddress, type PostgresqlConfig, type ServersUse } from './address.ts';
import { createStoreClock, type StoreClock } from './clock.ts';
import { createLock, type Lock, LOCK_SESSION, lockName } from './lock.ts';
import { createMaintenance, type RunMaintenance } from './maintenance.ts';
import { type Allowed, bringUpToDate, versionOf } from './migrate.ts';
import { createTransactions, openOwn, openSession, type Session, type Transaction } from './transactions.ts';

/** What is read of a store once, before its first statement. */
interface Prepared {
  /** Of a user's name or a network, for tables of logins. */
  readonly keyOf: (text: string) => string;
}

/** The tables of a store, brought up to date by the first who needs them. Its methods throw DatabaseFailure or StoreRefusal. */
export interface Database {
  /** Reads, on any connection; again on another one where that is lost. */
  readonly read: Read;
  /** Runs one statement that writes, and never twice. */
  readonly write: Read;
  /** Runs several statements, whole or not at all. */
  readonly transaction: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>;
  /** Runs what can be in no transaction, and may take long. */
  readonly maintain: RunMaintenance;
  /** A connection for long work, to be closed. */
  readonly session: () => Promise<Session>;
  readonly prepared: () => Promise<Prepared>;
  /** Whether there is a store, of whatever version. */
  readonly isThere: () => Promise<boolean>;
  /** For what one process of all does. @param task a word, such as `upkeep` */
  readonly createLock: (task: string) => Lock;
  readonly clock: StoreClock;
  readonly country: Country;
  readonly pool: DatabasePool;
  /** Open connections to all servers. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export interface DatabaseOptions extends Allowed, Pick<ServersUse, 'connectMs' | 'shared'> {
  readonly country: Country;
  readonly log: LogStoreEvent;
  readonly machine: MachineClock;
}

/** Opens nothing yet: the servers may be down, and are found once they answer. */
export function createDatabase(config: PostgresqlConfig, options: DatabaseOptions): Database {
  const address = poolAddress(config, options);
  const { schema } = config.database;
  const pool = createPool(address, options.log);
  const transactions = createTransactions(address, pool);
  const maintain = createMaintenance(config, pool);
  const clock = createStoreClock(options.machine);
  let preparing: Promise<Prepared> | undefined;

  function prepared(): Promise<Prepared> {
    preparing ??= transactions
      .run((transaction) => prepare(transaction, schema, clock, options))
      .catch((cause: unknown) => {
        // The next one tries again.
        preparing = undefined;
        throw cause;
      });
    return preparing;
  }

  const locks: Lock[] = [];
  const read: Read = async (sql, parameters) => {
    await prepared();
    return pool.read(sql, parameters);
  };

  return {
    read,
    async write(sql, parameters) {
      await prepared();
      return pool.write(sql, parameters);
    },
    async transaction(work) {
      await prepared();
      return transactions.run(work);
    },
    async maintain(work) {
      await prepared();
      return maintain(work);
    },
    session: () => openDirectly(config, prepared),
    prepared,
    isThere: () =>
      transactions.run(async (transaction) => (await versionOf(transaction, schema)) !== undefined),
    createLock(task) {
      const open = () => openOwn(address, pool, LOCK_SESSION);
      const lock = createLock({ name: lockName(task, schema), read, open });
      locks.push(lock);
      return lock;
    },
    clock,
    country: options.country,
    pool,
    connections: () =>
      poolStateOf(pool).connections + transactions.count() + locks.filter((lock) => lock.isHeld()).length,
    async close() {
      await Promise.all(locks.map((lock) => lock.close()));
      await Promise.all([pool.close(), transactions.close()]);
    },
  };
}

/** Locks and temporary tables are a session's: it is past a pooler. */
async function openDirectly(config: PostgresqlConfig, prepared: Database['prepared']): Promise<Session> {
  await prepared();
  return openSession(directAddress(config));
}

async function prepare(
  transaction: Transaction,
  schema: string,
  clock: StoreClock,
  { country, log, ...allowed }: DatabaseOptions,
): Promise<Prepared> {
  const before = await bringUpToDate(transaction, schema, allowed);
  const { run } = transaction;
  if (before === undefined) {
    await run(`INSERT INTO meta VALUES ('default_country', $1)`, [country]);
    log({ level: 'info', message: `made a store in the schema ${schema}` });
  }
  await checkCountry(run, schema, country);
  await clock.begin(transaction);
  const [secret] = await run(`SELECT value FROM meta WHERE name = 'login_secret'`, []);
  return { keyOf: cachedByText(loginKeys(String(secret?.[0])), CACHED_KEYS) };
}

async function checkCountry(run: Read, schema: string, country: Country): Promise<void> {
  const [row] = await run(`SELECT value FROM meta WHERE name = 'default_country'`, []);
  const stored = String(row?.[0]);
  if (stored !== country)
    throw new StoreRefusal(
      `the store in the schema ${schema} compares its numbers as those of ${stored}, not ${country}: set defaultCountry to ${stored}`,
    );
}
