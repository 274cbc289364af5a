import type { AccountSnapshot } from './account-store.ts';
import {
  COUNTED_MATCHES,
  type Customer,
  type ListField,
  type ListScope,
  type MasksOf,
  type NumberMatch,
  type PhoneColumn,
} from './lead.ts';
import type { CallLogs, LeadDetails } from './lead-details.ts';
import type { LeadHistory } from './lead-history.ts';
import type { Country, PhoneNumber } from './phone.ts';
import type { LookupQuery } from './query.ts';
import type { TextQuery } from './text-query.ts';

/** A store that does not answer, or not with what it should hold; the cause is for the log. */
export class StoreFailure extends Error {
  constructor(cause: unknown) {
    super('the store failed', { cause });
    this.name = 'StoreFailure';
  }
}

/** A lead that was found. */
export interface LookupResult extends Customer {
  readonly leadId: number;
  /**
   * For a query by number: what of the lead matched, and how many leads that the caller may see have it, at most
   * COUNTED_MATCHES and one.
   */
  readonly foundBy?: { readonly column: NumberMatch; readonly matches: number };
  /** What of it the number was that came with its id, where its numbers are masked and cannot be compared any more. */
  readonly comparedAs?: NumberMatch | 'none';
}

/** A part of what was found. */
export interface Page {
  /** How many come before it. */
  readonly offset: number;
  /** The most that it holds. */
  readonly limit: number;
}

/** The part of a page that is counted, which may be empty: no page goes beyond COUNTED_MATCHES. */
export function countedPart({ offset, limit }: Page): Page {
  return { offset, limit: Math.max(0, Math.min(limit, COUNTED_MATCHES - offset)) };
}

/** Leads with a number, in order: the first of all is the one that `find` gives. */
export interface LeadPage {
  /** How many leads there are on all pages; beyond COUNTED_MATCHES there are more, which no page has. */
  readonly total: number;
  /** Each with what of it matched. */
  readonly matches: readonly LookupResult[];
  /** The page has more, which was not read: together they are larger than ANSWER_CHARACTERS. */
  readonly isCut?: true;
}

/** Leads that have the words of a search, the best first. */
export interface TextPage extends LeadPage {
  /** Some leads may not be found yet: their words are still being indexed. */
  readonly isIndexing: boolean;
}

/** What leads must be, beside the words and lists by which they are found. No index has it. */
export interface LeadFilter {
  /** Exactly as it is stored. */
  readonly status?: string | undefined;
  readonly isCustomer?: boolean | undefined;
}

/** A part of all leads, the newest first, and those of it that were wanted. */
export interface LookedThrough {
  readonly matches: readonly LookupResult[];
  /** How many were looked at. */
  readonly looked: number;
  /** It goes on with the ids below this one; undefined: there are none. */
  readonly below: number | undefined;
}

/** What a list is and what its leads have beside the documented fields. */
export interface ListDescription {
  readonly listId: number;
  readonly name: string | null;
  /** In their order. */
  readonly fields: readonly ListField[];
}

/** Who looks, as far as it decides what is seen: the lists of a token or of the operator, or a user's account. */
export type Viewer = ListScope | AccountSnapshot;

/**
 * The port through which leads are read. One test body (test/stores/lead-store.contract.ts) runs against every
 * engine. Its methods reject with StoreFailure.
 */
export interface LeadStore {
  /** The country under which stored numbers are compared. */
  readonly country: Country;
  /** The columns that hold a telephone number, in the order of search. An engine leaves out those without index. */
  readonly phoneColumns: readonly PhoneColumn[];
  /** Leads that are asked for at once take less time than one after the other. */
  readonly readsTogether?: boolean;
  /**
   * Finds one lead, by index only. What the viewer may not see is left out before a winner is chosen: exact stored
   * digits first, then the one last called, last modified, highest id (docs/goapi-compatibility.md).
   *
   * @param wanted `further`: the further numbers, too. They may take a read more, and always come where a query by lead id has
   *   a number, which is compared with them
   */
  find(
    query: LookupQuery,
    viewer: Viewer,
    wanted?: { readonly further: boolean },
  ): Promise<LookupResult | undefined>;
  /**
   * Finds every lead with the number in any of its columns, by index only and within `scope`: by the column that matched, in
   * the order of search, then as `find` chooses. A lead comes once, by its first column, with its further numbers. Leads are read
   * until the page is full, or as large as an answer may be.
   */
  findAll(phone: PhoneNumber, scope: ListScope, page: Page): Promise<LeadPage>;
  /**
   * Finds leads by words of names, e-mail, companies and ids, by index only and within `scope`. Beside a number that is
   * among the words: those that have it, in any of its columns, come first. Undefined: the engine has no index of words.
   *
   * @param masks of somebody who sees fields masked: those of this setting and of the lists' own find nobody
   * @param filter of those that are found, as far as they are counted
   */
  readonly searchText?:
    | ((
        query: TextQuery,
        scope: ListScope,
        page: Page,
        masks?: MasksOf,
        filter?: LeadFilter,
      ) => Promise<TextPage>)
    | undefined;
  /**
   * Looks through some of the leads within `scope`, the newest first, in a few milliseconds. Undefined: the engine has the tables
   * of a dialer, which are not looked through.
   *
   * @param part ids below `below`, and at most `limit` that are wanted
   */
  readonly lookThrough?:
    | ((
        filter: LeadFilter,
        scope: ListScope,
        part: { readonly below: number; readonly limit: number },
      ) => Promise<LookedThrough>)
    | undefined;
  /**
   * Describes a list with its custom fields.
   *
   * @returns undefined when there is no such list
   */
  describeList(listId: number): Promise<ListDescription | undefined>;
  /** What the store keeps of a lead beside what a lookup gives. Whoever asks has been shown the lead. */
  readDetails(leadId: number): Promise<LeadDetails>;
  /**
   * The newest entries of a lead in each log of calls, by index only; a log that may not be read is empty. Undefined: the engine
   * keeps none.
   *
   * @param most entries of each log, at most MOST_LOG_ENTRIES
   * @param user as of readHistory
   */
  readonly readCallLogs?: (leadId: number, most: number, user: string | undefined) => Promise<CallLogs>;
  /**
   * What a dialer keeps of a lead's past, as far as it shows it to a user. Whoever asks has been shown the lead. Undefined: the
   * engine keeps calls and notes of its own.
   *
   * @param user by the dialer's name; undefined: whoever asks is no user, and sees all
   * @param most so many of the newest entries are read, and so many of the newest calls; at most MOST_HISTORY of each log
   */
  readonly readHistory?: (leadId: number, user: string | undefined, most: number) => Promise<LeadHistory>;
}
