import type { ExportCell, ExportTable } from './export-table.ts';
import { countLoss, type Losses } from './file-pieces.ts';
import { readFurtherNumbers } from './further-numbers.ts';
import { ADDRESS_COLUMNS, HEADER_COLUMN, EMPTY_COLUMN, NAME_COLUMNS, OWN_PROPERTY } from './own-vcard.ts';
import { COLUMN_PARAMETER } from './vcard-lines.ts';

/** Bytes of a line (RFC 2426, 2.6). */
const LINE_BYTES = 75;

const CONTROLS = 'control characters in a value';

/**
 * Leads as vCards 3.0, which telephones and address books take. What the format has no property for (list, status, custom
 * fields) is in properties of our own, which `import` reads and other programs pass over.
 *
 * @param losses counts values with control characters, which vCards cannot hold
 * @yields cards
 */
export async function* writeVcards({ header, rows }: ExportTable, losses: Losses): AsyncGenerator<string> {
  let isFirst = true;
  for await (const cells of rows()) {
    const card = new CardWriter(header, cells, losses);
    yield card.write(isFirst ? JSON.stringify(header) : undefined);
    isFirst = false;
  }
}

class CardWriter {
  readonly #cells: ReadonlyMap<string, string>;
  readonly #losses: Losses;
  #text = '';
  #groups = 0;

  constructor(header: readonly string[], cells: readonly ExportCell[], losses: Losses) {
    this.#cells = new Map(
      header.flatMap((name, at) => {
        const cell = cells[at] ?? null;
        return cell === null ? [] : [[name, String(cell)] as const];
      }),
    );
    this.#losses = losses;
  }

  /** @param columns what the first card says of all of them */
  write(columns: string | undefined): string {
    this.#line('BEGIN:VCARD');
    this.#line('VERSION:3.0');
    this.#line('PRODID:-//callercard//EN');
    this.#put('N', ...NAME_COLUMNS.map((column) => this.#cell(column)), '');
    // Made of the others, whose control characters are counted.
    this.#line(`FN:${escapeText(withoutControls(this.#shownName()))}`);
    this.#numbers();
    if (this.#cell('email') !== '') this.#put('EMAIL;TYPE=INTERNET', this.#cell('email'));
    const address = ADDRESS_COLUMNS.map((column) => this.#cell(column));
    if (address.some((part) => part !== '')) this.#put('ADR', ...address);
    const birthday = birthdayFor(this.#cell('date_of_birth'));
    if (birthday !== undefined) this.#put('BDAY', birthday);
    if (this.#cell('comments') !== '') this.#put('NOTE', this.#cell('comments'));
    this.#own(columns, birthday !== undefined);
    this.#line('END:VCARD');
    return this.#text;
  }

  #cell(column: string): string {
    return this.#cells.get(column) ?? '';
  }

  #shownName(): string {
    const parts = ['first_name', 'middle_initial', 'last_name'].map((column) => this.#cell(column).trim());
    return parts.filter((part) => part !== '').join(' ') || this.#cell('phone_number').trim();
  }

  #numbers(): void {
    for (const column of ['phone_number', 'alt_phone']) {
      if (this.#cell(column) !== '') this.#put(`TEL;${COLUMN_PARAMETER}=${column}`, this.#cell(column));
    }
    for (const { label, number } of readFurtherNumbers(this.#cell('further_numbers')) ?? []) {
      const parameter = `${COLUMN_PARAMETER}=further_numbers`;
      const group = `item${++this.#groups}`;
      this.#put(`${group}.TEL;${parameter}`, number);
      // As Apple and Google write labels of one's own.
      if (label !== null) this.#put(`${group}.X-ABLabel`, label);
    }
  }

  /** What has no property, and which fields are empty texts and not nothing. */
  #own(columns: string | undefined, hasBirthday: boolean): void {
    const standard = new Set([
      ...NAME_COLUMNS,
      ...ADDRESS_COLUMNS,
      ...['phone_number', 'alt_phone', 'further_numbers', 'email', 'comments'],
      ...(hasBirthday ? ['date_of_birth'] : []),
    ]);
    const put = (column: string, value: string) =>
      this.#put(`${OWN_PROPERTY};${COLUMN_PARAMETER}="${column}"`, value);
    if (columns !== undefined) put(HEADER_COLUMN, columns);
    const empty: string[] = [];
    for (const [column, value] of this.#cells) {
      if (!standard.has(column)) put(column, value);
      else if (value === '') empty.push(column);
    }
    if (empty.length > 0) put(EMPTY_COLUMN, empty.join(' '));
  }

  #put(property: string, ...values: readonly string[]): void {
    this.#line(`${property}:${values.map((value) => this.#escape(value)).join(';')}`);
  }

  #escape(value: string): string {
    const text = withoutControls(value);
    if (text !== value) countLoss(this.#losses, CONTROLS);
    return escapeText(text);
  }

  #line(text: string): void {
    this.#text += `${fold(text)}\r\n`;
  }
}

/** Line breaks are LF; a tab is space and stays. */
function withoutControls(value: string): string {
  return value.replace(/\r\n?/g, '\n').replace(/(?![\n\t\u0080-\u009f])\p{Cc}/gu, '');
}

function escapeText(text: string): string {
  return text.replace(/[\\,;]/g, '\\$&').replaceAll('\n', '\\n');
}

/** A day with or without a year; undefined: the property has no room for it. */
function birthdayFor(stored: string): string | undefined {
  if (!/^\d{4}-(?!00)\d\d-(?!00)\d\d$/.test(stored) || stored.startsWith('1604-')) return undefined;
  return stored.replace(/^0000/, '-');
}

/** Breaks a line where it is too long, never within a character. */
function fold(line: string): string {
  if (Buffer.byteLength(line) <= LINE_BYTES) return line;
  let folded = '';
  let bytes = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (bytes + size > LINE_BYTES) {
      folded += '\r\n ';
      bytes = 1;
    }
    folded += character;
    bytes += size;
  }
  return folded;
}
