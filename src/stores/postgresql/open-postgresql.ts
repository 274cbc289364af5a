import type { AccountStore } from '../../core/account-store.ts';
import type { MachineClock } from '../../core/clock.ts';
import { doPersonTask, type RunPersonTask } from '../../core/person-task.ts';
import type { LogStoreEvent, OwnStore, PoolState } from '../../core/store.ts';
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
import { createRecentWrites, notedDatabase, notedRecords } from './recent-writes.ts';
import { createReplicas, type Replicas } from './replicas.ts';
import type { SharedServers } from './shared-servers.ts';
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
  /** With what other stores of this process it shares connections; undefined: they are its own. */
  readonly shared?: SharedServers | undefined;
}

/** A store of callercard's own in PostgreSQL, which several machines share. */
export interface PostgresqlStore extends OwnStore {
  readonly config: PostgresqlConfig;
  readonly database: Database;
  /** Undefined: the settings name none. */
  readonly replicas: Replicas | undefined;
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
    shared,
  }: PostgresqlOptions = {},
): PostgresqlStore {
  const database = createDatabase(config, {
    country: config.defaultCountry,
    ...{ mayMigrate, mayCreate, connectMs: isPatient ? PATIENT_MS : undefined },
    ...{ log, machine: clock, shared },
  });
  const dailyLeads = createDailyLeads(database, log);
  const ports =
    config.databaseReplicas.length === 0
      ? portsOf(database, config)
      : replicatedPorts(database, config, log, shared);
  const { accounts, persons, replicas } = ports;
  const calls = createCallStore(database);
  return {
    ownFile: undefined,
    ...ports,
    ...createStoredCredentials(database),
    calls,
    // Each statement ends soon, and what takes long the server does.
    runPersonTask: ((task) => doPersonTask({ persons, calls }, task)) as RunPersonTask,
    dailyLeads,
    config,
    database,
    begin: () =>
      withStoreFailure(async () => {
        await database.prepared();
      }),
    isReady: createReadiness(accounts, database),
    pool: () => stateOf(database, replicas),
    upkeep: createUpkeep(database, log),
    archive: createLeadArchive(database, config.erasedDays),
    indexWords: () => database.transaction(({ run }) => indexSome(run)),
    async close() {
      await dailyLeads.close();
      await Promise.all([database.close(), replicas?.close()]);
    },
  };
}

/** What of a store the settings of replicas decide. */
type Ports = Pick<
  PostgresqlStore,
  'leads' | 'replicatedLeads' | 'accounts' | 'users' | 'records' | 'persons' | 'replicas'
>;

function portsOf(database: Database, config: PostgresqlConfig): Ports {
  const lookups = createLookups(database, config.address3IsPhone);
  return {
    leads: createLeadStore(database, lookups, config),
    accounts: createAccountStore(database, lookups),
    users: createUserDirectory(database),
    records: createRecordStore(database),
    persons: createPersonStore(database, config.erasedDays),
    replicas: undefined,
  };
}

/** Lookups and searches of programs go to replicas, but for what somebody has just written here: docs/decisions/0071-replicas.md. */
function replicatedPorts(
  database: Database,
  config: PostgresqlConfig,
  log: LogStoreEvent,
  shared: SharedServers | undefined,
): Ports {
  const replicas = createReplicas(config, database, log, shared);
  const recent = createRecentWrites();
  const mayServe = (user: string) => !recent.isOf(user) && replicas.mayServe();
  const noted = notedDatabase(database, recent);
  const lookups = createLookups(database, config.address3IsPhone);
  const replicated = createLookups({ ...database, read: replicas.read }, config.address3IsPhone);
  const leads = createLeadStore(database, lookups, config);
  const leadsThere = createLeadStore({ ...database, read: replicas.read }, replicated, config);
  const accounts = createAccountStore(database, lookups, (user) => (mayServe(user) ? replicated : undefined));
  return {
    leads,
    replicatedLeads: (user) => (mayServe(user) ? leadsThere : leads),
    accounts: { ...accounts, clearFailures: (identity) => recent.ofAll(accounts.clearFailures(identity)) },
    users: createUserDirectory(noted),
    records: notedRecords(createRecordStore(database), recent),
    persons: createPersonStore(noted, config.erasedDays),
    replicas,
  };
}

function stateOf({ pool, connections }: Database, replicas: Replicas | undefined): PoolState {
  if (replicas === undefined) return { ...poolStateOf(pool), connections: connections() };
  const state = poolStateOf({ servers: [...pool.servers, ...replicas.servers] });
  const own = poolStateOf(pool).connections;
  return { ...state, connections: state.connections - own + connections() };
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
