import { type Country, readPhone } from '../core/phone.ts';
import type { ColumnPlan, NumberColumn } from './column-plan.ts';
import { quote } from './csv.ts';
import { numbersOf } from './numbers-in-cell.ts';
import { doubtOf, isPossiblePhone } from '../core/phone-doubts.ts';
import { blockKey } from '../core/phone-blocks.ts';
import { MOST_NUMBERS } from '../core/lead-patch.ts';
import type { Cells } from './cells.ts';
import { say, type ValueFault } from './import-words.ts';
import { ENGLISH_IMPORT } from './import-words-en.ts';
import { droppedValue, type RowWarning, warningOf } from './row-warning.ts';

/** A number with what kind it is, as it is stored. */
export interface RowNumber {
  readonly label: string | null;
  readonly number: string;
}

const BARE = /^\d{6,18}$/;
/** Characters. */
const LONGEST_BLOCK = 40;
/** Numbers of a row that are left out are named up to so many; the others are counted. */
const MOST_NAMED = 10;

/** Reads the telephone numbers of one row after the other. */
export class RowNumbers {
  /** Of the row that was read last: phone_number, alt_phone, further ones. */
  readonly found: RowNumber[] = [];
  readonly #columns: readonly NumberColumn[];
  /** How many numbers of a row are kept. */
  readonly #most: number;
  readonly #isExact: boolean;
  readonly #country: Country;
  readonly #hasBlocks: boolean;
  readonly #doubts: BareDoubts;
  /** Of the row that is read: the digits of its numbers, once there are two. */
  readonly #digits = new Set<string>();
  /** Of the row that is read: numbers beyond those that are kept, the first of them. */
  readonly #leftOut: string[] = [];
  #leftOutCount = 0;

  /** @param hasBlocks what ends in `*` or `x` is a block of numbers (setting `numberBlocks`) */
  constructor(
    plan: Pick<ColumnPlan, 'numbers' | 'hasFurtherNumbers' | 'texts' | 'isOwn'>,
    country: Country,
    hasBlocks = false,
  ) {
    this.#columns = plan.numbers;
    const hasAlt = plan.texts.some(({ field }) => field === 'alt_phone');
    this.#most = plan.hasFurtherNumbers ? 2 + MOST_NUMBERS : hasAlt ? 2 : 1;
    this.#isExact = plan.isOwn;
    this.#country = country;
    this.#hasBlocks = hasBlocks;
    this.#doubts = new BareDoubts();
  }

  /**
   * @param country the row's own; undefined: it says none
   * @param warnings what was not taken or is doubtful is added here
   * @returns why there is no usable number
   */
  read(cells: Cells, country: Country | undefined, warnings: RowWarning[]): string | undefined {
    this.found.length = 0;
    this.#leftOut.length = 0;
    this.#leftOutCount = 0;
    if (this.#digits.size > 0) this.#digits.clear();
    if (this.#isExact) return this.#readExact(cells);
    let faults: { readonly column: string; readonly value: string; readonly why: ValueFault }[] | undefined;
    for (const column of this.#columns) {
      const cell = cells[column.at];
      const text = cell === null || cell === undefined ? '' : cell.trim();
      if (text === '') continue;
      const why = this.#readCell(text, column, cells, country ?? this.#country, warnings);
      if (why !== undefined) (faults ??= []).push({ column: column.name, value: text, why });
    }
    if (this.found.length === 0) {
      if (faults === undefined) return 'phone_number is empty';
      return faults
        .map(({ column, value, why }) => `${column} ${quote(value)} ${say(ENGLISH_IMPORT.values, why)}`)
        .join('; ');
    }
    for (const { column, value, why } of faults ?? []) warnings.push(droppedValue(column, value, why));
    if (this.#leftOutCount > 0) this.#nameLeftOut(warnings);
    return undefined;
  }

  /** As an export of our own has them: whatever is stored beside the number is no fault. */
  #readExact(cells: Cells): string | undefined {
    for (const [place, { at }] of this.#columns.entries()) {
      const cell = cells[at] ?? null;
      const text = place === 0 ? (cell?.trim() ?? '') : cell;
      if (place === 0 && !BARE.test(text ?? '')) {
        const reading = readPhone(text ?? '', this.#country);
        if ('fault' in reading && !this.#isBlock(text ?? '', this.#country))
          return `phone_number ${text === '' ? '' : `${quote(text)} `}${reading.fault}`;
      }
      if (text !== null) this.found[place] = { label: null, number: text };
    }
    return undefined;
  }

  /** @returns why nothing of the cell, or not all of it, is a number */
  #readCell(
    text: string,
    column: NumberColumn,
    cells: Cells,
    country: Country,
    warnings: RowWarning[],
  ): ValueFault | undefined {
    const area = column.areaAt === undefined ? '' : (cells[column.areaAt]?.trim() ?? '');
    // Almost every number is bare digits: spare those the rules of writing.
    if (BARE.test(text) && (area === '' || text.length > 8)) {
      const doubt = this.#doubts.of(text, country, this.#country);
      if (this.#add(text, column, cells) && doubt !== undefined) warnings.push(doubtful(column, text, doubt));
      return undefined;
    }
    const isNumber = (part: string) => isPossiblePhone(part, country) || this.#isBlock(part, country);
    const { numbers, fault } = numbersOf(text, country, area, isNumber);
    let why = fault;
    for (const number of numbers) {
      const reading = readPhone(number, country);
      if ('fault' in reading && !this.#isBlock(number, country)) {
        why ??= { code: 'phone', values: [reading.fault] };
        continue;
      }
      if (!this.#add(number, column, cells)) continue;
      const doubt = doubtIn(number, country, this.#country);
      if (doubt !== undefined) warnings.push(doubtful(column, number, doubt));
    }
    return why;
  }

  #isBlock(text: string, country: Country): boolean {
    return this.#hasBlocks && text.length <= LONGEST_BLOCK && blockKey(text, country) !== undefined;
  }

  /** @returns false: it is there already, or there are too many */
  #add(number: string, { label, labelAt }: NumberColumn, cells: Cells): boolean {
    if (this.found.length > 0 && this.#isKnown(number)) return false;
    if (this.found.length >= this.#most) {
      this.#leftOutCount += 1;
      if (this.#leftOut.length < MOST_NAMED) this.#leftOut.push(number);
      return false;
    }
    const said = labelAt === undefined ? label : (cells[labelAt]?.replace(/^\* ?/, '').trim() ?? '');
    this.found.push({ label: said === '' ? null : said, number });
    return true;
  }

  /** Whether the row has a number of the same digits; the number is known from now on. */
  #isKnown(number: string): boolean {
    if (this.#digits.size === 0)
      for (const first of this.found) this.#digits.add(digitsOf(first.number) + blockEnd(first.number));
    const digits = digitsOf(number) + blockEnd(number);
    if (this.#digits.has(digits)) return true;
    this.#digits.add(digits);
    return false;
  }

  #nameLeftOut(warnings: RowWarning[]): void {
    const why: ValueFault =
      this.#most > 2
        ? { code: 'beyondKept', values: [this.#most, 0] }
        : { code: 'beyondColumns', values: [] };
    for (const number of this.#leftOut) warnings.push(droppedValue('phone_number', number, why));
    const others = this.#leftOutCount - this.#leftOut.length;
    if (others > 0)
      warnings.push(warningOf('phone_number', { code: 'moreLeftOut', values: ['phone_number', others] }));
  }
}

function digitsOf(number: string): string {
  return number.replace(/\D/g, '');
}

/** `331234xx` and `331234` are not the same. */
function blockEnd(number: string): string {
  return /[x*]\s*$/i.test(number) ? '*' : '';
}

function doubtful({ name }: NumberColumn, number: string, doubt: string): RowWarning {
  const fault = { code: 'phone', values: [doubt] } as const;
  return warningOf(name, { code: 'doubtful', values: [name, quote(number), fault] });
}

/** A number that the row's own country or the default one has is not doubtful. */
function doubtIn(number: string, own: Country, byDefault: Country): string | undefined {
  const doubt = doubtOf(number, own);
  return doubt === undefined || own === byDefault ? doubt : doubtOf(number, byDefault);
}

/** Digits that a judgement of bare numbers depends on: the country code is among them. */
const LEADING = 4;

/**
 * Judges bare digits by length and first digits, each once: a plan says no more of them, and to ask it for every number of
 * a million rows would take seconds.
 */
class BareDoubts {
  readonly #judged = new Map<Country, Uint8Array>();

  of(digits: string, own: Country, byDefault: Country): string | undefined {
    let judged = this.#judged.get(own);
    if (judged === undefined) this.#judged.set(own, (judged = new Uint8Array(19 * 10 ** LEADING)));
    let shape = digits.length;
    for (let at = 0; at < LEADING; at++) shape = shape * 10 + digits.charCodeAt(at) - 0x30;
    if (judged[shape] === 1) return undefined;
    const doubt = doubtIn(digits, own, byDefault);
    if (doubt === undefined) judged[shape] = 1;
    return doubt;
  }
}
