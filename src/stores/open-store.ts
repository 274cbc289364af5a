import type { SqliteAddress } from '../config/addresses.ts';
import type { Config } from '../config/settings.ts';
import type { Country } from '../core/phone.ts';
import { createAccountStore, createLoginFailures, createUserDirectory } from './sqlite/accounts.ts';
import { openConnection, type Connection } from './sqlite/connection.ts';
import { createStoredCredentials } from './sqlite/tokens.ts';
import { createDailyLeads } from './sqlite/daily-leads.ts';
import { createLeadArchive } from './sqlite/lead-archive.ts';
import { createLeadStore } from './sqlite/leads.ts';
import { type EmbeddedStore, StoreRefusal, type LogStoreEvent } from '../core/store.ts';
import { openDialer, type DialerOptions, type DialerStore } from './vicidial/open-dialer.ts';

// For those who keep files of their own beside a store.
export { claimFile } from './sqlite/transactions.ts';

export type EmbeddedConfig = Config & { readonly database: SqliteAddress };

/** A store of callercard's own, with the file behind it, into which `callercard check` looks. */
export interface SqliteStore extends EmbeddedStore {
  readonly connection: Connection;
}

export type OpenedStore = SqliteStore | DialerStore;

export interface OpenStoreOptions {
  /** Make the store when it is not there yet. */
  readonly create?: boolean;
  /** Nobody but the operator will ask: what only callers need is not made. */
  readonly forOperator?: boolean;
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
}

/**
 * Opens the store that the configuration names. A dialer's database need not answer yet.
 *
 * @throws {StoreRefusal} with what to do about it; nothing was changed
 */
export function openStore(config: EmbeddedConfig, options?: OpenStoreOptions): SqliteStore;
export function openStore(config: Config, options?: OpenStoreOptions): OpenedStore;
export function openStore(config: Config, options: OpenStoreOptions = {}): OpenedStore {
  const { database } = config;
  return database.engine === 'sqlite'
    ? openEmbedded({ ...config, database }, options)
    : openDialer({ ...config, database }, dialerOptions(config, options));
}

/** Whether leads and users are callercard's own. */
export function isEmbedded(config: Config): config is EmbeddedConfig {
  return config.database.engine === 'sqlite';
}

function dialerOptions({ stateFile }: Config, { forOperator = false, log }: OpenStoreOptions): DialerOptions {
  const state = createStateFile(stateFile, log);
  // At once, so that a file which cannot be used stops the start, and not the first caller.
  if (!forOperator) state.failures();
  return { state, isServing: !forOperator, log };
}

/**
 * What callercard itself keeps beside a dialer: an embedded store of failed logins, tokens, sessions and leads read today
 * alone. Reading one of them opens the file, or makes it, if it is not open yet, and throws a StoreRefusal where that fails.
 */
function createStateFile(path: string, log?: LogStoreEvent) {
  let opened: ReturnType<typeof openState> | undefined;
  return {
    failures: () => (opened ??= openState(path, log)).failures,
    credentials: () => (opened ??= openState(path, log)).credentials,
    dailyLeads: () => (opened ??= openState(path, log)).dailyLeads,
    close() {
      opened?.dailyLeads.close();
      opened?.connection.database.close();
      opened = undefined;
    },
  };
}

function openState(path: string, log: LogStoreEvent | undefined) {
  // The country does not matter: no telephone numbers are stored here.
  const where = { path, country: undefined, fallbackCountry: 'MX' } as const;
  const connection = openConnection({ ...where, create: true, onMigrate: log });
  return {
    connection,
    failures: createLoginFailures(connection),
    credentials: createStoredCredentials(connection),
    dailyLeads: createDailyLeads(connection, log),
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
  });
  try {
    return storeOf(connection, config, options.log);
  } catch (cause) {
    connection.database.close();
    // A statement that cannot be prepared: the file's idea of its own tables is damaged.
    throw new StoreRefusal(`${connection.path} is damaged; restore it from a backup`, { cause });
  }
}

function storeOf(
  connection: Connection,
  config: EmbeddedConfig,
  log: LogStoreEvent | undefined,
): SqliteStore {
  const leads = createLeadStore(connection, config.address3IsPhone);
  const accounts = createAccountStore(connection);
  const dailyLeads = createDailyLeads(connection, log);
  return {
    leads,
    accounts,
    archive: createLeadArchive(connection),
    users: createUserDirectory(connection),
    ...createStoredCredentials(connection),
    dailyLeads,
    connection,
    async isReady() {
      // Reads what every request reads: a statement without a table would not touch the file.
      await accounts.read('');
      return true;
    },
    close() {
      dailyLeads.close();
      connection.database.close();
    },
  };
}
