import type { FileHandle } from 'node:fs/promises';

import { LeadFileFault } from './csv.ts';
import type { LeadSource, OnBadRow, SourceOptions, SourceProgress } from './lead-source.ts';
import { createOwnHeader, readOwnCard } from './own-vcard.ts';
import type { Cells, OnRow } from './cells.ts';
import { guessEncoding, readTextLines, type TextLines } from './text-lines.ts';
import { hasSoftBreaks, readVcardLine, type VcardLine } from './vcard-lines.ts';
import { readVcard, type Vcard } from './vcard.ts';
import type { ImportNotice } from './import-words.ts';

/** Characters of a card without its pictures. */
const LONGEST_CARD = 1_000_000;
/** Of each kind of column. */
const MAX_COLUMNS = 50;

/** Called with the properties of a card, and the line where it begins. */
type OnCard = (lines: readonly VcardLine[], line: number) => void;

interface Counts {
  phones: number;
  emails: number;
  addresses: number;
}

/**
 * vCards: the address books of telephones, of CardDAV and of mail programs. The columns are those of Google's contacts.
 *
 * @param handle closed with the source
 * @throws {LeadFileFault} it has no card
 */
export async function openVcfSource(
  handle: FileHandle,
  name: string,
  { signal }: SourceOptions,
): Promise<LeadSource> {
  const { encoding, notices } = await guessEncoding(handle, signal);
  const counts: Counts = { phones: 0, emails: 0, addresses: 0 };
  let cards = 0;
  let ownCards = 0;
  const ownHeader = createOwnHeader();
  const count = (lines: readonly VcardLine[]) => {
    cards++;
    const own = readOwnCard(lines);
    if (own !== undefined) {
      ownCards++;
      ownHeader.add(own);
    }
    const card = readVcard(lines);
    for (const kind of ['phones', 'emails', 'addresses'] as const) {
      counts[kind] = Math.min(Math.max(counts[kind], card[kind].length), MAX_COLUMNS);
    }
  };
  const first = readCards(readTextLines(handle, encoding), count, () => undefined);
  while ((await first.next()).done !== true) signal?.throwIfAborted();
  if (cards === 0) throw new LeadFileFault(`${name} has no whole vCard: BEGIN:VCARD to END:VCARD`);
  const isOwn = ownCards === cards;
  const header = isOwn ? ownHeader.header() : headerOf(counts);
  const rowOf = (lines: readonly VcardLine[]) =>
    isOwn ? ownCells(lines, header) : cellsOf(readVcard(lines), counts);
  return {
    name,
    kind: 'vcf',
    ...(isOwn ? {} : { format: 'vcard' }),
    size: (await handle.stat()).size,
    header,
    headerLine: 0,
    delimiter: ',',
    notices: isOwn || ownCards === 0 ? notices : [...notices, mixed(ownCards, cards)],
    rows: async function* (onRow: OnRow, onBadRow: OnBadRow): AsyncGenerator<SourceProgress> {
      const onCard: OnCard = (lines, line) => onRow(rowOf(lines), line);
      const isCut = yield* readCards(readTextLines(handle, encoding), onCard, onBadRow);
      if (isCut) {
        throw new LeadFileFault(`${name} was cut off: its last vCard has no END:VCARD`, { isDamage: true });
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

function mixed(own: number, all: number): ImportNotice {
  return { code: 'mixedCards', values: [own, all] };
}

function ownCells(lines: readonly VcardLine[], header: readonly string[]): Cells {
  const card = readOwnCard(lines);
  return header.map((column) => card?.get(column) ?? null);
}

function headerOf({ phones, emails, addresses }: Counts): readonly string[] {
  const each = (count: number, columns: (number: number) => readonly string[]) =>
    Array.from({ length: count }, (_, at) => columns(at + 1)).flat();
  return [
    'first_name',
    'last_name',
    'middle_initial',
    'title',
    'Organization Name',
    'Organization Title',
    ...each(Math.max(phones, 1), (at) => [`Phone ${at} - Label`, `Phone ${at} - Value`]),
    ...each(emails, (at) => [`E-mail ${at} - Label`, `E-mail ${at} - Value`]),
    ...each(addresses, (at) =>
      ['Label', 'Street', 'City', 'Region', 'Postal Code', 'Country'].map(
        (part) => `Address ${at} - ${part}`,
      ),
    ),
    'Birthday',
    'Notes',
  ];
}

function cellsOf(card: Vcard, counts: Counts): (string | null)[] {
  const labelled = (values: Vcard['phones'], count: number) =>
    Array.from({ length: count }, (_, at) => [values[at]?.label, values[at]?.value]).flat();
  const address = (at: number) => {
    const { label, street, city, region, postalCode, country } = card.addresses[at] ?? {};
    return [label, street, city, region, postalCode, country];
  };
  return [
    card.firstName,
    card.lastName,
    card.middleName,
    card.prefix,
    card.organization,
    card.role,
    ...labelled(card.phones, Math.max(counts.phones, 1)),
    ...labelled(card.emails, counts.emails),
    ...Array.from({ length: counts.addresses }, (_, at) => address(at)).flat(),
    card.birthday,
    card.notes,
  ].map((cell) => (cell === undefined || cell === '' ? null : cell));
}

/** @returns whether the last card has no end */
async function* readCards(
  lines: TextLines,
  onCard: OnCard,
  onBadRow: OnBadRow,
): AsyncGenerator<SourceProgress, boolean> {
  const reader = new CardReader(onCard, onBadRow);
  for await (const { text, line, bytes } of lines) {
    for (const [at, each] of text.entries()) reader.add(each, line + at);
    yield { bytes, line: line + text.length - 1 };
  }
  return reader.finish();
}

/** Puts the lines of a file together to cards; what is in none is a bad row. */
class CardReader {
  readonly #onCard: OnCard;
  readonly #onBadRow: OnBadRow;
  #raw: string[] = [];
  #size = 0;
  #begin = 0;
  #depth = 0;
  #properties: VcardLine[] = [];
  readonly #open = new OpenProperty();
  #isBase64 = false;

  constructor(onCard: OnCard, onBadRow: OnBadRow) {
    this.#onCard = onCard;
    this.#onBadRow = onBadRow;
  }

  add(text: string, line: number): void {
    const isBegin = /^BEGIN:VCARD\s*$/i.test(text);
    if (isBegin && this.#depth > 0 && !this.#isAgent()) this.#refuse('has no END:VCARD');
    if (this.#depth === 0 && !isBegin) {
      if (text.trim() !== '') this.#onBadRow(text, line, 'is in no vCard');
      return;
    }
    if (this.#depth === 0) {
      [this.#raw, this.#properties, this.#size, this.#begin] = [[], [], 0, line];
    }
    if (isBegin) this.#depth++;
    // Pictures are not kept.
    if (!this.#isBase64 && (this.#size += text.length) <= LONGEST_CARD) this.#raw.push(text);
    this.#addProperty(text);
    if (!/^END:VCARD\s*$/i.test(text)) return;
    this.#depth--;
    if (this.#depth === 0) this.#onCard(this.#properties, this.#begin);
  }

  /** @returns whether a card has no end */
  finish(): boolean {
    const isCut = this.#depth > 0;
    if (isCut) this.#refuse('has no END:VCARD');
    return isCut;
  }

  /** A card within a card, as vCard 2.1 has it for somebody's assistant. */
  #isAgent(): boolean {
    return /^(?:\w+\.)?AGENT\b[^:]*:\s*$/i.test(this.#open.text());
  }

  #refuse(reason: string): void {
    this.#onBadRow(this.#raw.join('\n'), this.#begin, reason);
    this.#depth = 0;
    this.#open.begin('');
    this.#isBase64 = false;
  }

  #addProperty(text: string): void {
    const isFolded = /^[ \t]/.test(text);
    if (isFolded || this.#open.goesOn) {
      if (!this.#isBase64 && this.#size <= LONGEST_CARD) this.#open.add(isFolded ? text.slice(1) : text);
      return;
    }
    const property = this.#depth > 1 ? undefined : readVcardLine(this.#open.text());
    if (property !== undefined) this.#properties.push(property);
    this.#isBase64 = /^[^:]*;(?:ENCODING=)?(?:B|BASE64)(?:[;:])|^(?:PHOTO|LOGO|SOUND|KEY)[;:]/i.test(text);
    this.#open.begin(this.#isBase64 ? '' : text);
  }
}

/** A property whose next line may go on with it. In pieces: a text that grows by each line would be copied for each. */
class OpenProperty {
  /** The last piece ends with a soft line break. */
  goesOn = false;
  #pieces: string[] = [];
  #hasColon = false;
  #hasSoftBreaks = false;

  begin(text: string): void {
    [this.#pieces, this.#hasColon, this.#hasSoftBreaks, this.goesOn] = [[], false, false, false];
    this.add(text);
  }

  add(piece: string): void {
    if (this.goesOn) this.#pieces.push(this.#pieces.pop()?.slice(0, -1) ?? '');
    this.#pieces.push(piece);
    if (!this.#hasColon && piece.includes(':')) {
      this.#hasColon = true;
      this.#hasSoftBreaks = hasSoftBreaks(this.text());
    }
    this.goesOn = this.#hasSoftBreaks && piece.endsWith('=');
  }

  text(): string {
    return this.#pieces.join('');
  }
}
