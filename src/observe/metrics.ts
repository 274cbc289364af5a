import type { AccessCounters } from '../core/access-counters.ts';
import type { PoolState } from '../core/store.ts';
import {
  Collector,
  readExposition,
  type Sample,
  type Snapshot,
  type Source,
  writeExposition,
} from './exposition.ts';
import { createLookupMetrics } from './lookup-metrics.ts';
import { createProcessMetrics } from './process-metrics.ts';

/**
 * The metrics of one process.
 *
 * @param domains the names of the domains at the start
 * @param others further metrics; `traffic`: those of calls
 */
export function createMetrics(
  domains: readonly string[],
  { traffic, others }: { readonly traffic: readonly Source[]; readonly others: readonly Source[] },
) {
  const lookups = createLookupMetrics(domains);
  const own = createProcessMetrics();

  function snapshot(): Snapshot {
    const collector = new Collector();
    for (const read of [lookups.read, ...traffic, ...others, own.read]) read(collector);
    // Each process counts itself, so that the sum is how many there are.
    collector.put('callercard_workers', 1, { state: 'answering' });
    return collector.snapshot;
  }

  /** Those of lookups and calls alone. */
  function trafficSamples(): readonly Sample[] {
    const collector = new Collector();
    for (const read of [lookups.read, ...traffic]) read(collector);
    return readExposition(writeExposition(collector.snapshot));
  }

  return {
    /** Counts a lookup. */
    count: lookups.count,
    snapshot,
    trafficSamples,
    /** The snapshot in the text format of Prometheus, for a process that has no siblings. */
    write: () => writeExposition(snapshot()),
    /** Begins to watch the process itself. */
    start: own.start,
    stop: own.stop,
  };
}

/** The state of a domain at this moment. */
export interface DomainState {
  readonly name: string;
  readonly isOpen: boolean;
  /** Lookups in progress. */
  readonly inFlight: number;
  readonly access: Readonly<AccessCounters>;
  readonly audit: { readonly isFailing: boolean; readonly lagMs: number; readonly unrecorded: number };
  readonly pool: PoolState | undefined;
}

export function readDomains(statesOf: () => readonly DomainState[]): Source {
  return (collector) => {
    const states = statesOf();
    collector.put('callercard_domains', states.length);
    collector.put('callercard_stores_open', states.filter(({ isOpen }) => isOpen).length);
    for (const state of states) readDomain(collector, state);
  };
}

/** What reports calls by itself, at this moment. */
export interface ConnectorState {
  readonly domain: string;
  readonly isConnected: boolean;
  readonly reconnects: number;
  readonly events: number;
  readonly reports: number;
}

export function readConnectors(statesOf: () => readonly ConnectorState[]): Source {
  return (collector) => {
    for (const { domain, isConnected, reconnects, events, reports } of statesOf()) {
      collector.put('callercard_asterisk_connected', isConnected ? 1 : 0, { domain });
      collector.put('callercard_asterisk_reconnects_total', reconnects, { domain });
      collector.put('callercard_asterisk_events_total', events, { domain });
      collector.put('callercard_asterisk_reports_total', reports, { domain });
    }
  };
}

/** Calls of each domain, of those without any, too. */
export function readCalls(
  notified: () => ReadonlyMap<string, number>,
  statesOf: () => readonly Pick<DomainState, 'name'>[],
): Source {
  return (collector) => {
    const counts = notified();
    const names = new Set([...statesOf().map(({ name }) => name), ...counts.keys()]);
    for (const domain of names)
      collector.put('callercard_call_notifications_total', counts.get(domain) ?? 0, { domain });
  };
}

function readDomain(collector: Collector, { name, inFlight, access, audit, pool }: DomainState): void {
  const put = (...[metric, value]: Parameters<Collector['put']>) =>
    collector.put(metric, value, { domain: name });
  put('callercard_lookups_in_flight', inFlight);
  put('callercard_password_checks_total', access.passwordChecks);
  put('callercard_password_checks_pending', access.waitingChecks());
  put('callercard_lockouts_total', access.locks);
  put('callercard_enumeration_refused_total', access.enumerationRefusals);
  put('callercard_daily_leads_reached_total', access.dailyLeadsReached);
  put('callercard_cached_credentials', access.cachedCredentials());
  put('callercard_audit_failing', audit.isFailing ? 1 : 0);
  put('callercard_audit_lag_seconds', audit.lagMs / 1000);
  put('callercard_audit_unrecorded_total', audit.unrecorded);
  if (pool === undefined) return;
  put('callercard_database_connections', pool.connections);
  put('callercard_database_statements', pool.statements);
  const servers = { in_use: pool.servers - pool.failedServers, failed: pool.failedServers };
  for (const [state, count] of Object.entries(servers))
    collector.put('callercard_database_servers', count, { domain: name, state });
}
