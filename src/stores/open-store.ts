import { setTimeout as pause } from 'node:timers/promises';

import type { PostgresqlAddress, SqliteAddress } from '../config/addresses.ts';
import type { Config, DomainConfig } from '../config/settings.ts';
import type { Floor } from '../core/floor.ts';
import type { MachineClock } from '../core/clock.ts';
import type { Country } from '../core/phone.ts';
import { createAccountStore, createUserDirectory } from './sqlite/accounts.ts';
import { createLoginFailures } from './sqlite/login-failures.ts';
import { createCallStore } from './sqlite/calls.ts';
import { refusalOf } from './sqlite/file-check.ts';
import { openConnection, type Connection, type OpenOptions } from './sqlite/connection.ts';
import { createGrantDirectory } from './sqlite/grants.ts';
import { createStoredCredentials } from './sqlite/tokens.ts';
import { createDailyLeads } from './sqlite/daily-leads.ts';
import { createLeadArchive, type SqliteArchive } from './sqlite/lead-archive.ts';
import { hasUnendedImport } from './sqlite/import-history.ts';
import { createLeadStore } from './sqlite/leads.ts';
import { createPersonStore } from './sqlite/erasure.ts';
import { createRecordStore } from './sqlite/records.ts';
import { createRunPersonTask } from './sqlite/person-thread.ts';
import { createSearchUpkeep } from './sqlite/search-upkeep.ts';
import type { PersonStore } from '../core/person-store.ts';
import type { RunPersonTask } from '../core/person-task.ts';
import type { OwnStore, LogStoreEvent } from '../core/store.ts';
import { openPostgresql, type PostgresqlStore } from './postgresql/open-postgresql.ts';
import { openFloor } from './vicidial/live-calls.ts';
import { openDialer, type DialerOptions, type DialerStore } from './vicidial/open-dialer.ts';

// For the words of a command that cannot reach the server.
export { DatabaseFailure } from './network/failure.ts';
export type { PostgresqlStore } from './postgresql/open-postgresql.ts';
export type { DialerStore } from './vicidial/open-dialer.ts';
// For those who keep files of their own beside a store.
export { copyLiveStore, type CopiedStore } from './sqlite/backup.ts';
export { prepareRestore, type Restorable } from './sqlite/restore.ts';
export { copyStore } from './sqlite/migrate.ts';
export { claimFile } from './sqlite/transactions.ts';
// For copies from one engine to another.
export { makeStoreFile, readStoreFile } from './sqlite/copied-file.ts';
export { makeSchema, readSchema } from './postgresql/copied-schema.ts';
// For an audit in the database.
export { openAuditTable, readAuditTable } from './postgresql/audit-table.ts';
// For live pop between machines, and for what one of them does.
export { openStoreLeases } from './postgresql/open-leases.ts';
export { openStoreRelay } from './postgresql/open-relay.ts';

export type EmbeddedConfig = Config & { readonly database: SqliteAddress };
/** Of a store of callercard's own. */
export type OwnConfig = Config & { readonly database: SqliteAddress | PostgresqlAddress };

/** The embedded store, with the file behind it, into which `callercard check` looks. */
export interface SqliteStore extends OwnStore {
  readonly connection: Connection;
  readonly archive: SqliteArchive;
}

export type OpenedStore = SqliteStore | PostgresqlStore | DialerStore;

export interface OpenStoreOptions {
  /** Make the store when it is not there yet. */
  readonly create?: boolean;
  /** Nobody but the operator will ask: what only callers need is not made. */
  readonly forOperator?: boolean;
  /** For a command: no request waits, and a database over the network may take its time. */
  readonly isPatient?: boolean;
  /** The country that somebody chose for it; undefined: the store's own. */
  readonly country?: Country | undefined;
  /**
   * Reads its file through the memory where the engine can. It is faster, and whoever cuts the file short meanwhile ends the
   * process: not where others depend on it.
   */
  readonly mapped?: boolean;
  /**
   * Logs what happens to a store: servers that fail and come back. With it, a store of an older version is brought up to date,
   * and refused without it.
   */
  readonly log?: LogStoreEvent;
  /** The machine's clocks; a test has its own. */
  readonly clock?: MachineClock;
}

/**
 * Opens the store that the configuration names. A database over the network need not answer yet.
 *
 * @throws {StoreRefusal} with what to do about it; nothing was changed
 */
export function openStore(config: EmbeddedConfig, options?: OpenStoreOptions): SqliteStore;
export function openStore(config: OwnConfig, options?: OpenStoreOptions): SqliteStore | PostgresqlStore;
export function openStore(config: Config, options?: OpenStoreOptions): OpenedStore;
export function openStore(config: Config, options: OpenStoreOptions = {}): OpenedStore {
  const { database } = config;
  if (database.engine === 'sqlite') return openEmbedded({ ...config, database }, options);
  if (database.engine === 'mariadb')
    return openDialer({ ...config, database }, dialerOptions(config, options));
  const { create = false, isPatient = false, log, clock } = options;
  return openPostgresql(
    { ...config, database },
    { mayCreate: create, mayMigrate: log !== undefined, isPatient, log, clock },
  );
}

/** Who is on which call at the dialer that the configuration of a domain names. */
export function openFloorOf({ name, config }: DomainConfig): Floor {
  const { database } = config;
  if (database.engine !== 'mariadb') throw new Error('the store is no dialer');
  return openFloor({ ...config, database }, name);
}

/** Whether leads and users are callercard's own: they are not a dialer's. */
export function isOwnStore(config: Config): config is OwnConfig {
  return config.database.engine !== 'mariadb';
}

/** Whether they are in a file. */
export function isEmbedded(config: Config): config is EmbeddedConfig {
  return config.database.engine === 'sqlite';
}

function dialerOptions(
  { stateFile }: Config,
  { forOperator = false, log, clock }: OpenStoreOptions,
): DialerOptions {
  const state = createStateFile({ path: stateFile, onMigrate: log, clock });
  // At once, so that a file which cannot be used stops the start, and not the first caller.
  if (!forOperator) state.failures();
  return { state, isServing: !forOperator, log };
}

/**
 * What callercard itself keeps beside a dialer: an embedded store of failed logins, tokens, sessions, granted rights and leads
 * read today alone. Each of them opens the file, or makes it, if it is not open yet, and throws a StoreRefusal where that fails.
 */
function createStateFile(where: StateFileOptions) {
  let opened: ReturnType<typeof openState> | undefined;
  return {
    failures: () => (opened ??= openState(where)).failures,
    credentials: () => (opened ??= openState(where)).credentials,
    grants: () => (opened ??= openState(where)).grants,
    dailyLeads: () => (opened ??= openState(where)).dailyLeads,
    persons: () => (opened ??= openState(where)).persons(),
    runPersonTask: ((task) => (opened ??= openState(where)).runPersonTask(task)) satisfies RunPersonTask,
    openFile: () => opened?.connection.file,
    close() {
      opened?.dailyLeads.close();
      opened?.connection.file.close();
      opened = undefined;
    },
  };
}

type StateFileOptions = Pick<OpenOptions, 'path' | 'onMigrate' | 'clock'>;

function openState(where: StateFileOptions) {
  // The country does not matter: no telephone numbers are stored here.
  const connection = openConnection({ ...where, country: undefined, fallbackCountry: 'MX', create: true });
  return {
    connection,
    failures: createLoginFailures(connection),
    credentials: createStoredCredentials(connection),
    grants: createGrantDirectory(connection),
    dailyLeads: createDailyLeads(connection, where.onMigrate),
    persons: () => createPersonStore(connection, 0),
    runPersonTask: createRunPersonTask({ ...connection.file, erasedDays: 0 }),
  };
}

function openEmbedded(config: EmbeddedConfig, options: OpenStoreOptions): SqliteStore {
  const connection = openConnection({
    path: config.database.path,
    country: options.country,
    fallbackCountry: config.defaultCountry,
    create: options.create ?? false,
    mapped: options.mapped ?? false,
    onMigrate: options.log,
    clock: options.clock,
  });
  try {
    return storeOf(connection, config, options.log);
  } catch (cause) {
    connection.file.close();
    // A statement that cannot be prepared: the file's idea of its own tables is damaged.
    throw refusalOf(connection.path, cause);
  }
}

/** Of imports that were killed, also while this process serves: what they left by halves is taken back. */
async function endKilledImports(
  { database }: Connection,
  archive: SqliteArchive,
  log: LogStoreEvent | undefined,
): Promise<void> {
  const isOpen = () => database.isOpen;
  if (log === undefined || !isOpen() || !hasUnendedImport(database)) return;
  const release = archive.claimImport();
  if (release === undefined) return;
  try {
    for (const message of archive.endKilledImports()) {
      if (message !== undefined) log({ level: 'warn', message });
      await pause(UPKEEP_PAUSE_MS);
      if (!isOpen()) return;
    }
  } catch (cause) {
    log({ level: 'error', message: 'an import that was killed cannot be brought to its end', cause });
  } finally {
    release();
  }
}

/** Between two batches, for requests. */
const UPKEEP_PAUSE_MS = 50;

function storeOf(
  connection: Connection,
  config: EmbeddedConfig,
  log: LogStoreEvent | undefined,
): SqliteStore {
  const leads = createLeadStore(connection, config);
  const accounts = createAccountStore(connection);
  const dailyLeads = createDailyLeads(connection, log);
  const keepSearch = createSearchUpkeep(connection, log);
  const archive = createLeadArchive(connection, config.erasedDays);
  let persons: PersonStore | undefined;
  return {
    leads,
    accounts,
    records: createRecordStore(connection, leads),
    calls: createCallStore(connection),
    archive,
    async upkeep() {
      await endKilledImports(connection, archive, log);
      await keepSearch();
    },
    // Its statements are for commands alone.
    get persons() {
      return (persons ??= createPersonStore(connection, config.erasedDays));
    },
    runPersonTask: createRunPersonTask({ ...connection.file, erasedDays: config.erasedDays }),
    users: createUserDirectory(connection),
    ...createStoredCredentials(connection),
    dailyLeads,
    connection,
    ownFile: connection.file,
    async isReady() {
      // Reads what every request reads: a statement without a table would not touch the file.
      await accounts.read('');
      return true;
    },
    close() {
      dailyLeads.close();
      connection.file.close();
    },
  };
}
