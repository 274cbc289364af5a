import type { AccessMeters } from '../core/access-counters.ts';
import type { Sheet, Source } from './measured.ts';

/** What is known of a domain at this moment. */
export interface DomainState {
  readonly name: string;
  readonly isOpen: boolean;
  /** Lookups that are worked on. */
  readonly underWay: number;
  readonly access: Readonly<AccessMeters>;
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

function readDomain(sheet: Sheet, { name, underWay, access, audit, pool }: DomainState): void {
  const domain = { domain: name };
  sheet.put('callercard_lookups_under_way', underWay, domain);
  sheet.put('callercard_password_checks_total', access.passwordChecks, domain);
  sheet.put('callercard_password_checks_waiting', access.waitingChecks(), domain);
  sheet.put('callercard_lockouts_total', access.locks, domain);
  sheet.put('callercard_walk_refused_total', access.walkRefusals, domain);
  sheet.put('callercard_remembered_logins', access.rememberedLogins(), domain);
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
