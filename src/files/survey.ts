import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

import { type RowShape, shapeOf } from './careful-row.ts';
import { LeadFileFault } from './csv.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { createDecoder, type Encoding, readByteOrderMark, swapLineEnds, Utf8Check } from './encoding.ts';
import { normaliseName, REJECT_COLUMNS } from './file-field.ts';
import { ESCAPED_COLUMN, hasEscapedFormulas, unescapeFormulas } from './formulas.ts';
import { countKnown, findHeaderRow, type HeadRecord, splitHead, usualLength } from './header-line.ts';
import type { SourceOptions } from './lead-source.ts';
import { QuotingEvidence } from './quoting-evidence.ts';
import { StrictQuotes } from './strict-quotes.ts';
import { vicidialColumns } from './vicidial-load.ts';
import type { ImportNotice } from './import-words.ts';

/** What one look through a text file found out about it. */
export interface LeadTable {
  readonly size: number;
  readonly encoding: Encoding;
  /** As an old Mac writes lines: only CR ends them. */
  readonly hasCrLines: boolean;
  readonly shape: RowShape;
  /** The byte at which the first row below the header begins. */
  readonly start: number;
  /** Lines before `start`. */
  readonly linesBefore: number;
  /** As written, in the file's order. */
  readonly header: readonly string[];
  /** Where the header line begins; 0: there is none. */
  readonly headerLine: number;
  /** Its cells are as `escapeFormulas` writes them; the header here is as it was before. */
  readonly hasEscapedFormulas: boolean;
  readonly notices: readonly ImportNotice[];
}

const PIECE_BYTES = 256 * 1024;

/**
 * Looks through a whole file once: only then is it known whether it is UTF-8, and how it is quoted.
 *
 * @param name the file's name, for messages
 * @throws {LeadFileFault} the file is no text with a header line
 */
export async function surveyLeadFile(
  file: FileHandle,
  name: string,
  { signal, headerLine }: SourceOptions = {},
): Promise<LeadTable> {
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(size, PIECE_BYTES));
  await file.read(head, 0, head.length, 0);
  refuseBinary(head, name);
  const mark = readByteOrderMark(head);
  const content = head.subarray(mark?.bytes ?? 0);
  const isWhole = head.length === size;
  const guess = textOf(content, mark?.encoding ?? guessOf(content));
  const hasCrLines = endsLinesWithCr(guess);
  const layout = findLayout(hasCrLines ? swapText(guess) : guess, isWhole);
  const found = await readThrough(file, mark?.encoding, layout, signal);
  const text = textOf(content, found.encoding);
  const lines = (hasCrLines ? swapText(text) : text).slice(layout.sepLineLength);
  const records = splitHead(lines, found.dialect, isWhole);
  const sepLines = layout.sepLineLength > 0 ? 1 : 0;
  const top = findTop(records, found.dialect, name, sepLines, headerLine);
  const isEscaped = hasEscapedFormulas(top.header);
  const isMarked = mark !== undefined || found.encoding === 'utf-8';
  return {
    ...top,
    size,
    encoding: found.encoding,
    hasCrLines,
    shape: shapeOf(top.header, found.dialect),
    start: (mark?.bytes ?? 0) + bytesOf(text.slice(0, layout.sepLineLength + top.end), found.encoding),
    header: isEscaped ? top.header.map(unescapeFormulas) : top.header,
    hasEscapedFormulas: isEscaped,
    notices: isMarked ? top.notices : [...top.notices, { code: 'notUtf8', values: [] }],
  };
}

function textOf(bytes: Buffer, encoding: Encoding): string {
  return createDecoder(encoding)(bytes, false).toString('utf8');
}

/** Of the beginning alone, in which a character may be cut off. */
function guessOf(bytes: Buffer): Encoding {
  return [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut))) ? 'utf-8' : 'windows-1252';
}

function bytesOf(text: string, encoding: Encoding): number {
  if (encoding === 'utf-8') return Buffer.byteLength(text);
  return encoding === 'windows-1252' ? text.length : text.length * 2;
}

function swapText(text: string): string {
  return swapLineEnds(Buffer.from(text)).toString();
}

/** Excel for the Mac ends lines with CR, and has LF within cells. */
function endsLinesWithCr(text: string): boolean {
  if (text.includes('\r\n')) return false;
  const count = (sign: string) => text.split(sign).length - 1;
  const outside = text.replace(/"(?:[^"]|"")*"/g, '');
  return /^[^\n]*\r/.test(outside) && count('\r') > count('\n');
}

async function readThrough(
  file: FileHandle,
  marked: Encoding | undefined,
  { delimiter, header, isHeaderQuoted }: Layout,
  signal: AbortSignal | undefined,
): Promise<{ readonly encoding: Encoding; readonly dialect: CsvDialect }> {
  const check = marked === undefined ? new Utf8Check() : undefined;
  const decode = createDecoder(marked ?? 'utf-8');
  const evidence = new QuotingEvidence(delimiter, header.length, isHeaderQuoted || isOwn(header));
  const strict = new StrictQuotes(delimiter);
  const piece = Buffer.alloc(PIECE_BYTES);
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) break;
    const bytes = piece.subarray(0, bytesRead);
    check?.add(bytes);
    const decoded = decode(
      position === 0 ? bytes.subarray(readByteOrderMark(bytes)?.bytes ?? 0) : bytes,
      false,
    );
    evidence.add(decoded);
    strict.add(decoded);
    position += bytesRead;
  }
  const isStrict = strict.finish();
  const dialect = { delimiter, ...evidence.finish(isStrict), isStrict };
  return {
    encoding: marked ?? (check?.finish() === true ? 'utf-8' : 'windows-1252'),
    dialect: isOwn(header) ? { ...dialect, hasEscapes: false } : dialect,
  };
}

/** A file of ours has quotes where they are needed, whatever its delimiter. */
function isOwn(header: readonly string[]): boolean {
  const own: readonly string[] = [...REJECT_COLUMNS, ESCAPED_COLUMN];
  return header.some((name) => own.includes(normaliseName(name)));
}

function refuseBinary(head: Buffer, name: string): void {
  if (head.length === 0) throw new LeadFileFault(`${name} is empty`);
  // One NUL in a cell is a value like any other; in the first line it means that this is no text.
  const lineEnd = head.indexOf('\n');
  const firstLine = lineEnd < 0 ? head : head.subarray(0, lineEnd);
  if (readByteOrderMark(head) === undefined && firstLine.includes(0)) {
    throw new LeadFileFault(`${name} is not a text file; save it as "CSV UTF-8" and import that file`);
  }
}

interface Top {
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly linesBefore: number;
  /** The character at which the rows begin. */
  readonly end: number;
  readonly notices: readonly ImportNotice[];
}

/** Where the names of the columns are, and where the rows begin. */
function findTop(
  records: readonly HeadRecord[],
  { delimiter, hasQuotes }: CsvDialect,
  name: string,
  sepLines: number,
  wanted: number | undefined,
): Top {
  const vicidial = wanted === undefined ? vicidialColumns(records, delimiter) : undefined;
  if (vicidial !== undefined) {
    const notice: ImportNotice = { code: 'vicidialLoad', values: [] };
    return { header: vicidial, headerLine: 0, linesBefore: sepLines, end: 0, notices: [notice] };
  }
  const at =
    wanted === undefined
      ? findHeaderRow(records)
      : records.findIndex(({ line, lastLine }) => line + sepLines <= wanted && wanted <= lastLine + sepLines);
  const record = records[at];
  if (record === undefined && wanted !== undefined) {
    throw new LeadFileFault(`${name} has no line ${wanted} with names of columns near its beginning`);
  }
  if (record === undefined || record.cells.every((cell) => (cell ?? '').trim() === '')) {
    throw new LeadFileFault(`${name} has no header line; its first line must name the columns`);
  }
  if (!record.isProper && hasQuotes) {
    throw new LeadFileFault(
      `${name}: a quote (") in the header line is never closed; correct it and import again`,
    );
  }
  const headerLine = record.line + sepLines;
  return {
    header: record.cells.map((cell) => cell ?? ''),
    headerLine,
    linesBefore: record.lastLine + sepLines,
    end: record.end,
    notices: at > 0 ? [{ code: 'headerAt', values: [headerLine] }] : [],
  };
}

/** Asked in this order when two split the header equally well. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

const QUOTED = { hasQuotes: true, hasEscapes: false, isStrict: false } as const;

export interface Layout {
  readonly delimiter: string;
  /** How many characters a first line `sep=;` takes: Excel's way to name the delimiter. */
  readonly sepLineLength: number;
  /** As it is split with that delimiter. */
  readonly header: readonly string[];
  readonly isHeaderQuoted: boolean;
}

/**
 * Finds the delimiter: the one that the file names, else the one that makes most names of fields in the header, else the one
 * that most rows have equally often.
 */
export function findLayout(head: string, isWhole = true): Layout {
  const sepLine = /^"?sep=([^\r\n"])"?[,;\t]*(?:\r\n|\n|\r)/i.exec(head);
  const sepLineLength = sepLine?.[0].length ?? 0;
  const text = head.slice(sepLineLength);
  const named = sepLine?.[1];
  const layouts = (named === undefined ? DELIMITERS : [named]).map((delimiter) => {
    const records = splitHead(text, { ...QUOTED, delimiter }, isWhole);
    const record = records[findHeaderRow(records)];
    const usual = usualLength(records);
    return {
      layout: {
        delimiter,
        sepLineLength,
        header: record?.cells.map((cell) => cell ?? '') ?? [],
        isHeaderQuoted: record?.raw.startsWith('"') ?? false,
      },
      known: countKnown(record?.cells ?? []),
      regular: records.filter(({ cells }) => cells.length === usual).length * (usual - 1),
    };
  });
  // Equally good ones stay in their order.
  const [best] = layouts.sort((a, b) => b.known - a.known || b.regular - a.regular);
  return best?.layout ?? { delimiter: ',', sepLineLength, header: [], isHeaderQuoted: false };
}
