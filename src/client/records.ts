import type { Ask } from './ask.ts';
import type { LeadInfo } from './documented.ts';
import type { Call } from './calls.ts';
import type { CallOptions } from './exchange.ts';
import type { FurtherNumber, Lead, ListField, ListFields, PageOptions } from './resources.ts';

/** Fields of a lead that are to change; null takes a value away, what is left out stays. */
export type LeadPatch = Partial<Omit<LeadInfo, 'lead_id'>> & {
  readonly is_customer?: boolean;
  /** By label; others stay. */
  readonly custom_info?: Readonly<Record<string, string | number | null>>;
  /** All of them. */
  readonly numbers?: readonly FurtherNumber[] | null;
};

export type NewLead = LeadPatch & { readonly list_id: number };

/** A lead after a change. */
export interface ChangedLead {
  readonly lead: Lead;
  /** The ETag, for `ifMatch`. */
  readonly tag: string;
  /** By which the change is undone; undefined: nothing was to be changed, or the lead was made. */
  readonly changeId: number | undefined;
}

export interface WriteOptions extends CallOptions {
  /** Another lead of the list may have the number. */
  readonly force?: boolean | undefined;
}

export interface ChangeOptions extends WriteOptions {
  /** The ETag as the lead was read: refused with `changed_meanwhile` if it is another one by now. */
  readonly ifMatch?: string | undefined;
}

export interface KeyOptions extends CallOptions {
  /** Sent with the same key again it is done once; for 24 hours. With a key the call is retried. */
  readonly idempotencyKey?: string | undefined;
}

interface Happening {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** A user, or `token:NAME`. */
  readonly user: string;
  readonly endpoint: string;
}

export interface Note extends Happening {
  readonly note_id: number;
  readonly text: string;
}

export interface Change extends Happening {
  readonly type: 'change';
  readonly change_id: number;
  /** The fields that changed, as they were; null: the lead was added. */
  readonly before: Readonly<Record<string, unknown>> | null;
  /** As they are since then; null: it was removed. */
  readonly after: Readonly<Record<string, unknown>> | null;
  readonly request_id?: string;
  readonly import_id?: number;
  readonly undoes?: number;
}

/** That a dialer is to call again. */
export interface Callback {
  readonly type: 'callback';
  readonly callback_id: number;
  readonly at: string;
  /** When to call. */
  readonly due: string | null;
  /** The dialer's word: `ACTIVE` is to come, `LIVE` is due. */
  readonly status: string;
  /** Who is to call; null: anyone. */
  readonly user: string | null;
  readonly text: string | null;
}

export type TimelineEntry =
  | Change
  | (Note & { readonly type: 'note' })
  | (Call & { readonly type: 'call'; readonly at: string })
  | Callback
  | { readonly type: 'import'; readonly import_id: number; readonly at: string; readonly file_name: string };

interface PageOf {
  readonly lead_id: number;
  /** On all pages. */
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

/** What happened to a lead, the newest first. */
export interface Timeline extends PageOf {
  /** Undoing its last change brings the lead back. */
  readonly is_removed: boolean;
  readonly entries: readonly TimelineEntry[];
}

export interface NotePage extends PageOf {
  readonly notes: readonly Note[];
}

export interface List {
  readonly list_id: number;
  readonly name: string | null;
  /** That a lead of the list may have; empty: any. */
  readonly statuses: readonly string[];
  /** Fields that are masked for whoever may not change leads. Left out: none. */
  readonly masked?: readonly string[];
}

/** Leads as people change them, and lists. They need the right `edit`, but for what reads. */
export interface Records {
  /** @throws {CallercardError} `number_taken` with `leadId`, among others */
  createLead(lead: NewLead, options?: WriteOptions & KeyOptions): Promise<ChangedLead>;
  /** @throws {CallercardError} `changed_meanwhile`, among others */
  changeLead(leadId: number, patch: LeadPatch, options?: ChangeOptions): Promise<ChangedLead>;
  /** @returns the id of the change, by which it is undone */
  removeLead(leadId: number, options?: Omit<ChangeOptions, 'force'>): Promise<number>;
  /**
   * Takes a change back.
   *
   * @returns the lead; undefined: the change had added it, and it is removed
   * @throws {CallercardError} `undo_conflict` with `fields` that were changed again
   */
  undoChange(leadId: number, changeId: number, options?: CallOptions): Promise<Lead | undefined>;
  getTimeline(leadId: number, options?: PageOptions): Promise<Timeline>;
  getNotes(leadId: number, options?: PageOptions): Promise<NotePage>;
  /** @returns the note's id */
  addNote(leadId: number, text: string, options?: KeyOptions): Promise<number>;
  getLists(options?: CallOptions): Promise<readonly List[]>;
  createList(list: Partial<List> & Pick<List, 'list_id'>, options?: CallOptions): Promise<List>;
  changeList(listId: number, patch: Partial<Omit<List, 'list_id'>>, options?: CallOptions): Promise<List>;
  /** Sets the custom fields of a list, all of them, in their order. */
  setListFields(
    listId: number,
    fields: readonly (Partial<ListField> & Pick<ListField, 'label'>)[],
    options?: CallOptions,
  ): Promise<ListFields>;
}

export function createRecords(ask: Ask): Records {
  return { ...createLeadWrites(ask), ...createLeadHistory(ask), ...createListWrites(ask) };
}

const leadPath = (leadId: number) => `leads/${encodeURIComponent(leadId)}`;
const withForce = (path: string, { force }: WriteOptions) => (force === true ? `${path}?force` : path);

/** Without a key a request is not sent twice: it would be done twice. */
function withKey({ idempotencyKey }: KeyOptions) {
  const isIdempotent = idempotencyKey !== undefined;
  return { method: 'POST', headers: { 'idempotency-key': idempotencyKey }, isIdempotent } as const;
}

function changeIdOf(headers: Headers): number | undefined {
  const id = headers.get('change-id');
  return id === null ? undefined : Number(id);
}

function createLeadWrites(
  ask: Ask,
): Pick<Records, 'createLead' | 'changeLead' | 'removeLead' | 'undoChange'> {
  const changed = ({ said, headers }: { readonly said: Lead; readonly headers: Headers }): ChangedLead => ({
    lead: said,
    tag: headers.get('etag') ?? '',
    changeId: changeIdOf(headers),
  });
  return {
    createLead: async (lead, options = {}) =>
      changed(await ask<Lead>(withForce('leads', options), options, { ...withKey(options), body: lead })),
    async changeLead(leadId, patch, options = {}) {
      const headers = { 'if-match': options.ifMatch, 'content-type': 'application/merge-patch+json' };
      // With `ifMatch`, too: the answer to the first may be lost, and the second one be refused.
      const sent = { method: 'PATCH', body: patch, headers, isIdempotent: false } as const;
      return changed(await ask<Lead>(withForce(leadPath(leadId), options), options, sent));
    },
    async removeLead(leadId, options = {}) {
      const headers = { 'if-match': options.ifMatch };
      const sent = { method: 'DELETE', headers, isIdempotent: false } as const;
      return changeIdOf((await ask<object>(leadPath(leadId), options, sent)).headers) ?? 0;
    },
    async undoChange(leadId, changeId, options) {
      const path = `${leadPath(leadId)}/changes/${encodeURIComponent(changeId)}/undo`;
      const { said } = await ask<Lead | object>(path, options, { method: 'POST', isIdempotent: false });
      return 'lead_id' in said ? said : undefined;
    },
  };
}

function createLeadHistory(ask: Ask): Pick<Records, 'getTimeline' | 'getNotes' | 'addNote'> {
  async function readPage<Wanted>(path: string, options: PageOptions = {}): Promise<Wanted> {
    const query = new URLSearchParams();
    if (options.limit !== undefined) query.set('limit', String(options.limit));
    if (options.offset !== undefined) query.set('offset', String(options.offset));
    return (await ask<Wanted>(query.size === 0 ? path : `${path}?${query.toString()}`, options)).said;
  }
  return {
    getTimeline: (leadId, options) => readPage(`${leadPath(leadId)}/timeline`, options),
    getNotes: (leadId, options) => readPage(`${leadPath(leadId)}/notes`, options),
    async addNote(leadId, text, options = {}) {
      const sent = { ...withKey(options), body: { text } };
      return (await ask<{ note_id: number }>(`${leadPath(leadId)}/notes`, options, sent)).said.note_id;
    },
  };
}

function createListWrites(
  ask: Ask,
): Pick<Records, 'getLists' | 'createList' | 'changeList' | 'setListFields'> {
  const listPath = (listId: number) => `lists/${encodeURIComponent(listId)}`;
  return {
    getLists: async (options) => (await ask<{ lists: readonly List[] }>('lists', options)).said.lists,
    createList: async (list, options) =>
      (await ask<List>('lists', options, { method: 'POST', body: list, isIdempotent: false })).said,
    changeList: async (listId, patch, options) =>
      (await ask<List>(listPath(listId), options, { method: 'PATCH', body: patch })).said,
    setListFields: async (listId, fields, options) =>
      (await ask<ListFields>(`${listPath(listId)}/fields`, options, { method: 'PUT', body: { fields } }))
        .said,
  };
}
