import type { CustomField } from '../../core/lead.ts';
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
import { createErasedCheck } from '../import-erased.ts';
import { ImportRules } from '../import-rules.ts';
import { whyNotKept } from '../kept-row.ts';
import { createRowValues } from '../import-values.ts';
import { createImportBatch, usePragmas } from './import-batch.ts';
import { findErasedPeople } from './erased-numbers.ts';
import { createImportRecord, type ImportRecord } from './import-history.ts';
import { SqliteImportedLeads } from './imported-leads.ts';
import { createImportLines, createImportLists } from './import-tables.ts';
import { createOtherLeads } from './other-leads.ts';

/** One import into the embedded store (ImportRun). The connection is its own until it is closed. */
export class SqliteImport implements ImportRun {
  readonly #batch: ReturnType<typeof createImportBatch>;
  readonly #leads: SqliteImportedLeads;
  readonly #lists: ReturnType<typeof createImportLists>;
  readonly #lines: ReturnType<typeof createImportLines>;
  readonly #restorePragmas: () => void;
  readonly #rules: ImportRules;
  readonly #connection: Connection;
  readonly #columns: ImportColumns;
  readonly #description: ImportDescription | undefined;
  /** The run of the file before this one, where both are one sheet. */
  readonly #earlier: SqliteImport | undefined;
  readonly #number: number;
  #record: ImportRecord | undefined;
  readonly #others: ReturnType<typeof createOtherLeads>;

  constructor(
    connection: Connection,
    columns: ImportColumns,
    onDuplicate: OnDuplicate,
    description: ImportDescription | undefined,
    erasedDays: number,
  ) {
    const { database, country } = connection;
    this.#connection = connection;
    this.#columns = columns;
    this.#description = description;
    this.#batch = createImportBatch(connection);
    this.#restorePragmas = usePragmas(database);
    this.#earlier = description?.after instanceof SqliteImport ? description.after : undefined;
    this.#number = this.#earlier === undefined ? 1 : this.#earlier.#number + 1;
    this.#lines = createImportLines(database, this.#number);
    const earlier = this.#earlier === undefined ? undefined : this.#earlier.#others;
    this.#others = createOtherLeads(database, (leadId) => this.#lines.lineOf(leadId), earlier);
    this.#lists = createImportLists(database);
    const values = createRowValues(columns, country, this.#lists.fieldsOf);
    this.#leads = new SqliteImportedLeads(connection, {
      ...{ columns, values, lines: this.#lines, batch: this.#batch },
      knowsNumbers: onDuplicate !== 'add',
      record: () => this.#record,
    });
    const erased = findErasedPeople(database, description?.includesErased === true ? 0 : erasedDays);
    this.#rules = new ImportRules({
      ...{ leads: this.#leads, columns, onDuplicate, values },
      whyErased: createErasedCheck(erased, values, country),
      arrived: (listId, before) => this.#others.arrived(listId, before),
    });
  }

  get importId(): number | undefined {
    return this.#record?.importId;
  }

  get changedFields(): ReadonlyMap<string, number> {
    return this.#rules.changedFields;
  }

  prepareList(listId: number, name: string | undefined, fields: readonly CustomField[]): string | undefined {
    this.#begin();
    return this.#lists.prepare(listId, name, fields);
  }

  write(row: ImportRow, line: number): ImportResult {
    const rejected = this.#description?.asPostgresql === true ? whyNotKept(row, this.#columns) : undefined;
    if (rejected !== undefined) return { rejected };
    this.#begin();
    this.#batch.countRow();
    return this.#rules.write(row, line);
  }

  #begin(): void {
    this.#batch.begin();
    if (this.#description === undefined) return;
    this.#record ??= createImportRecord(this.#connection, this.#description, this.#batch.now());
  }

  isBatchFull(): boolean {
    return this.#batch.isFull();
  }

  commitBatch(): readonly ImportResult[] {
    this.#record?.flush();
    this.#leads.flush();
    this.#batch.commit();
    return NONE;
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
      this.#leads.remove(leadId);
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
}

const NONE: readonly ImportResult[] = [];
