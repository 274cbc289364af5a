import type { LeadKey } from './documented.ts';
import { type Ask, createAsk } from './ask.ts';
import { type Calls, type CallState, createCalls } from './calls.ts';
import type { CallOptions, Sending } from './exchange.ts';
import { createImports, type Imports } from './imports.ts';
import { createPersons, type Persons } from './persons.ts';
import { createRecords, type Records } from './records.ts';
import type { Lead, ListFields, PageOptions } from './resources.ts';

/** Some of the leads with a number, of which the very first is the one that a single lookup gives; or of those with words. */
export interface LeadPage {
  readonly total: number;
  /** `gte`: there are more than `total`, and no page has them. */
  readonly total_relation?: 'gte';
  readonly limit: number;
  readonly offset: number;
  /** Some leads are not found by words yet: they are being indexed. */
  readonly indexing?: true;
  readonly leads: readonly Lead[];
}

/** The outcome of one item. */
export type LookupResult =
  { readonly lead: Lead } | { readonly problem: { readonly code: string; readonly title: string } };

/** A call that comes in or goes out: the number, the lead, or both. */
export interface CallNotification {
  /** At whose card it is shown. */
  readonly user: string;
  readonly phone?: string | undefined;
  readonly leadId?: number | undefined;
  /** Your own name for the call. */
  readonly callId?: string | undefined;
  readonly direction?: 'inbound' | 'outbound' | undefined;
  /** The queue, campaign or number that was called. */
  readonly line?: string | undefined;
  /** Left out: it rings. */
  readonly state?: CallState | undefined;
}

/** The operations of our own API. */
export interface V1 extends Records, Imports, Persons, Calls {
  /** @throws {CallercardError} `lead_not_found`, among others */
  getLead(leadId: number, options?: CallOptions): Promise<Lead>;
  /** Every lead with a number; nobody is an empty page. */
  findLeads(phone: string, options?: PageOptions): Promise<LeadPage>;
  /**
   * Leads that have all words of a text (parts of names, e-mail, companies and ids, a number), the best first; nobody is an
   * empty page.
   *
   * @throws {CallercardError} `text_search_unavailable`: the leads are a dialer's
   */
  searchLeads(text: string, options?: PageOptions): Promise<LeadPage>;
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
  return {
    ...createReads(ask),
    ...createRecords(ask),
    ...createImports(ask),
    ...createPersons(ask),
    ...createCalls(ask),
  };
}

function createReads(ask: Ask): Omit<V1, keyof Records | keyof Imports | keyof Persons | keyof Calls> {
  async function askPage(wanted: Record<string, string>, options: PageOptions = {}): Promise<LeadPage> {
    const query = new URLSearchParams(wanted);
    if (options.limit !== undefined) query.set('limit', String(options.limit));
    if (options.offset !== undefined) query.set('offset', String(options.offset));
    return (await ask<LeadPage>(`leads?${query.toString()}`, options)).said;
  }

  return {
    getLead: async (leadId, options) =>
      (await ask<Lead>(`leads/${encodeURIComponent(leadId)}`, options)).said,
    findLeads: (phone, options) => askPage({ phone }, options),
    searchLeads: (text, options) => askPage({ q: text }, options),
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
    async notifyCall({ leadId, callId, ...call }, options) {
      const body = { ...call, lead_id: leadId, call_id: callId };
      const sent = { method: 'POST', body, isIdempotent: false } as const;
      return (await ask<{ call: string }>('calls', options, sent)).said.call;
    },
  };
}
