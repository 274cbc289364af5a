import type { AccountStore } from '../../core/account-store.ts';
import type { MachineClock } from '../../core/clock.ts';
import { doPersonTask, type RunPersonTask } from '../../core/person-task.ts';
import type { LogStoreEvent, OwnStore } from '../../core/store.ts';
import { systemMachineClock } from '../machine-clock.ts';
import { withStoreFailure } from '../network/pool.ts';
import { poolStateOf } from '../network/pool-state.ts';
import { createAccountStore, createUserDirectory } from './accounts.ts';
import type { PostgresqlConfig } from './address.ts';
import { createCallStore } from './calls.ts';
import { createDailyLeads } from './daily-leads.ts';
import { createDatabase, type Database } from './database.ts';
import { createPersonStore } from './erasure.ts';
import { createLeadArchive } from './lead-archive.ts';
import { createLeadStore } from './leads.ts';
import { createLookups } from './lookups.ts';
import { createRecordStore } from './records.ts';
import { indexSome } from './search-index.ts';
import { createStoredCredentials } from './tokens.ts';
import { createUpkeep } from './upkeep.ts';

export interface PostgresqlOptions {
  /** Bring a store of an older version up to date. */
  readonly mayMigrate?: boolean;
  /** Make the store when there is none; where it is not said, as `mayMigrate`. */
  readonly mayCreate?: boolean;
  /** No request waits: a connection may take its time. */
  readonly isPatient?: boolean;
  readonly log?: LogStoreEvent | undefined;
  readonly clock?: MachineClock | undefined;
}

/** A store of callercard's own in PostgreSQL, which several machines share. */
export interface PostgresqlStore extends OwnStore {
  readonly config: PostgresqlConfig;
  readonly database: Database;
  /** Indexes some of the leads that wait for it. @returns how many, and how many are left */
  indexWords(): Promise<{ readonly leads: number; readonly left: number }>;
  close(): Promise<void>;
}

/**
 * It may be down, and is found once it answers.
 *
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function openPostgresql(
  config: PostgresqlConfig,
  {
    mayMigrate = false,
    mayCreate = mayMigrate,
    isPatient = false,
    log = () => undefined,
    clock = systemMachineClock,
  }: PostgresqlOptions = {},
): PostgresqlStore {
  const database = createDatabase(config, {
    country: config.defaultCountry,
    ...{ mayMigrate, mayCreate, connectMs: isPatient ? PATIENT_MS : undefined },
    log,
    machine: clock,
  });
  const lookups = createLookups(database, config.address3IsPhone);
  const accounts = createAccountStore(database, lookups);
  const dailyLeads = createDailyLeads(database, log);
  const persons = createPersonStore(database, config.erasedDays);
  return {
    ownFile: undefined,
    leads: createLeadStore(database, lookups, config),
    accounts,
    users: createUserDirectory(database),
    ...createStoredCredentials(database),
    records: createRecordStore(database),
    calls: createCallStore(database),
    persons,
    // Each statement ends soon, and what takes long the server does.
    runPersonTask: ((task) => doPersonTask(persons, task)) as RunPersonTask,
    dailyLeads,
    config,
    database,
    begin: () =>
      withStoreFailure(async () => {
        await database.prepared();
      }),
    isReady: createReadiness(accounts, database),
    pool: () => ({ ...poolStateOf(database.pool), connections: database.connections() }),
    upkeep: createUpkeep(database, log),
    archive: createLeadArchive(database, config.erasedDays),
    indexWords: () => database.transaction(({ run }) => indexSome(run)),
    async close() {
      await dailyLeads.close();
      await database.close();
    },
  };
}

/** Limit for a connection of a command. */
const PATIENT_MS = 5_000;

/** A server that could write is asked for that again after so long. */
const WRITTEN_MS = 2_000;

/** Whether it answers what every request asks, and can be written: a login must count its attempt before it is checked. */
function createReadiness(
  accounts: Pick<AccountStore, 'read'>,
  { clock, write }: Database,
): () => Promise<boolean> {
  let writtenAt = -Infinity;
  return async () => {
    await accounts.read('');
    if (performance.now() - writtenAt < WRITTEN_MS) return true;
    await clock.keep(write);
    writtenAt = performance.now();
    return true;
  };
}
