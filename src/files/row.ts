import { MAX_LEAD_ID, MAX_LIST_ID, type CustomValue } from '../core/lead.ts';
import type { ImportColumns, ImportRow } from '../core/lead-archive.ts';
import { readPhone, type Country } from '../core/phone.ts';
import { type DateOrder, readCustomCell, readDate, readMoment, readWhole, readYesNo } from './values.ts';
import type { ColumnPlan } from './header.ts';
import { quote } from './csv.ts';

/** A row's cells; null: an empty cell, nothing stored. */
export type Cells = readonly (string | null)[];

/** Called for each row that is no empty line; `line` is where the row begins, counted from 1. */
export type OnRow = (cells: Cells, line: number) => void;

export interface RowOptions {
  readonly country: Country;
  /** The list of rows that name none. */
  readonly listId: number | undefined;
  readonly dates: DateOrder | undefined;
}

const NO_CUSTOM: ReadonlyMap<string, CustomValue> = new Map();

/** What the store must know about the file before its rows. */
export function importColumnsOf(plan: ColumnPlan): ImportColumns {
  return {
    texts: plan.texts.map(({ field }) => field),
    isCustomer: plan.others.is_customer !== undefined,
    lastLocalCallTime: plan.others.last_local_call_time !== undefined,
    numbers: false,
  };
}

/** Turns the cells of one row after the other into what the store takes. */
export class RowReader {
  readonly #plan: ColumnPlan;
  readonly #options: RowOptions;
  /** Of the row being read; one array for all rows, because a file has millions of them. */
  readonly #faults: string[] = [];

  constructor(plan: ColumnPlan, options: RowOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  /** @returns the row, or why it is rejected: everything that is wrong with it */
  read(cells: Cells): ImportRow | string {
    const faults = this.#faults;
    faults.length = 0;
    this.#checkWidth(cells);
    if (faults.length > 0) return faults.join('; ');
    const { others } = this.#plan;
    const leadId = this.#readId(cells, others.lead_id, 'lead_id', MAX_LEAD_ID);
    const listId = this.#readId(cells, others.list_id, 'list_id', MAX_LIST_ID) ?? this.#options.listId;
    if (listId === undefined && faults.length === 0)
      faults.push('list_id is empty; fill it, or give it with --list');
    const row = {
      leadId,
      listId: listId ?? 0,
      texts: this.#readTexts(cells),
      isCustomer: this.#readIsCustomer(cells, others.is_customer),
      lastLocalCallTime: this.#readMoment(cells, others.last_local_call_time, 'last_local_call_time'),
      numbers: [],
      modifyDate: this.#readMoment(cells, others.modify_date, 'modify_date') ?? undefined,
      custom: this.#readCustom(cells, listId),
    };
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

  #readTexts(cells: Cells): (string | null)[] {
    const { texts } = this.#plan;
    const values = new Array<string | null>(texts.length);
    let index = 0;
    for (const { at, field } of texts) {
      const cell = cells[at] ?? null;
      if (field === 'phone_number') values[index] = this.#readPhone(cell);
      else if (field === 'date_of_birth') values[index] = this.#readDate(cell);
      else if (field === 'alt_phone')
        values[index] = cell === null || cell === '' ? cell : cell.trim() || null;
      else values[index] = cell;
      index++;
    }
    return values;
  }

  #readPhone(cell: string | null): string {
    const text = cell?.trim() ?? '';
    // Almost every number is bare digits: spare those the formatting rules.
    if (/^\d{6,18}$/.test(text)) return text;
    const damage = spreadsheetDamage(text);
    if (damage !== undefined) this.#faults.push(`phone_number ${quote(text)} ${damage}`);
    else {
      const reading = readPhone(text, this.#options.country);
      if ('fault' in reading)
        this.#faults.push(`phone_number ${text === '' ? '' : `${quote(text)} `}${reading.fault}`);
    }
    return text;
  }

  #readDate(cell: string | null): string | null {
    const text = cell?.trim();
    if (text === undefined || text === '') return null;
    const date = readDate(text, this.#options.dates);
    if (date === undefined)
      this.#faults.push(`date_of_birth ${quote(text)} ${this.#dateFault('YYYY-MM-DD')}`);
    return date ?? null;
  }

  #readMoment(cells: Cells, at: number | undefined, field: string): string | null {
    const text = this.#typed(cells, at);
    if (text === undefined) return null;
    const moment = readMoment(text, this.#options.dates);
    if (moment === undefined)
      this.#faults.push(`${field} ${quote(text)} ${this.#dateFault('YYYY-MM-DD HH:MM:SS')}`);
    return moment ?? null;
  }

  #dateFault(form: string): string {
    const { dates } = this.#options;
    if (dates !== undefined) return `is neither ${form} nor a date under --dates ${dates}`;
    return `is not ${form}; for dates such as 31/12/1990 say --dates dmy, for 12/31/1990 --dates mdy`;
  }

  #readIsCustomer(cells: Cells, at: number | undefined): boolean {
    const text = this.#typed(cells, at);
    if (text === undefined) return false;
    const answer = readYesNo(text);
    if (answer === undefined) this.#faults.push(`is_customer ${quote(text)} is neither 0 or no nor 1 or yes`);
    return answer ?? false;
  }

  #readCustom(cells: Cells, listId: number | undefined): ReadonlyMap<string, CustomValue> {
    const { custom } = this.#plan;
    if (custom.length === 0 || listId === undefined) return NO_CUSTOM;
    const values = new Map<string, CustomValue>();
    for (const { at, header, field, lists } of custom) {
      const cell = cells[at] ?? null;
      if (lists === undefined || lists.has(listId)) {
        const value = readCustomCell(cell, field.type, this.#options.dates);
        if (value === undefined) this.#faults.push(`${field.label} ${quote(cell)} is no ${field.type}`);
        else values.set(field.label, value);
      } else if (cell !== null && cell !== '') {
        this.#faults.push(`column ${quote(header)} is not for list ${listId}, but has ${quote(cell)}`);
      }
    }
    return values;
  }
}

/** What spreadsheets make of long numbers; the digits that are gone cannot be guessed. */
function spreadsheetDamage(text: string): string | undefined {
  if (!/^\d+(?:[.,]\d+)?e\+?\d+$/i.test(text) && !/^\d{6,}[.,]0+$/.test(text)) return undefined;
  return 'was changed by a spreadsheet; format the column as text, put the numbers in again and save again';
}
