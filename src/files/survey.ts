import type { FileHandle } from 'node:fs/promises';

import { parse } from 'csv-parse/sync';

import { createDecoder, type Encoding, readByteOrderMark, Utf8Check } from './encoding.ts';
import { LeadFileFault } from './csv.ts';
import { hasEscapedFormulas, unescapeFormulas } from './formulas.ts';

/** What one look through a file found out about it. */
export interface LeadTable {
  readonly size: number;
  readonly encoding: Encoding;
  readonly delimiter: string;
  /** The byte at which the header line begins. */
  readonly start: number;
  /** Lines before `start` (Excel's `sep=;`). */
  readonly linesBefore: number;
  /** As written, in the file's order. */
  readonly header: readonly string[];
  readonly lineEnds: readonly string[];
  /** Its cells are as `escapeFormulas` writes them; the header here is as it was before. */
  readonly hasEscapedFormulas: boolean;
  /** The file may have cells `""`: an empty string, where an empty cell is nothing. */
  readonly hasQuotedEmpty: boolean;
}

const PIECE_BYTES = 256 * 1024;

/**
 * Looks through a whole file once: only then is it known whether it is UTF-8.
 *
 * @param name the file's name, for messages
 * @throws {LeadFileFault} the file is no text with a header line
 */
export async function surveyLeadFile(
  file: FileHandle,
  name: string,
  signal?: AbortSignal,
): Promise<LeadTable> {
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(size, PIECE_BYTES));
  await file.read(head, 0, head.length, 0);
  refuseOtherFormats(head, name);
  const mark = readByteOrderMark(head);
  const markBytes = mark?.bytes ?? 0;
  // Everything that a layout is made of is ASCII: the same in UTF-8 and Windows-1252.
  const layout = findLayout(textOf(head.subarray(markBytes), mark?.encoding ?? 'windows-1252'));
  const features = new TextFeatures(layout.delimiter);
  const encoding = await readThrough(file, mark?.encoding, features, signal);
  const unit = encoding.startsWith('utf-16') ? 2 : 1;
  const start = markBytes + layout.sepLineLength * unit;
  const header = readHeader(textOf(head.subarray(start), encoding), layout.delimiter, name);
  const isEscaped = hasEscapedFormulas(header);
  return {
    size,
    encoding,
    delimiter: layout.delimiter,
    start,
    linesBefore: layout.sepLineLength > 0 ? 1 : 0,
    header: isEscaped ? header.map(unescapeFormulas) : header,
    hasEscapedFormulas: isEscaped,
    lineEnds: features.lineEnds(),
    hasQuotedEmpty: features.hasQuotedEmpty,
  };
}

function textOf(head: Buffer, encoding: Encoding): string {
  return createDecoder(encoding)(head, false).toString('utf8');
}

async function readThrough(
  file: FileHandle,
  marked: Encoding | undefined,
  features: TextFeatures,
  signal: AbortSignal | undefined,
): Promise<Encoding> {
  const check = marked === undefined ? new Utf8Check() : undefined;
  const decode = createDecoder(marked ?? 'utf-8');
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const bytes = piece.subarray(0, bytesRead);
    check?.add(bytes);
    features.add(decode(bytes, false));
  }
  features.finish();
  return marked ?? (check?.finish() === true ? 'utf-8' : 'windows-1252');
}

function refuseOtherFormats(head: Buffer, name: string): void {
  if (head.length === 0) throw new LeadFileFault(`${name} is empty`);
  const signature = head.toString('latin1', 0, 4);
  if (signature === 'PK\x03\x04' || signature === '\xd0\xcf\x11\xe0') {
    throw new LeadFileFault(
      `${name} is an Excel workbook; save it as "CSV UTF-8" in Excel and import that file`,
    );
  }
  // One NUL in a cell is a value like any other; in the first line it means that this is no text.
  const lineEnd = head.indexOf('\n');
  const firstLine = lineEnd < 0 ? head : head.subarray(0, lineEnd);
  if (readByteOrderMark(head) === undefined && firstLine.includes(0)) {
    throw new LeadFileFault(`${name} is not a text file; save it as "CSV UTF-8" and import that file`);
  }
}

function readHeader(head: string, delimiter: string, name: string): readonly string[] {
  const header = splitHeader(head, delimiter);
  if (header === undefined) {
    throw new LeadFileFault(
      `${name}: a quote (") in the header line is never closed; correct it and import again`,
    );
  }
  if (header.every((cell) => cell.trim() === '')) {
    throw new LeadFileFault(`${name} has no header line; its first line must name the columns`);
  }
  return header;
}

/** Asked in this order when two split the header into as many cells. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * Finds the delimiter: the one that the file names, else the one that makes most cells of the header.
 *
 * @returns with it how many characters a first line `sep=;` takes: Excel's way to name the delimiter
 */
export function findLayout(head: string): { readonly delimiter: string; readonly sepLineLength: number } {
  const sepLine = /^"?sep=([^\r\n"])"?[,;\t]*(?:\r\n|\n|\r)/i.exec(head);
  if (sepLine?.[1] !== undefined) return { delimiter: sepLine[1], sepLineLength: sepLine[0].length };
  const counts = DELIMITERS.map((delimiter) => splitHeader(head, delimiter)?.length ?? 0);
  const best = counts.indexOf(Math.max(...counts));
  return { delimiter: DELIMITERS[best] ?? ',', sepLineLength: 0 };
}

/**
 * The cells of the first line that is not empty.
 *
 * @returns undefined when it has no end that makes sense: a quote is never closed
 */
export function splitHeader(head: string, delimiter: string): readonly string[] | undefined {
  try {
    const options = {
      delimiter,
      to: 1,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
    };
    const [header] = parse(head, options);
    return header ?? [];
  } catch {
    return undefined;
  }
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** How much of a piece is looked at again with the next one: a `""` with both its neighbours. */
const OVERLAP = 3;

/** Finds, piece by piece in UTF-8, what decides how a file must be parsed. */
export class TextFeatures {
  /** A cell `""` was seen; also where it only looks like one, inside a quoted cell. */
  hasQuotedEmpty = false;
  #hasCrLf = false;
  #hasLoneLf = false;
  #tail: Buffer = Buffer.from('\n');
  readonly #edges: ReadonlySet<number>;

  constructor(delimiter: string) {
    this.#edges = new Set([...Buffer.from(delimiter), LF, CR]);
  }

  add(piece: Buffer): void {
    const seam = Buffer.concat([this.#tail, piece.subarray(0, OVERLAP)]);
    this.#look(seam);
    this.#look(piece);
    const all = piece.length >= OVERLAP ? piece : seam;
    this.#tail = Buffer.from(all.subarray(Math.max(0, all.length - OVERLAP)));
  }

  /** After the last piece: the file's end ends a cell too. */
  finish(): void {
    const [before, ...last] = this.#tail;
    this.hasQuotedEmpty ||= this.#isEdge(before) && last.every((byte) => byte === QUOTE);
  }

  /** One way to end lines, or two where a file mixes them. Old Macs' lone CR counts only where nothing else does. */
  lineEnds(): readonly string[] {
    if (this.#hasCrLf) return this.#hasLoneLf ? ['\r\n', '\n'] : ['\r\n'];
    return this.#hasLoneLf ? ['\n'] : ['\r'];
  }

  #look(bytes: Buffer): void {
    this.#hasCrLf ||= bytes.includes('\r\n');
    for (let at = bytes.indexOf(LF, 1); !this.#hasLoneLf && at > 0; at = bytes.indexOf(LF, at + 1)) {
      this.#hasLoneLf = bytes[at - 1] !== CR;
    }
    for (let at = bytes.indexOf('""'); !this.hasQuotedEmpty && at >= 0; at = bytes.indexOf('""', at + 1)) {
      this.hasQuotedEmpty = this.#isEdge(bytes[at - 1]) && this.#isEdge(bytes[at + 2]);
    }
  }

  #isEdge(byte: number | undefined): boolean {
    return byte !== undefined && byte !== QUOTE && this.#edges.has(byte);
  }
}
