import type { DialerConfig } from './dialer-address.ts';
import type { LoginFailureStore } from '../../core/account-store.ts';
import type { CredentialStore, TokenDirectory } from '../../core/credential-store.ts';
import { PHONE_COLUMNS } from '../../core/lead.ts';
import { withStoreFailure } from '../store-failure.ts';
import type { Store, LogStoreEvent } from '../../core/store.ts';
import { createAccountStore, createFind } from './account-store.ts';
import { customersOf } from './customers.ts';
import { createDialer, type Dialer } from './dialer.ts';
import { dialerAddress } from './dialer-address.ts';
import { createDialerPasswords } from './dialer-passwords.ts';
import { createSchemaCache, type SchemaCache } from './schema-cache.ts';
import { createLeadReader } from './lead-reader.ts';
import { createLookups } from './lookups.ts';
import { createSearches } from './searches.ts';
import { createSharedCount } from './shared-count.ts';

/** Where callercard itself counts failed logins and keeps tokens and sessions, because the dialer's database is only read. */
export interface DialerState {
  failures(): LoginFailureStore;
  credentials(): Pick<Store, 'credentials' | 'tokens'>;
  close(): void;
}

export interface DialerOptions {
  readonly state: DialerState;
  /** Callers will ask: its schema is read ahead of them, and what is wrong with it is told. */
  readonly isServing: boolean;
  readonly log?: LogStoreEvent | undefined;
}

/** A dialer as a store, with the database behind it, into which `callercard check` looks. */
export interface DialerStore extends Store {
  readonly config: DialerConfig;
  readonly dialer: Dialer;
}

/**
 * A running dialer as a store. It may be down, and is found once it answers.
 *
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function openDialer(
  config: DialerConfig,
  { state, isServing, log = () => undefined }: DialerOptions,
): DialerStore {
  const dialer = createDialer(dialerAddress(config, config.database), log);
  const { read } = dialer;
  const customers = customersOf(config, log);
  const rules = {
    address3IsPhone: config.address3IsPhone,
    listScope: config.listScope,
    customersDatabase: customers.database,
  };
  const cache = createSchemaCache(read, config.database.database, rules);
  const reader = createLeadReader(read, cache, customers.isCustomer);
  const lookups = createLookups(cache, { read, reader, country: config.defaultCountry });
  const searches = createSearches(cache, { read, reader, country: config.defaultCountry });
  if (isServing) void readSchemaAhead(cache, log);
  const passwords = createDialerPasswords(() => cache.known?.schema.settings.passwords ?? 'plain');
  const accounts = createAccountStore({
    lookups,
    searches,
    passwords,
    failures: () => state.failures(),
    sharedCount: createSharedCount(dialer, log),
  });
  return {
    leads: {
      country: config.defaultCountry,
      phoneColumns: PHONE_COLUMNS.filter((column) => column !== 'address3' || config.address3IsPhone),
      find: createFind(lookups, accounts),
      findAll: (phone, scope, page) => withStoreFailure(() => searches.findAll(phone, scope, page)),
      describeList: (listId) => withStoreFailure(() => searches.describeList(listId)),
    },
    accounts,
    credentials: credentialsIn(state),
    tokens: tokensIn(state),
    config,
    dialer,
    async isReady() {
      await accounts.read('');
      return true;
    },
    pool: () => ({
      connections: sumOf(dialer.servers, ({ connections }) => connections),
      statements: sumOf(dialer.servers, ({ underWay }) => underWay),
      servers: dialer.servers.length,
      failedServers: sumOf(dialer.servers, ({ failure }) => (failure === undefined ? 0 : 1)),
    }),
    async close() {
      await Promise.all([dialer.close(), customers.close(), passwords.close()]);
      state.close();
    },
  };
}

/** Not opened before somebody asks. */
function credentialsIn(state: DialerState): CredentialStore {
  const stored = <Result>(work: (credentials: CredentialStore) => Promise<Result>) =>
    withStoreFailure(() => work(state.credentials().credentials));
  return {
    findToken: (digest) => stored((credentials) => credentials.findToken(digest)),
    findSession: (digest) => stored((credentials) => credentials.findSession(digest)),
    addSession: (digest, session, now) =>
      stored((credentials) => credentials.addSession(digest, session, now)),
    dropSession: (digest) => stored((credentials) => credentials.dropSession(digest)),
  };
}

function tokensIn(state: DialerState): TokenDirectory {
  return {
    add: (token, digest) => state.credentials().tokens.add(token, digest),
    list: () => state.credentials().tokens.list(),
    revoke: (name) => state.credentials().tokens.revoke(name),
  };
}

function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}

async function readSchemaAhead(cache: SchemaCache, log: LogStoreEvent): Promise<void> {
  try {
    await cache.snapshot();
  } catch (cause) {
    log({ level: 'warn', message: 'the dialer cannot be used yet; "callercard check" says more', cause });
  }
}
