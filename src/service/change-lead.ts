import type { RequestContext } from '../auth/principal.ts';
import { checkForList, parseLeadPatch, type ParsedPatch } from '../core/lead-patch.ts';
import { differences, type LeadState, valueOf, withValues } from '../core/lead-state.ts';
import type { Country } from '../core/phone.ts';
import type { IdempotencyKey, StoredRecord } from '../core/record-store.ts';
import { refused } from './pipeline.ts';
import {
  byLeadId,
  type Changed,
  changeStored,
  idempotencyOf,
  type Decide,
  type IsAsRead,
  isVisible,
  malformed,
  noLead,
  type OnRecords,
  problemOfRefusal,
  readRecord,
  type RecordAccess,
} from './record-work.ts';
import type { Answer } from './work.ts';

export interface CreateRequest extends RequestContext {
  /** Its fields, as for a change; `list_id` is among them. */
  readonly fields: unknown;
  /** Another lead of its list may have its number. */
  readonly allowShared?: boolean;
  /** By what a request that is sent again is known. */
  readonly idempotency?: Omit<IdempotencyKey, 'account'> | undefined;
}

export interface RemoveRequest extends RequestContext {
  readonly leadId: number;
  /** Undefined: the caller does not say as what they have read it. */
  readonly isAsRead?: IsAsRead | undefined;
}

export interface ChangeRequest extends RemoveRequest {
  /** JSON Merge Patch of the lead's fields (src/core/lead-patch.ts). */
  readonly patch: unknown;
  readonly allowShared?: boolean;
}

export interface ChangeOptions {
  readonly country: () => Country;
  /** Whoever changes a lead must say as what they have read it. */
  readonly requireIfMatch: boolean;
}

/** What the work of a commit has for an answer until it is done. */
export const NOT_YET: Answer<never> = { problem: { code: 'internal', cause: undefined } };

/** What a patch makes of a lead's state. */
async function patched(
  { records, scope }: RecordAccess,
  state: LeadState,
  parsed: ParsedPatch,
): ReturnType<Decide> {
  if ('faults' in parsed) return { problem: malformed(...parsed.faults) };
  const to = withValues(state, parsed.values);
  const listId = Number(valueOf(to, 'list_id'));
  const list = (await records.lists()).find((one) => one.listId === listId);
  if (list === undefined || !isVisible(scope, listId)) {
    return { problem: { code: 'list_not_found', asked: String(listId) } };
  }
  const faults = checkForList(differences(state, to).after, list, await records.fields(listId));
  return faults.length > 0 ? { problem: malformed(...faults) } : { to };
}

/** What somebody decides of a lead only where it is as they have read it. */
function ifAsRead(isAsRead: IsAsRead | undefined, decide: Decide): Decide {
  return (stored) =>
    isAsRead === undefined || isAsRead(stored.customer)
      ? decide(stored)
      : Promise.resolve({ problem: { code: 'changed_meanwhile' } });
}

/** Makes a lead. */
export function createCreateLead(onRecords: OnRecords, { country }: ChangeOptions) {
  return ({ fields, allowShared = false, idempotency, ...context }: CreateRequest) =>
    onRecords<Changed>(context, undefined, async (access) => {
      const { records, by, principal, scope } = access;
      const parsed = parseLeadPatch(fields, country());
      if ('values' in parsed && valueOf(parsed.values, 'list_id') === null) {
        const reason = 'is missing; it says to which list the lead belongs';
        return refused(malformed({ field: 'list_id', reason }));
      }
      const decided = await patched(access, { is_customer: false }, parsed);
      if ('problem' in decided) return refused(decided.problem);
      const { to } = decided;
      const listId = Number(valueOf(to, 'list_id'));
      const key = idempotencyOf(principal, idempotency);
      return {
        records: [{ action: 'lead_added', listId, fields: Object.keys(to) }],
        answer: NOT_YET,
        async commit() {
          const written = await records.add(to, by, { allowShared, idempotency: key });
          if ('refused' in written) return { problem: problemOfRefusal(written) };
          const stored = await records.read(written.id, scope);
          if (stored === undefined) return { problem: noLead(written.id) };
          const repeated = written.isRepeated === true ? { isRepeated: true as const } : {};
          return { result: stored.customer, ...repeated };
        },
        disclosed: ({ result, isRepeated }) =>
          isRepeated === true
            ? [readRecord(byLeadId(result.leadId), result)]
            : [{ action: 'lead_added', listId, leadId: result.leadId }],
      };
    });
}

/** Changes fields of a lead. What is so already is no change. */
export function createChangeLead(onRecords: OnRecords, { country, requireIfMatch }: ChangeOptions) {
  return ({ leadId, patch, isAsRead, allowShared = false, ...context }: ChangeRequest) => {
    const query = byLeadId(leadId);
    return onRecords<Changed>(context, query, async (access) => {
      const { records, by, scope } = access;
      if (requireIfMatch && isAsRead === undefined) return refused({ code: 'precondition_required' }, query);
      const parsed = parseLeadPatch(patch, country());
      const decide = ifAsRead(isAsRead, ({ state }) => patched(access, state, parsed));
      const stored = await records.read(leadId, scope);
      if (stored === undefined) return refused(noLead(leadId), query);
      const decided = await decide(stored);
      if ('problem' in decided) return refused(decided.problem, query);
      const fields = Object.keys(differences(stored.state, decided.to).after);
      const read = readRecord(query, stored.customer);
      if (fields.length === 0) return { records: [read], answer: { result: stored.customer } };
      const write = ({ state }: StoredRecord, to: LeadState) =>
        records.change(leadId, state, to, by, { allowShared });
      return {
        records: [read, { action: 'lead_changed', query, leadId, fields }],
        answer: NOT_YET,
        commit: () => changeStored(access, leadId, decide, write),
      };
    });
  };
}

/** Removes a lead: nobody finds it any longer, and undoing the change brings it back. */
export function createRemoveLead(onRecords: OnRecords, { requireIfMatch }: ChangeOptions) {
  return ({ leadId, isAsRead, ...context }: RemoveRequest) => {
    const query = byLeadId(leadId);
    return onRecords<Changed>(context, query, async (access) => {
      const { records, by, scope } = access;
      if (requireIfMatch && isAsRead === undefined) return refused({ code: 'precondition_required' }, query);
      const decide = ifAsRead(isAsRead, ({ state }) => Promise.resolve({ to: state }));
      const stored = await records.read(leadId, scope);
      if (stored === undefined) return refused(noLead(leadId), query);
      const decided = await decide(stored);
      if ('problem' in decided) return refused(decided.problem, query);
      return {
        records: [readRecord(query, stored.customer), { action: 'lead_removed', query, leadId }],
        answer: NOT_YET,
        commit: () =>
          changeStored(access, leadId, decide, ({ state }) => records.remove(leadId, state, by, {})),
      };
    });
  };
}
