import type { AccountStore, UserDirectory } from '../access/account-store.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../lead/inspection.ts';
import type { LeadArchive } from '../lead/lead-archive.ts';
import type { LeadStore } from '../lead/lead-store.ts';
import type { Country } from '../lead/phone.ts';
import { createAccountStore, createUserDirectory } from './sqlite/account-store.ts';
import { openConnection } from './sqlite/connection.ts';
import { inspectStore } from './sqlite/inspect.ts';
import { createLeadArchive } from './sqlite/lead-archive.ts';
import { createLeadStore } from './sqlite/lead-store.ts';

/** A store, by what it can do. */
export interface Store {
  readonly leads: LeadStore;
  readonly accounts: AccountStore;
  readonly archive: LeadArchive;
  readonly users: UserDirectory;
  /** Looks at everything that may be wrong with it; may take long on a large store. */
  inspect(): Iterable<Inspection>;
  isReady(): boolean | Promise<boolean>;
  close(): void | Promise<void>;
}

export interface OpenStoreOptions {
  /** Make the store when it is not there yet. */
  readonly create?: boolean;
  /** The country that somebody chose for it; undefined: the store's own. */
  readonly country?: Country | undefined;
}

/**
 * Opens the store that the configuration names.
 *
 * @throws {StoreRefusal} with what to do about it; nothing was changed
 */
export function openStore(config: Config, options: OpenStoreOptions = {}): Store {
  const connection = openConnection({
    path: config.database.path,
    country: options.country,
    fallbackCountry: config.defaultCountry,
    create: options.create ?? false,
  });
  const leads = createLeadStore(connection, config.address3IsPhone);
  const accounts = createAccountStore(connection, leads);
  return {
    leads,
    accounts,
    archive: createLeadArchive(connection),
    users: createUserDirectory(connection),
    inspect: () => inspectStore(connection),
    isReady() {
      // Reads what every request reads: a statement without a table would not touch the file.
      void accounts.visit('', undefined);
      return true;
    },
    close: () => connection.database.close(),
  };
}
