import type { KeptCall } from '../core/call-store.ts';
import type { DialerCallback } from '../core/lead-history.ts';
import { CUSTOM_PREFIX, type FieldValue, type LeadState } from '../core/lead-state.ts';
import type { FurtherNumber, ListField } from '../core/lead.ts';
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
  const naming = namingOf(lead.fields, words);
  const { words: said } = naming;
  const ids = lead.externalIds.map(({ source, externalId }) => [said.idIn(source), externalId] as const);
  const changed = lead.modifyDate === null ? [] : [[said.modified, lead.modifyDate] as const];
  return {
    title: said.lead(lead.leadId, said.list(lead.listId, lead.listName), lead.isRemoved),
    fields: [...fieldsOf(lead.state, naming), ...ids, ...changed].filter(([, value]) => value !== ''),
    timeline: lead.timeline.map((entry) => entryOf(entry, naming)),
    readers: lead.readers,
  };
}

/**
 * A lead that somebody is shown, for people.
 *
 * @param fields the custom fields of its list
 */
export function recordOf(
  {
    state,
    entries,
  }: { readonly state: LeadState; readonly entries: readonly (TimelineEntry | DialerCallback)[] },
  fields: readonly ListField[],
  words: PersonWords,
): Pick<LeadDocument, 'fields' | 'timeline'> {
  const naming = namingOf(fields, words);
  return {
    fields: fieldsOf(state, naming).filter(([, value]) => value !== ''),
    timeline: entries.map((entry) => entryOf(entry, naming)),
  };
}

function fieldsOf(state: LeadState, { words, nameOf }: Naming) {
  return Object.entries(state)
    .filter(([field]) => field !== 'list_id')
    .map(([field, value]) => [nameOf(field), textOf(value, words)] as const);
}

function namingOf(fields: readonly ListField[], words: PersonWords | undefined): Naming {
  const captions = new Map(fields.map(({ label, caption }) => [CUSTOM_PREFIX + label, caption]));
  const names = new Map<string, string>(words && Object.entries(words.fields));
  return {
    words: words ?? ENGLISH,
    nameOf: (field) => captions.get(field) ?? names.get(field) ?? field,
  };
}

function entryOf(entry: TimelineEntry | DialerCallback, naming: Naming): DocumentEntry {
  const { words } = naming;
  const at = new Date(entry.at).toISOString();
  if (entry.type === 'import')
    return { at, by: words.importer, what: words.addedByImport(entry.importId, entry.fileName) };
  if (entry.type === 'call') return callEntry(entry, words);
  if (entry.type === 'callback') {
    const due = entry.due === undefined ? [] : [new Date(entry.due).toISOString()];
    return {
      at,
      by: entry.user ?? '',
      what: [words.callback, ...due, entry.text ?? ''].filter(Boolean).join(', '),
    };
  }
  const by = `${entry.user}, ${words.endpoints[entry.endpoint]}`;
  if (entry.type === 'note') return { at, by, what: words.note(entry.text) };
  const { before, after, importId } = entry;
  if (before === undefined) return { at, by, what: words.added(importId) };
  if (after === undefined) return { at, by, what: words.deleted(importId) };
  return { at, by, what: words.changed(importId, writeChanges(before, after, naming)) };
}

/** A call, for people. */
export function callEntry(call: KeptCall, words: PersonWords): DocumentEntry {
  const { phone, line, outcome, note, user, direction, state } = call;
  const details = [phone, line, outcome, note].filter((one) => one !== undefined);
  return {
    at: new Date(call.startedAt).toISOString(),
    by: user,
    what: words.call(direction, state, details),
  };
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
