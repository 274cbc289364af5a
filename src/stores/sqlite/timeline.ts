import type { DatabaseSync } from 'node:sqlite';

import { valueOf } from '../../core/lead-state.ts';
import type { Page } from '../../core/lead-store.ts';
import type { LeadNote, NotePage, Timeline, TimelineEntry } from '../../core/record-store.ts';
import type { Endpoint } from '../../core/lookup-event.ts';
import { changeOf, type createLeadChanges } from './lead-changes.ts';

/** The newest of each kind, as many as the pages up to this one may hold. */
const SELECT_CHANGES = 'SELECT * FROM lead_changes WHERE lead_id = ? ORDER BY change_id DESC LIMIT ?';
const SELECT_NOTES = 'SELECT * FROM notes WHERE lead_id = ? ORDER BY note_id DESC LIMIT ?';
/** The imports that added it: of each import the one range is looked at that may hold the lead. */
const SELECT_IMPORTS = `SELECT import_id, started_at, file_name FROM imports
  WHERE (SELECT last_lead_id FROM import_additions AS range WHERE range.import_id = imports.import_id
    AND first_lead_id <= ?1 ORDER BY first_lead_id DESC LIMIT 1) >= ?1 ORDER BY import_id DESC`;

/** What happened to a lead, the newest first. */
export function createTimeline(database: DatabaseSync, changes: ReturnType<typeof createLeadChanges>) {
  const selectChanges = database.prepare(SELECT_CHANGES);
  const selectNotes = database.prepare(SELECT_NOTES);
  const selectImports = database.prepare(SELECT_IMPORTS);
  const count = database.prepare(
    `SELECT (SELECT count(*) FROM lead_changes WHERE lead_id = ?1) + (SELECT count(*) FROM notes WHERE lead_id = ?1) AS count`,
  );
  const list = database.prepare('SELECT list_id FROM leads WHERE lead_id = ?');

  function importsOf(leadId: number): readonly TimelineEntry[] {
    return selectImports.all(leadId).map((row) => ({
      type: 'import',
      at: Date.parse(`${String(row.started_at).replace(' ', 'T')}Z`),
      importId: Number(row.import_id),
      fileName: String(row.file_name),
    }));
  }

  return (leadId: number, { offset, limit }: Page): Timeline | undefined => {
    const stored = list.get(leadId)?.list_id;
    const last = stored === undefined ? changes.last(leadId) : undefined;
    // A lead that is gone, and of whose removal nothing is known.
    if (stored === undefined && last?.before === undefined) return undefined;
    const end = offset + limit;
    const imports = importsOf(leadId);
    const entries = [
      ...selectChanges.all(leadId, end).map(changeOf),
      ...selectNotes.all(leadId, end).map(noteOf),
      ...imports,
    ].sort((a, b) => b.at - a.at);
    return {
      listId: Number(stored ?? valueOf(last?.before ?? {}, 'list_id')),
      isRemoved: stored === undefined,
      total: Number(count.get(leadId)?.count) + imports.length,
      entries: entries.slice(offset, end),
    };
  };
}

const NOTE_PAGE = 'SELECT * FROM notes WHERE lead_id = ? ORDER BY note_id DESC LIMIT ? OFFSET ?';

/** What people note about a lead, the newest first. */
export function createNotePages(database: DatabaseSync) {
  const select = database.prepare(NOTE_PAGE);
  const count = database.prepare('SELECT count(*) AS count FROM notes WHERE lead_id = ?');
  return (leadId: number, { offset, limit }: Page): NotePage => ({
    total: Number(count.get(leadId)?.count),
    notes: select.all(leadId, limit, offset).map(noteOf),
  });
}

function noteOf(row: Readonly<Record<string, unknown>>): LeadNote {
  return {
    type: 'note',
    noteId: Number(row.note_id),
    at: Number(row.at),
    user: String(row.user_name),
    endpoint: String(row.endpoint) as Endpoint,
    text: String(row.text),
  };
}
