import { MAX_LEAD_ID } from '../../core/lead.ts';
import type { ImportColumns, ImportRow } from '../../core/lead-archive.ts';
import { joinName } from '../../core/person-names.ts';
import type { Country } from '../../core/phone.ts';
import { type ImportedLeads, MOST_CANDIDATES } from '../import-rules.ts';
import { fileColumnsOf, type RowImportValues, type RowValues, type StoredValue } from '../import-values.ts';
import type { Row } from '../network/connector.ts';
import { PART } from '../number-keys.ts';
import { STATE_COLUMNS } from '../stored-state.ts';
import { LEAD_STATEMENTS, type NumberRow, numberRowsOf } from './lead-rows.ts';
import { RECORD_STATEMENTS } from './records.ts';
import { arrayOf } from './rows.ts';
import type { Session } from './transactions.ts';
import { AT, numberedOf, type WholeLead } from './write-leads.ts';

/** The statements that read the leads of a batch: a test reads the query plan of each. */
export const BATCH_STATEMENTS = {
  byNumber: `SELECT asked.key, asked.list_id, found.lead_id
    FROM unnest($1::text[], $2::bigint[]) AS asked (key, list_id)
    CROSS JOIN LATERAL (SELECT lead_id FROM lead_numbers
      WHERE key = asked.key AND list_id = asked.list_id AND part = ${PART.phone_number} AND reading = 0
      ORDER BY lead_id DESC LIMIT ${MOST_CANDIDATES}) AS found`,
  byKey: `SELECT asked.external_id, asked.list_id, found.lead_id
    FROM unnest($2::text[], $3::bigint[]) AS asked (external_id, list_id)
    JOIN external_ids AS found ON found.source = $1 AND found.list_id = asked.list_id
      AND found.external_id = asked.external_id`,
  /** With the line that named it, and whether the other system of the import knows it. */
  leads: `SELECT leads.lead_id, ${LEAD_STATEMENTS.columns},
      (SELECT CASE WHEN leads.lead_id < first_lead + count THEN first_line + leads.lead_id - first_lead END
       FROM import_lines WHERE file = $2 AND first_lead <= leads.lead_id ORDER BY first_lead DESC LIMIT 1),
      EXISTS (SELECT 1 FROM external_ids WHERE external_ids.lead_id = leads.lead_id AND source = $3)
    FROM leads WHERE leads.lead_id = ANY ($1::bigint[])`,
} as const;

/** A lead, as the rows of the batch have made it. */
export interface ImportedLead extends WholeLead {
  values: readonly StoredValue[];
  modifyDate: string;
  numbers?: readonly NumberRow[];
  /** As it was stored; undefined: it was not changed. */
  before?: Pick<WholeLead, 'values' | 'modifyDate'>;
  line: number | undefined;
  hasKey: boolean;
  /** The list and the number by which it is met, if a row of the batch asks for these. */
  numberKey: string | undefined;
}

/** Leads of one list with one number, the highest id first. */
interface Candidates {
  readonly leadIds: number[];
  /** There are more. */
  isCut: boolean;
}

/** What a batch has to write. */
export interface BatchWrites {
  readonly added: ImportedLead[];
  readonly changed: ImportedLead[];
  readonly lines: (readonly [leadId: number, line: number])[];
  readonly keys: (readonly [listId: number, externalId: string, leadId: number])[];
}

const noWrites = (): BatchWrites => ({ added: [], changed: [], lines: [], keys: [] });

/** What the leads of an import need of it. */
export interface ImportParts {
  readonly columns: ImportColumns;
  readonly values: RowImportValues;
  readonly country: Country;
  /** Of the file among those that are read as one, from 1. */
  readonly file: number;
  /** Whether rows are met by their number. */
  readonly knowsNumbers: boolean;
}

const MODIFY_DATE = STATE_COLUMNS.length;

/**
 * The leads that a batch of rows may concern, which are read together (`load`). Rows are decided by them in memory, where each sees
 * what those before it have written; then all is written together (`writes`).
 */
export class BatchLeads implements ImportedLeads {
  readonly #parts: ImportParts;
  /** Where the columns of the file are in the values of a lead. */
  readonly #places: readonly number[];
  #leads = new Map<number, ImportedLead>();
  #byNumber = new Map<string, Candidates>();
  #byKey = new Map<string, number>();
  #highest = 0;
  #now = '';
  /** What was read does not suffice for the rows that are left: they must be loaded anew. */
  isStale = false;
  writes = noWrites();

  constructor(parts: ImportParts) {
    this.#parts = parts;
    this.#places = fileColumnsOf(parts.columns).map((column) => AT[column] ?? -1);
  }

  /** Reads what rows need. In the transaction that writes them, in which nobody else writes leads. @param now UTC */
  async load({ run }: Session, rows: readonly ImportRow[], now: string): Promise<void> {
    const { columns, file } = this.#parts;
    this.#now = now;
    this.#byNumber = this.#numbersOf(rows);
    const asked = [...this.#byNumber.keys()].map(
      (key) => [parseInt(key), key.slice(key.indexOf(' ') + 1)] as const,
    );
    const keyed = rows.filter(({ externalId }) => externalId !== undefined);
    const source = columns.keySource ?? null;
    const [byNumber, byKey, [free]] = await Promise.all([
      run(BATCH_STATEMENTS.byNumber, [
        arrayOf(asked.map(([, key]) => key)),
        arrayOf(asked.map(([listId]) => listId)),
      ]),
      run(BATCH_STATEMENTS.byKey, [
        source,
        arrayOf(keyed.map(({ externalId }) => externalId ?? '')),
        arrayOf(keyed.map(({ listId }) => listId)),
      ]),
      run(RECORD_STATEMENTS.freeId, []),
    ]);
    for (const [key, listId, leadId] of byNumber)
      this.#byNumber.get(`${Number(listId)} ${String(key)}`)?.leadIds.push(Number(leadId));
    this.#byKey = new Map(
      byKey.map(([id, listId, leadId]) => [`${Number(listId)} ${String(id)}`, Number(leadId)]),
    );
    this.#highest = Number(free?.[0]) - 1;
    const wanted = new Set([
      ...rows.flatMap(({ leadId }) => leadId ?? []),
      ...[...byNumber, ...byKey].map((row) => Number(row[2])),
    ]);
    const found = await run(BATCH_STATEMENTS.leads, [arrayOf([...wanted]), file, source]);
    this.#take(found);
  }

  /** The numbers by which rows are met, each once. */
  #numbersOf(rows: readonly ImportRow[]): Map<string, Candidates> {
    const { values, knowsNumbers } = this.#parts;
    const numbers = new Map<string, Candidates>();
    if (!knowsNumbers) return numbers;
    for (const row of rows) {
      const key = row.leadId === undefined ? values.of(row).key : undefined;
      if (key !== undefined) numbers.set(`${row.listId} ${key}`, { leadIds: [], isCut: false });
    }
    return numbers;
  }

  /** @param rows with BATCH_STATEMENTS.leads */
  #take(rows: readonly Row[]): void {
    this.isStale = false;
    this.writes = noWrites();
    this.#leads = new Map(rows.map((row) => [Number(row[0]), leadOf(row)]));
    for (const [key, candidates] of this.#byNumber) {
      candidates.leadIds.sort((a, b) => b - a);
      candidates.isCut = candidates.leadIds.length >= MOST_CANDIDATES;
      for (const leadId of candidates.leadIds) this.#lead(leadId).numberKey = key;
    }
  }

  #lead(leadId: number): ImportedLead {
    const lead = this.#leads.get(leadId);
    if (lead === undefined) throw new Error(`lead ${leadId} was not read`);
    return lead;
  }

  add(row: ImportRow, { fileValues }: RowValues, custom: string | null): number | undefined {
    const leadId = row.leadId ?? this.#highest + 1;
    if (leadId > MAX_LEAD_ID || this.#leads.has(leadId)) return undefined;
    this.#highest = Math.max(this.#highest, leadId);
    const lead: ImportedLead = {
      ...{ leadId, values: EMPTY, modifyDate: '', line: undefined, hasKey: false, numberKey: undefined },
    };
    this.#set(lead, row, fileValues, custom);
    this.#leads.set(leadId, lead);
    this.writes.added.push(lead);
    return leadId;
  }

  update(leadId: number, row: ImportRow, { fileValues }: RowValues, custom: string | null): void {
    const lead = this.#lead(leadId);
    lead.before = { values: lead.values, modifyDate: lead.modifyDate };
    this.#set(lead, row, fileValues, custom);
    this.writes.changed.push(lead);
  }

  #set(lead: ImportedLead, row: ImportRow, fileValues: readonly StoredValue[], custom: string | null): void {
    const values = [...lead.values];
    for (const [at, place] of this.#places.entries()) values[place] = fileValues[at] ?? null;
    values[AT.custom ?? -1] = custom;
    lead.values = values;
    lead.modifyDate = row.modifyDate ?? this.#now;
    this.#renumber(lead);
  }

  /** Keeps by which number a lead is met. */
  #renumber(lead: ImportedLead): void {
    if (this.#byNumber.size === 0) return;
    lead.numbers = numberRowsOf(numberedOf(lead), this.#parts.country);
    const [key, part, reading] = lead.numbers[0] ?? [];
    const isMet = key !== undefined && part === PART.phone_number && reading === 0;
    const numberKey = isMet ? `${Number(lead.values[0])} ${key}` : undefined;
    if (numberKey === lead.numberKey) return;
    this.#forgetNumber(lead);
    const candidates = numberKey === undefined ? undefined : this.#byNumber.get(numberKey);
    if (candidates === undefined) return;
    lead.numberKey = numberKey;
    const at = candidates.leadIds.findIndex((leadId) => leadId < lead.leadId);
    candidates.leadIds.splice(at < 0 ? candidates.leadIds.length : at, 0, lead.leadId);
    if (candidates.leadIds.length <= MOST_CANDIDATES) return;
    candidates.leadIds.length = MOST_CANDIDATES;
    candidates.isCut = true;
  }

  #forgetNumber(lead: ImportedLead): void {
    const former = lead.numberKey === undefined ? undefined : this.#byNumber.get(lead.numberKey);
    lead.numberKey = undefined;
    const at = former?.leadIds.indexOf(lead.leadId) ?? -1;
    if (former === undefined || at < 0) return;
    former.leadIds.splice(at, 1);
    // Another one comes in its place, which was not read.
    if (former.isCut) this.isStale = true;
  }

  stored(leadId: number): readonly StoredValue[] | undefined {
    const lead = this.#leads.get(leadId);
    if (lead === undefined) return undefined;
    return [
      ...this.#places.map((place) => lead.values[place] ?? null),
      lead.modifyDate,
      lead.values[AT.custom ?? -1] ?? null,
    ];
  }

  withNumber(key: string, listId: number): readonly number[] {
    return [...(this.#byNumber.get(`${listId} ${key}`)?.leadIds ?? [])];
  }

  nameOf(leadId: number): string {
    const values = this.#leads.get(leadId)?.values ?? [];
    return joinName(NAME_PLACES.map((place) => (values[place] ?? null) as string | null));
  }

  lineOf(leadId: number): number | undefined {
    return this.#leads.get(leadId)?.line;
  }

  remember(leadId: number, line: number): void {
    this.#lead(leadId).line = line;
    this.writes.lines.push([leadId, line]);
  }

  leadWithKey(_source: string, listId: number, externalId: string): number | undefined {
    return this.#byKey.get(`${listId} ${externalId}`);
  }

  hasKey(leadId: number): boolean {
    return this.#lead(leadId).hasKey;
  }

  keepKey(_source: string, { listId, externalId = '' }: ImportRow, leadId: number): void {
    const key = `${listId} ${externalId}`;
    if (this.#byKey.has(key)) return;
    this.#byKey.set(key, leadId);
    this.#lead(leadId).hasKey = true;
    this.writes.keys.push([listId, externalId, leadId]);
  }
}

const NAME_PLACES = ['first_name', 'middle_initial', 'last_name'].map((column) => AT[column] ?? -1);
const EMPTY: readonly StoredValue[] = STATE_COLUMNS.map((column) => (column === 'is_customer' ? 0 : null));

/** @param row with BATCH_STATEMENTS.leads */
function leadOf(row: Row): ImportedLead {
  const values = row.slice(1, MODIFY_DATE + 1) as (StoredValue | boolean)[];
  const line = row[MODIFY_DATE + 2];
  return {
    leadId: Number(row[0]),
    values: values.map((value) => (typeof value === 'boolean' ? Number(value) : value)),
    modifyDate: String(row[MODIFY_DATE + 1]),
    line: line === null ? undefined : Number(line),
    hasKey: row[MODIFY_DATE + 3] === true,
    numberKey: undefined,
  };
}
