/** Where a chain of an audit in a database ends. */
export interface StoredChainEnd {
  readonly chain: number;
  readonly number: number;
  readonly day: number;
  /** The last record, with its hash. */
  readonly record: string;
}

/** A record, sealed, without an end of line. */
export interface StoredRecord {
  /** Of its part of the chain: what would be a file. */
  readonly number: number;
  /** UTC, as `dayOf` of src/audit/record.ts counts. */
  readonly day: number;
  readonly seq: number;
  readonly record: string;
}

/** Days in UTC, as `dayOf` of src/audit/record.ts counts; both are meant as well. May be infinite. */
export interface DayRange {
  readonly first: number;
  readonly last: number;
}

/** A part of a chain: the records of a day. */
export interface StoredPart {
  readonly chain: number;
  readonly number: number;
  readonly day: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: number;
}

/** The port of an audit in a database, which is only ever added to. Its methods reject with what the database says. */
export interface AuditTable {
  /** For messages. */
  readonly name: string;
  /** With the database's time, in milliseconds. */
  ends(): Promise<{ readonly ends: readonly StoredChainEnd[]; readonly now: number }>;
  /** Adds records, whole or not at all. @returns `taken`: somebody else has gone on with the chain */
  add(chain: number, records: readonly StoredRecord[]): Promise<'done' | 'taken'>;
  close(): Promise<void>;
}

/** The same, for who reads it. */
export interface AuditRecords {
  readonly name: string;
  /** @param days only the parts of these; undefined: all */
  parts(days?: DayRange): Promise<readonly StoredPart[]>;
  /** In their order, some at a time. */
  records(part: StoredPart): AsyncIterable<readonly string[]>;
  close(): Promise<void>;
}
