import type { KeptCall } from './call-store.ts';
import type { LeadState } from './lead-state.ts';
import type { ListField, NumberMatch } from './lead.ts';
import type { PhoneNumber } from './phone.ts';
import type { DueData } from './due-data.ts';
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

/** The number is one of the lead's own, and not only written somewhere. */
export function isOwn({ matches }: PersonTrace): boolean {
  return matches.some((match) => match !== 'note' && match !== 'comments');
}

/** Leads of one name; without a name nobody knows. */
export function isOnePerson(found: readonly PersonTrace[]): boolean {
  const [first, ...others] = found;
  if (others.length === 0) return true;
  return (
    first?.comparedName !== '' && others.every(({ comparedName }) => comparedName === first?.comparedName)
  );
}

/** `lead 7 (Ana Pérez, formerly)` */
export function describeTrace({ leadId, name, matches, isRemoved }: PersonTrace): string {
  const notes = [
    name === '' ? 'no name' : name,
    ...(isRemoved ? ['deleted'] : []),
    ...(matches.includes('former') ? ['formerly'] : []),
  ];
  return `lead ${leadId} (${notes.join(', ')})`;
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
  /** With the leads, and with their numbers where they were of no lead. */
  readonly calls: number;
  /** Names of imported files that had one of the numbers in them. */
  readonly importNames: number;
}

/** What came of the files of a store. */
export interface CleanedFiles {
  /** What was done to them: clauses. */
  readonly done: readonly string[];
  /** The paths of copies and leftovers that were deleted. */
  readonly deleted: readonly string[];
  /** Why a deleted row may still be in a file: clauses. Empty: it is in none. */
  readonly left: readonly string[];
  /** Where the engine keeps deleted rows for a while, beyond the reach of a cleaning: sentences. */
  readonly remains: readonly string[];
}

/** Stands for a lead where somebody was erased who has none. */
export const NO_LEAD = 0;

/** One list, or every list but these. */
export type ListChoice = { readonly listId: number } | { readonly except: readonly number[] };

/**
 * The port through which a person is found, shown and erased, in a store or state file of callercard's own. Its methods reject
 * with StoreFailure where the store cannot be used.
 */
export interface PersonStore {
  /** Every lead in which the number is found, the lowest id first. Reads all changes, notes and comments. */
  find(phone: PhoneNumber): Promise<readonly PersonTrace[]>;
  /** How many calls there are with a number, and of no lead: of somebody of whom nothing else may be kept. */
  countCalls(phone: PhoneNumber): Promise<number>;
  /** These calls, the newest first. */
  callsOf(phone: PhoneNumber): Promise<readonly KeptCall[]>;
  /** @returns undefined where nothing is kept of such a lead */
  read(leadId: number): Promise<KeptLead | undefined>;
  /**
   * Other leads in which a number of these leads is found.
   *
   * @param leadIds of one person
   */
  findRelated(leadIds: readonly number[]): Promise<readonly PersonTrace[]>;
  /**
   * Deletes all that is kept of leads, whole or not at all, and notes that files must be cleaned.
   *
   * @param at milliseconds of the wall clock
   * @param why `wish`: imports leave them out for a while; `retention`: nothing is kept of them
   * @param phone of somebody who has no lead: calls with it that are of no lead go, too
   * @returns what was deleted
   */
  erase(
    leadIds: readonly number[],
    at: number,
    why: 'wish' | 'retention',
    phone?: PhoneNumber,
  ): Promise<ErasedRows>;
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
  ): Promise<readonly number[]>;
  /** Leads (NO_LEAD: calls of a number) that were erased while their files could not be cleaned yet, or the process was killed. */
  uncleaned(): Promise<readonly number[]>;
  /**
   * Takes what was deleted out of unused parts of the store's files, out of a log that is its own, and deletes the copies beside it.
   *
   * @param isServing what would hold up lookups for seconds is left to the operator's commands
   */
  cleanFiles(isServing?: boolean): Promise<CleanedFiles>;
}

/** All that is known of some leads. */
export interface DescribedPerson {
  /** Undefined: they are a dialer's. */
  readonly leads: readonly KeptLead[] | undefined;
  /** Of somebody who has no lead, with the number that was asked for; else they are in the timelines of the leads. */
  readonly calls: readonly KeptCall[];
  /** Other leads in which one of their numbers is found. */
  readonly related: readonly PersonTrace[];
  /** Records of the audit that name one of the leads, the oldest first. */
  readonly reads: readonly Readonly<Record<string, unknown>>[];
  /** How many older records of these there are. */
  readonly older: number;
  /** Where more may be: sentences. */
  readonly elsewhere: readonly string[];
}

/**
 * What a server does with people, for its admins; the commands of the operator use the store itself. Its methods reject with
 * StoreFailure.
 */
export interface PersonWork {
  /** As `PersonStore.find`; of a dialer, the leads that have the number now. */
  find(phone: PhoneNumber): Promise<readonly PersonTrace[]>;
  /** As `PersonStore.countCalls`; of a dialer none. */
  countCalls(phone: PhoneNumber): Promise<number>;
  /** Those of which something is kept, or whose erasure has not come to its end; of a dialer all. */
  known(leadIds: readonly number[]): Promise<readonly number[]>;
  /** @param phone of somebody who has no lead */
  describe(leadIds: readonly number[], phone?: PhoneNumber): Promise<DescribedPerson>;
  /**
   * Erases leads at the person's wish, whole or not at all, then what is left of them in files.
   *
   * @param at milliseconds of the wall clock
   * @param phone as of `PersonStore.erase`
   * @returns what remains, and where; undefined: an import runs, and nothing was done
   */
  erase(
    leadIds: readonly number[],
    at: number,
    phone?: PhoneNumber,
  ): Promise<
    | { readonly removed: ErasedRows; readonly files: CleanedFiles; readonly remains: readonly string[] }
    | undefined
  >;
  /**
   * What the setting `retention` would let go; undefined: the leads are a dialer's.
   *
   * @param at milliseconds of the wall clock
   */
  due(at: number): Promise<DueData | undefined>;
}
