import { createAccessCounters, type AccessCounters } from '../core/access-counters.ts';
import type { Clock } from '../core/clock.ts';
import type { HashLanes } from '../auth/hash-queue.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import { createServices, type Services, type Numbering } from '../service/services.ts';
import type { LookupPorts } from '../service/lookup.ts';
import { PHONE_COLUMNS, type PhoneColumn } from '../core/lead.ts';
import type { Country } from '../core/phone.ts';
import type { DomainConfig } from '../config/settings.ts';
import type { PoolState, Store, StoreEvent } from '../core/store.ts';
import {
  createDomainAudit,
  createDomainStore,
  type DomainAudit,
  type DomainStore,
} from './domain-resources.ts';

/** What a domain needs from outside. */
export interface DomainOptions {
  readonly clock: Clock;
  /** Told of every lookup. */
  readonly onEvent: (event: LookupEvent) => void;
  /** Told what happens to the store of a domain. */
  readonly tell: (domain: string, event: StoreEvent) => void;
  readonly makeRoom: () => void;
  readonly hashTurns: HashLanes;
  readonly retryMs: number;
  /** Whether the process serves this domain alone. */
  readonly isAlone: boolean;
}

/** What is known of a domain at this moment, for metrics. */
export interface DomainState {
  readonly name: string;
  readonly isOpen: boolean;
  /** Lookups that are worked on. */
  readonly underWay: number;
  readonly access: AccessCounters;
  readonly audit: DomainAudit['state'];
  /** Undefined where there are no connections. */
  readonly pool: PoolState | undefined;
}

/** One domain as it is configured: its store, opened when somebody asks, and what is remembered of its callers. */
export interface Domain {
  /** Their failures are those of this domain alone. */
  readonly inquiries: Services;
  numbering(): Numbering;
  readonly store: Pick<DomainStore, 'isOpen'>;
  /** Of its store or of its audit. */
  hasOpenFiles(): boolean;
  /**
   * Opens store and audit.
   *
   * @throws {StoreRefusal | AuditRefusal} one of them cannot be used
   */
  open(): void;
  /** Whether it could serve, as far as is known. */
  isReady(): boolean | Promise<boolean>;
  /** Closes store and audit until the next request. Never throws. */
  close(): Promise<void>;
  /** Requests are worked on: until they are done the store stays open. */
  readonly isBusy: boolean;
  state(): DomainState;
  /** When the last request ended; monotonic. */
  readonly usedAt: number;
  /** Forgets what is remembered of callers; what matters longer is in the store. */
  forgetCallers(): void;
  /** Ends with its last request: resolves then. What comes late all the same is answered, and the store closed again. */
  retire(): Promise<void>;
}

/** @param opened a store that is open already, whose owner the domain becomes */
export function createDomain(
  { name, config }: DomainConfig,
  { clock, onEvent, tell, hashTurns, ...rest }: DomainOptions,
  opened?: Store,
): Domain {
  const options = { clock, tell: (event: StoreEvent) => tell(name, event), ...rest };
  const store = createDomainStore(config, options, opened);
  const audit = createDomainAudit(config, options);
  const meters = createAccessCounters();
  const limits = { ratePerSecond: config.rateLimit, walkPerSecond: config.walkLimit };
  const about = { domain: name, clock, onEvent, ...limits, audit, meters, hashTurns };
  let callers: Services | undefined;
  let requests = 0;
  let usedAt = clock.monotonic();
  let isRetired = false;
  const ended = Promise.withResolvers<undefined>();

  function endIfIdle(): void {
    if (isRetired && requests === 0) void closeBoth(store, audit).then(() => ended.resolve(undefined));
  }

  async function answer<Result>(work: (asked: Services) => Result): Promise<Awaited<Result>> {
    requests += 1;
    try {
      store.tryOpen();
      callers ??= createServices({ ...followStore(store, config.defaultCountry), ...about });
      return await work(callers);
    } finally {
      requests -= 1;
      usedAt = clock.monotonic();
      endIfIdle();
    }
  }

  return {
    inquiries: inquiriesOf(answer),
    numbering: () => numberingOf(store, config),
    store,
    hasOpenFiles: () => store.isOpen || audit.isOpen,
    open: () => openBoth(store, audit),
    isReady: () => audit.isReady() && store.isReady(),
    close: () => closeBoth(store, audit),
    get isBusy() {
      return requests > 0;
    },
    state: () => ({ name, underWay: requests, access: meters, audit: audit.state, ...storeState(store) }),
    get usedAt() {
      return usedAt;
    },
    forgetCallers() {
      callers = undefined;
      meters.cachedCredentials = () => 0;
    },
    retire() {
      isRetired = true;
      endIfIdle();
      return ended.promise;
    },
  };
}

/** Each is asked of what serves the domain at that moment. */
function inquiriesOf(
  answer: <Result>(work: (asked: Services) => Result) => Promise<Awaited<Result>>,
): Services {
  return {
    lookup: (request) => answer(({ lookup }) => lookup(request)),
    search: (request) => answer((asked) => asked.search(request)),
    lookupMany: (request) => answer((asked) => asked.lookupMany(request)),
    describeList: (request) => answer((asked) => asked.describeList(request)),
    identify: (request, amount) => answer((asked) => asked.identify(request, amount)),
    notifyCall: (request) => answer((asked) => asked.notifyCall(request)),
    openCard: (request) => answer((asked) => asked.openCard(request)),
    signIn: (request) => answer((asked) => asked.signIn(request)),
    signOut: (secret) => answer((asked) => asked.signOut(secret)),
  };
}

function storeState(store: DomainStore): Pick<DomainState, 'isOpen' | 'pool'> {
  const { isOpen } = store;
  return { isOpen, pool: isOpen ? store.inUse().pool?.() : undefined };
}

async function closeBoth(store: DomainStore, audit: DomainAudit): Promise<void> {
  await Promise.all([store.close(), audit.close()]);
}

/** The store first: where it is refused, no audit is begun. */
function openBoth(store: DomainStore, audit: DomainAudit): void {
  store.open();
  try {
    audit.open();
  } catch (cause) {
    void store.close();
    throw cause;
  }
}

function numberingOf(store: DomainStore, config: DomainConfig['config']): Numbering {
  const isOne = (column: PhoneColumn) => column !== 'address3' || config.address3IsPhone;
  return { country: countryOf(store, config.defaultCountry), columns: PHONE_COLUMNS.filter(isOne) };
}

/** @param country counts where the store cannot be opened */
function countryOf(store: DomainStore, country: Country): Country {
  return store.isOpen ? store.inUse().leads.country : country;
}

/**
 * Ports that lead to the store that is open now: what is remembered of callers, such as how often they asked, outlives
 * a store that is closed to save files.
 *
 * @param country counts where the store cannot be opened
 */
function followStore(store: DomainStore, country: Country): Pick<LookupPorts, 'leads' | 'accounts' | 'keys'> {
  return {
    leads: {
      get country() {
        return countryOf(store, country);
      },
      get phoneColumns() {
        return store.inUse().leads.phoneColumns;
      },
      find: (question, scope) => store.inUse().leads.find(question, scope),
      findAll: (phone, scope, page) => store.inUse().leads.findAll(phone, scope, page),
      describeList: (listId) => store.inUse().leads.describeList(listId),
    },
    keys: {
      findToken: (digest) => store.inUse().credentials.findToken(digest),
      findSession: (digest) => store.inUse().credentials.findSession(digest),
      addSession: (digest, session, now) => store.inUse().credentials.addSession(digest, session, now),
      dropSession: (digest) => store.inUse().credentials.dropSession(digest),
    },
    accounts: {
      get passwords() {
        return store.inUse().accounts.passwords;
      },
      account: (userName, question) => store.inUse().accounts.account(userName, question),
      readFailures: (identity) => store.inUse().accounts.readFailures(identity),
      countFailure: (identity, at, expired) => store.inUse().accounts.countFailure(identity, at, expired),
      clearFailures: (identity) => store.inUse().accounts.clearFailures(identity),
    },
  };
}
