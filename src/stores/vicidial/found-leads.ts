import type { LookupResult } from '../../core/lead-store.ts';
import type { LookupQuery } from '../../core/query.ts';
import type { CustomFields } from './custom-fields.ts';
import type { DialerLead, Row, winnerOf } from './rows.ts';

/** A lead without its custom values, or with the row and the custom table that they came from, if a table was predicted. */
export interface LeadWithCustom extends DialerLead {
  readonly predicted?: { readonly fields: CustomFields | undefined; readonly row: Row };
  /** Left out: it was found by its id. */
  readonly foundBy?: LookupResult['foundBy'];
}

/** A lookup of an account that should still have this password, or this hash of one. */
export interface ExpectedAccount {
  readonly query: LookupQuery;
  readonly secret: string;
}

export interface AccountAndLead {
  /** Undefined: there is no such user. */
  readonly account: Row | undefined;
  readonly lead: PrefetchedLead;
}

/** What a first statement brought of a lead; undefined: there is none that may be seen. */
export type PrefetchedLead = LeadWithCustom | ReturnType<typeof winnerOf>;
