import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

import {
  IMPORTED_BY_COMMAND,
  type ImportDescription,
  type ImportSummary,
  type UndoResult,
} from '../../core/lead-archive.ts';
import { differences, withValues } from '../../core/lead-state.ts';
import type { Connection } from './connection.ts';
import { KEPT_IMPORTS } from '../import-limits.ts';
import { changeOf } from '../record-rows.ts';
import { createLeadChanges } from './lead-changes.ts';
import { createLeadStates } from './lead-state.ts';
import { createSearchQueue } from './search-queue.ts';
import { createReturnedCheck } from './returned-leads.ts';
import { writeForAWhile, writeWhole } from './transactions.ts';

/** Leads that are taken back in one step of `writeForAWhile`. */
const UNDO_BATCH = 200;
/** Removed leads that are forgotten in one transaction. */
const FORGET_BATCH = 1_000;

/** The record of one import, written within its batches. */
export type ImportRecord = ReturnType<typeof createImportRecord>;

/** @param connection in a transaction */
export function createImportRecord(
  { database, country }: Connection,
  { fileName, isWhole, by: { user, endpoint } = IMPORTED_BY_COMMAND }: ImportDescription,
  startedAt: string,
) {
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO imports (started_at, state, is_whole, file_name, imported_by, can_be_undone)
       VALUES (?, 'running', ?, ?, ?, 1)`,
    )
    .run(startedAt, isWhole ? 1 : 0, fileName, user);
  const importId = Number(lastInsertRowid);
  const states = createLeadStates(database, country);
  const changes = createLeadChanges(database);
  const addRange = database.prepare(
    `INSERT INTO import_additions VALUES (?1, ?2, ?3)
     ON CONFLICT (import_id, first_lead_id) DO UPDATE SET last_lead_id = ?3`,
  );
  const end = database.prepare(
    'UPDATE imports SET state = ?, added = ?, updated = ?, unchanged = ?, rejected = ?, removed = ? WHERE import_id = ?',
  );
  const made = (leadId: number) => ({ leadId, at: Date.now(), user, endpoint, importId }) as const;
  let [first, last] = [0, -1];
  return {
    importId,
    /** To be called before a lead is changed. @returns to be called when it is */
    change(leadId: number): () => void {
      const before = states.read(leadId);
      return () => {
        const after = states.read(leadId);
        if (before === undefined || after === undefined) return;
        const { modifyDate } = before;
        changes.add({ ...made(leadId), ...differences(before.state, after.state), modifyDate });
      };
    },
    /** To be called before a lead is removed. */
    remove(leadId: number): void {
      const stored = states.read(leadId);
      if (stored === undefined) return;
      const { state: before, modifyDate } = stored;
      changes.add({ ...made(leadId), before, modifyDate, keepsExternalIds: true });
    },
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

/** What imports removed that can no longer be taken back. It is looked for before the lock is taken. @yields after each batch */
function* forgetRemoved({ database, readBatch }: Connection): Generator<undefined> {
  const newest = Number(database.prepare('SELECT max(import_id) AS newest FROM imports').get()?.newest ?? 0);
  const next = database.prepare(
    `SELECT change_id FROM lead_changes WHERE import_id <= ? AND after IS NULL LIMIT ${FORGET_BATCH}`,
  );
  const forget = database.prepare('DELETE FROM lead_changes WHERE change_id = ?');
  for (;;) {
    readBatch.end();
    const removals = next.all(newest - KEPT_IMPORTS);
    if (removals.length === 0) return;
    writeWhole(database, () => removals.map((row) => forget.run(Number(row.change_id))));
    yield undefined;
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
      importedBy: (row.imported_by ?? undefined) as string | undefined,
      canBeUndone: row.can_be_undone === 1 && row.state !== 'undone' && importId > newest - KEPT_IMPORTS,
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
 * changed stays as it is; a removed one whose person a later import brought under another id does not come back. In batches; what is done is forgotten in the same transaction, so that it goes on where it was
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
      isMore = writeForAWhile(database, () => step(result));
      yield result;
    } while (isMore);
  }
  writeWhole(database, () => setState.run('undone', importId));
}

/** A batch of an undo. @returns whether something is left */
type UndoStep = (result: { restored: number; removed: number; kept: number }) => boolean;

/** Leads that an import changed or removed, the last change first. */
function createRestore(connection: Connection, importId: number): UndoStep {
  const { database, country } = connection;
  const isReturned = createReturnedCheck(connection, importId);
  const states = createLeadStates(database, country);
  const changes = createLeadChanges(database);
  const search = createSearchQueue(database);
  const next = database.prepare(
    `SELECT *, EXISTS (SELECT 1 FROM lead_changes AS later
       WHERE later.lead_id = lead_changes.lead_id AND later.change_id > lead_changes.change_id) AS is_later
     FROM lead_changes WHERE import_id = ? AND change_id < ? ORDER BY change_id DESC LIMIT ${UNDO_BATCH}`,
  );
  const forget = database.prepare('DELETE FROM lead_changes WHERE change_id = ?');

  function restore(leadId: number, row: Record<string, SQLOutputValue>): boolean {
    const { changeId, before, after } = changeOf(row);
    const stored = states.read(leadId);
    const modifyDate = String(row.modify_date);
    if (before === undefined || (after === undefined) !== (stored === undefined)) return false;
    if (stored !== undefined) {
      states.update(leadId, withValues(stored.state, before), modifyDate);
      return true;
    }
    if (isReturned(changeId, before)) return false;
    states.insert(leadId, before, modifyDate);
    changes.restoreExternalIds(changeId);
    return true;
  }

  let last = Number.MAX_SAFE_INTEGER;
  return (result) => {
    const rows = next.all(importId, last);
    for (const row of rows) {
      last = Number(row.change_id);
      if (row.is_later === 0 && restore(Number(row.lead_id), row)) {
        forget.run(last);
        search.add(Number(row.lead_id));
        result.restored += 1;
      } else result.kept += 1;
    }
    search.flush();
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
  // The id may be that of a lead that was changed and removed before: a row of an export of ours names its id.
  const isChanged = `(SELECT 1 FROM lead_changes AS later WHERE later.lead_id = leads.lead_id
    AND coalesce(later.import_id >= ?3, later.at >= (SELECT unixepoch(started_at) * 1000 FROM imports WHERE import_id = ?3)))`;
  const kept = database.prepare(
    `SELECT count(*) AS count FROM leads WHERE lead_id BETWEEN ?1 AND ?2 AND EXISTS ${isChanged}`,
  );
  const remove = database.prepare(
    `DELETE FROM leads WHERE lead_id BETWEEN ?1 AND ?2 AND NOT EXISTS ${isChanged}`,
  );
  return (result) => {
    const row = next.get(importId);
    if (row === undefined) return false;
    const [first, last] = [Number(row.first_lead_id), Number(row.last_lead_id)];
    const end = Math.min(last, first + UNDO_BATCH - 1);
    result.kept += Number(kept.get(first, end, importId)?.count);
    result.removed += Number(remove.run(first, end, importId).changes);
    if (end < last) shrink.run(end + 1, importId, first);
    else forget.run(importId, first);
    return true;
  };
}

/**
 * Brings imports to an end that were killed, or whose undoing was: one that is to be whole is taken back, of the others their
 * rows stay. Forgets what imports removed that can no longer be taken back. To be called while no import runs.
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
  yield* forgetRemoved(connection);
}

const SELECT_UNENDED = `SELECT import_id, state, is_whole, file_name FROM imports
  WHERE state IN ('running', 'undoing') ORDER BY import_id DESC`;

/** Whether some import has not come to its end: it runs, or it was killed. */
export function hasUnendedImport(database: DatabaseSync): boolean {
  return database.prepare(SELECT_UNENDED).get() !== undefined;
}
