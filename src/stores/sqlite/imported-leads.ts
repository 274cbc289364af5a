import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { MAX_LEAD_ID } from '../../core/lead.ts';
import type { ImportColumns, ImportRow } from '../../core/lead-archive.ts';
import { joinName } from '../../core/person-names.ts';
import { type ImportedLeads, MOST_CANDIDATES } from '../import-rules.ts';
import type { RowImportValues, RowValues, StoredValue } from '../import-values.ts';
import type { Connection } from './connection.ts';
import type { createImportBatch } from './import-batch.ts';
import type { ImportRecord } from './import-history.ts';
import { type createImportLines, prepareImport } from './import-tables.ts';
import { createLeadNumbers } from './lead-numbers.ts';
import { createLeadStates } from './lead-state.ts';
import { createSearchQueue } from './search-queue.ts';

/** What the leads of an import need of it. */
export interface ImportParts {
  readonly columns: ImportColumns;
  readonly values: RowImportValues;
  readonly lines: ReturnType<typeof createImportLines>;
  readonly batch: ReturnType<typeof createImportBatch>;
  /** Whether rows are met by their number. */
  readonly knowsNumbers: boolean;
  readonly record: () => ImportRecord | undefined;
}

/** The leads of the embedded store, as one import reads and writes them within its batches. */
export class SqliteImportedLeads implements ImportedLeads {
  readonly #parts: ImportParts;
  readonly #statements: ReturnType<typeof prepareImport>;
  readonly #numbers: ReturnType<typeof createLeadNumbers>;
  readonly #states: ReturnType<typeof createLeadStates>;
  readonly #search: ReturnType<typeof createSearchQueue>;
  readonly #keys: ReturnType<typeof prepareKeys>;
  #isIdChecked = false;

  constructor({ database, country }: Connection, parts: ImportParts) {
    this.#parts = parts;
    this.#statements = prepareImport(database, parts.columns);
    this.#numbers = createLeadNumbers(database, country);
    this.#states = createLeadStates(database, country);
    this.#search = createSearchQueue(database);
    this.#keys = prepareKeys(database);
  }

  add(row: ImportRow, { fileValues, key }: RowValues, custom: string | null): number | undefined {
    const { batch, values, record } = this.#parts;
    const modifyDate = row.modifyDate ?? batch.now();
    const asked = row.leadId ?? this.#idAfterRemoved();
    const { changes, lastInsertRowid } = this.#statements.insert.run(
      asked,
      ...fileValues,
      modifyDate,
      custom,
    );
    if (changes === 0) return undefined;
    const leadId = Number(lastInsertRowid);
    if (leadId > MAX_LEAD_ID) {
      this.remove(leadId);
      return undefined;
    }
    this.#numbers.add(values.newLeadOf(leadId, row, modifyDate));
    record()?.added(leadId);
    this.#search.add(leadId);
    this.#know(key, row.listId, leadId);
    return leadId;
  }

  update(leadId: number, row: ImportRow, { fileValues, key }: RowValues, custom: string | null): void {
    const { batch, record } = this.#parts;
    const recordChange = record()?.change(leadId);
    this.#statements.update.run(...fileValues, row.modifyDate ?? batch.now(), custom, leadId);
    recordChange?.();
    this.#search.add(leadId);
    this.#numbers.remove(leadId);
    this.#numbers.add(this.#statements.numberedLead(leadId));
    this.#know(key, row.listId, leadId);
  }

  stored(leadId: number): readonly StoredValue[] | undefined {
    return this.#statements.stored.get(leadId) as unknown as readonly StoredValue[] | undefined;
  }

  withNumber(key: string, listId: number): readonly number[] {
    const { batch } = this.#parts;
    const { byNumber, hasNumber } = this.#statements;
    const known = batch.bulk()?.numbers.find(key, listId, MOST_CANDIDATES);
    if (known !== undefined)
      return known.filter((leadId) => hasNumber.get(leadId, key, listId) !== undefined);
    batch.endBulk();
    const rows = byNumber.all(key, listId) as unknown as readonly (readonly number[])[];
    return rows.map((row) => row[0] ?? 0);
  }

  nameOf(leadId: number): string {
    return joinName((this.#statements.names.get(leadId) ?? []) as unknown as readonly (string | null)[]);
  }

  lineOf(leadId: number): number | undefined {
    return this.#parts.lines.lineOf(leadId);
  }

  remember(leadId: number, line: number): void {
    this.#parts.lines.remember(leadId, line);
  }

  leadWithKey(source: string, listId: number, externalId: string): number | undefined {
    const found = this.#keys.find.get(source, listId, externalId)?.lead_id;
    return found === undefined ? undefined : Number(found);
  }

  hasKey(leadId: number, source: string): boolean {
    return this.#keys.has.get(leadId, source) !== undefined;
  }

  keepKey(source: string, row: ImportRow, leadId: number): void {
    const { changes } = this.#keys.add.run(source, row.listId, row.externalId ?? null, leadId);
    if (changes === 1) this.#search.add(leadId);
  }

  remove(leadId: number): void {
    this.#statements.remove.run(leadId);
  }

  /** Before a batch is committed. */
  flush(): void {
    this.#isIdChecked = false;
    this.#search.flush();
  }

  /** The next free id where SQLite would take that of a lead that was removed; null: SQLite chooses. Looked up once in a batch. */
  #idAfterRemoved(): number | null {
    if (this.#isIdChecked) return null;
    this.#isIdChecked = true;
    return this.#states.isNextIdTaken() ? this.#states.freeId() : null;
  }

  /** What was written must be found by its number, also where no index tells yet. */
  #know(key: string | undefined, listId: number, leadId: number): void {
    const { batch, knowsNumbers } = this.#parts;
    const bulk = batch.bulk();
    if (bulk === undefined || !knowsNumbers || key === undefined) return;
    if (!bulk.numbers.add(key, listId, leadId)) batch.endBulk();
  }
}

/** The ids by which other systems know leads. */
function prepareKeys(database: DatabaseSync): Readonly<Record<'has' | 'find' | 'add', StatementSync>> {
  return {
    has: database.prepare('SELECT 1 FROM external_ids WHERE lead_id = ? AND source = ?'),
    find: database.prepare(
      'SELECT lead_id FROM external_ids WHERE source = ? AND list_id = ? AND external_id = ?',
    ),
    add: database.prepare('INSERT OR IGNORE INTO external_ids VALUES (?, ?, ?, ?)'),
  };
}
