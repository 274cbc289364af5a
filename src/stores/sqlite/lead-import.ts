import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';

import { MAX_LEAD_ID, type CustomField, type CustomValue, type LeadTextField } from '../../core/lead.ts';
import type {
  ImportColumns,
  ImportResult,
  ImportRow,
  ImportRun,
  OnDuplicate,
} from '../../core/lead-archive.ts';
import { storedKeys, type Country } from '../../core/phone.ts';
import type { Connection } from './connection.ts';
import { createImportBatch, usePragmas } from './import-batch.ts';
import { createImportLines, createImportLists, MOST_CANDIDATES, prepareImport } from './import-tables.ts';
import { countryNamed, createLeadNumbers, type NumberedLead } from './lead-numbers.ts';
import { customInfoOf, customJsonOf, furtherJsonOf } from './rows.ts';

/** One import into the embedded store (ImportRun). The connection is its own until it is closed. */
export class SqliteImport implements ImportRun {
  readonly #country: Country;
  readonly #batch: ReturnType<typeof createImportBatch>;
  readonly #columns: ImportColumns;
  readonly #onDuplicate: OnDuplicate;
  readonly #statements: ReturnType<typeof prepareImport>;
  readonly #numbers: ReturnType<typeof createLeadNumbers>;
  readonly #lists: ReturnType<typeof createImportLists>;
  readonly #lines: ReturnType<typeof createImportLines>;
  readonly #restorePragmas: () => void;

  constructor(connection: Connection, columns: ImportColumns, onDuplicate: OnDuplicate) {
    const { database } = connection;
    this.#country = connection.country;
    this.#batch = createImportBatch(connection);
    this.#columns = columns;
    this.#onDuplicate = onDuplicate;
    this.#restorePragmas = usePragmas(database);
    this.#lines = createImportLines(database);
    this.#lists = createImportLists(database);
    this.#statements = prepareImport(database, columns);
    this.#numbers = createLeadNumbers(database, connection.country);
  }

  prepareList(listId: number, name: string | undefined, fields: readonly CustomField[]): string | undefined {
    this.#batch.begin();
    return this.#lists.prepare(listId, name, fields);
  }

  write(row: ImportRow, line: number): ImportResult {
    this.#batch.begin();
    this.#batch.countRow();
    const values = { fileValues: this.#fileValuesOf(row), key: this.#keyOf(row) };
    if (row.leadId !== undefined) {
      if (this.#add(row, values, line) !== undefined) return 'added';
      if (this.#onDuplicate === 'add') return { rejected: `lead_id ${row.leadId} is taken` };
      return this.#meet([row.leadId], row, values, line);
    }
    const candidates = this.#onDuplicate === 'add' ? [] : this.#leadsWithNumber(values.key, row.listId);
    if (candidates.length > 0) return this.#meet(candidates, row, values, line);
    if (this.#add(row, values, line) !== undefined) return 'added';
    return { rejected: `no lead_id up to ${MAX_LEAD_ID} is left` };
  }

  isBatchFull(): boolean {
    return this.#batch.isFull();
  }

  commitBatch(): void {
    this.#batch.commit();
  }

  close(): void {
    this.#batch.close();
    this.#lines.drop();
    this.#restorePragmas();
  }

  /** What the file says about the lead, in the statements' order. */
  #fileValuesOf(row: ImportRow): (string | number | null)[] {
    const fileValues: (string | number | null)[] = [row.listId, ...row.texts];
    if (this.#columns.isCustomer) fileValues.push(row.isCustomer ? 1 : 0);
    if (this.#columns.lastLocalCallTime) fileValues.push(row.lastLocalCallTime);
    if (this.#columns.numbers) fileValues.push(furtherJsonOf(row.numbers));
    return fileValues;
  }

  /** Of the row's first number. */
  #keyOf(row: ImportRow): string | undefined {
    const number = this.#textOf(row, 'phone_number');
    const country = this.#textOf(row, 'country_code');
    return number === null
      ? undefined
      : storedKeys(number, this.#country, country === null ? undefined : countryNamed(country), INTERNAL)
          ?.own;
  }

  #textOf(row: ImportRow, field: LeadTextField): string | null {
    return row.texts[this.#columns.texts.indexOf(field)] ?? null;
  }

  /** @returns the new lead's id; undefined when the id is taken, or none is left */
  #add(row: ImportRow, { fileValues, key }: RowValues, line: number): number | undefined {
    const custom = row.custom.size === 0 ? null : this.#mergeCustom(row.listId, row.custom, null);
    const modifyDate = row.modifyDate ?? this.#batch.now();
    const leadId = row.leadId ?? null;
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
    this.#numbers.add(this.#numberedOf(id, row, modifyDate));
    if (this.#onDuplicate === 'update') this.#lines.remember(id, line);
    this.#know(key, row.listId, id);
    return id;
  }

  /** A new lead: what the file does not have is nothing. */
  #numberedOf(leadId: number, row: ImportRow, modifyDate: string): NumberedLead {
    return {
      leadId,
      listId: row.listId,
      phone_number: this.#textOf(row, 'phone_number'),
      alt_phone: this.#textOf(row, 'alt_phone'),
      address3: this.#textOf(row, 'address3'),
      country_code: this.#textOf(row, 'country_code'),
      furtherNumbers: this.#columns.numbers ? furtherJsonOf(row.numbers) : null,
      lastLocalCallTime: this.#columns.lastLocalCallTime ? row.lastLocalCallTime : null,
      modifyDate,
    };
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

  /**
   * A row whose lead is there already; without a lead id there may be several. Those that are as the row says
   * come first (it names them all: which of them it made in an earlier run is not known), then one that an
   * earlier line named. So a second run of the same file meets the same leads.
   */
  #meet(candidates: readonly number[], row: ImportRow, values: RowValues, line: number): ImportResult {
    if (this.#onDuplicate === 'skip') return 'unchanged';
    const same = candidates.filter((leadId) => this.#isStored(leadId, row, values));
    for (const leadId of same) {
      if (this.#lines.lineOf(leadId) === undefined) this.#lines.remember(leadId, line);
    }
    if (same.length > 0) return 'unchanged';
    for (const leadId of candidates) {
      const earlier = this.#lines.lineOf(leadId);
      if (earlier !== undefined) return { rejected: contradiction(row, earlier) };
    }
    const leadId = candidates[0] ?? 0;
    const json = this.#storedRow(leadId)[values.fileValues.length + 1] as string | null;
    const custom = this.#mergeCustom(row.listId, row.custom, json);
    this.#statements.update.run(...values.fileValues, row.modifyDate ?? this.#batch.now(), custom, leadId);
    this.#numbers.remove(leadId);
    this.#numbers.add(this.#statements.numbered.get(leadId) as unknown as NumberedLead);
    this.#lines.remember(leadId, line);
    this.#know(values.key, row.listId, leadId);
    return 'updated';
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
      this.#mergeCustom(row.listId, row.custom, json) === this.#mergeCustom(row.listId, NO_CHANGES, json)
    );
  }

  /** The lead's custom values as they are stored, in the order of its list's fields, with the row's put in. */
  #mergeCustom(
    listId: number,
    changes: ReadonlyMap<string, CustomValue>,
    json: string | null,
  ): string | null {
    if (changes.size === 0 && json === null) return null;
    const fields = this.#lists.fieldsOf(listId);
    const stored = new Map(customInfoOf(json, fields));
    return customJsonOf(
      fields.map(({ label }) => [
        label,
        (changes.has(label) ? changes.get(label) : stored.get(label)) ?? null,
      ]),
    );
  }
}

const INTERNAL = { internalNumbers: true };

/** What a row writes, in the statements' order. */
interface RowValues {
  readonly fileValues: readonly SQLInputValue[];
  /** Of its first number. */
  readonly key: string | undefined;
}

const NO_CHANGES: ReadonlyMap<string, CustomValue> = new Map();

function contradiction(row: ImportRow, line: number): string {
  return row.leadId === undefined
    ? `line ${line} has the same list and number with other values; --on-duplicate add keeps both`
    : `line ${line} has the same lead_id ${row.leadId} with other values`;
}
