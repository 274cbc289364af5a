import { MAX_LEAD_ID } from '../core/lead.ts';
import type { ImportColumns, ImportResult, ImportRow, OnDuplicate } from '../core/lead-archive.ts';
import { fileColumnsOf, type RowImportValues, type RowValues, type StoredValue } from './import-values.ts';
import { contradiction, createRowLeads, type KnownLead, type KnownLeads, type RowLead } from './row-leads.ts';

/** One number in one list: a placeholder that thousands of leads share must not make each row read them all. */
export const MOST_CANDIDATES = 100;

/** The leads of a store, with what the import's rows have written so far. */
export interface ImportedLeads extends KnownLeads {
  /** What the columns of the file hold in a lead, then `modify_date` and `custom`; undefined: there is no such lead. */
  stored(leadId: number): readonly StoredValue[] | undefined;
  /** Leads of a list with that number as their first one, the highest id first; MOST_CANDIDATES at most. */
  withNumber(key: string, listId: number): readonly number[];
  /** @returns the new lead's id; undefined: the row's id is taken, or none is left. Nothing was changed */
  add(row: ImportRow, values: RowValues, custom: string | null): number | undefined;
  update(leadId: number, row: ImportRow, values: RowValues, custom: string | null): void;
  /** Keeps which line named a lead first. */
  remember(leadId: number, line: number): void;
  /** Keeps the id by which another system knows the lead, unless another lead has it. */
  keepKey(source: string, row: ImportRow, leadId: number): void;
}

export interface ImportParts {
  readonly leads: ImportedLeads;
  readonly columns: ImportColumns;
  readonly onDuplicate: OnDuplicate;
  readonly values: RowImportValues;
  /** Why a row that would become a new lead is not taken; undefined: it is. */
  readonly whyErased: (row: ImportRow) => string | undefined;
  /** A lead that is new in a list, or that comes from another one. */
  readonly arrived: (listId: number, before?: number) => void;
}

/**
 * What becomes of the rows of an import, whatever the engine: who a row is, and what of its lead it changes.
 */
export class ImportRules {
  /** How often each field of leads that were there was changed. */
  readonly changedFields = new Map<string, number>();
  readonly #parts: ImportParts;
  readonly #leads: ImportedLeads;
  readonly #rowLeads: ReturnType<typeof createRowLeads>;
  readonly #fileColumns: readonly string[];

  constructor(parts: ImportParts) {
    this.#parts = parts;
    this.#leads = parts.leads;
    this.#rowLeads = createRowLeads(parts.leads, parts.onDuplicate);
    this.#fileColumns = fileColumnsOf(parts.columns);
  }

  /** @param line where the row is in its file */
  write(row: ImportRow, line: number): ImportResult {
    const { values, whyErased, onDuplicate } = this.#parts;
    const rowValues = values.of(row);
    if (row.leadId !== undefined) {
      const erased = whyErased(row);
      if (erased !== undefined && this.#leads.stored(row.leadId) === undefined) return { rejected: erased };
      if (this.#add(row, rowValues, line)) return 'added';
      if (onDuplicate === 'add') return { rejected: `lead_id ${row.leadId} is taken` };
      return this.#meet(this.#rowLeads.ofLeadId(row.leadId, values.personOf(row)), row, rowValues, line);
    }
    const lead = this.#leadOf(row, rowValues.key);
    if (lead.is !== 'new') return this.#meet(lead, row, rowValues, line);
    const erased = whyErased(row);
    if (erased !== undefined) return { rejected: erased };
    if (this.#add(row, rowValues, line)) return 'added';
    return { rejected: `no lead_id up to ${MAX_LEAD_ID} is left` };
  }

  /** Who a row without a lead id is. */
  #leadOf(row: ImportRow, key: string | undefined): RowLead {
    const { values, columns, onDuplicate } = this.#parts;
    if (onDuplicate === 'add') return { is: 'new' };
    const candidates = key === undefined ? [] : this.#leads.withNumber(key, row.listId);
    const person = values.personOf(row);
    return columns.keySource === undefined || row.externalId === undefined
      ? this.#rowLeads.ofNumber(candidates, person)
      : this.#rowLeads.ofKey(columns.keySource, row, candidates, person);
  }

  /** @returns false: the id is taken, or none is left */
  #add(row: ImportRow, rowValues: RowValues, line: number): boolean {
    const { values, arrived } = this.#parts;
    const custom = row.custom.size === 0 ? null : values.mergeCustom(row.listId, row.custom, null);
    const leadId = this.#leads.add(row, rowValues, custom);
    if (leadId === undefined) return false;
    arrived(row.listId);
    this.#keepKey(row, leadId);
    this.#leads.remember(leadId, line);
    return true;
  }

  /**
   * A row whose lead is there already; without a lead id there may be several. Those that are as the row says
   * come first (it names them all: which of them it made in an earlier run is not known), then one that an
   * earlier line named. So a second run of the same file meets the same leads.
   */
  #meet(lead: KnownLead, row: ImportRow, rowValues: RowValues, line: number): ImportResult {
    if (lead.is === 'unclear') return { rejected: lead.reason };
    const { leadIds } = lead;
    const { onDuplicate } = this.#parts;
    const same =
      onDuplicate === 'skip' ? leadIds : leadIds.filter((id) => this.#isStored(id, row, rowValues));
    for (const leadId of same) this.#remember(leadId, row, line);
    if (same.length > 0) return 'unchanged';
    for (const leadId of leadIds) {
      const earlier = this.#leads.lineOf(leadId);
      if (earlier !== undefined) return { rejected: contradiction(row, earlier) };
    }
    const [leadId = 0, other] = leadIds;
    if (other !== undefined && onDuplicate === 'match') {
      return {
        rejected: `the number and the name are those of leads ${leadId} and ${other}; name the column that tells them apart with --key COLUMN`,
      };
    }
    this.#remember(leadId, row, line);
    this.#update(leadId, row, rowValues);
    return 'updated';
  }

  #remember(leadId: number, row: ImportRow, line: number): void {
    if (this.#leads.lineOf(leadId) === undefined) this.#leads.remember(leadId, line);
    this.#keepKey(row, leadId);
  }

  #keepKey(row: ImportRow, leadId: number): void {
    const { keySource } = this.#parts.columns;
    if (keySource !== undefined && row.externalId !== undefined) this.#leads.keepKey(keySource, row, leadId);
  }

  #update(leadId: number, row: ImportRow, rowValues: RowValues): void {
    const { values, arrived } = this.#parts;
    const { fileValues } = rowValues;
    const stored = this.#storedRow(leadId);
    arrived(row.listId, Number(stored[0]));
    for (const [at, column] of this.#fileColumns.entries()) {
      if (fileValues[at] === stored[at]) continue;
      this.changedFields.set(column, (this.changedFields.get(column) ?? 0) + 1);
    }
    const json = stored[fileValues.length + 1] as string | null;
    this.#leads.update(leadId, row, rowValues, values.mergeCustom(row.listId, row.custom, json));
  }

  /** True when the row would change nothing of the lead. */
  #isStored(leadId: number, row: ImportRow, { fileValues }: RowValues): boolean {
    const { values } = this.#parts;
    const stored = this.#storedRow(leadId);
    if (fileValues.some((value, index) => value !== stored[index])) return false;
    if (row.modifyDate !== undefined && row.modifyDate !== stored[fileValues.length]) return false;
    if (row.custom.size === 0) return true;
    const json = stored[fileValues.length + 1] as string | null;
    return (
      values.mergeCustom(row.listId, row.custom, json) === values.mergeCustom(row.listId, new Map(), json)
    );
  }

  #storedRow(leadId: number): readonly StoredValue[] {
    const stored = this.#leads.stored(leadId);
    if (stored === undefined) throw new Error(`lead ${leadId} is not there any more`);
    return stored;
  }
}
