import { CUSTOM_PREFIX, type FieldValue, type LeadState } from '../core/lead-state.ts';
import type { FurtherNumber } from '../core/lead.ts';
import type { KeptLead } from '../core/person-store.ts';
import type { TimelineEntry } from '../core/record-store.ts';
import type { PersonWords } from './person-words.ts';
import { ENGLISH } from './person-words-en.ts';

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

/** How fields and what happened are named. */
interface Naming {
  readonly words: PersonWords;
  /** @param field of a state */
  readonly nameOf: (field: string) => string;
}

/** @param words for the person; left out: for the operator, with the names of fields as they are stored */
export function documentOf(lead: KeptLead, words?: PersonWords): LeadDocument {
  const naming = namingOf(lead, words);
  const { words: said, nameOf } = naming;
  const stored = Object.entries(lead.state)
    .filter(([field]) => field !== 'list_id')
    .map(([field, value]) => [nameOf(field), textOf(value, said)] as const);
  const ids = lead.externalIds.map(({ source, externalId }) => [said.idIn(source), externalId] as const);
  const changed = lead.modifyDate === null ? [] : [[said.modified, lead.modifyDate] as const];
  return {
    title: said.lead(lead.leadId, said.list(lead.listId, lead.listName), lead.isRemoved),
    fields: [...stored, ...ids, ...changed].filter(([, value]) => value !== ''),
    timeline: lead.timeline.map((entry) => entryOf(entry, naming)),
    readers: lead.readers,
  };
}

function namingOf(lead: KeptLead, words: PersonWords | undefined): Naming {
  const captions = new Map(lead.fields.map(({ label, caption }) => [CUSTOM_PREFIX + label, caption]));
  const names = new Map<string, string>(words && Object.entries(words.fields));
  return {
    words: words ?? ENGLISH,
    nameOf: (field) => captions.get(field) ?? names.get(field) ?? field,
  };
}

function entryOf(entry: TimelineEntry, naming: Naming): DocumentEntry {
  const { words } = naming;
  const at = new Date(entry.at).toISOString();
  if (entry.type === 'import')
    return { at, by: words.importer, what: words.addedByImport(entry.importId, entry.fileName) };
  if (entry.type === 'call') {
    const details = [entry.phone, entry.line, entry.outcome, entry.note].filter((one) => one !== undefined);
    return { at, by: entry.user, what: words.call(entry.direction, entry.state, details) };
  }
  const by = `${entry.user}, ${words.endpoints[entry.endpoint]}`;
  if (entry.type === 'note') return { at, by, what: words.note(entry.text) };
  const { before, after, importId } = entry;
  if (before === undefined) return { at, by, what: words.added(importId) };
  if (after === undefined) return { at, by, what: words.deleted(importId) };
  return { at, by, what: words.changed(importId, writeChanges(before, after, naming)) };
}

function writeChanges(before: LeadState, after: LeadState, { words, nameOf }: Naming): string {
  const shown = (value: FieldValue | undefined) => textOf(value ?? null, words) || words.nothing;
  return Object.keys(after)
    .map((field) => `${nameOf(field)} ${shown(before[field])} -> ${shown(after[field])}`)
    .join('; ');
}

function textOf(value: FieldValue, words: PersonWords): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'object') return value.map(writeNumber).join(', ');
  return String(value);
}

function writeNumber({ label, number }: FurtherNumber): string {
  return label === null ? number : `${number} (${label})`;
}
