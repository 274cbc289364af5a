import {
  IMPORTED_BY_COMMAND,
  type ImportDescription,
  type ImportSummary,
  type UndoResult,
} from '../../core/lead-archive.ts';
import { withValues } from '../../core/lead-state.ts';
import type { LeadChange } from '../../core/record-store.ts';
import type { Read, Row } from '../network/connector.ts';
import { KEPT_IMPORTS } from '../import-limits.ts';
import { changeOf } from '../record-rows.ts';
import { valuesOf } from '../stored-state.ts';
import { CHANGE_COLUMNS, restoreExternalIds } from './lead-changes.ts';
import { stateOfRow, type StoredState } from './lead-rows.ts';
import { lockLeads } from './leads-lock.ts';
import { isReturned } from './returned-leads.ts';
import { arrayOf } from './rows.ts';
import { refreshWordsOf } from './search-index.ts';
import type { Session } from './transactions.ts';
import { addLeads, BULK_STATEMENTS, changeLeads, removeLeads, type WholeLead } from './write-leads.ts';
import type { Country } from '../../core/phone.ts';

/** Leads that are taken back in one transaction. */
const UNDO_BATCH = 500;
/** Removed leads that are forgotten in one transaction. */
const FORGET_BATCH = 1_000;

const COUNTS = ['added', 'updated', 'unchanged', 'rejected', 'removed'] as const;
const SUMMARY = ['import_id', 'started_at', 'state', 'file_name', 'imported_by', 'can_be_undone', ...COUNTS];

/** That somebody or a later import has changed the lead since the import: it may be one that was removed before, and came with its id. */
const IS_CHANGED = `EXISTS (SELECT 1 FROM lead_changes AS later WHERE later.lead_id = leads.lead_id
  AND coalesce(later.import_id >= $3, later.at >= (SELECT extract(epoch FROM (started_at || '+00')::timestamptz) * 1000
    FROM imports WHERE import_id = $3)))`;

/** The statements of the history of imports: a test reads the query plan of each. */
export const IMPORT_STATEMENTS = {
  begin: `INSERT INTO imports (started_at, state, is_whole, file_name, imported_by, can_be_undone)
    VALUES ($1, 'running', $2::boolean, $3, $4, true) RETURNING import_id`,
  addRange: `INSERT INTO import_additions VALUES ($1, $2, $3)
    ON CONFLICT (import_id, first_lead_id) DO UPDATE SET last_lead_id = excluded.last_lead_id`,
  end: `UPDATE imports SET state = $2, added = $3, updated = $4, unchanged = $5, rejected = $6, removed = $7
    WHERE import_id = $1`,
  setState: 'UPDATE imports SET state = $2 WHERE import_id = $1',
  list: `SELECT ${SUMMARY.join(', ')} FROM imports ORDER BY import_id DESC`,
  unended: `SELECT import_id, state, is_whole, file_name FROM imports
    WHERE state IN ('running', 'undoing') ORDER BY import_id DESC`,
  newest: 'SELECT coalesce(max(import_id), 0) FROM imports',
  forgetRemoved: `DELETE FROM lead_changes WHERE change_id IN
    (SELECT change_id FROM lead_changes WHERE import_id <= $1 AND after IS NULL LIMIT ${FORGET_BATCH}) RETURNING 1`,
  nextChanges: `SELECT ${CHANGE_COLUMNS.join(', ')}, EXISTS (SELECT 1 FROM lead_changes AS later
      WHERE later.lead_id = lead_changes.lead_id AND later.change_id > lead_changes.change_id) AS is_later
    FROM lead_changes WHERE import_id = $1 AND change_id < $2 ORDER BY change_id DESC LIMIT ${UNDO_BATCH}`,
  forgetChanges: 'DELETE FROM lead_changes WHERE change_id = ANY ($1::bigint[])',
  nextRange: `SELECT first_lead_id, last_lead_id FROM import_additions WHERE import_id = $1 ORDER BY first_lead_id LIMIT 1`,
  shrinkRange: 'UPDATE import_additions SET first_lead_id = $2 WHERE import_id = $1 AND first_lead_id = $3',
  forgetRange: 'DELETE FROM import_additions WHERE import_id = $1 AND first_lead_id = $2',
  added: `SELECT leads.lead_id, ${IS_CHANGED} FROM leads WHERE leads.lead_id BETWEEN $1 AND $2`,
} as const;

/** @returns its id. In a transaction */
export async function beginImport(
  run: Read,
  { fileName, isWhole, by: { user } = IMPORTED_BY_COMMAND }: ImportDescription,
  startedAt: string,
): Promise<number> {
  const [row] = await run(IMPORT_STATEMENTS.begin, [startedAt, isWhole ? 1 : 0, fileName, user]);
  return Number(row?.[0]);
}

export async function endImport(
  run: Read,
  importId: number,
  state: 'done' | 'stopped',
  counts: ImportSummary['counts'],
): Promise<void> {
  await run(IMPORT_STATEMENTS.end, [importId, state, ...COUNTS.map((name) => counts[name])]);
}

/** The newest first. */
export async function listImports(run: Read): Promise<readonly ImportSummary[]> {
  const rows = await run(IMPORT_STATEMENTS.list, []);
  const newest = Number(rows[0]?.[0] ?? 0);
  return rows.map(([id, startedAt, state, fileName, importedBy, canBeUndone, ...counts]) => {
    const importId = Number(id);
    return {
      importId,
      startedAt: String(startedAt),
      state: state as ImportSummary['state'],
      fileName: String(fileName),
      importedBy: (importedBy ?? undefined) as string | undefined,
      canBeUndone: canBeUndone === true && state !== 'undone' && importId > newest - KEPT_IMPORTS,
      counts: Object.fromEntries(
        COUNTS.map((name, at) => [name, Number(counts[at])]),
      ) as unknown as ImportSummary['counts'],
    };
  });
}

/** Where an import is taken back. */
interface Undo {
  readonly session: Session;
  readonly country: Country;
  readonly importId: number;
  readonly result: { restored: number; removed: number; kept: number };
}

/**
 * Takes an import back: what it added goes, what it changed or removed is as it was before. A lead that a later import has
 * changed stays as it is; a removed one whose person a later import brought under another id does not come back. In batches; what
 * is done is forgotten in the same transaction, so that it goes on where it was killed.
 *
 * @yields after each batch
 */
export async function* undoImport(
  session: Session,
  country: Country,
  importId: number,
): AsyncGenerator<UndoResult> {
  const undo: Undo = { session, country, importId, result: { restored: 0, removed: 0, kept: 0 } };
  await session.run(IMPORT_STATEMENTS.setState, [importId, 'undoing']);
  let before = Number.MAX_SAFE_INTEGER;
  for (let last: number | undefined = before; last !== undefined;) {
    before = last;
    last = await session.transaction(() => restoreSome(undo, before));
    yield undo.result;
  }
  for (let isMore = true; isMore;) {
    isMore = await session.transaction(() => removeSome(undo));
    yield undo.result;
  }
  await session.run(IMPORT_STATEMENTS.setState, [importId, 'undone']);
}

/** A change of the import that is looked at. */
interface UndoneChange {
  readonly change: LeadChange;
  readonly leadId: number;
  readonly modifyDate: string;
  /** There is a later one of the same lead. */
  readonly isLater: boolean;
}

function undoneChange(row: Row): UndoneChange {
  const named = Object.fromEntries(CHANGE_COLUMNS.map((column, at) => [column, row[at]]));
  return {
    change: changeOf(named),
    leadId: Number(named.lead_id),
    modifyDate: String(named.modify_date),
    isLater: row[CHANGE_COLUMNS.length] === true,
  };
}

/**
 * Leads that the import changed or removed, the last change first.
 *
 * @returns the last change that was looked at; undefined: there is none left
 */
async function restoreSome({ session, country, importId, result }: Undo, before: number) {
  const { run } = session;
  await lockLeads(run);
  const changes = (await run(IMPORT_STATEMENTS.nextChanges, [importId, before])).map(undoneChange);
  const stored = await readStates(
    run,
    changes.map(({ leadId }) => leadId),
  );
  const restored = await Promise.all(
    changes.map(async (one) => ((await mayRestore(run, country, importId, one, stored)) ? one : undefined)),
  );
  const done = restored.filter((one) => one !== undefined);
  const [toChange, toAdd] = [
    done.filter(({ leadId }) => stored.has(leadId)),
    done.filter(({ leadId }) => !stored.has(leadId)),
  ];
  await changeLeads(
    session,
    toChange.map((one) => formerLead(one, stored.get(one.leadId))),
    country,
  );
  await addLeads(
    session,
    toAdd.map((one) => formerLead(one, undefined)),
    country,
  );
  for (const { change } of toAdd) await restoreExternalIds(run, change.changeId);
  await refreshWordsOf(
    run,
    done.map(({ leadId }) => leadId),
  );
  await run(IMPORT_STATEMENTS.forgetChanges, [arrayOf(done.map(({ change }) => change.changeId))]);
  result.restored += done.length;
  result.kept += changes.length - done.length;
  return changes.at(-1)?.change.changeId;
}

async function readStates(run: Read, leadIds: readonly number[]): Promise<Map<number, StoredState>> {
  const rows = await run(BULK_STATEMENTS.states, [arrayOf(leadIds)]);
  return new Map(rows.map((row) => [Number(row[0]), stateOfRow(row.slice(1))]));
}

async function mayRestore(
  run: Read,
  country: Country,
  importId: number,
  { change, leadId, isLater }: UndoneChange,
  stored: ReadonlyMap<number, StoredState>,
): Promise<boolean> {
  const { before, after, changeId } = change;
  const isThere = stored.has(leadId);
  if (isLater || before === undefined || (after === undefined) === isThere) return false;
  return isThere || !(await isReturned(run, country, { importId, changeId, before }));
}

/** The lead as it was before a change. @param stored undefined: it was removed */
function formerLead(
  { change, leadId, modifyDate }: UndoneChange,
  stored: StoredState | undefined,
): WholeLead {
  const before = change.before ?? {};
  return {
    leadId,
    values: valuesOf(stored === undefined ? before : withValues(stored.state, before)),
    modifyDate,
  };
}

/** Leads that the import added. @returns whether some may be left */
async function removeSome({ session: { run }, importId, result }: Undo): Promise<boolean> {
  await lockLeads(run);
  const [range] = await run(IMPORT_STATEMENTS.nextRange, [importId]);
  if (range === undefined) return false;
  const [first, last] = range.map(Number) as [number, number];
  const end = Math.min(last, first + UNDO_BATCH - 1);
  const leads = await run(IMPORT_STATEMENTS.added, [first, end, importId]);
  const gone = leads.filter(([, isChanged]) => isChanged !== true).map(([leadId]) => Number(leadId));
  await removeLeads(run, gone);
  result.removed += gone.length;
  result.kept += leads.length - gone.length;
  if (end < last) await run(IMPORT_STATEMENTS.shrinkRange, [importId, end + 1, first]);
  else await run(IMPORT_STATEMENTS.forgetRange, [importId, first]);
  return true;
}

/**
 * Brings imports to an end that were killed, or whose undoing was: one that is to be whole is taken back, of the others their
 * rows stay. Forgets what imports removed that can no longer be taken back. To be called while no import runs.
 *
 * @yields after each batch; a sentence about what was done when an import has come to its end
 */
export async function* endKilledImports(
  session: Session,
  country: Country,
): AsyncGenerator<string | undefined> {
  const { run } = session;
  for (const [id, state, isWhole, fileName] of await run(IMPORT_STATEMENTS.unended, [])) {
    const importId = Number(id);
    const name = `import ${importId} (${String(fileName)})`;
    if (state === 'running' && isWhole !== true) {
      await run(IMPORT_STATEMENTS.setState, [importId, 'stopped']);
      yield `${name} did not come to its end; what it wrote stays`;
      continue;
    }
    const batches = undoImport(session, country, importId);
    while ((await batches.next()).done !== true) yield undefined;
    yield `${name} did not come to its end and was taken back`;
  }
  const [newest] = await run(IMPORT_STATEMENTS.newest, []);
  for (let isMore = true; isMore;) {
    const forgotten = await run(IMPORT_STATEMENTS.forgetRemoved, [Number(newest?.[0]) - KEPT_IMPORTS]);
    isMore = forgotten.length > 0;
    if (isMore) yield undefined;
  }
}
