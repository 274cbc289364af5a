import { AccessCounters } from '../core/access-counters.ts';
import type { HashLanes } from '../auth/hash-queue.ts';
import { firstKeyOf } from '../auth/secrets.ts';
import type { LookupEvent } from '../core/lookup-event.ts';
import { createServices, type Numbering, type ServiceOptions, type Services } from '../service/services.ts';
import { PHONE_COLUMNS, type PhoneColumn } from '../core/lead.ts';
import type { Country, NumberSettings } from '../core/phone.ts';
import type { Config, DomainConfig } from '../config/settings.ts';
import type { Store, StoreEvent } from '../core/store.ts';
import { createDomainAudit, type DomainAudit } from './domain-audit.ts';
import { createImportJobs, type DomainImports } from './import-jobs.ts';
import type { ImportProcesses } from './import-process.ts';
import { createPersonWork } from './person-work.ts';
import { createSearchAudit } from './search-audit.ts';
import { DomainStore, type DomainStoreOptions } from './domain-store.ts';

/** What a domain needs from outside. */
export interface DomainOptions extends Omit<DomainStoreOptions, 'log'> {
  /** Log and metrics of every lookup. */
  readonly observers: readonly ((event: LookupEvent) => void)[];
  /** Logs what happens to the store of a domain. */
  readonly log: (domain: string, event: StoreEvent) => void;
  readonly hashLanes: HashLanes;
  readonly importProcesses: ImportProcesses;
  readonly firstAdmin?: FirstAdminOptions | undefined;
}

/** How the first admin of a domain is made. */
export interface FirstAdminOptions {
  /** From which the keys of the domains follow (`firstKeyOf`). */
  readonly secret: string;
  /** Is told of domains without users, again and again. */
  readonly onNoUsers: (domain: string) => void;
}

/** What answers requests, with cached credentials and rate limits, which outlive a store that is closed to save files. */
interface Serving {
  readonly services: Services;
  /** In progress. */
  requests: number;
  /** The store that they began with and end with, where another one has taken its place. */
  former?: Store;
}

/** One domain as it is configured: its store, opened when somebody asks, and what it keeps of its callers: cached credentials, rate limits. */
export class Domain {
  /** Their failures are those of this domain alone. */
  readonly services: Services = servicesOf((work) => this.#serve(work));
  /** When the last request ended; monotonic. */
  usedAt: number;
  readonly #options: Omit<ServiceOptions, 'store' | 'country'>;
  readonly #config: Config;
  readonly #defaultCountry: Country;
  readonly #store: DomainStore;
  readonly #audit: DomainAudit;
  readonly #imports: DomainImports;
  readonly #counters = new AccessCounters();
  readonly #phoneColumns: readonly PhoneColumn[];
  readonly #numbers: NumberSettings;
  #serving: Serving | undefined;
  #requests = 0;
  #isRetired = false;
  readonly #ended = Promise.withResolvers<undefined>();

  /** @param opened a store that is open already, whose owner the domain becomes */
  constructor(
    { name, config }: DomainConfig,
    { observers, hashLanes, firstAdmin, importProcesses, ...rest }: DomainOptions,
    opened?: Store,
  ) {
    const { clock } = rest;
    const log = (event: StoreEvent) => rest.log(name, event);
    this.usedAt = clock.monotonic();
    this.#store = new DomainStore(config, { ...rest, log }, opened);
    this.#audit = createDomainAudit(config, { ...rest, log });
    this.#imports = createImportJobs({ domain: { name, config }, clock, log, processes: importProcesses });
    this.#config = config;
    this.#defaultCountry = config.defaultCountry;
    this.#phoneColumns = PHONE_COLUMNS.filter((column) => column !== 'address3' || config.address3IsPhone);
    this.#numbers = { internalNumbers: config.internalNumbers, numberBlocks: config.numberBlocks };
    this.#options = {
      numbers: this.#numbers,
      domain: name,
      ratePerSecond: config.rateLimit,
      enumerationPerSecond: config.enumerationLimit,
      dailyLeads: config.dailyLeads,
      requireIfMatch: config.requireIfMatch,
      maskedFields: config.maskedFields,
      clock,
      observers,
      audit: this.#audit,
      counters: this.#counters,
      hashLanes,
      firstKey: firstAdmin && firstKeyOf(firstAdmin.secret, name),
      onNoUsers: firstAdmin && (() => firstAdmin.onNoUsers(name)),
      searchAudit: createSearchAudit(config, clock),
    };
  }

  numbering(): Numbering {
    return {
      country: this.#store.current?.leads.country ?? this.#defaultCountry,
      columns: this.#phoneColumns,
      settings: this.#numbers,
    };
  }

  /** Which file the store is in; undefined: it is closed, or a dialer's, which several machines have under several names. */
  storeFile(): string | undefined {
    const { current } = this.#store;
    return current?.pool === undefined ? current?.ownFile?.identity : undefined;
  }

  findsNames(): boolean {
    const { current } = this.#store;
    return current === undefined || current.leads.searchText !== undefined;
  }

  /** Whether the store is open, and its leads are changed elsewhere. */
  get isReadOnly(): boolean {
    const { current } = this.#store;
    return current !== undefined && current.records === undefined;
  }

  get isStoreOpen(): boolean {
    return this.#store.current !== undefined;
  }

  /** Of its store or of its audit. */
  get hasOpenFiles(): boolean {
    return this.isStoreOpen || this.#audit.isOpen;
  }

  /** Requests are worked on: until they are done the store stays open. */
  get isBusy(): boolean {
    return this.#requests > 0;
  }

  /**
   * Opens the store, then the audit: where the store is refused, no audit is begun.
   *
   * @throws {StoreRefusal | AuditRefusal} one of them cannot be used
   */
  open(): void {
    this.#store.open();
    try {
      this.#audit.open();
    } catch (cause) {
      void this.#store.close();
      throw cause;
    }
  }

  /** Whether it could serve, as far as is known. */
  isReady(): boolean | Promise<boolean> {
    return this.#audit.isReady() && this.#store.isReady();
  }

  /** Closes store and audit until the next request. Never throws. */
  async close(): Promise<void> {
    await Promise.all([this.#store.close(), this.#audit.close()]);
  }

  /** What is known of the domain at this moment, for metrics. */
  state() {
    return {
      name: this.#options.domain,
      isOpen: this.isStoreOpen,
      inFlight: this.#requests,
      access: this.#counters,
      audit: this.#audit.state,
      pool: this.#store.current?.pool?.(),
    };
  }

  /** Forgets its callers; what matters longer is in the store. */
  forgetCallers(): void {
    this.#serving = undefined;
    this.#counters.cachedCredentials = () => 0;
  }

  /** Answers from another file from now on where one has taken the place of the store's, and removes old imports. Never rejects. */
  async lookAtFile(): Promise<void> {
    this.#imports.sweep();
    await this.#store.look((former) => {
      const serving = this.#serving;
      this.#serving = undefined;
      if (serving === undefined || serving.requests === 0) void this.#store.end(former);
      else serving.former = former;
    });
  }

  /** Resolves when the last request has ended. A later one is still answered, and the store closed again. */
  retire(): Promise<undefined> {
    this.#isRetired = true;
    this.#endIfIdle();
    return this.#ended.promise;
  }

  #endIfIdle(): void {
    if (this.#isRetired && !this.isBusy) void this.close().then(() => this.#ended.resolve(undefined));
  }

  async #serve<Result>(work: (services: Services) => Promise<Result>): Promise<Result> {
    this.#requests += 1;
    if (!this.isStoreOpen) this.#store.tryOpen();
    const serving = (this.#serving ??= this.#beginServing());
    serving.requests += 1;
    try {
      return await work(serving.services);
    } finally {
      serving.requests -= 1;
      if (serving.former !== undefined && serving.requests === 0) void this.#store.end(serving.former);
      this.#requests -= 1;
      this.usedAt = this.#options.clock.monotonic();
      this.#endIfIdle();
    }
  }

  #beginServing(): Serving {
    const store = () => {
      const open = serving.former ?? this.#store.current;
      if (open === undefined) throw this.#store.failure();
      return open;
    };
    const persons = createPersonWork(store, this.#config);
    const imports = this.#imports.portOf(store);
    const services = createServices({
      ...this.#options,
      store,
      persons: () => persons,
      imports: () => imports,
      country: () => (serving.former ?? this.#store.current)?.leads.country ?? this.#defaultCountry,
    });
    const serving: Serving = { services, requests: 0 };
    return serving;
  }
}

/** Each is asked of what serves the domain at that moment. */
function servicesOf(
  serve: <Result>(work: (services: Services) => Promise<Result>) => Promise<Result>,
): Services {
  return {
    lookup: (request) => serve(({ lookup }) => lookup(request)),
    search: (request) => serve((services) => services.search(request)),
    searchText: (request) => serve((services) => services.searchText(request)),
    readDetails: (request) => serve((services) => services.readDetails(request)),
    readLeadInfo: (request) => serve((services) => services.readLeadInfo(request)),
    lookupMany: (request) => serve((services) => services.lookupMany(request)),
    describeList: (request) => serve((services) => services.describeList(request)),
    findPersons: (request) => serve((services) => services.findPersons(request)),
    exportPerson: (request) => serve((services) => services.exportPerson(request)),
    readPerson: (request) => serve((services) => services.readPerson(request)),
    readDue: (request) => serve((services) => services.readDue(request)),
    erasePerson: (request) => serve((services) => services.erasePerson(request)),
    identify: (request, cost) => serve((services) => services.identify(request, cost)),
    findAgent: (extension) => serve((services) => services.findAgent(extension)),
    reportCall: (request) => serve((services) => services.reportCall(request)),
    changeCall: (request) => serve((services) => services.changeCall(request)),
    readCalls: (request) => serve((services) => services.readCalls(request)),
    readAgent: (request) => serve((services) => services.readAgent(request)),
    openCard: (request) => serve((services) => services.openCard(request)),
    createLead: (request) => serve((services) => services.createLead(request)),
    changeLead: (request) => serve((services) => services.changeLead(request)),
    changeLeads: (request) => serve((services) => services.changeLeads(request)),
    exportLeads: (request) => serve((services) => services.exportLeads(request)),
    lookThrough: (request) => serve((services) => services.lookThrough(request)),
    removeLead: (request) => serve((services) => services.removeLead(request)),
    undoChange: (request) => serve((services) => services.undoChange(request)),
    readTimeline: (request) => serve((services) => services.readTimeline(request)),
    readNotes: (request) => serve((services) => services.readNotes(request)),
    addNote: (request) => serve((services) => services.addNote(request)),
    readLists: (request) => serve((services) => services.readLists(request)),
    readFields: (request) => serve((services) => services.readFields(request)),
    setList: (request) => serve((services) => services.setList(request)),
    setFields: (request) => serve((services) => services.setFields(request)),
    readImports: (request) => serve((services) => services.readImports(request)),
    readImport: (request) => serve((services) => services.readImport(request)),
    beginImport: (request) => serve((services) => services.beginImport(request)),
    putImportPart: (request) => serve((services) => services.putImportPart(request)),
    startImport: (request) => serve((services) => services.startImport(request)),
    dropImport: (request) => serve((services) => services.dropImport(request)),
    readRejects: (request) => serve((services) => services.readRejects(request)),
    undoImport: (request) => serve((services) => services.undoImport(request)),
    signIn: (request) => serve((services) => services.signIn(request)),
    isAdmin: (request) => serve((services) => services.isAdmin(request)),
    readAccounts: (request) => serve((services) => services.readAccounts(request)),
    actOnAccount: (request) => serve((services) => services.actOnAccount(request)),
    searchAudit: (request) => serve((services) => services.searchAudit(request)),
    readOwnAccount: (request) => serve((services) => services.readOwnAccount(request)),
    setOwnPassword: (request) => serve((services) => services.setOwnPassword(request)),
    endOwnSessions: (request) => serve((services) => services.endOwnSessions(request)),
    lacksUsers: () => serve((services) => services.lacksUsers()),
    checkFirstKey: (request) => serve((services) => services.checkFirstKey(request)),
    makeFirstAdmin: (request) => serve((services) => services.makeFirstAdmin(request)),
    readSessions: (request) => serve((services) => services.readSessions(request)),
    signOut: (secret) => serve((services) => services.signOut(secret)),
  };
}
