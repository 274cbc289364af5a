import type { MasksOf } from '../core/lead.ts';
import { maskCall, maskLead, maskNote, maskNumbers, maskNumbersOf, maskState } from '../core/masks.ts';
import type { LeadNote, RecordStore, TimelineEntry } from '../core/record-store.ts';
import { fieldsMaskedIn } from './lookup.ts';

/**
 * What is masked of a lead in any of the lists that it is or was in.
 *
 * @param masks by the setting `maskedFields`
 */
export async function masksEver(
  records: Pick<RecordStore, 'listsOf' | 'lists'>,
  masks: MasksOf,
  leadId: number,
): Promise<ReadonlySet<string>> {
  const [listIds, lists] = await Promise.all([records.listsOf(leadId), records.lists()]);
  const own = new Map(lists.map(({ listId, masked }) => [listId, masked]));
  return new Set(listIds.flatMap((listId) => [...masks(listId), ...(own.get(listId) ?? [])]));
}

/**
 * Records as somebody sees them who may not change them. What happened to a lead is masked by every list that it is or was in:
 * what a list hides is not shown because the lead has left it. Each method is named: a new one is masked, or said to need no mask,
 * before this compiles.
 *
 * @param masks by the setting `maskedFields`
 */
export function maskedRecords(records: RecordStore, masks: MasksOf): Required<RecordStore> {
  const fieldsOf = (leadId: number) => masksEver(records, masks, leadId);

  return {
    async read(leadId, scope) {
      const stored = await records.read(leadId, scope);
      const fields = stored && fieldsMaskedIn(stored.customer, masks);
      if (stored === undefined || fields === undefined) return stored;
      return { customer: maskLead(stored.customer, fields), state: maskState(stored.state, fields) };
    },
    async timeline(leadId, page) {
      const timeline = await records.timeline(leadId, page);
      if (timeline === undefined) return undefined;
      const fields = await fieldsOf(leadId);
      return { ...timeline, entries: timeline.entries.map((entry) => maskEntry(entry, fields)) };
    },
    async notes(leadId, page) {
      const found = await records.notes(leadId, page);
      const fields = await fieldsOf(leadId);
      return { ...found, notes: found.notes.map((note) => maskEntry(note, fields)) };
    },
    async findChange(leadId, changeId) {
      const change = await records.findChange(leadId, changeId);
      return change && maskEntry(change, await fieldsOf(leadId));
    },
    // No values of leads.
    listsOf: (leadId) => records.listsOf(leadId),
    lists: () => records.lists(),
    list: (listId) => records.list(listId),
    leadsOfList: (listId, after) => records.leadsOfList(listId, after),
    fields: (listId) => records.fields(listId),
    // What only those do who see everything; what they answer are ids.
    add: (...given) => records.add(...given),
    change: (...given) => records.change(...given),
    remove: (...given) => records.remove(...given),
    addNote: (...given) => records.addNote(...given),
    putList: (list, isNew) => records.putList(list, isNew),
    removeList: (listId) => records.removeList(listId),
    putFields: (listId, fields) => records.putFields(listId, fields),
  };
}

function maskEntry<Entry extends TimelineEntry>(entry: Entry, fields: ReadonlySet<string>): Entry;
function maskEntry(entry: TimelineEntry, fields: ReadonlySet<string>): TimelineEntry {
  if (entry.type === 'note') return { ...entry, text: maskNote(entry.text, fields) } satisfies LeadNote;
  if (entry.type === 'call') return maskCall(entry, fields);
  if (entry.type === 'import') {
    return maskNumbersOf(fields) ? { ...entry, fileName: maskNumbers(entry.fileName) } : entry;
  }
  const { before, after } = entry;
  return {
    ...entry,
    ...(before !== undefined && { before: maskState(before, fields) }),
    ...(after !== undefined && { after: maskState(after, fields) }),
  };
}
