import type { FileHandle } from 'node:fs/promises';

import { createDecoder, readByteOrderMark, Utf8Check, type Encoding } from './encoding.ts';
import { findLayout, splitHeader } from './delimiter.ts';
import { LeadFileFault } from './lead-file-fault.ts';
import { TextFeatures } from './text-features.ts';

/** What one look through a file found out about it. */
export interface LeadSheet {
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
): Promise<LeadSheet> {
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
  return {
    size,
    encoding,
    delimiter: layout.delimiter,
    start,
    linesBefore: layout.sepLineLength > 0 ? 1 : 0,
    header: readHeader(textOf(head.subarray(start), encoding), layout.delimiter, name),
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
  // One NUL in a cell is a value like any other; in the first line it tells that this is no text.
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
