import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import type { AccessCounters } from '../core/access-counters.ts';
import type { Collector, Source } from './measured.ts';

/** Over so long the delay of the event loop is looked at: long enough for any scraper to see the worst. */
const WINDOW_MS = 10_000;
const DELAY_RESOLUTION_MS = 20;
/** Counting open files reads a folder with an entry for each: not more often than this. */
const COUNT_FILES_MS = 5_000;
const PERCENTILES = [50, 99, 100] as const;

export interface ProcessReadings {
  readonly read: Source;
  /** Begins to watch the event loop. */
  start(): void;
  stop(): void;
}

/** What the system and the engine know about this process. */
export function createProcessReadings(): ProcessReadings {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const files = createFileCount();
  let worst = delaysOf(delay);
  let window: NodeJS.Timeout | undefined;

  return {
    read(sheet) {
      const { heapUsed, heapTotal, rss } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      sheet.put('process_cpu_seconds_total', (user + system) / 1e6);
      sheet.put('process_resident_memory_bytes', rss);
      sheet.put('process_start_time_seconds', Math.round(performance.timeOrigin) / 1000);
      sheet.put('callercard_heap_used_bytes', heapUsed);
      sheet.put('callercard_heap_total_bytes', heapTotal);
      sheet.put('callercard_event_loop_busy_seconds_total', performance.eventLoopUtilization().active / 1000);
      const current = delaysOf(delay);
      for (const [at, percentile] of PERCENTILES.entries()) {
        const seconds = Math.max(worst[at] ?? 0, current[at] ?? 0);
        sheet.put('callercard_event_loop_delay_seconds', seconds, { percentile: String(percentile) });
      }
      files.read(sheet);
    },
    start() {
      delay.enable();
      window ??= setInterval(() => {
        worst = delaysOf(delay);
        delay.reset();
      }, WINDOW_MS).unref();
    },
    stop() {
      clearInterval(window);
      window = undefined;
      delay.disable();
    },
  };
}

/** Seconds beyond the time between two looks, for each of PERCENTILES. */
function delaysOf(delay: ReturnType<typeof monitorEventLoopDelay>): readonly number[] {
  if (delay.count === 0) return [];
  return PERCENTILES.map((percentile) => {
    const nanoseconds = percentile === 100 ? delay.max : delay.percentile(percentile);
    return Math.max(0, nanoseconds / 1e9 - DELAY_RESOLUTION_MS / 1e3);
  });
}

/** Where the system does not tell, nothing is told. */
function createFileCount(): { read(sheet: Collector): void } {
  const most = /^Max open files\s+(\d+)/m.exec(readOrNothing('/proc/self/limits'))?.[1];
  let count: number | undefined;
  let countedAt = -Infinity;
  return {
    read(sheet) {
      if (most === undefined) return;
      if (performance.now() - countedAt > COUNT_FILES_MS) {
        count = countFiles();
        countedAt = performance.now();
      }
      if (count !== undefined) sheet.put('process_open_fds', count);
      sheet.put('process_max_fds', Number(most));
    },
  };
}

/** @returns undefined when there is no descriptor left to look with */
function countFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What is known of a domain at this moment. */
export interface DomainState {
  readonly name: string;
  readonly isOpen: boolean;
  /** Lookups that are worked on. */
  readonly underWay: number;
  readonly access: Readonly<AccessCounters>;
  readonly audit: { readonly isFailing: boolean; readonly lagMs: number; readonly unrecorded: number };
  readonly pool:
    | {
        readonly connections: number;
        readonly statements: number;
        readonly servers: number;
        readonly failedServers: number;
      }
    | undefined;
}

/** What became of the log's lines. */
export interface LogState {
  readonly droppedLines: number;
  readonly waitingBytes: number;
}

export function readDomains(statesOf: () => readonly DomainState[]): Source {
  return (sheet) => {
    const states = statesOf();
    sheet.put('callercard_domains', states.length);
    sheet.put('callercard_stores_open', states.filter(({ isOpen }) => isOpen).length);
    for (const state of states) readDomain(sheet, state);
  };
}

function readDomain(sheet: Collector, { name, underWay, access, audit, pool }: DomainState): void {
  const domain = { domain: name };
  sheet.put('callercard_lookups_under_way', underWay, domain);
  sheet.put('callercard_password_checks_total', access.passwordChecks, domain);
  sheet.put('callercard_password_checks_waiting', access.waitingChecks(), domain);
  sheet.put('callercard_lockouts_total', access.locks, domain);
  sheet.put('callercard_walk_refused_total', access.enumerationRefusals, domain);
  sheet.put('callercard_remembered_logins', access.cachedCredentials(), domain);
  sheet.put('callercard_audit_failing', audit.isFailing ? 1 : 0, domain);
  sheet.put('callercard_audit_lag_seconds', audit.lagMs / 1000, domain);
  sheet.put('callercard_audit_unrecorded_total', audit.unrecorded, domain);
  if (pool === undefined) return;
  sheet.put('callercard_database_connections', pool.connections, domain);
  sheet.put('callercard_database_statements', pool.statements, domain);
  sheet.put('callercard_database_servers', pool.servers - pool.failedServers, { ...domain, state: 'in use' });
  sheet.put('callercard_database_servers', pool.failedServers, { ...domain, state: 'left out' });
}

export function readOverload(overload: { readonly refused: number }): Source {
  return (sheet) => sheet.put('callercard_overload_refused_total', overload.refused);
}

export function readLog({ lines }: { readonly lines: LogState }): Source {
  return (sheet) => {
    sheet.put('callercard_log_dropped_lines_total', lines.droppedLines);
    sheet.put('callercard_log_waiting_bytes', lines.waitingBytes);
  };
}

/** @param unread connections that were closed because their client did not read */
export function readConnections(unread: () => number): Source {
  return (sheet) => sheet.put('callercard_connections_unread_total', unread());
}

export function readCalls(counts: () => { readonly cards: number; readonly told: number }): Source {
  return (sheet) => {
    const { cards, told } = counts();
    sheet.put('callercard_cards_open', cards);
    sheet.put('callercard_calls_told_total', told);
  };
}
