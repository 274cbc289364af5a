/** What somebody looks for in the audit. All criteria must hold. */
export interface AuditQuery {
  /** By this user, or what was done to it. */
  readonly user: string | undefined;
  /** One of them was found, or was asked for. */
  readonly leads: ReadonlySet<number> | undefined;
  /** Milliseconds of the wall clock; `until` is exclusive. */
  readonly since: number;
  readonly until: number;
  /** So many, the newest. */
  readonly most: number;
}

/** A record, as people read it. */
export interface AuditRow {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly user: string;
  readonly address: string;
  readonly endpoint: string;
  /** What came of it, or what was done. */
  readonly what: string;
  /** The leads that it concerns. */
  readonly leads: readonly number[];
  /** What was asked for, masked as it is recorded, or whom it concerns. */
  readonly about: string;
}

export interface AuditFound {
  /** The oldest first. */
  readonly rows: readonly AuditRow[];
  /** How many older ones there are. */
  readonly older: number;
  /** The time was over before all was read. */
  readonly isCut: boolean;
}

/** Searches the audit of a domain, in a bounded time. */
export type SearchAudit = (query: AuditQuery) => Promise<AuditFound>;
