import { userIdentity } from '../auth/lockout.ts';
import { domainsOf } from '../config/domains.ts';
import type { Config, DomainConfig } from '../config/settings.ts';
import { BoundedMap } from '../core/bounded-map.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { OpenLease } from '../core/lease.ts';
import { readPhone } from '../core/phone.ts';
import type { ReportCall } from '../core/reported-call.ts';
import type { StoreEvent } from '../core/store.ts';
import {
  type AsteriskConnector,
  type AsteriskCounts,
  type AsteriskOptions,
  startAsterisk,
} from '../connectors/asterisk/start-asterisk.ts';
import { dialerPop } from '../connectors/dialer/dialer-pop.ts';
import { type Connector, type ConnectorKind, createConnectors } from '../connectors/run-connectors.ts';
import { runWhileHeld } from '../connectors/run-while-held.ts';
import type { CallHub } from '../events/call-hub.ts';
import type { DomainContext } from '../service/services.ts';
import { openFloorOf } from '../stores/open-store.ts';
import { openStoreLeases } from '../stores/store-schemas.ts';
import type { CallLog } from './call-channels.ts';
import { createLateReports } from './late-reports.ts';
import { deliverReportOf } from './reported-calls.ts';

export interface ConnectorsOptions {
  readonly log: CallLog;
  readonly calls: CallHub;
  /** The domain of this name, as it is at that moment. */
  readonly domainNamed: (name: string) => DomainContext | undefined;
  readonly clock?: Clock | undefined;
  /** What one process of several does; without it this one does all. A store that several machines share has leases of its own. */
  readonly openLease?: OpenLease | undefined;
  readonly asteriskTimes?: AsteriskOptions['times'];
}

/** The connectors of one process. */
export interface OpenConnectors {
  /** Runs those of the domains of a configuration, from now on. */
  take(config: Config): void;
  /** Those of Asterisk that run in this process. */
  readonly asterisks: () => readonly (AsteriskCounts & { readonly domain: string })[];
  close(): Promise<void>;
}

/** What reports calls by itself, for each domain in one process of all. */
export function openConnectors(options: ConnectorsOptions): OpenConnectors {
  const running = new Map<string, AsteriskConnector>();
  let namesDomains = false;
  const log = (domain: string, { level, message, cause }: StoreEvent) => {
    const fields = { ...(namesDomains ? { domain } : {}), ...(cause === undefined ? {} : { err: cause }) };
    options.log[level](fields, message);
  };
  const reporters = createReporters(options, log);
  const asterisk: ConnectorKind = {
    name: 'asterisk',
    idOf: ({ config }) =>
      config.asterisk && JSON.stringify([config.asterisk, config.agents, ...leaseSettings(config)]),
    start: (domain) =>
      inOneProcess(domain, 'asterisk', options.openLease, (isHeld) => {
        const connector = startAsterisk({
          ...asteriskOptions(domain, options),
          report: whileHeld(isHeld, reporters.of(domain.name, 'asterisk')),
          log: (event) => log(domain.name, event),
        });
        running.set(domain.name, connector);
        return {
          async close() {
            if (running.get(domain.name) === connector) running.delete(domain.name);
            await connector.close();
          },
        };
      }),
  };
  // One process of all reads a dialer by a lock of the dialer's own: it needs no lease.
  const dialer = dialerPop({
    openFloor: openFloorOf,
    reportCallOf: (name) => reporters.of(name, 'dialer'),
    hasCards: (name) => options.calls.counts(name).cards > 0,
    ...{ log, clock: options.clock ?? systemClock },
  });
  const connectors = createConnectors([asterisk, dialer]);
  return {
    take(config) {
      namesDomains = config.domains.length > 0;
      connectors.take(domainsOf(config));
    },
    asterisks: () => [...running].map(([domain, connector]) => ({ domain, ...connector.counts() })),
    async close() {
      await connectors.close();
      await reporters.close();
    },
  };
}

/** What the connectors report their calls to. What waits there goes on waiting when a connector is started anew. */
function createReporters(
  { domainNamed, calls, clock = systemClock }: ConnectorsOptions,
  log: (domain: string, event: StoreEvent) => void,
) {
  const reporters = new Map<string, ReturnType<typeof createLateReports>>();
  return {
    of(domain: string, source: 'asterisk' | 'dialer'): ReportCall {
      const key = `${source} ${domain}`;
      const deliver = deliverReportOf(() => domainNamed(domain), source, calls, clock);
      const reporter =
        reporters.get(key) ?? createLateReports({ deliver, clock, log: (event) => log(domain, event) });
      reporters.set(key, reporter);
      return (call) => reporter.report(call);
    },
    close: () => Promise.all([...reporters.values()].map((reporter) => reporter.close())),
  };
}

function asteriskOptions(
  { name, config }: DomainConfig,
  { domainNamed, clock = systemClock, asteriskTimes }: ConnectorsOptions,
): Omit<AsteriskOptions, 'report' | 'log'> {
  const { asterisk: address } = config;
  if (address === undefined) throw new Error('the domain has no Asterisk');
  const spell = createOneSpelling();
  const agents = config.agents.map(({ extension, user }) => ({ extension, user: spell(user) }));
  return {
    ...{ address, agents, clock, times: asteriskTimes },
    async findAgent(extension) {
      const found = await domainNamed(name)?.findAgent(extension);
      if (found === undefined) throw new Error('the store cannot be read');
      return found.user && spell(found.user);
    },
    isNumber(text) {
      const { country, settings } = domainNamed(name)?.numbering() ?? { country: config.defaultCountry };
      return !('fault' in readPhone(text, country, settings));
    },
  };
}

/** Users whose spelling is known. */
const MOST_NAMES = 10_000;

/** Names in the spelling in which they came first: two telephones of `ana` and `Ana` are at one agent. */
function createOneSpelling(): (name: string) => string {
  const known = new BoundedMap<string, string>(MOST_NAMES);
  return (name) => {
    const identity = userIdentity(name);
    const spelled = known.get(identity);
    if (spelled === undefined) known.set(identity, name);
    return spelled ?? name;
  };
}

/** Runs it at once, or as long as this process has the lease where others could run it as well. */
function inOneProcess(
  { name, config }: DomainConfig,
  kind: string,
  ofWorkers: OpenLease | undefined,
  start: (isHeld: () => boolean) => Connector,
): Connector {
  const openLease = openStoreLeases(config) ?? ofWorkers;
  return openLease === undefined ? start(() => true) : runWhileHeld(openLease, `${kind} ${name}`, start);
}

/** All by which the lease of a store is opened. */
function leaseSettings(config: DomainConfig['config']): readonly unknown[] {
  const { database, databaseDirect, databaseTls, databaseCa, databasePasswordFile } = config;
  return [database, databaseDirect, databaseTls, databaseCa, databasePasswordFile];
}

/** A process that was frozen may think that it has the lease for a moment. */
function whileHeld(isHeld: () => boolean, report: ReportCall): ReportCall {
  return (call) => (isHeld() ? report(call) : Promise.resolve());
}
