import type { Customer, CustomField, CustomValue, FurtherNumber, LeadTextField } from './lead.ts';
import type { Actor } from './record-store.ts';

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
  /** Numbers beyond the documented ones. */
  readonly numbers: boolean;
  /** Whose ids the rows have in `externalId`: the name of the column that `--key` named; left out: nobody's. */
  readonly keySource?: string | undefined;
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
  /** Numbers beyond phone_number, alt_phone and address3. Counts only when the columns have them. */
  readonly numbers: readonly FurtherNumber[];
  /** undefined: now, if the row changes anything. */
  readonly modifyDate: string | undefined;
  /** By which another system knows the person, in the columns' `keySource`. */
  readonly externalId?: string | undefined;
  /** By label, for the custom columns that the file has and this row's list takes. */
  readonly custom: ReadonlyMap<string, CustomValue>;
}

/**
 * What to do with a row whose number, in its list, or whose lead id is there already. `match`: it changes the lead of the same
 * name; one of another name is somebody else, of whom nothing is overwritten. `update`: it changes the lead, whatever its name.
 * `skip`: it changes nothing. `add`: it is somebody else.
 */
export type OnDuplicate = 'match' | 'update' | 'skip' | 'add';

export type ImportedBy = Pick<Actor, 'user' | 'endpoint'>;

export const IMPORTED_BY_COMMAND: ImportedBy = { user: 'operator', endpoint: 'cli' };

/** An import, for the list of imports. */
export interface ImportDescription {
  /** Without its folder. */
  readonly fileName: string;
  /** Who imports it, for the changes of leads; left out: an operator, by command. */
  readonly by?: ImportedBy | undefined;
  /** Taken back as a whole if it does not come to its end. */
  readonly isWhole: boolean;
  /** The run of another file, not yet closed, that is one sheet with this one: whom it has named, `removeOthers` leaves, too. */
  readonly after?: ImportRun | undefined;
  /** The trial of an import into PostgreSQL: rows that it would not keep are rejected. */
  readonly asPostgresql?: boolean | undefined;
  /** Rows of people who were erased are taken. */
  readonly includesErased?: boolean;
}

export interface ImportSummary {
  readonly importId: number;
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly startedAt: string;
  /** `stopped`: what it had written stays; `undoing`: it is being taken back. */
  readonly state: 'running' | 'done' | 'stopped' | 'undoing' | 'undone';
  readonly fileName: string;
  /** A user, `token:NAME`, or `operator` by command; undefined: nobody wrote it down then. */
  readonly importedBy: string | undefined;
  readonly canBeUndone: boolean;
  readonly counts: {
    readonly added: number;
    readonly updated: number;
    readonly unchanged: number;
    readonly rejected: number;
    /** Leads that were no longer in the file. */
    readonly removed: number;
  };
}

/** How far the undoing of an import is: leads. */
export interface UndoResult {
  /** As they were before. */
  readonly restored: number;
  /** That the import had added. */
  readonly removed: number;
  /** Left as they are, because a later import has changed them, or has brought the person back under another id. */
  readonly kept: number;
}

/** The leads of a list that an import's rows have not named. */
export interface OtherLeads {
  /** All that the list had before the import. */
  readonly before: number;
  readonly others: number;
}

export type ImportResult = 'added' | 'updated' | 'unchanged' | { readonly rejected: string };

/** At once, in a file of the machine's own; later, from a server. */
export type Soon<Result> = Result | Promise<Result>;
/** The same, of what is read or done in pieces. */
export type Pieces<Piece> = Iterable<Piece> | AsyncIterable<Piece>;

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
  /**
   * @param line where the row is in its file: a later row that contradicts it is rejected with that line
   * @returns undefined: commitBatch says what became of it
   */
  write(row: ImportRow, line: number): ImportResult | undefined;
  /** True when other writers have waited long enough, and commitBatch should be called. */
  isBatchFull(): boolean;
  /**
   * Makes everything written since the last call durable.
   *
   * @returns what became of the rows of which `write` did not say it, in their order
   */
  commitBatch(): Soon<readonly ImportResult[]>;
  /** The id under which it is listed and can be taken back; undefined: it was begun without a description, or wrote nothing. */
  readonly importId: number | undefined;
  /** How often each field of leads that were there was changed. */
  readonly changedFields: ReadonlyMap<string, number>;
  /** By list: how many leads it had before, and how many of them `removeOthers` would remove. To be called after the last batch. */
  countOthers(lists: ReadonlySet<number>): Soon<ReadonlyMap<number, OtherLeads>>;
  /**
   * Removes, in batches, the leads of the lists that no row has named, of this run or those that it comes after.
   *
   * @yields how many so far, after each batch, which is durable
   */
  removeOthers(lists: ReadonlySet<number>): Pieces<number>;
  /** To be called after the last batch: how it ended, for the list of imports. */
  end(state: 'done' | 'stopped', counts: ImportSummary['counts']): Soon<void>;
  /** Ends the run; what was not committed is forgotten. Of runs after one another, the last is closed first. */
  close(): Soon<void>;
}

/** A list with its custom fields in their order. */
export interface LeadList {
  readonly listId: number;
  readonly name: string | null;
  readonly customFields: readonly CustomField[];
}

/** The port of stores that files can be read into and written from. */
export interface LeadArchive {
  /** @param description left out: it is not listed, and cannot be taken back */
  startImport(
    columns: ImportColumns,
    onDuplicate: OnDuplicate,
    description?: ImportDescription,
  ): Soon<ImportRun>;
  /** The newest first. */
  imports(): Soon<readonly ImportSummary[]>;
  /** Takes an import back, in batches. @yields after each, with the same object */
  undoImport(importId: number): Pieces<UndoResult>;
  /**
   * Claims the store for an import or an undo: one at a time, also by other processes.
   *
   * @returns gives it back; undefined: another one runs
   */
  claimImport(): Soon<(() => Soon<void>) | undefined>;
  /**
   * Brings imports to an end that were killed: to be called while the store is claimed.
   *
   * @yields after each batch; a sentence where an import has come to its end
   */
  endKilledImports(): Pieces<string | undefined>;
  /**
   * Brings leads into the index of search that were written in bulk, in batches: each is durable, and others wait for it
   * 250 ms at most.
   *
   * @yields after each: how many leads so far, and how many ids are left at most
   */
  indexSearch(): Pieces<{ readonly leads: number; readonly left: number }>;
  lists(): Soon<readonly LeadList[]>;
  countLeads(): Soon<number>;
  /** How many leads each list has, also one that nothing else is known of. */
  countByList(): Soon<ReadonlyMap<number, number>>;
  /** Whether any lead has more numbers than the documented fields have room for. */
  hasFurtherNumbers(): Soon<boolean>;
  /** Every lead by ascending id, one at a time: memory does not grow with the store. */
  leads(): Pieces<LeadRecord>;
}
