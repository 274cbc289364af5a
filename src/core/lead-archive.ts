import type { Customer, CustomField, CustomValue, LeadTextField } from './lead.ts';

/** A lead as files bring and take it: every stored field, also those that the documented answer leaves out. */
export interface LeadRecord extends Customer {
  /** `YYYY-MM-DD HH:MM:SS` of the lead's own clock, or null: never called. */
  readonly lastLocalCallTime: string | null;
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly modifyDate: string;
}

/**
 * What an import's file has, the same for all its rows. A field that is not there stays as it is, or is empty in a
 * new lead.
 */
export interface ImportColumns {
  /** `phone_number` is always among them. */
  readonly texts: readonly LeadTextField[];
  readonly isCustomer: boolean;
  readonly lastLocalCallTime: boolean;
  /** The file has numbers beyond `phone_number` and `alt_phone`. */
  readonly numbers: boolean;
}

/** One row of an import file. */
export interface ImportRow {
  /** undefined: the store gives a new lead its id. */
  readonly leadId: number | undefined;
  readonly listId: number;
  /** In the order of the columns' `texts`; null: nothing stored. */
  readonly texts: readonly (string | null)[];
  /** Counts only when the columns have it. */
  readonly isCustomer: boolean;
  /** Counts only when the columns have it. */
  readonly lastLocalCallTime: string | null;
  /** undefined: now, if the row changes anything. */
  readonly modifyDate: string | undefined;
  /** By label, for the custom columns that the file has and this row's list takes. */
  readonly custom: ReadonlyMap<string, CustomValue>;
  /**
   * Further numbers of the row beyond phone_number and alt_phone (and address3), in order, as written; the label says what
   * kind each is. Counts only when the columns have it.
   */
  readonly numbers: readonly { readonly label: string | null; readonly number: string }[];
}

/** What to do with a row whose lead is there already (same lead id; without one, same list and number). */
export type OnDuplicate = 'update' | 'skip' | 'add';

export type ImportResult = 'added' | 'updated' | 'unchanged' | { readonly rejected: string };

/** One run of an import: rows in batches, each batch whole or not at all. */
export interface ImportRun {
  /**
   * Makes sure that the list exists and has these custom fields (appended after those it has). To be called
   * before the first row of a list.
   *
   * @param name undefined: as it is
   * @returns why the list cannot have these fields; it was left as it is
   */
  prepareList(listId: number, name: string | undefined, fields: readonly CustomField[]): string | undefined;
  /** @param line where the row is in its file: a later row that contradicts it is rejected with that line */
  write(row: ImportRow, line: number): ImportResult;
  /** True when other writers have waited long enough, and commitBatch should be called. */
  isBatchFull(): boolean;
  /** Makes everything written since the last call durable. */
  commitBatch(): void;
  /** Ends the run; what was not committed is forgotten. */
  close(): void;
}

/** A list with its custom fields in their order. */
export interface LeadList {
  readonly listId: number;
  readonly name: string | null;
  readonly customFields: readonly CustomField[];
}

/** The port of stores that files can be read into and written from. */
export interface LeadArchive {
  startImport(columns: ImportColumns, onDuplicate: OnDuplicate): ImportRun;
  lists(): readonly LeadList[];
  countLeads(): number;
  /** Every lead by ascending id, one at a time: memory does not grow with the store. */
  leads(): Iterable<LeadRecord>;
}
