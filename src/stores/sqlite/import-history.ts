import type { DatabaseSync } from 'node:sqlite';

import type { ImportDescription, ImportSummary, UndoResult } from '../../core/lead-archive.ts';
import { LEAD_TEXT_FIELDS } from '../../core/lead.ts';
import type { Connection } from './connection.ts';
import { createLeadNumbers, type NumberedLead, SELECT_NUMBERED } from './lead-numbers.ts';
import { writeWhole } from './transactions.ts';

/** So many imports can be taken back; what older ones changed is forgotten when the next one begins. */
const KEPT_IMPORTS = 10;

/** Leads that are taken back in one transaction: others wait for some 100 ms. */
const UNDO_BATCH = 2_000;

/** Every column of a lead's row but its id. */
const COLUMNS = [
  'list_id',
  ...LEAD_TEXT_FIELDS,
  'is_customer',
  'last_local_call_time',
  'modify_date',
  'custom',
  'further_numbers',
];

/** A lead's row with its external ids, as JSON. */
const ROW_AS_JSON = `json_object(${COLUMNS.map((column) => `'${column}', ${column}`).join(', ')},
  'external_ids', (SELECT json_group_array(json_array(source, list_id, external_id)) FROM external_ids
    WHERE external_ids.lead_id = leads.lead_id))`;

/** The record of one import, written within its batches. */
export type ImportRecord = ReturnType<typeof createImportRecord>;

/** @param database in a transaction */
export function createImportRecord(
  database: DatabaseSync,
  { fileName, isWhole }: ImportDescription,
  startedAt: string,
) {
  const { lastInsertRowid } = database
    .prepare("INSERT INTO imports (started_at, state, is_whole, file_name) VALUES (?, 'running', ?, ?)")
    .run(startedAt, isWhole ? 1 : 0, fileName);
  const importId = Number(lastInsertRowid);
  forgetOld(database, importId - KEPT_IMPORTS);
  const keep = database.prepare(
    `INSERT INTO lead_changes (lead_id, import_id, before) SELECT lead_id, ?, ${ROW_AS_JSON} FROM leads WHERE lead_id = ?`,
  );
  const addRange = database.prepare(
    `INSERT INTO import_additions VALUES (?1, ?2, ?3)
     ON CONFLICT (import_id, first_lead_id) DO UPDATE SET last_lead_id = ?3`,
  );
  const end = database.prepare(
    'UPDATE imports SET state = ?, added = ?, updated = ?, unchanged = ?, rejected = ?, removed = ? WHERE import_id = ?',
  );
  let [first, last] = [0, -1];
  return {
    importId,
    /** To be called before a lead is changed or deleted. */
    keep: (leadId: number) => void keep.run(importId, leadId),
    added(leadId: number): void {
      if (leadId !== last + 1) {
        this.flush();
        first = leadId;
      }
      last = leadId;
    },
    /** Before a batch is committed. */
    flush(): void {
      if (last >= first) addRange.run(importId, first, last);
    },
    end(
      state: 'done' | 'stopped',
      { added, updated, unchanged, rejected, removed }: ImportSummary['counts'],
    ): void {
      end.run(state, added, updated, unchanged, rejected, removed, importId);
    },
  };
}

function forgetOld(database: DatabaseSync, last: number): void {
  for (const table of ['lead_changes', 'import_additions']) {
    database.prepare(`DELETE FROM ${table} WHERE import_id <= ?`).run(last);
  }
}

/** The newest first. */
export function listImports(database: DatabaseSync): readonly ImportSummary[] {
  const rows = database.prepare('SELECT * FROM imports ORDER BY import_id DESC').all();
  const newest = Number(rows[0]?.import_id ?? 0);
  return rows.map((row) => {
    const importId = Number(row.import_id);
    const count = (name: string) => Number(row[name]);
    return {
      importId,
      startedAt: String(row.started_at),
      state: String(row.state) as ImportSummary['state'],
      fileName: String(row.file_name),
      canBeUndone: row.state !== 'undone' && importId > newest - KEPT_IMPORTS,
      counts: {
        added: count('added'),
        updated: count('updated'),
        unchanged: count('unchanged'),
        rejected: count('rejected'),
        removed: count('removed'),
      },
    };
  });
}

/**
 * Takes an import back: what it added goes, what it changed or removed is as it was before. A lead that a later import has
 * changed stays as it is. In batches; what is done is forgotten in the same transaction, so that it goes on where it was
 * killed.
 *
 * @yields after each batch
 */
export function* undoImport(connection: Connection, importId: number): Generator<UndoResult> {
  const { database, readBatch } = connection;
  readBatch.end();
  const result = { restored: 0, removed: 0, kept: 0 };
  const setState = database.prepare('UPDATE imports SET state = ? WHERE import_id = ?');
  writeWhole(database, () => setState.run('undoing', importId));
  for (const step of [createRestore(connection, importId), createRemoval(database, importId)]) {
    let isMore: boolean;
    do {
      readBatch.end();
      isMore = writeWhole(database, () => step(result));
      yield result;
    } while (isMore);
  }
  writeWhole(database, () => setState.run('undone', importId));
}

/** A batch of an undo. @returns whether something is left */
type UndoStep = (result: { restored: number; removed: number; kept: number }) => boolean;

/** Leads that an import changed or removed, the last change first. */
function createRestore({ database, country }: Connection, importId: number): UndoStep {
  const numbers = createLeadNumbers(database, country);
  const numbered = database.prepare(`${SELECT_NUMBERED} WHERE lead_id = ?`);
  const next = database.prepare(
    `SELECT change_id, lead_id, EXISTS (SELECT 1 FROM lead_changes AS later
       WHERE later.lead_id = lead_changes.lead_id AND later.change_id > lead_changes.change_id) AS is_later
     FROM lead_changes WHERE import_id = ? ORDER BY change_id DESC LIMIT ${UNDO_BATCH}`,
  );
  const forget = database.prepare('DELETE FROM lead_changes WHERE change_id = ?');
  const values = COLUMNS.map((column) => `json_extract(before, '$.${column}')`).join(', ');
  const insert = database.prepare(
    `INSERT INTO leads (lead_id, ${COLUMNS.join(', ')}) SELECT lead_id, ${values} FROM lead_changes WHERE change_id = ?`,
  );
  const remove = database.prepare('DELETE FROM leads WHERE lead_id = ?');
  const insertIds = database.prepare(
    `INSERT OR IGNORE INTO external_ids
     SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), lead_id
     FROM lead_changes, json_each(before, '$.external_ids') WHERE change_id = ?`,
  );
  return (result) => {
    const rows = next.all(importId);
    for (const { change_id: changeId, lead_id: leadId, is_later: isLater } of rows as {
      change_id: number;
      lead_id: number;
      is_later: number;
    }[]) {
      if (isLater === 1) result.kept += 1;
      else {
        // With its numbers and external ids, which a trigger takes along.
        remove.run(leadId);
        insert.run(changeId);
        insertIds.run(changeId);
        numbers.add(numbered.get(leadId) as unknown as NumberedLead);
        result.restored += 1;
      }
      forget.run(changeId);
    }
    return rows.length > 0;
  };
}

/** Leads that an import added. */
function createRemoval(database: DatabaseSync, importId: number): UndoStep {
  const next = database.prepare(
    'SELECT first_lead_id, last_lead_id FROM import_additions WHERE import_id = ? LIMIT 1',
  );
  const shrink = database.prepare(
    'UPDATE import_additions SET first_lead_id = ? WHERE import_id = ? AND first_lead_id = ?',
  );
  const forget = database.prepare('DELETE FROM import_additions WHERE import_id = ? AND first_lead_id = ?');
  const isChanged = '(SELECT 1 FROM lead_changes WHERE lead_changes.lead_id = leads.lead_id)';
  const kept = database.prepare(
    `SELECT count(*) AS count FROM leads WHERE lead_id BETWEEN ? AND ? AND EXISTS ${isChanged}`,
  );
  const remove = database.prepare(
    `DELETE FROM leads WHERE lead_id BETWEEN ? AND ? AND NOT EXISTS ${isChanged}`,
  );
  return (result) => {
    const row = next.get(importId);
    if (row === undefined) return false;
    const [first, last] = [Number(row.first_lead_id), Number(row.last_lead_id)];
    const end = Math.min(last, first + UNDO_BATCH - 1);
    result.kept += Number(kept.get(first, end)?.count);
    result.removed += Number(remove.run(first, end).changes);
    if (end < last) shrink.run(end + 1, importId, first);
    else forget.run(importId, first);
    return true;
  };
}

/**
 * Brings imports to an end that were killed, or whose undoing was: one that is to be whole is taken back, of the others their
 * rows stay. To be called while no import runs.
 *
 * @yields after each batch; a sentence about what was done when an import has come to its end
 */
export function* endKilledImports(connection: Connection): Generator<string | undefined> {
  const { database } = connection;
  for (const row of database.prepare(SELECT_UNENDED).all()) {
    const importId = Number(row.import_id);
    const name = `import ${importId} (${String(row.file_name)})`;
    if (row.state === 'running' && row.is_whole === 0) {
      connection.readBatch.end();
      database.prepare("UPDATE imports SET state = 'stopped' WHERE import_id = ?").run(importId);
      yield `${name} did not come to its end; what it wrote stays`;
      continue;
    }
    const batches = undoImport(connection, importId);
    while (batches.next().done !== true) yield undefined;
    yield `${name} did not come to its end and was taken back`;
  }
}

const SELECT_UNENDED = `SELECT import_id, state, is_whole, file_name FROM imports
  WHERE state IN ('running', 'undoing') ORDER BY import_id DESC`;

/** Whether some import has not come to its end: it runs, or it was killed. */
export function hasUnendedImport(database: DatabaseSync): boolean {
  return database.prepare(SELECT_UNENDED).get() !== undefined;
}
