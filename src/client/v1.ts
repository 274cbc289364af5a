import type { LeadInfo, LeadKey } from './documented.ts';
import { type Ask, createAsk } from './ask.ts';
import type { CallOptions, Sending } from './exchange.ts';
import { createRecords, type Records } from './records.ts';

/** A column that holds a telephone number. */
export type PhoneColumn = 'phone_number' | 'alt_phone' | 'address3';

/** What matched a number: a column, one of the lead's further numbers, or a block of numbers. */
export type NumberMatch = PhoneColumn | 'further' | 'block';

/** A lead as our own API answers it. */
export interface Lead extends LeadInfo {
  readonly custom_info: Readonly<Record<string, string | number | null>> | null;
  readonly is_customer: boolean;
  /** The numbers of its fields that the default country has. `numbers` has all of the lead's, and reads them better. */
  readonly phones: readonly {
    readonly field: PhoneColumn;
    /** `+525587654321`. */
    readonly e164: string;
    /** As it is written in its country. */
    readonly national: string;
  }[];
  /** The column of the number that was searched; null where none was. */
  readonly matched_by: NumberMatch | null;
  /** All its numbers: those of its fields, then the further ones, at most 100. */
  readonly numbers: readonly LeadNumber[];
  /** It has further numbers that are not among `numbers`. */
  readonly more_numbers?: true;
}

/** A telephone number of a lead. */
export interface LeadNumber {
  /** Left out: none of the fields has it. */
  readonly field?: PhoneColumn;
  /** What people call it, such as `Oficina`; null: nothing. */
  readonly label: string | null;
  /** As it is stored. */
  readonly number: string;
  /** `+525587654321`, read under the lead's own country; null: no numbering plan has it. */
  readonly e164: string | null;
  /** As people of the server's default country write it. */
  readonly national: string | null;
}

/** Some of the leads with a number; the very first is the one that a single lookup gives. */
export interface LeadPage {
  readonly total: number;
  /** `gte`: there are more than `total`, and no page has them. */
  readonly total_relation?: 'gte';
  readonly limit: number;
  readonly offset: number;
  readonly leads: readonly Lead[];
}

export interface PageOptions extends CallOptions {
  /** 1 to 100; 25 if not given. */
  readonly limit?: number | undefined;
  /** How many come before; 0 to 10,000. */
  readonly offset?: number | undefined;
}

/** The outcome of one item. */
export type LookupResult =
  { readonly lead: Lead } | { readonly problem: { readonly code: string; readonly title: string } };

/** A custom field of a list's leads. */
export interface ListField {
  /** The name in `custom_info`. */
  readonly label: string;
  readonly caption: string;
  readonly type: string;
  /** What may be chosen; empty: anything, or unknown. */
  readonly options: readonly string[];
}

export interface ListFields {
  readonly list_id: number;
  readonly name: string | null;
  readonly fields: readonly ListField[];
}

/** A call that comes in or goes out: the number, the lead, or both. */
export interface CallNotification {
  /** At whose card it is shown. */
  readonly user: string;
  readonly phone?: string | undefined;
  readonly leadId?: number | undefined;
  /** Your own name for the call. */
  readonly callId?: string | undefined;
  readonly direction?: 'inbound' | 'outbound' | undefined;
}

/** The operations of our own API. */
export interface V1 extends Records {
  /** @throws {CallercardError} `lead_not_found`, among others */
  getLead(leadId: number, options?: CallOptions): Promise<Lead>;
  /** Every lead with a number; nobody is an empty page. */
  findLeads(phone: string, options?: PageOptions): Promise<LeadPage>;
  /** Up to 1,000 numbers and ids at once, and an outcome for each in their order. */
  lookupMany(items: readonly LeadKey[], options?: CallOptions): Promise<readonly LookupResult[]>;
  /** The custom fields of a list. */
  getListFields(listId: number, options?: CallOptions): Promise<ListFields>;
  /**
   * Shows a call on the user's card. It is never sent twice, because it would come up twice.
   *
   * @returns the call's id
   */
  notifyCall(call: CallNotification, options?: CallOptions): Promise<string>;
}

/** @param authorization the header's value; undefined: there are no credentials, and every operation throws */
export function createV1(sending: Sending, authorization: string | undefined): V1 {
  const ask = createAsk(sending, authorization);
  return { ...createReads(ask), ...createRecords(ask) };
}

function createReads(ask: Ask): Omit<V1, keyof Records> {
  return {
    getLead: async (leadId, options) =>
      (await ask<Lead>(`leads/${encodeURIComponent(leadId)}`, options)).said,
    async findLeads(phone, options = {}) {
      const query = new URLSearchParams({ phone });
      if (options.limit !== undefined) query.set('limit', String(options.limit));
      if (options.offset !== undefined) query.set('offset', String(options.offset));
      return (await ask<LeadPage>(`leads?${query.toString()}`, options)).said;
    },
    async lookupMany(items, options) {
      // What is undefined is left out of JSON.
      const body = { items: items.map(({ phone, leadId }) => ({ phone, lead_id: leadId })) };
      const { said } = await ask<{ results: LookupResult[] }>('leads/lookup', options, {
        method: 'POST',
        body,
      });
      return said.results;
    },
    getListFields: async (listId, options) =>
      (await ask<ListFields>(`lists/${encodeURIComponent(listId)}/fields`, options)).said,
    async notifyCall({ user, phone, leadId, callId, direction }, options) {
      const body = { user, phone, lead_id: leadId, call_id: callId, direction };
      const sent = { method: 'POST', body, isIdempotent: false } as const;
      return (await ask<{ call: string }>('calls', options, sent)).said.call;
    },
  };
}
