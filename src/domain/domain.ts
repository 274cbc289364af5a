import { createAccessCounters, type AccessCounters } from '../core/access-counters.ts';
import type { Clock } from '../core/clock.ts';
import type { HashLanes } from '../auth/hash-queue.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import { createServices, type Numbering, type ServiceOptions, type Services } from '../service/services.ts';
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
  /** Log and metrics of every lookup. */
  readonly observers: readonly ((event: LookupEvent) => void)[];
  /** Logs what happens to the store of a domain. */
  readonly log: (domain: string, event: StoreEvent) => void;
  readonly makeRoom: () => void;
  readonly hashLanes: HashLanes;
  readonly retryMs: number;
  /** Whether the process serves this domain alone. */
  readonly isAlone: boolean;
}

/** What is known of a domain at this moment, for metrics. */
export interface DomainState {
  readonly name: string;
  readonly isOpen: boolean;
  /** Lookups that are worked on. */
  readonly inFlight: number;
  readonly access: AccessCounters;
  readonly audit: DomainAudit['state'];
  /** Undefined where there are no connections. */
  readonly pool: PoolState | undefined;
}

/** One domain as it is configured: its store, opened when somebody asks, and what it keeps of its callers: cached credentials, rate limits. */
export interface Domain {
  /** Their failures are those of this domain alone. */
  readonly services: Services;
  numbering(): Numbering;
  readonly store: Pick<DomainStore, 'current'>;
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
  /** Forgets its callers; what matters longer is in the store. */
  forgetCallers(): void;
  /** Ends with its last request: resolves then. What comes late all the same is answered, and the store closed again. */
  retire(): Promise<void>;
}

/** @param opened a store that is open already, whose owner the domain becomes */
export function createDomain(
  { name, config }: DomainConfig,
  { clock, observers, log, hashLanes, ...rest }: DomainOptions,
  opened?: Store,
): Domain {
  const logged = { clock, log: (event: StoreEvent) => log(name, event), ...rest };
  const store = createDomainStore(config, logged, opened);
  const audit = createDomainAudit(config, logged);
  const counters = createAccessCounters();
  const options = serviceOptions(name, config, store, { clock, observers, audit, counters, hashLanes });
  /** With cached credentials and rate limits, which outlive a store that is closed to save files. */
  let services: Services | undefined;
  let requests = 0;
  let usedAt = clock.monotonic();
  let isRetired = false;
  const ended = Promise.withResolvers<undefined>();

  function endIfIdle(): void {
    if (isRetired && requests === 0) void closeBoth(store, audit).then(() => ended.resolve(undefined));
  }

  async function serve<Result>(work: (services: Services) => Promise<Result>): Promise<Result> {
    requests += 1;
    try {
      if (store.current === undefined) store.tryOpen();
      services ??= createServices(options);
      return await work(services);
    } finally {
      requests -= 1;
      usedAt = clock.monotonic();
      endIfIdle();
    }
  }

  return {
    services: servicesOf(serve),
    numbering: () => numberingOf(store, config),
    store,
    hasOpenFiles: () => store.current !== undefined || audit.isOpen,
    open: () => openBoth(store, audit),
    isReady: () => audit.isReady() && store.isReady(),
    close: () => closeBoth(store, audit),
    get isBusy() {
      return requests > 0;
    },
    state: () => ({ name, inFlight: requests, access: counters, audit: audit.state, ...storeState(store) }),
    get usedAt() {
      return usedAt;
    },
    forgetCallers() {
      services = undefined;
      counters.cachedCredentials = () => 0;
    },
    retire() {
      isRetired = true;
      endIfIdle();
      return ended.promise;
    },
  };
}

function serviceOptions(
  name: string,
  config: DomainConfig['config'],
  store: DomainStore,
  rest: Pick<ServiceOptions, 'clock' | 'observers' | 'audit' | 'counters' | 'hashLanes'>,
): ServiceOptions {
  return {
    domain: name,
    ratePerSecond: config.rateLimit,
    enumerationPerSecond: config.enumerationLimit,
    store() {
      if (store.current === undefined) throw store.failure();
      return store.current;
    },
    country: () => countryOf(store, config.defaultCountry),
    ...rest,
  };
}

/** Each is asked of what serves the domain at that moment. */
function servicesOf(
  serve: <Result>(work: (services: Services) => Promise<Result>) => Promise<Result>,
): Services {
  return {
    lookup: (request) => serve(({ lookup }) => lookup(request)),
    search: (request) => serve((services) => services.search(request)),
    lookupMany: (request) => serve((services) => services.lookupMany(request)),
    describeList: (request) => serve((services) => services.describeList(request)),
    identify: (request, cost) => serve((services) => services.identify(request, cost)),
    notifyCall: (request) => serve((services) => services.notifyCall(request)),
    openCard: (request) => serve((services) => services.openCard(request)),
    signIn: (request) => serve((services) => services.signIn(request)),
    signOut: (secret) => serve((services) => services.signOut(secret)),
  };
}

function storeState(store: DomainStore): Pick<DomainState, 'isOpen' | 'pool'> {
  return { isOpen: store.current !== undefined, pool: store.current?.pool?.() };
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
  return store.current?.leads.country ?? country;
}
