import type { AccessCounters } from '../core/access-counters.ts';
import type { PoolState } from '../core/store.ts';
import { Collector, type Snapshot, type Source, writeExposition } from './exposition.ts';
import { createLookupMetrics } from './lookup-metrics.ts';
import { createProcessMetrics } from './process-metrics.ts';

/**
 * The metrics of one process.
 *
 * @param domains the names of the domains at the start
 * @param sources further metrics
 */
export function createMetrics(domains: readonly string[], sources: readonly Source[]) {
  const lookups = createLookupMetrics(domains);
  const own = createProcessMetrics();

  function snapshot(): Snapshot {
    const collector = new Collector();
    for (const read of [lookups.read, ...sources, own.read]) read(collector);
    // Each process counts itself, so that the sum is how many there are.
    collector.put('callercard_workers', 1, { state: 'answering' });
    return collector.snapshot;
  }

  return {
    /** Counts a lookup. */
    count: lookups.count,
    snapshot,
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
