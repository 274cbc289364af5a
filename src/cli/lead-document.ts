import { CUSTOM_PREFIX, type FieldValue, type LeadState } from '../core/lead-state.ts';
import type { FurtherNumber } from '../core/lead.ts';
import type { KeptLead } from '../core/person-store.ts';
import type { TimelineEntry } from '../core/record-store.ts';

/** All that is kept of a lead, for people: texts alone. */
export interface LeadDocument {
  readonly title: string;
  /** Names and values of what it has, in the order of the documented fields. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly timeline: readonly DocumentEntry[];
  /** Who has read it on the last day on which leads were read. */
  readonly readers: readonly string[];
}

export interface DocumentEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Who, and by what. */
  readonly by: string;
  readonly what: string;
}

export function documentOf(lead: KeptLead): LeadDocument {
  const list = lead.listName === null ? `list ${lead.listId}` : `list ${lead.listId} (${lead.listName})`;
  const captions = new Map(lead.fields.map(({ label, caption }) => [CUSTOM_PREFIX + label, caption]));
  const nameOf = (field: string) => captions.get(field) ?? field;
  const stored = Object.entries(lead.state)
    .filter(([field]) => field !== 'list_id')
    .map(([field, value]) => [nameOf(field), textOf(value)] as const);
  const ids = lead.externalIds.map(({ source, externalId }) => [`id in ${source}`, externalId] as const);
  const changed = lead.modifyDate === null ? [] : [['changed (UTC)', lead.modifyDate] as const];
  return {
    title: `lead ${lead.leadId}, ${list}${lead.isRemoved ? ', deleted' : ''}`,
    fields: [...stored, ...ids, ...changed].filter(([, value]) => value !== ''),
    timeline: lead.timeline.map((entry) => entryOf(entry, nameOf)),
    readers: lead.readers,
  };
}

function entryOf(entry: TimelineEntry, nameOf: (field: string) => string): DocumentEntry {
  const at = new Date(entry.at).toISOString();
  if (entry.type === 'import')
    return { at, by: 'operator, import', what: `added by import ${entry.importId} (${entry.fileName})` };
  const by = `${entry.user}, ${entry.endpoint}`;
  if (entry.type === 'note') return { at, by, what: `note: ${entry.text}` };
  const { before, after } = entry;
  const how = entry.importId === undefined ? '' : ` by import ${entry.importId}`;
  if (before === undefined) return { at, by, what: `added${how}` };
  if (after === undefined) return { at, by, what: `deleted${how}` };
  return { at, by, what: `changed${how}: ${writeChanges(before, after, nameOf)}` };
}

function writeChanges(before: LeadState, after: LeadState, nameOf: (field: string) => string): string {
  const shown = (value: FieldValue | undefined) => textOf(value ?? null) || 'nothing';
  return Object.keys(after)
    .map((field) => `${nameOf(field)} ${shown(before[field])} -> ${shown(after[field])}`)
    .join('; ');
}

function textOf(value: FieldValue): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return value.map(writeNumber).join(', ');
  return String(value);
}

function writeNumber({ label, number }: FurtherNumber): string {
  return label === null ? number : `${number} (${label})`;
}

/** The same for programs. Times are ISO 8601, UTC. */
export function jsonOf(lead: KeptLead) {
  return {
    leadId: lead.leadId,
    listId: lead.listId,
    listName: lead.listName,
    isRemoved: lead.isRemoved,
    modifyDate: lead.modifyDate,
    fields: lead.state,
    captions: Object.fromEntries(lead.fields.map(({ label, caption }) => [label, caption])),
    externalIds: lead.externalIds,
    timeline: lead.timeline.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
    readers: lead.readers,
  };
}
