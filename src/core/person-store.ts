import type { LeadState } from './lead-state.ts';
import type { ListField, NumberMatch } from './lead.ts';
import type { PhoneNumber } from './phone.ts';
import type { TimelineEntry } from './record-store.ts';

/**
 * Where a number was found in what is kept of a lead: one of its numbers; one that it had before a change (`former`); the text of
 * a note or of its comments, which may speak of somebody else.
 */
export type PersonMatch = NumberMatch | 'former' | 'note' | 'comments';

/** A lead in which a number was found. */
export interface PersonTrace {
  readonly leadId: number;
  readonly listId: number;
  /** First, middle and last name; empty: it has none. */
  readonly name: string;
  /** The name as names are compared: without accents, case and signs. */
  readonly comparedName: string;
  /** It was deleted, and its timeline is kept. */
  readonly isRemoved: boolean;
  readonly matches: readonly PersonMatch[];
}

/** By which another system knows a lead. */
export interface ExternalId {
  /** The column of its file. */
  readonly source: string;
  readonly listId: number;
  readonly externalId: string;
}

/** All that a store keeps of a lead. */
export interface KeptLead {
  readonly leadId: number;
  readonly listId: number;
  readonly listName: string | null;
  /** The custom fields of its list, in their order. */
  readonly fields: readonly ListField[];
  readonly isRemoved: boolean;
  /** Of one that was removed: as it was. */
  readonly state: LeadState;
  /** `YYYY-MM-DD HH:MM:SS`, UTC; null: not known, of one that was removed. */
  readonly modifyDate: string | null;
  readonly externalIds: readonly ExternalId[];
  /** The newest first. */
  readonly timeline: readonly TimelineEntry[];
  /** Who has read it on the last day on which leads were read, as log and audit name them. */
  readonly readers: readonly string[];
}

/** Rows that were deleted, by what they were. */
export interface ErasedRows {
  readonly leads: number;
  readonly numbers: number;
  readonly notes: number;
  readonly changes: number;
  readonly externalIds: number;
  readonly idempotencyKeys: number;
  readonly dailyReads: number;
  /** Names of imported files that had one of the numbers in them. */
  readonly importNames: number;
}

/** What came of the files of a store. */
export interface CleanedFiles {
  /** The paths of copies and leftovers that were deleted. */
  readonly deleted: readonly string[];
  /** Why a deleted row may still be in a file: clauses. Empty: it is in none. */
  readonly left: readonly string[];
}

/** One list, or every list but these. */
export type ListChoice = { readonly listId: number } | { readonly except: readonly number[] };

/** The port through which a person is found, shown and erased, in a store or state file of callercard's own. */
export interface PersonStore {
  /** Every lead in which the number is found, the lowest id first. Reads all changes, notes and comments. */
  find(phone: PhoneNumber): readonly PersonTrace[];
  /** @returns undefined where nothing is kept of such a lead */
  read(leadId: number): KeptLead | undefined;
  /**
   * Other leads in which a number of these leads is found.
   *
   * @param leadIds of one person
   */
  findRelated(leadIds: readonly number[]): readonly PersonTrace[];
  /**
   * Deletes all that is kept of leads, whole or not at all, and notes that files must be cleaned.
   *
   * @param at milliseconds of the wall clock
   * @param why `wish`: imports leave them out for a while; `retention`: nothing is kept of them
   * @returns (rejects with StoreFailure) what was deleted
   */
  erase(leadIds: readonly number[], at: number, why: 'wish' | 'retention'): Promise<ErasedRows>;
  /**
   * Leads to which nothing has happened for a while: no call, change, note or import; deleted ones among them.
   *
   * @param before milliseconds of the wall clock
   * @returns at most `limit`, the lowest ids first, from `after` on
   */
  findUntouched(
    lists: ListChoice,
    before: number,
    page: { readonly after: number; readonly limit: number },
  ): readonly number[];
  /** Leads that were erased while their files could not be cleaned yet, or the process was killed. */
  uncleaned(): readonly number[];
  /** Takes what was deleted out of unused parts of the file, out of its log, and deletes the copies of the file beside it. */
  cleanFiles(): Promise<CleanedFiles>;
}
