import { createHashLanes } from '../auth/hash-queue.ts';
import type { DomainContext } from '../service/services.ts';
import { readHostName } from '../config/addresses.ts';
import type { DomainConfig } from '../config/settings.ts';
import type { Store } from '../core/store.ts';
import { createSharedServers } from '../stores/store-schemas.ts';
import { Domain, type DomainOptions } from './domain.ts';
import { createImportProcesses } from './import-process.ts';
import { changesOf, createFind, type DomainChanges, type Entries, nextEntries } from './entries.ts';

/** How many stores one process keeps open, and how long. */
export const DOMAIN_LIMITS = {
  /** A domain that nobody asks for this long is closed. */
  idleMs: 15 * 60 * 1000,
  /** How often such domains are looked for. */
  sweepMs: 30_000,
  /** How often the files of open stores are looked at: whether others have taken their places. */
  lookMs: 250,
  /** Stores that are open at a time; more only while all of them are worked on. */
  openStores: 64,
  /** A store that cannot be opened is tried again at most this often. */
  retryMs: 1_000,
} as const;

export type DomainLimits = { readonly [Limit in keyof typeof DOMAIN_LIMITS]: number };

/** The domains of one process. One that is alone stays open. */
export type Domains = ReturnType<typeof createDomains>;

export interface DomainsOptions extends Pick<
  DomainOptions,
  'clock' | 'observers' | 'log' | 'isDemo' | 'firstAdmin'
> {
  readonly limits: DomainLimits;
  /** The store of the only domain, open already. */
  readonly store?: Store | undefined;
}

/**
 * @param configs at least one
 * @throws {StoreRefusal | AuditRefusal} there is only one domain, and it cannot be used
 */
export function createDomains(
  configs: readonly DomainConfig[],
  { limits, store, ...outside }: DomainsOptions,
) {
  let entries: Entries = new Map();
  let served = serve(entries);
  const retired = new Set<Domain>();
  const shared = createShared();
  const options = { ...outside, ...shared, makeRoom, retryMs: limits.retryMs };

  function makeRoom(): void {
    if (served.only === undefined) closeLongestIdle(domainsOf(entries), limits.openStores - 1);
  }

  function take(configs: readonly DomainConfig[], store?: Store): void {
    const about = { ...options, isAlone: configs.length === 1 };
    const next = nextEntries(entries, configs, (config) => new Domain(config, about, store));
    // One domain alone is opened at once, so that an operator hears what is wrong with store or audit.
    if (next.size === 1) for (const domain of domainsOf(next)) domain.open();
    const before = domainsOf(entries);
    entries = next;
    served = serve(next);
    Object.assign(self, served);
    const kept = new Set(domainsOf(next));
    for (const domain of before) {
      if (kept.has(domain)) continue;
      retired.add(domain);
      void domain.retire().then(() => retired.delete(domain));
    }
  }

  const self = {
    ...served,
    readHost: readHostName,
    states: () => domainsOf(entries).map((domain) => domain.state()),
    /** Whether there is a domain that can serve, as far as is known. */
    isReady(): boolean | Promise<boolean> {
      const domains = domainsOf(entries);
      return domains.length === 1 && domains[0] !== undefined ? domains[0].isReady() : isAnyReady(domains);
    },
    /**
     * Takes other domains from the next request on; requests that are worked on end where they began.
     *
     * @throws {StoreRefusal | AuditRefusal} the only domain cannot be used; all stays as it was
     */
    reload(newConfigs: readonly DomainConfig[]): DomainChanges {
      const before = entries;
      take(newConfigs);
      return changesOf(before, entries);
    },
    /** Closes every store. */
    async close(): Promise<void> {
      timers.forEach(clearInterval);
      await shared.importProcesses.close();
      await Promise.all([...domainsOf(entries), ...retired].map((domain) => domain.close()));
    },
  };

  take(configs, configs.length === 1 ? store : undefined);
  const timers = [
    every(limits.sweepMs, () => {
      if (served.only === undefined) closeUnused(domainsOf(entries), limits, outside.clock.monotonic());
    }),
    every(limits.lookMs, () => domainsOf(entries).forEach((domain) => void domain.lookAtFile())),
  ];

  return self;
}

/** What all domains of a process use together. */
function createShared() {
  return {
    ...{ hashLanes: createHashLanes(), importProcesses: createImportProcesses() },
    servers: createSharedServers(),
  };
}

/** Does not keep the process alive. */
function every(milliseconds: number, work: () => void): NodeJS.Timeout {
  return setInterval(work, milliseconds).unref();
}

function domainsOf(entries: Entries): readonly Domain[] {
  return [...entries.values()].map(({ domain }) => domain);
}

function serve(entries: Entries) {
  const served = [...entries.values()].map(({ config, domain }): readonly [DomainConfig, DomainContext] => [
    config,
    {
      ...domain.services,
      numbering: () => domain.numbering(),
      storeFile: () => domain.storeFile(),
      findsNames: () => domain.findsNames(),
      isReadOnly: () => domain.isReadOnly,
      domain: config.name,
      corsOrigins: new Set(config.config.corsOrigins),
      popOrigins: new Set(config.config.popOrigins),
      cardFields: config.config.cardFields,
      queryCredentials: config.config.queryCredentials,
    },
  ]);
  const byName = new Map(served.map(([{ name }, context]) => [name, context]));
  return {
    only: served.length === 1 ? served[0]?.[1] : undefined,
    find: createFind(served),
    /** The domain of this name. */
    named: (name: string): DomainContext | undefined => byName.get(name),
  };
}

/** @param now monotonic */
function closeUnused(
  domains: readonly Domain[],
  { idleMs, openStores }: Pick<DomainLimits, 'idleMs' | 'openStores'>,
  now: number,
): void {
  closeIdle(domains, now - idleMs);
  closeLongestIdle(domains, openStores);
}

/** Closes the domains that are idle longest until so many are open; one that is worked on is never closed. */
function closeLongestIdle(domains: readonly Domain[], leaveOpen: number): void {
  const open = domains.filter(({ hasOpenFiles }) => hasOpenFiles);
  const idle = open.filter(({ isBusy }) => !isBusy).sort((one, other) => one.usedAt - other.usedAt);
  // Rate limits and cached credentials stay: a rate limit must not begin anew by many domains being busy.
  for (const domain of idle.slice(0, Math.max(0, open.length - leaveOpen))) void domain.close();
}

/** Closes the domains that nobody asked since `before` (monotonic), and forgets their callers. */
function closeIdle(domains: readonly Domain[], before: number): void {
  for (const domain of domains) {
    if (domain.isBusy || domain.usedAt > before) continue;
    domain.forgetCallers();
    void domain.close();
  }
}

/**
 * Whether there is a domain that can serve, as far as is known.
 *
 * @throws {AggregateError} all are open, and none answers
 */
async function isAnyReady(domains: readonly Domain[]): Promise<boolean> {
  if (domains.some((domain) => !domain.isStoreOpen && domain.isReady() === true)) return true;
  const open = domains.filter(({ isStoreOpen }) => isStoreOpen);
  await Promise.any(
    open.map(async (domain) => {
      if (!(await domain.isReady())) throw new Error('a domain is not ready');
    }),
  );
  return true;
}
