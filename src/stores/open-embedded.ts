import { setTimeout as pause } from 'node:timers/promises';

import type { PersonStore } from '../core/person-store.ts';
import type { LogStoreEvent, OwnStore } from '../core/store.ts';
import { createAccountStore, createUserDirectory } from './sqlite/accounts.ts';
import { createCallStore } from './sqlite/calls.ts';
import { openConnection, type Connection } from './sqlite/connection.ts';
import { createDailyLeads } from './sqlite/daily-leads.ts';
import { createPersonStore } from './sqlite/erasure.ts';
import { refusalOf } from './sqlite/file-check.ts';
import { hasUnendedImport } from './sqlite/import-history.ts';
import { createLeadArchive, type SqliteArchive } from './sqlite/lead-archive.ts';
import { createLeadStore } from './sqlite/leads.ts';
import { createRunPersonTask } from './sqlite/person-thread.ts';
import { createRecordStore } from './sqlite/records.ts';
import { createSearchUpkeep } from './sqlite/search-upkeep.ts';
import { createStoredCredentials } from './sqlite/tokens.ts';
import type { EmbeddedConfig, OpenStoreOptions } from './store-config.ts';

/** The embedded store, with the file behind it, into which `callercard check` looks. */
export interface SqliteStore extends OwnStore {
  readonly connection: Connection;
  readonly archive: SqliteArchive;
}

/** @throws {StoreRefusal} with what to do about it; nothing was changed */
export function openEmbedded(config: EmbeddedConfig, options: OpenStoreOptions): SqliteStore {
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
