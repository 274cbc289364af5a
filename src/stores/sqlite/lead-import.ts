import type { SQLOutputValue, StatementSync } from 'node:sqlite';

import { MAX_LEAD_ID, type CustomField } from '../../core/lead.ts';
import type {
  ImportColumns,
  ImportDescription,
  ImportResult,
  ImportRow,
  ImportRun,
  ImportSummary,
  OnDuplicate,
  OtherLeads,
} from '../../core/lead-archive.ts';
import type { Connection } from './connection.ts';
import { createImportBatch, usePragmas } from './import-batch.ts';
import { createErasedCheck } from './import-erased.ts';
import { createImportRecord, type ImportRecord } from './import-history.ts';
import { contradiction, createRowLeads, type KnownLead, type RowLead } from './row-leads.ts';
import { createImportLines, createImportLists, MOST_CANDIDATES, prepareImport } from './import-tables.ts';
import { createRowValues, type RowValues } from './import-values.ts';
import { createLeadStates } from './lead-state.ts';
import { createSearchQueue, type SearchQueue } from './search-queue.ts';
import { createOtherLeads } from './other-leads.ts';
import { createLeadNumbers, type NumberedLead } from './lead-numbers.ts';

/** One import into the embedded store (ImportRun). The connection is its own until it is closed. */
export class SqliteImport implements ImportRun {
  readonly #batch: ReturnType<typeof createImportBatch>;
  readonly #columns: ImportColumns;
  readonly #onDuplicate: OnDuplicate;
  readonly #statements: ReturnType<typeof prepareImport>;
  readonly #numbers: ReturnType<typeof createLeadNumbers>;
  readonly #lists: ReturnType<typeof createImportLists>;
  readonly #lines: ReturnType<typeof createImportLines>;
  readonly #restorePragmas: () => void;
  readonly #rowLeads: ReturnType<typeof createRowLeads>;
  readonly #values: ReturnType<typeof createRowValues>;
  readonly #addExternalId: StatementSync;
  readonly #connection: Connection;
  readonly #description: ImportDescription | undefined;
  readonly #states: ReturnType<typeof createLeadStates>;
  /** The run of the file before this one, where both are one sheet. */
  readonly #earlier: SqliteImport | undefined;
  readonly #number: number;
  readonly #search: SearchQueue;
  readonly #whyErased: ReturnType<typeof createErasedCheck>;
  #record: ImportRecord | undefined;
  #isIdChecked = false;
  readonly #others: ReturnType<typeof createOtherLeads>;
  readonly changedFields = new Map<string, number>();

  constructor(
    connection: Connection,
    columns: ImportColumns,
    onDuplicate: OnDuplicate,
    description: ImportDescription | undefined,
    erasedDays: number,
  ) {
    const { database } = connection;
    this.#connection = connection;
    this.#description = description;
    this.#batch = createImportBatch(connection);
    this.#columns = columns;
    this.#onDuplicate = onDuplicate;
    this.#restorePragmas = usePragmas(database);
    this.#earlier = description?.after instanceof SqliteImport ? description.after : undefined;
    this.#number = this.#earlier === undefined ? 1 : this.#earlier.#number + 1;
    this.#lines = createImportLines(database, this.#number);
    const earlier = this.#earlier === undefined ? undefined : this.#earlier.#others;
    this.#others = createOtherLeads(database, (leadId) => this.#lines.lineOf(leadId), earlier);
    this.#lists = createImportLists(database);
    this.#statements = prepareImport(database, columns);
    this.#states = createLeadStates(database, connection.country);
    this.#search = createSearchQueue(database);
    this.#numbers = createLeadNumbers(database, connection.country);
    this.#values = createRowValues(columns, connection.country, this.#lists.fieldsOf);
    this.#whyErased = createErasedCheck(connection, this.#values, erasedDays, description);
    this.#rowLeads = createRowLeads(database, this.#lines, onDuplicate);
    this.#addExternalId = database.prepare('INSERT OR IGNORE INTO external_ids VALUES (?, ?, ?, ?)');
  }

  get importId(): number | undefined {
    return this.#record?.importId;
  }

  prepareList(listId: number, name: string | undefined, fields: readonly CustomField[]): string | undefined {
    this.#begin();
    return this.#lists.prepare(listId, name, fields);
  }

  write(row: ImportRow, line: number): ImportResult {
    this.#begin();
    this.#batch.countRow();
    const values = this.#values.of(row);
    if (row.leadId !== undefined) {
      const erased = this.#whyErased(row);
      if (erased !== undefined && this.#states.read(row.leadId) === undefined) return { rejected: erased };
      if (this.#add(row, values, line) !== undefined) return 'added';
      if (this.#onDuplicate === 'add') return { rejected: `lead_id ${row.leadId} is taken` };
      return this.#meet(this.#rowLeads.ofLeadId(row.leadId, this.#values.personOf(row)), row, values, line);
    }
    const lead = this.#leadOf(row, values.key);
    if (lead.is !== 'new') return this.#meet(lead, row, values, line);
    const erased = this.#whyErased(row);
    if (erased !== undefined) return { rejected: erased };
    if (this.#add(row, values, line) !== undefined) return 'added';
    return { rejected: `no lead_id up to ${MAX_LEAD_ID} is left` };
  }

  #begin(): void {
    this.#batch.begin();
    if (this.#description === undefined) return;
    this.#record ??= createImportRecord(this.#connection, this.#description, this.#batch.now());
  }

  /** Who a row without a lead id is. */
  #leadOf(row: ImportRow, key: string | undefined): RowLead {
    if (this.#onDuplicate === 'add') return { is: 'new' };
    const candidates = this.#leadsWithNumber(key, row.listId);
    const { keySource } = this.#columns;
    const person = this.#values.personOf(row);
    return keySource === undefined || row.externalId === undefined
      ? this.#rowLeads.ofNumber(candidates, person)
      : this.#rowLeads.ofKey(keySource, row, candidates, person);
  }

  isBatchFull(): boolean {
    return this.#batch.isFull();
  }

  commitBatch(): void {
    this.#isIdChecked = false;
    this.#record?.flush();
    this.#search.flush();
    this.#batch.commit();
  }

  countOthers(lists: ReadonlySet<number>): ReadonlyMap<number, OtherLeads> {
    return this.#others.count(lists);
  }

  *removeOthers(lists: ReadonlySet<number>): Generator<number> {
    this.#batch.endBulk();
    let removed = 0;
    this.#begin();
    for (const leadId of this.#others.of(lists)) {
      this.#record?.remove(leadId);
      this.#statements.remove.run(leadId);
      removed += 1;
      if (!this.#batch.isFull()) continue;
      this.commitBatch();
      yield removed;
      this.#begin();
    }
    this.commitBatch();
    yield removed;
  }

  end(state: 'done' | 'stopped', counts: ImportSummary['counts']): void {
    if (this.#record === undefined) return;
    this.#batch.begin();
    this.#record.end(state, counts);
    this.#batch.commit();
  }

  close(): void {
    this.#batch.close();
    this.#lines.drop();
    this.#restorePragmas();
  }

  /** @returns the new lead's id; undefined when the id is taken, or none is left */
  #add(row: ImportRow, { fileValues, key }: RowValues, line: number): number | undefined {
    const custom = row.custom.size === 0 ? null : this.#values.mergeCustom(row.listId, row.custom, null);
    const modifyDate = row.modifyDate ?? this.#batch.now();
    const leadId = row.leadId ?? this.#idAfterRemoved();
    const { changes, lastInsertRowid } = this.#statements.insert.run(
      leadId,
      ...fileValues,
      modifyDate,
      custom,
    );
    if (changes === 0) return undefined;
    const id = Number(lastInsertRowid);
    if (id > MAX_LEAD_ID) {
      this.#statements.remove.run(id);
      return undefined;
    }
    this.#numbers.add(this.#values.newLeadOf(id, row, modifyDate));
    this.#record?.added(id);
    this.#search.add(id);
    this.#others.arrived(row.listId);
    this.#keepExternalId(row, id);
    this.#lines.remember(id, line);
    this.#know(key, row.listId, id);
    return id;
  }

  /** The next free id where SQLite would take that of a lead that was removed; null: SQLite chooses. Looked up once in a batch. */
  #idAfterRemoved(): number | null {
    if (this.#isIdChecked) return null;
    this.#isIdChecked = true;
    return this.#states.isNextIdTaken() ? this.#states.freeId() : null;
  }

  /** Leads of the list with that number, the highest id first. */
  #leadsWithNumber(key: string | undefined, listId: number): readonly number[] {
    if (key === undefined) return [];
    const { byNumber, hasNumber } = this.#statements;
    const known = this.#batch.bulk()?.numbers.find(key, listId, MOST_CANDIDATES);
    if (known !== undefined)
      return known.filter((leadId) => hasNumber.get(leadId, key, listId) !== undefined);
    this.#batch.endBulk();
    const rows = byNumber.all(key, listId) as unknown as readonly (readonly number[])[];
    return rows.map((row) => row[0] ?? 0);
  }

  /** What was written must be found by its number, also where no index tells yet. */
  #know(key: string | undefined, listId: number, leadId: number): void {
    const bulk = this.#batch.bulk();
    if (bulk === undefined || this.#onDuplicate === 'add' || key === undefined) return;
    if (!bulk.numbers.add(key, listId, leadId)) this.#batch.endBulk();
  }

  #keepExternalId(row: ImportRow, leadId: number): void {
    const { keySource } = this.#columns;
    if (keySource === undefined || row.externalId === undefined) return;
    const { changes } = this.#addExternalId.run(keySource, row.listId, row.externalId, leadId);
    if (changes === 1) this.#search.add(leadId);
  }

  /**
   * A row whose lead is there already; without a lead id there may be several. Those that are as the row says
   * come first (it names them all: which of them it made in an earlier run is not known), then one that an
   * earlier line named. So a second run of the same file meets the same leads.
   */
  #meet(lead: KnownLead, row: ImportRow, values: RowValues, line: number): ImportResult {
    if (lead.is === 'unclear') return { rejected: lead.reason };
    const { leadIds } = lead;
    const remember = (leadId: number) => {
      if (this.#lines.lineOf(leadId) === undefined) this.#lines.remember(leadId, line);
      this.#keepExternalId(row, leadId);
    };
    if (this.#onDuplicate === 'skip') {
      for (const leadId of leadIds) remember(leadId);
      return 'unchanged';
    }
    const same = leadIds.filter((leadId) => this.#isStored(leadId, row, values));
    for (const leadId of same) remember(leadId);
    if (same.length > 0) return 'unchanged';
    for (const leadId of leadIds) {
      const earlier = this.#lines.lineOf(leadId);
      if (earlier !== undefined) return { rejected: contradiction(row, earlier) };
    }
    const [leadId = 0, other] = leadIds;
    if (other !== undefined && this.#onDuplicate === 'match') {
      return {
        rejected: `the number and the name are those of leads ${leadId} and ${other}; name the column that tells them apart with --key COLUMN`,
      };
    }
    remember(leadId);
    this.#update(leadId, row, values);
    return 'updated';
  }

  #update(leadId: number, row: ImportRow, { fileValues, key }: RowValues): void {
    const stored = this.#storedRow(leadId);
    this.#others.arrived(row.listId, Number(stored[0]));
    for (const [at, column] of this.#statements.fileColumns.entries()) {
      if (fileValues[at] === stored[at]) continue;
      this.changedFields.set(column, (this.changedFields.get(column) ?? 0) + 1);
    }
    const json = stored[fileValues.length + 1] as string | null;
    const custom = this.#values.mergeCustom(row.listId, row.custom, json);
    const recordChange = this.#record?.change(leadId);
    this.#statements.update.run(...fileValues, row.modifyDate ?? this.#batch.now(), custom, leadId);
    recordChange?.();
    this.#search.add(leadId);
    this.#numbers.remove(leadId);
    this.#numbers.add(this.#statements.numbered.get(leadId) as unknown as NumberedLead);
    this.#know(key, row.listId, leadId);
  }

  #storedRow(leadId: number): readonly SQLOutputValue[] {
    return this.#statements.stored.get(leadId) as unknown as readonly SQLOutputValue[];
  }

  /** True when the row would change nothing of the lead. */
  #isStored(leadId: number, row: ImportRow, { fileValues }: RowValues): boolean {
    const stored = this.#storedRow(leadId);
    if (fileValues.some((value, index) => value !== stored[index])) return false;
    if (row.modifyDate !== undefined && row.modifyDate !== stored[fileValues.length]) return false;
    const json = stored[fileValues.length + 1] as string | null;
    if (row.custom.size === 0) return true;
    return (
      this.#values.mergeCustom(row.listId, row.custom, json) ===
      this.#values.mergeCustom(row.listId, new Map(), json)
    );
  }
}
