import type { MariadbAddress } from '../../config/addresses.ts';
import type { LoginFailureStore } from '../../core/account-store.ts';
import type { CredentialStore, TokenDirectory } from '../../core/credential-store.ts';
import { PHONE_COLUMNS } from '../../core/lead.ts';
import type { LogStoreEvent, Store } from '../../core/store.ts';
import {
  createAccountStore,
  createDialerPasswords,
  createFind,
  createSharedCount,
  withStoreFailure,
} from './account-store.ts';
import { poolAddress, type DialerConfig } from './address.ts';
import { createPool, type DialerPool } from './pool.ts';
import { createCompleteLead, createLookups } from './lookups.ts';
import { createCached, createSchemaCache, retryAfterRefresh, type SchemaCache } from './schema-cache.ts';
import { canFindBy, CUSTOMERS_TABLE, readTables } from './schema.ts';
import { createSearches } from './searches.ts';
import { wholeNumber } from './rows.ts';
import { byIndex } from './statements.ts';

/** callercard's own file beside a dialer: failed logins, tokens and sessions. */
export interface DialerState {
  readonly failures: () => LoginFailureStore;
  credentials(): Pick<Store, 'credentials' | 'tokens'>;
  close(): void;
}

export interface DialerOptions {
  readonly state: DialerState;
  /** For a server: the schema is read before the first request, and what is wrong with it is logged. */
  readonly isServing: boolean;
  readonly log?: LogStoreEvent | undefined;
}

/** A dialer as a store, with the database behind it, into which `callercard check` looks. */
export interface DialerStore extends Store {
  readonly config: DialerConfig;
  readonly dialer: DialerPool;
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
  const dialer = createPool(poolAddress(config, config.database), log);
  const { read } = dialer;
  const customers = customersOf(config, log);
  const rules = {
    address3IsPhone: config.address3IsPhone,
    listScope: config.listScope,
    customersDatabase: customers.database,
  };
  const cache = createSchemaCache(read, config.database.database, rules);
  const complete = createCompleteLead(read, cache, customers.isCustomer);
  const lookups = createLookups(read, cache, config.defaultCountry);
  const searches = createSearches(cache, { read, complete, country: config.defaultCountry });
  if (isServing) void readSchemaAhead(cache, log);
  const passwords = createDialerPasswords(() => cache.latest?.schema.settings.passwords ?? 'plain');
  const accounts = createAccountStore({
    lookups,
    searches,
    passwords,
    failures: state.failures,
    sharedCount: createSharedCount(dialer, log),
  });
  return {
    leads: {
      country: config.defaultCountry,
      phoneColumns: PHONE_COLUMNS.filter((column) => column !== 'address3' || config.address3IsPhone),
      find: createFind(lookups, complete, accounts),
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
      statements: sumOf(dialer.servers, ({ load }) => load),
      servers: dialer.servers.length,
      failedServers: sumOf(dialer.servers, ({ failure }) => (failure === undefined ? 0 : 1)),
    }),
    async close() {
      await Promise.all([dialer.close(), customers.close(), passwords.close()]);
      state.close();
    },
  };
}

/** The file is opened by the first request that needs it. */
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

/** GOautodial's customers: in a database on the dialer's server, on a server of their own, or nowhere. */
interface Customers {
  /** The name of their database on the dialer's own server. */
  readonly database: string | undefined;
  /** Asks their own server. */
  readonly isCustomer?: (leadId: number) => Promise<boolean>;
  close(): Promise<void>;
}

function customersOf(config: DialerConfig, log: LogStoreEvent): Customers {
  const { goautodialDatabase: setting } = config;
  if (setting !== 'none' && 'servers' in setting) return customersElsewhere(config, setting, log);
  return { database: setting === 'none' ? undefined : setting.name, close: () => Promise.resolve() };
}

/** Without the table, or without an index on its lead_id, no lead is a customer. */
function customersElsewhere(config: DialerConfig, address: MariadbAddress, log: LogStoreEvent): Customers {
  const pool = createPool(poolAddress(config, address, 'SELECT 1'), log);
  const table = createCached(async () =>
    (await readTables(pool.read, address.database, [CUSTOMERS_TABLE])).get(CUSTOMERS_TABLE),
  );
  return {
    database: undefined,
    isCustomer: (leadId) =>
      retryAfterRefresh(table, async (customers) => {
        if (!canFindBy(customers, 'lead_id')) return false;
        const statement = `SELECT 1 FROM ${CUSTOMERS_TABLE} ${byIndex(customers, 'lead_id')} WHERE lead_id = ? LIMIT 1`;
        return (await pool.read(statement, [wholeNumber(leadId)])).length > 0;
      }),
    close: () => pool.close(),
  };
}
