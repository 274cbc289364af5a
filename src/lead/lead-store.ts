import type { Customer, ListScope, PhoneColumn } from './lead.ts';
import type { Country } from './phone.ts';
import type { Question } from './question.ts';

/** A store that does not answer, or not with what it should hold; the cause is for the log. */
export class StoreFailure extends Error {
  constructor(cause: unknown) {
    super('the store failed', { cause });
    this.name = 'StoreFailure';
  }
}

/** What was found for a question. */
export interface Finding extends Customer {
  readonly leadId: number;
  /** For a question by number: the column that matched and how many leads (that the asker may see) have it. */
  readonly foundBy?: { readonly column: PhoneColumn; readonly matches: number };
}

/**
 * The port through which leads are read. One test body (test/store/lead-store.contract.ts) runs against every
 * engine.
 */
export interface LeadStore {
  /** The country under which stored numbers are compared. */
  readonly country: Country;
  /** The columns that hold a telephone number, in the order of search. An engine leaves out those without index. */
  readonly phoneColumns: readonly PhoneColumn[];
  /**
   * Finds the lead, by index only. The restriction to `scope` applies before a winner is chosen: exact stored
   * digits first, then the one last called, last modified, highest id (contract, *Phone numbers*).
   *
   * @throws {StoreFailure}
   */
  find(question: Question, scope: ListScope): Finding | undefined | Promise<Finding | undefined>;
}
