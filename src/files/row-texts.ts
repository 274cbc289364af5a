import { readCountry } from '../core/country-names.ts';
import type { Country } from '../core/phone.ts';
import type { ColumnPlan, DateOrder, TextSource } from './column-plan.ts';
import { readAnyDate, readDate } from './dates.ts';
import { leftOverAddresses, chooseAddress } from './row-addresses.ts';
import { splitEmails } from './emails.ts';
import { nameOf, type NameOptions } from './row-names.ts';
import { hasTwoSurnames, type PersonName } from './person-names.ts';
import type { Cells } from './cells.ts';
import type { RowNumbers } from './row-numbers.ts';
import { droppedValue, type RowWarning } from './row-warning.ts';
import { readGender, repairText } from './words.ts';

interface TextOptions {
  readonly country: Country;
  readonly dateOf: (at: number) => DateOrder;
}

/** Reads the texts of one row after the other. */
export class RowTexts {
  readonly #plan: ColumnPlan;
  readonly #numbers: RowNumbers;
  readonly #options: TextOptions;
  readonly #countryAt: number | undefined;
  readonly #names: NameOptions | undefined;
  /** Texts that are a cell as it stands, which nearly all are: place among the texts and column, one after the other. */
  readonly #plain: readonly number[];
  readonly #special: readonly { readonly index: number; readonly source: TextSource }[];
  // Of the row being read:
  #cells: Cells = [];
  #warnings: RowWarning[] = [];
  #name: PersonName = { first: null, last: null };
  #emails: readonly string[] = [];
  #address = 0;
  #countryCell: string | undefined;
  #countryRead: Country | undefined;

  constructor(plan: ColumnPlan, numbers: RowNumbers, options: TextOptions) {
    this.#plan = plan;
    this.#numbers = numbers;
    this.#options = options;
    const country = plan.texts.find(({ source }) => source.is === 'country')?.source;
    this.#countryAt = country?.is === 'country' ? country.at : undefined;
    this.#names =
      plan.names === undefined
        ? undefined
        : { ...plan.names, isIberian: plan.names.isIberian || hasTwoSurnames(options.country) };
    this.#plain = plan.texts.flatMap(({ source }, index) => (source.is === 'cell' ? [index, source.at] : []));
    this.#special = plan.texts.flatMap(({ source }, index) =>
      source.is === 'cell' ? [] : [{ index, source }],
    );
  }

  /** @returns the texts in the plan's order */
  read(cells: Cells, faults: string[], warnings: RowWarning[]): readonly (string | null)[] {
    const values = new Array<string | null>(this.#plan.texts.length);
    const plain = this.#plain;
    for (let at = 0; at < plain.length; at += 2) {
      const cell = cells[plain[at + 1] ?? 0] ?? null;
      values[plain[at] ?? 0] = cell === null || !this.#plan.isMisread ? cell : repairText(cell);
    }
    this.#cells = cells;
    this.#warnings = warnings;
    const fault = this.#numbers.read(cells, this.#ownCountry(), warnings);
    if (fault !== undefined) faults.push(fault);
    if (this.#names !== undefined) this.#name = nameOf(cells, this.#names);
    if (this.#plan.emails.length > 0) this.#emails = this.#splitEmails(cells);
    if (this.#plan.addresses.length > 0) this.#address = chooseAddress(cells, this.#plan.addresses);
    for (const { index, source } of this.#special) values[index] = this.#readSpecial(source);
    return values;
  }

  /** Of the row that was read last: what has no field of its own. */
  leftOver(what: 'e-mails' | 'addresses'): string | null {
    if (what === 'addresses') return leftOverAddresses(this.#cells, this.#plan.addresses, this.#address);
    return this.#emails.length > 1 ? this.#emails.slice(1).join(', ') : null;
  }

  #splitEmails(cells: Cells): readonly string[] {
    const { kept, leftOut, firstLeftOut } = splitEmails(cells, this.#plan.emails);
    if (firstLeftOut !== undefined) {
      const why = { code: 'beyondAddresses', values: [kept.length, leftOut - 1] } as const;
      this.#warnings.push(droppedValue('email', firstLeftOut, why));
    }
    return kept;
  }

  #readSpecial(source: TextSource): string | null {
    switch (source.is) {
      case 'number':
        return this.#numbers.found[source.place]?.number ?? this.#emptyText(source.place);
      case 'joined':
        return this.#joined(source.cells);
      case 'gender':
        return this.#gender(source.at, source.isMujer);
      case 'country':
        return this.#country(source.at);
      case 'date':
        return this.#date(source.at);
      case 'date parts':
        return this.#dateParts(source);
      case 'e-mail':
        return this.#emails[0] ?? null;
      case 'name':
        return this.#name[source.part];
      case 'address':
        return this.#cell(this.#plan.addresses[this.#address]?.[source.part]);
      case 'cell':
        return this.#cell(source.at);
    }
  }

  /** A cell `""` is an empty text, as in every other field. */
  #emptyText(place: 0 | 1): string | null {
    const at = this.#plan.numbers[place]?.at;
    return at !== undefined && this.#cells[at] === '' ? '' : null;
  }

  #cell(at: number | undefined): string | null {
    const cell = at === undefined ? null : (this.#cells[at] ?? null);
    return cell === null || !this.#plan.isMisread ? cell : repairText(cell);
  }

  #joined(columns: readonly number[]): string | null {
    const parts = columns.map((at) => this.#cell(at)?.trim() ?? '').filter((part) => part !== '');
    return parts.length === 0 ? null : parts.join(' ');
  }

  #text(at: number): string {
    return this.#cells[at]?.trim() ?? '';
  }

  #gender(at: number, isMujer: boolean): string | null {
    const text = this.#text(at);
    if (text === '') return null;
    const gender = readGender(text, isMujer);
    if (gender === undefined)
      this.#warnings.push(droppedValue('gender', text, { code: 'noGender', values: [] }));
    return gender ?? null;
  }

  /** Codes stay as they are written, names become codes. */
  #country(at: number): string | null {
    const text = this.#text(at);
    if (text === '') return null;
    const country = this.#ownCountry();
    if (country === undefined)
      this.#warnings.push(droppedValue('country_code', text, { code: 'noCountry', values: [] }));
    return country === undefined ? null : /^[A-Z]{2,3}$/.test(text) ? text : country;
  }

  #ownCountry(): Country | undefined {
    const cell = this.#countryAt === undefined ? null : (this.#cells[this.#countryAt] ?? null);
    if (cell === null) return undefined;
    // Row after row has the same.
    if (cell !== this.#countryCell) {
      const text = repairText(cell.trim());
      this.#countryCell = cell;
      this.#countryRead = text === '' ? undefined : readCountry(text);
    }
    return this.#countryRead;
  }

  #date(at: number): string | null {
    const text = this.#text(at);
    if (text === '') return null;
    const date = readDate(text, undefined) ?? readAnyDate(text, this.#options.dateOf(at));
    if (date === undefined)
      this.#warnings.push(droppedValue('date_of_birth', text, { code: 'noDay', values: [] }));
    return date ?? null;
  }

  #dateParts({ year, month, day }: Extract<TextSource, { is: 'date parts' }>): string | null {
    const [y, m, d] = [year === undefined ? '' : this.#text(year), this.#text(month), this.#text(day)];
    if (m === '' && d === '') return null;
    const text = `${y === '' ? '0000' : y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
    const date = readDate(text, undefined);
    if (date === undefined)
      this.#warnings.push(droppedValue('date_of_birth', text, { code: 'noDay', values: [] }));
    return date ?? null;
  }
}
