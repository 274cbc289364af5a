import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';

import { MAX_LEAD_ID, type CustomField, type CustomValue } from '../../lead/lead.ts';
import type { ImportColumns, ImportResult, ImportRow, ImportRun, OnDuplicate } from '../../lead/lead-store.ts';
import { phoneKey } from '../../lead/phone.ts';
import type { Connection } from './connection.ts';
import { ImportLines } from './import-lines.ts';
import { ImportLists } from './import-lists.ts';
import { usePragmas } from './import-pragmas.ts';
import { prepareImport, type ImportStatements } from './import-statements.ts';
import { customInfoOf, customJsonOf } from './lead-row.ts';

/** One import into the embedded store (ImportRun). The connection is its own until it is closed. */
export class SqliteImport implements ImportRun {
  readonly #connection: Connection;
  readonly #database: DatabaseSync;
  readonly #columns: ImportColumns;
  readonly #onDuplicate: OnDuplicate;
  readonly #statements: ImportStatements;
  readonly #lists: ImportLists;
  readonly #lines: ImportLines;
  readonly #restorePragmas: () => void;
  #inBatch = false;
  /** The time of the batch: `YYYY-MM-DD HH:MM:SS`, UTC. */
  #now = '';

  constructor(connection: Connection, columns: ImportColumns, onDuplicate: OnDuplicate) {
    this.#connection = connection;
    this.#database = connection.database;
    this.#columns = columns;
    this.#onDuplicate = onDuplicate;
    this.#restorePragmas = usePragmas(this.#database);
    this.#lines = new ImportLines(this.#database);
    this.#lists = new ImportLists(this.#database);
    this.#statements = prepareImport(this.#database, columns);
  }

  prepareList(listId: number, name: string | undefined, fields: readonly CustomField[]): string | undefined {
    this.#begin();
    return this.#lists.prepare(listId, name, fields);
  }

  write(row: ImportRow, line: number): ImportResult {
    this.#begin();
    const told = this.#toldBy(row);
    const made = this.#keysOf(row);
    if (row.leadId !== undefined) {
      if (this.#add(row.leadId, row, told, made, line) !== undefined) return 'added';
      if (this.#onDuplicate === 'add') return { rejected: `lead_id ${row.leadId} is taken` };
      return this.#meet(row.leadId, row, told, made, line);
    }
    const known = this.#onDuplicate === 'add' ? undefined : this.#leadWithNumber(made[0], row.listId);
    if (known !== undefined) return this.#meet(known, row, told, made, line);
    const added = this.#add(null, row, told, made, line);
    return added === undefined ? { rejected: `no lead_id is left below ${MAX_LEAD_ID}` } : 'added';
  }

  commitBatch(): void {
    if (!this.#inBatch) return;
    this.#inBatch = false;
    this.#database.exec('COMMIT');
  }

  close(): void {
    if (this.#inBatch || this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#inBatch = false;
    this.#lines.drop();
    this.#restorePragmas();
  }

  #begin(): void {
    if (this.#inBatch) return;
    // IMMEDIATE waits for another writer here, where nothing is lost, not in the middle of the batch.
    this.#database.exec('BEGIN IMMEDIATE');
    this.#inBatch = true;
    this.#now = new Date().toISOString().slice(0, 19).replace('T', ' ');
  }

  /** What the file says about the lead, in the statements' order. */
  #toldBy(row: ImportRow): (string | number | null)[] {
    const told: (string | number | null)[] = [row.listId, ...row.texts];
    if (this.#columns.isCustomer) told.push(row.isCustomer ? 1 : 0);
    if (this.#columns.lastLocalCallTime) told.push(row.lastLocalCallTime);
    return told;
  }

  #keysOf(row: ImportRow): (string | null)[] {
    return this.#statements.keys.map(({ textIndex }) => {
      const text = row.texts[textIndex] ?? null;
      return text === null ? null : (phoneKey(text, this.#connection.country) ?? null);
    });
  }

  /** @returns the new lead's id; undefined when the id is taken, or none is left */
  #add(
    leadId: number | null,
    row: ImportRow,
    told: readonly SQLInputValue[],
    keys: readonly SQLInputValue[],
    line: number,
  ): number | undefined {
    const custom = row.custom.size === 0 ? null : this.#mergeCustom(row, null);
    const modifyDate = row.modifyDate ?? this.#now;
    const { changes, lastInsertRowid } = this.#statements.insert.run(leadId, ...told, modifyDate, custom, ...keys);
    if (changes === 0) return undefined;
    const id = Number(lastInsertRowid);
    if (id > MAX_LEAD_ID) {
      this.#statements.remove.run(id);
      return undefined;
    }
    if (this.#onDuplicate === 'update') this.#lines.remember(id, line);
    return id;
  }

  #leadWithNumber(key: string | null | undefined, listId: number): number | undefined {
    if (key === null || key === undefined) return undefined;
    return this.#statements.byNumber.get(key, listId)?.['lead_id'] as number | undefined;
  }

  /** A row whose lead is there already. */
  #meet(
    leadId: number,
    row: ImportRow,
    told: readonly SQLInputValue[],
    keys: readonly SQLInputValue[],
    line: number,
  ): ImportResult {
    if (this.#onDuplicate === 'skip') return 'unchanged';
    const stored = this.#statements.stored.get(leadId) as unknown as readonly SQLOutputValue[];
    const storedDate = stored[told.length] as string;
    const storedJson = stored[told.length + 1] as string | null;
    const custom = this.#mergeCustom(row, storedJson);
    const same =
      told.every((value, index) => value === stored[index]) &&
      (row.modifyDate === undefined || row.modifyDate === storedDate) &&
      custom === this.#mergeCustom({ listId: row.listId, custom: NO_CHANGES }, storedJson);
    const earlier = this.#lines.lineOf(leadId);
    if (earlier === undefined) this.#lines.remember(leadId, line);
    if (same) return 'unchanged';
    if (earlier !== undefined) return { rejected: contradiction(row, earlier) };
    this.#statements.update.run(...told, row.modifyDate ?? this.#now, custom, ...keys, leadId);
    return 'updated';
  }

  /** The lead's custom values as they are stored, in the order of its list's fields, with the row's put in. */
  #mergeCustom(row: Pick<ImportRow, 'listId' | 'custom'>, json: string | null): string | null {
    if (row.custom.size === 0 && json === null) return null;
    const fields = this.#lists.fieldsOf(row.listId);
    const stored = new Map(customInfoOf(json, fields));
    return customJsonOf(
      fields.map(({ label }) => [label, row.custom.has(label) ? (row.custom.get(label) ?? null) : (stored.get(label) ?? null)]),
    );
  }
}

const NO_CHANGES: ReadonlyMap<string, CustomValue> = new Map();

function contradiction(row: ImportRow, line: number): string {
  return row.leadId === undefined
    ? `line ${line} has the same list and number with other values; --on-duplicate add keeps both`
    : `line ${line} has the same lead_id ${row.leadId} with other values`;
}
