import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

import { valueOf } from '../../core/lead-state.ts';
import type { Page } from '../../core/lead-store.ts';
import type { NotePage, Timeline, TimelineEntry } from '../../core/record-store.ts';
import { CALL_COLUMNS, callOf, entryOf } from '../call-rows.ts';
import { changeOf, noteOf } from '../record-rows.ts';
import type { createLeadChanges } from './lead-changes.ts';

/** The newest of each kind, as many as the pages up to this one may hold; without what they say, which may be large. */
const SELECT_CHANGES =
  'SELECT change_id AS id, at FROM lead_changes WHERE lead_id = ? ORDER BY change_id DESC LIMIT ? + 0';
const SELECT_NOTES =
  'SELECT note_id AS id, at FROM notes WHERE lead_id = ? ORDER BY note_id DESC LIMIT ? + 0';
const SELECT_CALLS =
  'SELECT call_number AS id, started_at AS at FROM calls WHERE lead_id = ? ORDER BY call_number DESC LIMIT ? + 0';
/** The imports that added it: of each import the one range is looked at that may hold the lead. */
const SELECT_IMPORTS = `SELECT import_id, started_at, file_name FROM imports
  WHERE (SELECT last_lead_id FROM import_additions AS range WHERE range.import_id = imports.import_id
    AND first_lead_id <= ?1 ORDER BY first_lead_id DESC LIMIT 1) >= ?1 ORDER BY import_id DESC`;

/** An entry that is read when its page is. */
interface Place {
  readonly at: number;
  readonly read: () => { readonly characters: number; readonly entry: () => TimelineEntry };
}

/** What happened to a lead, the newest first. */
export function createTimeline(database: DatabaseSync, changes: ReturnType<typeof createLeadChanges>) {
  const selectChanges = database.prepare(SELECT_CHANGES);
  const selectNotes = database.prepare(SELECT_NOTES);
  const selectCalls = database.prepare(SELECT_CALLS);
  const { readChange, readNote, readCall } = createEntryReads(database);
  const selectImports = database.prepare(SELECT_IMPORTS);
  const count = database.prepare(
    `SELECT (SELECT count(*) FROM lead_changes WHERE lead_id = ?1) + (SELECT count(*) FROM notes WHERE lead_id = ?1)
       + (SELECT count(*) FROM calls WHERE lead_id = ?1) AS count`,
  );
  const list = database.prepare('SELECT list_id FROM leads WHERE lead_id = ?');

  function importsOf(leadId: number): readonly Place[] {
    return selectImports.all(leadId).map((row) => {
      const at = Date.parse(`${String(row.started_at).replace(' ', 'T')}Z`);
      const entry = () => {
        const { import_id: importId, file_name: fileName } = row;
        return { type: 'import' as const, at, importId: Number(importId), fileName: String(fileName) };
      };
      return { at, read: () => ({ characters: lengthOf(row.file_name), entry }) };
    });
  }

  /** @param fits whether so many characters more belong on the page */
  return (
    leadId: number,
    { offset, limit }: Page,
    fits: (more: number) => boolean = () => true,
  ): Timeline | undefined => {
    const stored = list.get(leadId)?.list_id;
    const last = stored === undefined ? changes.last(leadId) : undefined;
    // A lead that is gone, and of whose removal nothing is known.
    if (stored === undefined && last?.before === undefined) return undefined;
    const end = offset + limit;
    const imports = importsOf(leadId);
    const placeOf = (read: (id: number) => ReturnType<Place['read']>) => (row: Row) => ({
      at: Number(row.at),
      read: () => read(Number(row.id)),
    });
    const places = [
      ...selectChanges.all(leadId, end).map(placeOf(readChange)),
      ...selectNotes.all(leadId, end).map(placeOf(readNote)),
      ...selectCalls.all(leadId, end).map(placeOf(readCall)),
      ...imports,
    ].sort((a, b) => b.at - a.at);
    return {
      listId: Number(stored ?? valueOf(last?.before ?? {}, 'list_id')),
      isRemoved: stored === undefined,
      total: Number(count.get(leadId)?.count) + imports.length,
      ...readPage(places.slice(offset, end), fits),
    };
  };
}

/** Reads one change, note or call, by its id. */
function createEntryReads(database: DatabaseSync) {
  const change = database.prepare('SELECT * FROM lead_changes WHERE change_id = ?');
  const note = database.prepare('SELECT * FROM notes WHERE note_id = ?');
  const call = database.prepare(`SELECT ${CALL_COLUMNS.join(', ')} FROM calls WHERE call_number = ?`);
  return {
    readChange: (id: number): ReturnType<Place['read']> => {
      const row = change.get(id) ?? {};
      return { characters: lengthOf(row.before) + lengthOf(row.after), entry: () => changeOf(row) };
    },
    readNote: (id: number): ReturnType<Place['read']> => {
      const row = note.get(id) ?? {};
      return { characters: lengthOf(row.text), entry: () => noteOf(row) };
    },
    readCall: (id: number): ReturnType<Place['read']> => {
      const row = call.get(id) ?? {};
      return { characters: lengthOf(row.note), entry: () => entryOf(callOf(row)) };
    },
  };
}

function readPage(places: readonly Place[], fits: (more: number) => boolean) {
  const entries: TimelineEntry[] = [];
  let sum = 0;
  for (const { read } of places) {
    const { characters, entry } = read();
    if (!fits(characters)) return { entries, characters: sum, isCut: true as const };
    sum += characters;
    entries.push(entry());
  }
  return { entries, characters: sum };
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}

const NOTE_PAGE = 'SELECT * FROM notes WHERE lead_id = ? ORDER BY note_id DESC LIMIT ? + 0 OFFSET ?';

/** What people note about a lead, the newest first. */
export function createNotePages(database: DatabaseSync) {
  const select = database.prepare(NOTE_PAGE);
  const count = database.prepare('SELECT count(*) AS count FROM notes WHERE lead_id = ?');
  return (leadId: number, { offset, limit }: Page): NotePage => ({
    total: Number(count.get(leadId)?.count),
    notes: select.all(leadId, limit, offset).map(noteOf),
  });
}

/** Every list that a lead is or was in. */
export function createFormerLists(database: DatabaseSync) {
  const select = database.prepare(
    `SELECT list_id FROM leads WHERE lead_id = ?1
     UNION SELECT json_extract(before, '$.list_id') FROM lead_changes WHERE lead_id = ?1
     UNION SELECT json_extract(after, '$.list_id') FROM lead_changes WHERE lead_id = ?1`,
  );
  return (leadId: number): readonly number[] =>
    select.all(leadId).flatMap(({ list_id: listId }) => (listId === null ? [] : [Number(listId)]));
}
