import type { FurtherNumber } from '../core/lead.ts';
import { FILE_FIELDS } from './file-field.ts';
import { writeFurtherNumbers } from './further-numbers.ts';
import { isOwnExport } from './own-export.ts';
import { birthdayOf } from './vcard.ts';
import { splitEscaped, unescapeExactly, type VcardLine } from './vcard-lines.ts';

/** The property of what a vCard has no other one for; its parameter says which column it is. */
export const OWN_PROPERTY = 'X-CALLERCARD-VALUE';

/** In the first card: all columns of the export, as JSON. */
export const HEADER_COLUMN = 'columns';
/** The fields of a card that are an empty text, where the property would say that there is nothing. */
export const EMPTY_COLUMN = 'empty';

/** The parts of N and ADR in their order. */
export const NAME_COLUMNS = ['last_name', 'first_name', 'middle_initial', 'title'] as const;
export const ADDRESS_COLUMNS = [
  'address3',
  'address2',
  'address1',
  'city',
  'state',
  'postal_code',
  'country_code',
] as const;

/** The cells of a card that our own export wrote, by column. */
export type OwnCard = ReadonlyMap<string, string>;

/** @returns undefined for a card that another program wrote, or from which another program took away what is ours */
export function readOwnCard(lines: readonly VcardLine[]): OwnCard | undefined {
  const own = lines.filter(({ name }) => name === OWN_PROPERTY);
  if (!own.some(({ column }) => column === 'lead_id')) return undefined;
  const cells = new Map(
    own.flatMap(({ column, value }) =>
      column === undefined ? [] : [[column, unescapeExactly(value)] as const],
    ),
  );
  const valueOf = (name: string) => lines.find((line) => line.name === name)?.value;
  const put = (column: string, value: string | undefined) => {
    if (value !== undefined && value !== '') cells.set(column, value);
  };
  const putParts = (columns: readonly string[], value: string | undefined) => {
    const parts = splitEscaped(value ?? '', ';').map(unescapeExactly);
    for (const [at, column] of columns.entries()) put(column, parts[at]);
  };
  putParts(NAME_COLUMNS, valueOf('N'));
  putParts(ADDRESS_COLUMNS, valueOf('ADR'));
  put('email', unescapeExactly(valueOf('EMAIL') ?? ''));
  put('comments', unescapeExactly(valueOf('NOTE') ?? ''));
  put('date_of_birth', birthdayOf(valueOf('BDAY') ?? '').replace(/^-(?=-)/, '0000'));
  for (const [column, value] of numbersOf(lines)) put(column, value);
  for (const column of cells.get(EMPTY_COLUMN)?.split(' ') ?? []) {
    if (!cells.has(column)) cells.set(column, '');
  }
  return cells;
}

/** Numbers that somebody has added to the card since come after those that it had. */
function numbersOf(lines: readonly VcardLine[]): ReadonlyMap<string, string> {
  const numbers = new Map<string, string>();
  const further: FurtherNumber[] = [];
  for (const { column = '', group, value } of lines.filter(({ name }) => name === 'TEL')) {
    const number = unescapeExactly(value);
    if (column === 'phone_number' || column === 'alt_phone') numbers.set(column, number);
    else {
      const label = lines.find((line) => line.name === 'X-ABLABEL' && group !== '' && line.group === group);
      further.push({ label: label === undefined ? null : unescapeExactly(label.value), number });
    }
  }
  // A program has taken away what says which number it is.
  const [first] = further;
  if (first !== undefined && !numbers.has('phone_number')) {
    numbers.set('phone_number', first.number);
    further.shift();
  }
  const written = writeFurtherNumbers(further);
  if (written !== null) numbers.set('further_numbers', written);
  return numbers;
}

/** Collects the header of a file of which every card is our own: as its first card says, else what the cards have. */
export function createOwnHeader() {
  let said: readonly string[] | undefined;
  const found = new Set<string>(FILE_FIELDS.filter((field) => field !== 'further_numbers'));
  return {
    add(card: OwnCard): void {
      said ??= readHeader(card.get(HEADER_COLUMN));
      for (const column of card.keys()) {
        if (column !== HEADER_COLUMN && column !== EMPTY_COLUMN) found.add(column);
      }
    },
    header: (): readonly string[] => [...new Set([...(said ?? []), ...found])],
  };
}

function readHeader(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const names: unknown = JSON.parse(text);
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return undefined;
    return isOwnExport(names) ? names : undefined;
  } catch {
    return undefined;
  }
}
