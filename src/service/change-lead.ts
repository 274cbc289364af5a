import type { RequestContext } from '../auth/principal.ts';
import { checkForList, faultOfSize, parseLeadPatch, type ParsedPatch } from '../core/lead-patch.ts';
import { isObject } from '../core/is-object.ts';
import { differences, isSameValue, type LeadState, valueOf, withValues } from '../core/lead-state.ts';
import type { Country } from '../core/phone.ts';
import type { ParameterFault } from '../core/problem.ts';
import type { FieldDefinition, IdempotencyKey, StoredRecord } from '../core/record-store.ts';
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
import { type Answer, refused } from './work.ts';

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

/**
 * What makes a patch of a lead as it is, for callers who do not know it.
 *
 * @param fields the custom fields of its list
 * @returns an empty patch changes nothing
 */
export type MakePatch = (
  stored: StoredRecord,
  fields: readonly FieldDefinition[],
) => { readonly patch: object } | { readonly faults: readonly ParameterFault[] };

export interface ChangeRequest extends RemoveRequest {
  /** JSON Merge Patch of the lead's fields (src/core/lead-patch.ts). */
  readonly patch?: unknown;
  /** Instead of `patch`. */
  readonly makePatch?: MakePatch | undefined;
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
  const { values } = parsed;
  const listId = Number(valueOf(values, 'list_id') ?? valueOf(state, 'list_id'));
  const list = await records.list(listId);
  if (list === undefined || !isVisible(scope, listId)) {
    return { problem: { code: 'list_not_found', asked: String(listId) } };
  }
  // Before a state is made of them: they may be thousands that are no fields.
  const changed = Object.entries(values).filter(
    ([field, value]) => !isSameValue(valueOf(state, field), value),
  );
  const faults = checkForList(changed, list, await records.fields(listId));
  if (faults.length > 0) return { problem: malformed(...faults) };
  const to = withValues(state, values);
  const tooLarge = faultOfSize(state, to);
  return tooLarge === undefined ? { to } : { problem: malformed(tooLarge) };
}

/** Reading so many fields of a patch takes as long as a lookup. */
const FIELDS_OF_A_LOOKUP = 25;

/** How many lookups more a change is: it reads a lead twice, writes two records of the audit, and the store. */
export const COST_OF_CHANGE = 4;

/** The same for a change by what was sent, which is read as well. */
function costOfPatch(sent: unknown): number {
  if (!isObject(sent)) return COST_OF_CHANGE;
  const custom = isObject(sent.custom_info) ? Object.keys(sent.custom_info).length : 0;
  return costOfFields(Object.keys(sent).length + custom);
}

function costOfFields(count: number): number {
  return COST_OF_CHANGE + Math.floor(count / FIELDS_OF_A_LOOKUP);
}

/**
 * The same function, which charges what reading its patch costs beside a change without one: once, also where a lead is decided
 * on again.
 */
function charged(makePatch: MakePatch, charge: RecordAccess['charge']): MakePatch {
  let paid = COST_OF_CHANGE;
  return (...lead) => {
    const made = makePatch(...lead);
    const cost = 'faults' in made ? costOfFields(made.faults.length) : costOfPatch(made.patch);
    charge(Math.max(0, cost - paid));
    paid = Math.max(paid, cost);
    return made;
  };
}

/** The patch that is sent, or made of the lead as it is. */
async function parsedPatch(
  { records }: RecordAccess,
  { patch, makePatch }: Pick<ChangeRequest, 'patch' | 'makePatch'>,
  stored: StoredRecord,
  country: Country,
): Promise<ParsedPatch> {
  if (makePatch === undefined) return parseLeadPatch(patch, country, stored.state);
  const made = makePatch(stored, await records.fields(stored.customer.lead.list_id));
  if ('faults' in made) return made;
  return Object.keys(made.patch).length === 0
    ? { values: {} }
    : parseLeadPatch(made.patch, country, stored.state);
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
      const { records, by, principal, scope, charge } = access;
      charge(costOfPatch(fields));
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
          const { isRepeated, changeId } = written;
          return {
            result: stored.customer,
            ...(isRepeated && { isRepeated }),
            ...(changeId && { changeId }),
          };
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
  return ({ leadId, patch, makePatch, isAsRead, allowShared = false, ...context }: ChangeRequest) => {
    const query = byLeadId(leadId);
    return onRecords<Changed>(context, query, async (access) => {
      const { records, by, scope, charge } = access;
      if (requireIfMatch && isAsRead === undefined) return refused({ code: 'precondition_required' }, query);
      charge(costOfPatch(patch));
      const sent = { patch, makePatch: makePatch && charged(makePatch, charge) };
      const decide = ifAsRead(isAsRead, async (stored) =>
        patched(access, stored.state, await parsedPatch(access, sent, stored, country())),
      );
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
      const { records, by, scope, charge } = access;
      charge(COST_OF_CHANGE);
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
