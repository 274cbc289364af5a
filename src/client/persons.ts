import type { Ask } from './ask.ts';
import type { CallOptions } from './exchange.ts';

/** Who is meant: all leads of the person, or a number that one person alone has or had. */
export type PersonKey = { readonly leadIds: readonly number[] } | { readonly phone: string };

/** A lead in which a number was found. */
export interface PersonTrace {
  readonly lead_id: number;
  readonly list_id: number;
  /** Empty: it has none. */
  readonly name: string;
  /** It was deleted, and its timeline is kept. */
  readonly is_removed: boolean;
  /** `phone_number`, `further`, `former`, `note` and so on. */
  readonly found_as: readonly string[];
}

/** What both documents say of themselves. */
interface PersonFacts {
  readonly domain: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly leadIds: readonly number[];
}

/** All that is kept of a person: the document of `callercard person export`. */
export interface PersonExport extends PersonFacts {
  readonly personExport: 1;
  readonly leads: readonly Readonly<Record<string, unknown>>[];
  /** Of somebody who has no lead; else calls are in the timelines of the leads. */
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  /** Who read the leads and who changed them, the oldest first. */
  readonly reads: readonly Readonly<Record<string, unknown>>[];
  /** Where more may be: sentences. */
  readonly elsewhere: readonly string[];
}

export interface ErasureReceipt extends PersonFacts {
  readonly erasureReceipt: 1;
  /** Rows that were deleted, by what they were. */
  readonly removed: Readonly<Record<string, number>>;
  /** Not clean: erase the same leads again. */
  readonly files: {
    readonly areClean: boolean;
    /** What was done to them. */
    readonly done: readonly string[];
    readonly deleted: readonly string[];
    readonly left: readonly string[];
  };
  /** What remains, and where: sentences. */
  readonly remains: readonly string[];
  /** SHA-256 of the receipt without it. */
  readonly digest: string;
}

/** What is kept of people. It needs a user with the right `admin` who sees every list; a token cannot have it. */
export interface Persons {
  /** Every lead in which a number is found; nobody is an empty list. */
  findPersons(phone: string, options?: CallOptions): Promise<readonly PersonTrace[]>;
  /** @throws {CallercardError} `several_people` with `leadIds`, among others */
  exportPerson(person: PersonKey, options?: CallOptions): Promise<PersonExport>;
  /**
   * Erases a person for good. The store is written anew, which takes seconds: give it a `timeoutMs` that is long enough. It is
   * never sent twice.
   *
   * @throws {CallercardError} `several_people` with `leadIds`, among others
   */
  erasePerson(person: PersonKey, options?: CallOptions): Promise<ErasureReceipt>;
}

export function createPersons(ask: Ask): Persons {
  const bodyOf = (person: PersonKey) =>
    'leadIds' in person ? { lead_ids: person.leadIds } : { phone: person.phone };
  return {
    findPersons: async (phone, options) => {
      const query = new URLSearchParams({ phone });
      return (await ask<{ leads: readonly PersonTrace[] }>(`persons?${query.toString()}`, options)).said
        .leads;
    },
    exportPerson: async (person, options) =>
      (await ask<PersonExport>('persons/export', options, { method: 'POST', body: bodyOf(person) })).said,
    async erasePerson(person, options) {
      const sent = { method: 'POST', body: bodyOf(person), isIdempotent: false } as const;
      return (await ask<ErasureReceipt>('persons/erase', options, sent)).said;
    },
  };
}
