import type { GrantDirectory, LoginFailureStore } from '../../core/account-store.ts';
import { PHONE_COLUMNS } from '../../core/lead.ts';
import type { PersonStore } from '../../core/person-store.ts';
import type { RunPersonTask } from '../../core/person-task.ts';
import type { LogStoreEvent, OwnFile, Store } from '../../core/store.ts';
import { createAccountStore, createDialerPasswords, createFind } from './account-store.ts';
import { poolAddress, type DialerConfig } from './address.ts';
import { createFailedLogins } from './failed-logins.ts';
import { createPool, createSharedNumbers, type DatabasePool, withStoreFailure } from '../network/pool.ts';
import { poolStateOf } from '../network/pool-state.ts';
import { createCompleteWithNumbers } from './further-numbers.ts';
import { createLeadHistory } from './call-history.ts';
import { createLeadDetails } from './lead-details.ts';
import { createReadLiveAgent } from './live-agent.ts';
import { createCompleteLead, createLookups } from './lookups.ts';
import { createCached, createSchemaCache, retryAfterRefresh } from './schema-cache.ts';
import { byIndex, canFindBy, CUSTOMERS_TABLE, readTables } from './schema.ts';
import { createSearches } from './searches.ts';
import { wholeNumber } from './rows.ts';
import { lookupRules } from './statements.ts';

/** callercard's own file beside a dialer: failed logins, tokens, sessions, rights that the dialer has not, leads read today. */
export interface DialerState {
  readonly failures: () => LoginFailureStore;
  credentials(): Pick<Store, 'credentials' | 'tokens'>;
  readonly grants: () => GrantDirectory;
  dailyLeads(): Store['dailyLeads'];
  readonly persons: () => PersonStore;
  readonly runPersonTask: RunPersonTask;
  readonly openFile: () => OwnFile | undefined;
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
  readonly dialer: DatabasePool;
  readonly grants: () => GrantDirectory;
  /** What callercard itself keeps of the dialer's leads. */
  readonly persons: () => PersonStore;
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
  const customers = customersElsewhere(config, log);
  const cache = createSchemaCache(read, config.database.database, lookupRules(config));
  const complete = createCompleteLead(read, cache, customers?.isCustomer);
  const shared = createSharedNumbers();
  const lookups = createLookups(read, cache, config.defaultCountry, shared);
  const withNumbers = createCompleteWithNumbers(read, cache, complete);
  const searches = createSearches(read, cache, config.defaultCountry, withNumbers, shared);
  if (isServing) {
    cache.snapshot().catch((cause: unknown) => {
      log({ level: 'warn', message: 'the dialer cannot be used yet; "callercard check" says more', cause });
    });
  }
  const passwords = createDialerPasswords(() => cache.latest()?.schema.settings.passwords ?? 'plain');
  // Opened by the first count; that it fails is logged there.
  const writing = createPool({ ...poolAddress(config, config.database), connections: 1 }, () => undefined);
  const failedLogins = createFailedLogins(writing.write, log);
  const accounts = createAccountStore({ ...state, failedLogins, lookups, searches, passwords });
  return {
    leads: {
      ...{ country: config.defaultCountry, readsTogether: true },
      phoneColumns: PHONE_COLUMNS.filter((column) => column !== 'address3' || config.address3IsPhone),
      find: createFind(lookups, { alone: complete, withNumbers }, accounts),
      findAll: (phone, scope, page) => withStoreFailure(() => searches.findAll(phone, scope, page)),
      describeList: (listId) => withStoreFailure(() => searches.describeList(listId)),
      ...createLeadDetails(read, cache, config.database.database),
      readHistory: createLeadHistory(read, config.database.database),
    },
    ...{ accounts, readLiveAgent: createReadLiveAgent(read, config.database.database) },
    // The file is opened by the first request that needs it.
    get credentials() {
      return state.credentials().credentials;
    },
    get tokens() {
      return state.credentials().tokens;
    },
    ...{ grants: state.grants, persons: state.persons, runPersonTask: state.runPersonTask },
    get dailyLeads() {
      return state.dailyLeads();
    },
    get ownFile() {
      return state.openFile();
    },
    config,
    dialer,
    async isReady() {
      await accounts.read('');
      return true;
    },
    pool: () => poolStateOf(dialer),
    async close() {
      await failedLogins.settled();
      await Promise.all([dialer.close(), writing.close(), customers?.close(), passwords.close()]);
      state.close();
    },
  };
}

/** GOautodial's customers on a server of their own. Without an index on their lead_id no lead is a customer. */
function customersElsewhere(config: DialerConfig, log: LogStoreEvent) {
  const address = config.goautodialDatabase;
  if (address === 'none' || 'name' in address) return undefined;
  const pool = createPool(poolAddress(config, address, 'SELECT 1'), log);
  const table = createCached(async () =>
    (await readTables(pool.read, address.database, [CUSTOMERS_TABLE])).get(CUSTOMERS_TABLE),
  );
  return {
    isCustomer: (leadId: number) =>
      retryAfterRefresh(table, async (customers) => {
        if (!canFindBy(customers, 'lead_id')) return false;
        const statement = `SELECT 1 FROM ${CUSTOMERS_TABLE} ${byIndex(customers, 'lead_id')} WHERE lead_id = ? LIMIT 1`;
        return (await pool.read(statement, [wholeNumber(leadId)])).length > 0;
      }),
    close: () => pool.close(),
  };
}
