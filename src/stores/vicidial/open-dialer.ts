import type { DialerConfig } from './dialer-address.ts';
import type { LoginFailureStore } from '../../core/account-store.ts';
import type { CredentialStore, TokenDirectory } from '../../core/credential-store.ts';
import { PHONE_COLUMNS } from '../../core/lead.ts';
import { withStoreFailure } from '../store-failure.ts';
import type { Store, LogStoreEvent } from '../../core/store.ts';
import { createAccountStore } from './account-store.ts';
import { customersOf } from './customers.ts';
import { createDialer } from './dialer.ts';
import { dialerAddress } from './dialer-address.ts';
import { createDialerPasswords } from './dialer-passwords.ts';
import { createSchemaCache, type SchemaCache } from './schema-cache.ts';
import { createLeadReader } from './lead-reader.ts';
import { createLookups } from './lookups.ts';
import { createSearches } from './searches.ts';
import { createSharedCount } from './shared-count.ts';

/** Where callercard itself counts failed logins and keeps keys, because the dialer's database is only read. */
export interface DialerState {
  failures(): LoginFailureStore;
  keys(): { readonly keys: CredentialStore; readonly tokens: TokenDirectory };
  close(): void;
}

export interface DialerOptions {
  readonly state: DialerState;
  /** Callers will ask: the dialer is learnt ahead of them, and what is wrong with it is told. */
  readonly isServing: boolean;
  readonly tell?: LogStoreEvent | undefined;
}

/**
 * A running dialer as a store. It may be down, and is found once it answers.
 *
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function openDialer(
  config: DialerConfig,
  { state, isServing, tell = () => undefined }: DialerOptions,
): Store {
  const dialer = createDialer(dialerAddress(config, config.database), tell);
  const { read } = dialer;
  const customers = customersOf(config, tell);
  const rules = {
    address3IsPhone: config.address3IsPhone,
    listScope: config.listScope,
    customersDatabase: customers.database,
  };
  const knowledge = createSchemaCache(read, config.database.database, rules);
  const reader = createLeadReader(read, knowledge, customers.isCustomer);
  const lookups = createLookups(knowledge, { read, reader, country: config.defaultCountry });
  const searches = createSearches(knowledge, { read, reader, country: config.defaultCountry });
  if (isServing) void learnAhead(knowledge, tell);
  const passwords = createDialerPasswords(() => knowledge.known?.schema.settings.passwords ?? 'plain');
  const accounts = createAccountStore({
    lookups,
    searches,
    passwords,
    failures: () => state.failures(),
    sharedCount: createSharedCount(dialer, tell),
  });
  return {
    leads: {
      country: config.defaultCountry,
      phoneColumns: PHONE_COLUMNS.filter((column) => column !== 'address3' || config.address3IsPhone),
      find: (question, scope) => withStoreFailure(() => lookups.find(question, scope)),
      findAll: (phone, scope, page) => withStoreFailure(() => searches.findAll(phone, scope, page)),
      describeList: (listId) => withStoreFailure(() => searches.describeList(listId)),
    },
    accounts,
    credentials: keysIn(state),
    tokens: tokensIn(state),
    async *inspect() {
      // Only `callercard check` asks, so only then it is loaded.
      const { inspectDialer } = await import('../../diagnostics/vicidial/inspect.ts');
      yield* inspectDialer(config, dialer);
    },
    async isReady() {
      await accounts.account('', undefined);
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
function keysIn(state: DialerState): CredentialStore {
  const keys = () => withStoreFailure(() => state.keys().keys);
  return {
    findToken: (digest) => keys().findToken(digest),
    findSession: (digest) => keys().findSession(digest),
    addSession: (digest, session, now) => keys().addSession(digest, session, now),
    dropSession: (digest) => keys().dropSession(digest),
  };
}

function tokensIn(state: DialerState): TokenDirectory {
  return {
    add: (token, digest) => state.keys().tokens.add(token, digest),
    list: () => state.keys().tokens.list(),
    revoke: (name) => state.keys().tokens.revoke(name),
  };
}

function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}

async function learnAhead(knowledge: SchemaCache, tell: LogStoreEvent): Promise<void> {
  try {
    await knowledge.snapshot();
  } catch (cause) {
    tell({ level: 'warn', message: 'the dialer cannot be used yet; "callercard check" says more', cause });
  }
}
