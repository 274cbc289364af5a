import { MOST_NUMBERS } from '../core/lead-patch.ts';
import { MAX_LEAD_ID, MAX_LIST_ID, type CustomValue, type FurtherNumber } from '../core/lead.ts';
import type { ImportColumns, ImportRow } from '../core/lead-archive.ts';
import type { Country } from '../core/phone.ts';
import { type Cells, hasLongValue, LONGEST_VALUE } from './cells.ts';
import { usualDates } from './column-dates.ts';
import type { ColumnPlan, CustomColumn, DateOrder } from './column-plan.ts';
import { quote } from './csv.ts';
import { readAnyMoment } from './dates.ts';
import { readFurtherNumbers } from './further-numbers.ts';
import { RowNumbers } from './row-numbers.ts';
import { RowTexts } from './row-texts.ts';
import { droppedValue, type RowWarning, warningOf } from './row-warning.ts';
import { readCustomCell, readWhole, readYesNo } from './values.ts';
import { repairText } from './words.ts';

export type { Cells, OnRow } from './cells.ts';

export interface RowOptions {
  readonly country: Country;
  /** What ends in `*` or `x` is a block of numbers (setting `numberBlocks`). */
  readonly numberBlocks?: boolean | undefined;
  /** The list of rows that name none. */
  readonly listId: number | undefined;
  /** How dates are written; undefined: as each column's values say. */
  readonly dates: DateOrder | undefined;
  /** The column by which another system knows its people; undefined: there is none. */
  readonly keyAt?: number | undefined;
}

const NO_CUSTOM: ReadonlyMap<string, CustomValue> = new Map();
const NO_NUMBERS: readonly FurtherNumber[] = [];

/** What the store must know about the file before its rows. */
/** @param keySource the name of the column by which another system knows its people; undefined: there is none */
export function importColumnsOf(plan: ColumnPlan, keySource?: string): ImportColumns {
  return {
    texts: plan.texts.map(({ field }) => field),
    isCustomer: plan.others.is_customer !== undefined,
    lastLocalCallTime: plan.others.last_local_call_time !== undefined,
    numbers: plan.hasFurtherNumbers || plan.others.further_numbers !== undefined,
    keySource,
  };
}

/** Turns the cells of one row after the other into what the store takes. */
export class RowReader {
  /** Of the row that was read last: what it loses, and what is doubtful in it. */
  readonly warnings: RowWarning[] = [];
  readonly #plan: ColumnPlan;
  readonly #listId: number | undefined;
  readonly #keyAt: number | undefined;
  /** Of the row being read; one array for all rows, because a file has millions of them. */
  readonly #faults: string[] = [];
  readonly #dateOf: (at: number) => DateOrder;
  readonly #numbers: RowNumbers;
  readonly #texts: RowTexts;

  constructor(plan: ColumnPlan, { country, numberBlocks, listId, dates, keyAt }: RowOptions) {
    this.#plan = plan;
    this.#listId = listId;
    this.#keyAt = keyAt;
    const usual = usualDates(country);
    this.#dateOf = (at) => {
      const found = plan.dates.get(at) ?? 'open';
      return dates ?? (found === 'open' ? usual : found);
    };
    this.#numbers = new RowNumbers(plan, country, numberBlocks);
    this.#texts = new RowTexts(plan, this.#numbers, { country, dateOf: this.#dateOf });
  }

  /** @returns the row, or why it is rejected: everything that is wrong with it */
  read(cells: Cells): ImportRow | string {
    const faults = this.#faults;
    faults.length = 0;
    this.warnings.length = 0;
    this.#checkWidth(cells);
    if (hasLongValue(cells)) this.#refuseLongValues(cells);
    if (faults.length > 0) return faults.join('; ');
    const { others, hasFurtherNumbers } = this.#plan;
    const leadId = this.#readId(cells, others.lead_id, 'lead_id', MAX_LEAD_ID);
    const listId = this.#readId(cells, others.list_id, 'list_id', MAX_LIST_ID) ?? this.#listId;
    if (listId === undefined && faults.length === 0)
      faults.push('list_id is empty; fill it, or give it with --list');
    const texts = this.#texts.read(cells, faults, this.warnings);
    const numbers = this.#numbers.found;
    const row = {
      leadId,
      externalId: this.#typed(cells, this.#keyAt),
      listId: listId ?? 0,
      texts,
      isCustomer: this.#readIsCustomer(cells, others.is_customer),
      lastLocalCallTime: this.#readMoment(cells, others.last_local_call_time, 'last_local_call_time'),
      modifyDate: this.#readMoment(cells, others.modify_date, 'modify_date') ?? undefined,
      custom: this.#readCustom(cells, listId),
      numbers:
        hasFurtherNumbers && numbers.length > 2
          ? numbers.slice(2)
          : this.#readFurther(cells, others.further_numbers),
    };
    if (this.#plan.repeated.length > 0) this.#compareRepeated(cells);
    return faults.length > 0 ? faults.join('; ') : row;
  }

  #checkWidth(cells: Cells): void {
    const { width } = this.#plan;
    if (cells.length < width) {
      this.#faults.push(`has ${cells.length} of the header's ${width} cells`);
      return;
    }
    for (let at = width; at < cells.length; at++) {
      if (cells[at] === null || cells[at] === '') continue;
      this.#faults.push(`has more cells than the header: ${quote(cells[at])} in column ${at + 1}`);
      return;
    }
  }

  #refuseLongValues(cells: Cells): void {
    for (const [at, cell] of cells.entries()) {
      if (cell === null || cell.length <= LONGEST_VALUE || this.#plan.ignored.has(at)) continue;
      this.#faults.push(
        `has ${cell.length} characters in column ${at + 1} (${quote(cell)}); at most ${LONGEST_VALUE} are taken`,
      );
    }
  }

  /** A typed value's text; undefined where there is none. */
  #typed(cells: Cells, at: number | undefined): string | undefined {
    const text = at === undefined ? undefined : cells[at]?.trim();
    return text === '' ? undefined : text;
  }

  #readId(cells: Cells, at: number | undefined, field: string, max: number): number | undefined {
    const text = this.#typed(cells, at);
    if (text === undefined) return undefined;
    const id = readWhole(text, 1, max);
    if (id === undefined) this.#faults.push(`${field} ${quote(text)} is not a whole number from 1 to ${max}`);
    return id;
  }

  #readMoment(cells: Cells, at: number | undefined, field: string): string | null {
    const text = this.#typed(cells, at);
    if (text === undefined || at === undefined) return null;
    const moment = readAnyMoment(text, this.#dateOf(at));
    if (moment === undefined) this.warnings.push(droppedValue(field, text, { code: 'noMoment', values: [] }));
    return moment ?? null;
  }

  /** Of an export of our own. */
  #readFurther(cells: Cells, at: number | undefined): readonly FurtherNumber[] {
    const text = this.#typed(cells, at);
    if (text === undefined) return NO_NUMBERS;
    const numbers = readFurtherNumbers(text);
    if (numbers === undefined) {
      this.warnings.push(droppedValue('further_numbers', text, { code: 'noFurtherNumbers', values: [] }));
      return NO_NUMBERS;
    }
    const leftOut = numbers.slice(MOST_NUMBERS);
    if (leftOut.length === 0) return numbers;
    const why = { code: 'beyondKept', values: [MOST_NUMBERS, leftOut.length - 1] } as const;
    this.warnings.push(droppedValue('further_numbers', leftOut[0]?.number ?? '', why));
    return numbers.slice(0, MOST_NUMBERS);
  }

  #readIsCustomer(cells: Cells, at: number | undefined): boolean {
    const text = this.#typed(cells, at);
    if (text === undefined) return false;
    const answer = readYesNo(text);
    if (answer === undefined)
      this.warnings.push(droppedValue('is_customer', text, { code: 'noYesNo', values: [] }));
    return answer ?? false;
  }

  #readCustom(cells: Cells, listId: number | undefined): ReadonlyMap<string, CustomValue> {
    const { custom } = this.#plan;
    if (custom.length === 0 || listId === undefined) return NO_CUSTOM;
    const values = new Map<string, CustomValue>();
    for (const column of custom) {
      const { at, header, field, lists } = column;
      const cell = cells[at] ?? null;
      if (lists === undefined || lists.has(listId)) {
        const value = this.#readCustomCell(column, cell);
        if (value === undefined) this.#refuseCustom(column, cell);
        else values.set(field.label, value);
      } else if (cell !== null && cell !== '') {
        this.#faults.push(`column ${quote(header)} is not for list ${listId}, but has ${quote(cell)}`);
      }
    }
    return values;
  }

  /** A value of another type than the one that somebody asked for rejects the row. */
  #refuseCustom({ field, isGuessed }: CustomColumn, cell: string | null): void {
    if (isGuessed === true)
      this.warnings.push(droppedValue(field.label, cell ?? '', { code: 'noType', values: [field.type] }));
    else this.#faults.push(`${field.label} ${quote(cell)} is no ${field.type}`);
  }

  /** @returns undefined when the cell holds nothing of the field's type */
  #readCustomCell({ at, field, from }: CustomColumn, cell: string | null): CustomValue | undefined {
    if (from !== undefined) return this.#texts.leftOver(from);
    const value = readCustomCell(cell, field.type, this.#dateOf(at));
    if (typeof value !== 'string' || this.#plan.isOwn) return value;
    if (value === '0/0/00') return null;
    return this.#plan.isMisread ? repairText(value) : value;
  }

  /** Columns of one name had the same values in the rows that were looked at; a row may still differ. */
  #compareRepeated(cells: Cells): void {
    for (const { at, of } of this.#plan.repeated) {
      const text = cells[at]?.trim() ?? '';
      if (text === '' || text === (cells[of]?.trim() ?? '')) continue;
      this.warnings.push(
        warningOf(`column ${at + 1}`, { code: 'differs', values: [at + 1, quote(text), of + 1] }),
      );
    }
  }
}
