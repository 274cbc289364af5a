import type { KeptCall } from './call-store.ts';
import type { CustomFieldType, ListScope } from './lead.ts';
import type { LeadState } from './lead-state.ts';
import type { LookupResult, Page } from './lead-store.ts';
import type { Endpoint } from './lookup-event.ts';

/** Who changes something, and by which request. */
export interface Actor {
  /** As log and audit name them. */
  readonly user: string;
  readonly endpoint: Endpoint;
  readonly requestId: string;
}

/** A lead, and all that is kept of it. */
export interface StoredRecord {
  readonly customer: LookupResult;
  readonly state: LeadState;
}

interface Happening {
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly user: string;
  readonly endpoint: Endpoint;
}

/** Something that was done to a lead. It was added where `before` is missing, and removed where `after` is. */
export interface LeadChange extends Happening {
  readonly type: 'change';
  readonly changeId: number;
  /** All of a lead that was removed; else the fields that were changed. */
  readonly before?: LeadState;
  /** All of a lead that was added; else the fields that were changed. */
  readonly after?: LeadState;
  readonly requestId?: string;
  readonly importId?: number;
  /** The change that this one takes back. */
  readonly undoes?: number;
}

/** What somebody wrote about a lead. */
export interface LeadNote extends Happening {
  readonly type: 'note';
  readonly noteId: number;
  readonly text: string;
}

/** A lead was added by an import, which says nothing of each of its leads. */
export interface ImportAddition {
  readonly type: 'import';
  readonly at: number;
  readonly importId: number;
  readonly fileName: string;
}

/** A call with the lead, in one of its numbers or as the source of the call named it. */
export interface LeadCall extends KeptCall {
  readonly type: 'call';
  /** When it began. */
  readonly at: number;
}

export type TimelineEntry = LeadChange | LeadNote | ImportAddition | LeadCall;

export interface Timeline {
  /** The list of the lead; of one that was removed, its last one. */
  readonly listId: number;
  readonly isRemoved: boolean;
  /** On all pages. */
  readonly total: number;
  /** The newest first. */
  readonly entries: readonly TimelineEntry[];
  /** Of text in these entries. */
  readonly characters: number;
  /** The page has more, which was not read: together they are larger than ANSWER_CHARACTERS. */
  readonly isCut?: true;
}

/** Notes about a lead, the newest first. */
export interface NotePage {
  /** On all pages. */
  readonly total: number;
  readonly notes: readonly LeadNote[];
}

/** By which a request that is sent again is known. */
export interface IdempotencyKey {
  /** Whose key it is: `Principal.accountId`. */
  readonly account: string;
  readonly key: string;
  /** Of what is to be done: the same key with another one is refused. */
  readonly digest: string;
}

export interface WriteOptions {
  /** The lead's number may be that of another lead in its list. */
  readonly allowShared?: boolean;
  readonly undoes?: number | undefined;
  readonly idempotency?: IdempotencyKey | undefined;
}

/** Why nothing was written. */
export type WriteRefusal =
  /** It is not as it was read. */
  | { readonly refused: 'changed' }
  /** In the same list there is a lead with its number. */
  | { readonly refused: 'shared'; readonly leadId: number; readonly number: string }
  | { readonly refused: 'key reused' };

/** `changeId`: the change that added a lead. `isRepeated`: it was done before, by a request with the same key. */
export type Written =
  { readonly id: number; readonly changeId?: number; readonly isRepeated?: true } | WriteRefusal;

/** A custom field as it is defined. */
export interface FieldDefinition {
  readonly label: string;
  readonly caption: string;
  readonly type: CustomFieldType;
  /** What a SELECT, MULTI, RADIO or CHECKBOX offers; empty: anything. */
  readonly options: readonly string[];
}

export interface ListSettings {
  readonly listId: number;
  readonly name: string | null;
  /** That a lead of the list may have; empty: any. */
  readonly statuses: readonly string[];
  /** Fields that users without the right `edit` see masked (src/core/masks.ts). */
  readonly masked: readonly string[];
}

/**
 * The port through which people change leads, of stores that are callercard's own. Each change is written whole, with what
 * was before, or not at all. One test body (test/stores/records.contract.ts) runs against every engine. Its methods reject with
 * StoreFailure.
 */
export interface RecordStore {
  /** @returns undefined where there is no such lead in these lists */
  read(leadId: number, scope: ListScope): Promise<StoredRecord | undefined>;
  /** @param leadId of a lead that was removed, and comes back; left out: a new one */
  add(state: LeadState, by: Actor, options: WriteOptions, leadId?: number): Promise<Written>;
  /** @param expected what it must be still; @returns the id of the change */
  change(
    leadId: number,
    expected: LeadState,
    to: LeadState,
    by: Actor,
    options: WriteOptions,
  ): Promise<Written>;
  /** It is found by nobody any longer; its timeline is kept. @returns the id of the change */
  remove(leadId: number, expected: LeadState, by: Actor, options: WriteOptions): Promise<Written>;
  addNote(leadId: number, text: string, by: Actor, idempotency?: IdempotencyKey): Promise<Written>;
  /** @returns undefined where there never was such a lead, or nothing is known of it */
  timeline(leadId: number, page: Page): Promise<Timeline | undefined>;
  notes(leadId: number, page: Page): Promise<NotePage>;
  /** Every list that a lead is or was in, as far as its changes say. */
  listsOf(leadId: number): Promise<readonly number[]>;
  findChange(leadId: number, changeId: number): Promise<LeadChange | undefined>;
  /** By their ids. */
  lists(): Promise<readonly ListSettings[]>;
  /** @returns undefined: there is no such list */
  list(listId: number): Promise<ListSettings | undefined>;
  /**
   * @returns `conflict`: the list is there already (`isNew`), or is not; `full`: it would get larger, and all lists together have
   *   more than LISTS_CHARACTERS then
   */
  putList(list: ListSettings, isNew: boolean): Promise<'done' | 'conflict' | 'full'>;
  /** Some of its leads, by their ids: the first that are above `after`. */
  leadsOfList(listId: number, after: number): Promise<readonly number[]>;
  /** Removes a list with its custom fields. @returns `conflict`: leads are in it, or there is no such list */
  removeList(listId: number): Promise<'done' | 'conflict'>;
  /** In their order. */
  fields(listId: number): Promise<readonly FieldDefinition[]>;
  /** Instead of those that the list has; values of fields that are left out are kept, and not shown. */
  putFields(listId: number, fields: readonly FieldDefinition[]): Promise<void>;
}
