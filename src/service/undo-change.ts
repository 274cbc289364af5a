import type { RequestContext } from '../auth/principal.ts';
import { differences, type LeadState, valueOf, withoutNulls, withValues } from '../core/lead-state.ts';
import type { ListScope } from '../core/lead.ts';
import type { AuditAction } from '../core/lookup-event.ts';
import type { LeadChange, StoredRecord, Timeline } from '../core/record-store.ts';
import { COST_OF_CHANGE, NOT_YET } from './change-lead.ts';
import {
  byLeadId,
  type Changed,
  changeStored,
  type Decide,
  isVisible,
  noLead,
  type OnRecords,
  problemOfRefusal,
  readRecord,
  type RecordAccess,
} from './record-work.ts';
import { type Answer, refused } from './work.ts';

type Decided = Awaited<ReturnType<Decide>>;

export interface UndoRequest extends RequestContext {
  readonly leadId: number;
  readonly changeId: number;
}

/** Takes a change back, by another change. Where one of its fields was changed again it is refused. */
export function createUndoChange(onRecords: OnRecords) {
  return ({ leadId, changeId, ...context }: UndoRequest) => {
    const query = byLeadId(leadId);
    return onRecords<Changed>(context, query, async (access) => {
      const { records, scope, charge } = access;
      charge(COST_OF_CHANGE);
      const [change, timeline] = await Promise.all([
        records.findChange(leadId, changeId),
        records.timeline(leadId, { offset: 0, limit: 1 }),
      ]);
      if (timeline === undefined || !isVisible(scope, timeline.listId)) return refused(noLead(leadId), query);
      if (change === undefined) return refused({ code: 'change_not_found', asked: String(changeId) }, query);
      const stored = await records.read(leadId, scope);
      const shown = stored === undefined ? [] : [readRecord(query, stored.customer)];
      const fields = Object.keys(change.before ?? change.after ?? {});
      return {
        records: [...shown, { action: actionOf(change), query, leadId, fields }],
        answer: NOT_YET,
        commit: () => undo(access, leadId, change, timeline),
      };
    });
  };
}

/** What undoing it does. */
function actionOf({ before, after }: LeadChange): AuditAction {
  if (after === undefined) return 'lead_added';
  return before === undefined ? 'lead_removed' : 'lead_changed';
}

function undo(
  access: RecordAccess,
  leadId: number,
  change: LeadChange,
  timeline: Timeline,
): Promise<Answer<Changed>> {
  if (change.after === undefined) return bringBack(access, leadId, change, timeline);
  const { records, by, scope } = access;
  const options = { undoes: change.changeId, allowShared: true };
  const decide: Decide = ({ state }) => Promise.resolve(withinScope(undone(state, change), scope));
  const write = ({ state }: StoredRecord, to: LeadState) =>
    change.before === undefined
      ? records.remove(leadId, state, by, options)
      : records.change(leadId, state, to, by, options);
  return changeStored(access, leadId, decide, write);
}

/** A lead that comes from another list goes back to it only for those who may see that list. */
function withinScope(decided: Decided, scope: ListScope): Decided {
  if ('problem' in decided) return decided;
  const listId = Number(valueOf(decided.to, 'list_id'));
  return isVisible(scope, listId) ? decided : { problem: { code: 'list_not_found', asked: String(listId) } };
}

/** Brings a lead back that was removed, as it was then: the removal is the last thing that happened to it. */
async function bringBack(
  { records, by, scope }: RecordAccess,
  leadId: number,
  { before = {}, changeId }: LeadChange,
  { isRemoved, entries: [last] }: Timeline,
): Promise<Answer<Changed>> {
  const isLast = isRemoved && last?.type === 'change' && last.changeId === changeId;
  if (!isLast) return { problem: { code: 'undo_conflict', fields: ['lead_id'] } };
  const written = await records.add(before, by, { allowShared: true, undoes: changeId }, leadId);
  if ('refused' in written) return { problem: problemOfRefusal(written) };
  const stored = await records.read(leadId, scope);
  if (stored === undefined) return { problem: noLead(leadId) };
  return { result: stored.customer, changeId: written.id };
}

/** A lead's state with a change taken back. */
function undone(state: LeadState, { before, after = {} }: LeadChange): Decided {
  // A lead that was added goes as a whole, and only while it is as it was added.
  const fields =
    before === undefined ? Object.keys(differences(after, state).after) : changedSince(state, after);
  if (fields.length > 0) return { problem: { code: 'undo_conflict', fields } };
  return { to: before === undefined ? state : withValues(state, before) };
}

/** The fields of a change that were changed again. */
function changedSince(state: LeadState, after: LeadState): readonly string[] {
  const now = Object.keys(after).map((field) => [field, valueOf(state, field)] as const);
  return Object.keys(differences(withoutNulls(Object.entries(after)), withoutNulls(now)).after);
}
