import { AccessCounters } from '../core/access-counters.ts';
import type { HashLanes } from '../auth/hash-queue.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import { createServices, type Numbering, type ServiceOptions, type Services } from '../service/services.ts';
import { PHONE_COLUMNS } from '../core/lead.ts';
import type { DomainConfig } from '../config/settings.ts';
import type { Store, StoreEvent } from '../core/store.ts';
import {
  createDomainAudit,
  createDomainStore,
  type DomainAudit,
  type DomainStore,
  type DomainStoreOptions,
} from './domain-resources.ts';

/** What a domain needs from outside. */
export interface DomainOptions extends Omit<DomainStoreOptions, 'log'> {
  /** Log and metrics of every lookup. */
  readonly observers: readonly ((event: LookupEvent) => void)[];
  /** Logs what happens to the store of a domain. */
  readonly log: (domain: string, event: StoreEvent) => void;
  readonly hashLanes: HashLanes;
}

/** One domain as it is configured: its store, opened when somebody asks, and what it keeps of its callers: cached credentials, rate limits. */
export type Domain = ReturnType<typeof createDomain>;

/** @param opened a store that is open already, whose owner the domain becomes */
export function createDomain(
  { name, config }: DomainConfig,
  { observers, hashLanes, ...options }: DomainOptions,
  opened?: Store,
) {
  const { clock } = options;
  const log = (event: StoreEvent) => options.log(name, event);
  const store = createDomainStore(config, { ...options, log }, opened);
  const audit = createDomainAudit(config, { clock, log });
  const counters = new AccessCounters();
  const country = () => store.current?.leads.country ?? config.defaultCountry;
  const columns = PHONE_COLUMNS.filter((column) => column !== 'address3' || config.address3IsPhone);
  const serviceOptions: ServiceOptions = {
    domain: name,
    ratePerSecond: config.rateLimit,
    enumerationPerSecond: config.enumerationLimit,
    store() {
      if (store.current === undefined) throw store.failure();
      return store.current;
    },
    country,
    clock,
    observers,
    audit,
    counters,
    hashLanes,
  };
  /** With cached credentials and rate limits, which outlive a store that is closed to save files. */
  let services: Services | undefined;
  let requests = 0;
  let usedAt = clock.monotonic();
  let isRetired = false;
  const ended = Promise.withResolvers<undefined>();

  async function close(): Promise<void> {
    await Promise.all([store.close(), audit.close()]);
  }

  function endIfIdle(): void {
    if (isRetired && requests === 0) void close().then(() => ended.resolve(undefined));
  }

  async function serve<Result>(work: (services: Services) => Promise<Result>): Promise<Result> {
    requests += 1;
    try {
      if (store.current === undefined) store.tryOpen();
      services ??= createServices(serviceOptions);
      return await work(services);
    } finally {
      requests -= 1;
      usedAt = clock.monotonic();
      endIfIdle();
    }
  }

  return {
    /** Their failures are those of this domain alone. */
    services: servicesOf(serve),
    numbering: (): Numbering => ({ country: country(), columns }),
    isStoreOpen: () => store.current !== undefined,
    /** Of its store or of its audit. */
    hasOpenFiles: () => store.current !== undefined || audit.isOpen,
    open: () => openBoth(store, audit),
    /** Whether it could serve, as far as is known. */
    isReady: () => audit.isReady() && store.isReady(),
    /** Closes store and audit until the next request. Never throws. */
    close,
    /** Requests are worked on: until they are done the store stays open. */
    isBusy: () => requests > 0,
    /** What is known of the domain at this moment, for metrics. */
    state: () => ({
      name,
      isOpen: store.current !== undefined,
      inFlight: requests,
      access: counters,
      audit: audit.state,
      pool: store.current?.pool?.(),
    }),
    /** When the last request ended; monotonic. */
    usedAt: () => usedAt,
    /** Forgets its callers; what matters longer is in the store. */
    forgetCallers(): void {
      services = undefined;
      counters.cachedCredentials = () => 0;
    },
    /** Resolves when the last request has ended. A later one is still answered, and the store closed again. */
    retire(): Promise<undefined> {
      isRetired = true;
      endIfIdle();
      return ended.promise;
    },
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

/**
 * Opens the store, then the audit: where the store is refused, no audit is begun.
 *
 * @throws {StoreRefusal | AuditRefusal} one of them cannot be used
 */
function openBoth(store: DomainStore, audit: DomainAudit): void {
  store.open();
  try {
    audit.open();
  } catch (cause) {
    void store.close();
    throw cause;
  }
}
