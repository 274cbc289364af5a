import type { FileHandle } from 'node:fs/promises';

import { type Encoding, readByteOrderMark, Utf8Check } from './encoding.ts';
import type { ImportNotice } from './import-words.ts';

const PIECE_BYTES = 64 * 1024;
/** Characters. A longer line, which no vCard has, is cut into several. */
const LONGEST_LINE = 1_000_000;

/** Lines of a text file without their ends, a piece of the file at a time. */
export type TextLines = AsyncIterable<{
  readonly text: readonly string[];
  /** Of the first of them, counted from 1. */
  readonly line: number;
  readonly bytes: number;
}>;

export interface GuessedEncoding {
  readonly encoding: Encoding;
  readonly notices: readonly ImportNotice[];
}

/** Looks through a whole text file: by its byte order mark, else UTF-8 where all of it is, else Windows-1252. */
export async function guessEncoding(file: FileHandle, signal?: AbortSignal): Promise<GuessedEncoding> {
  const piece = Buffer.alloc(PIECE_BYTES);
  const check = new Utf8Check();
  for (let position = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    const mark = position === 0 ? readByteOrderMark(piece.subarray(0, bytesRead)) : undefined;
    if (mark !== undefined) return { encoding: mark.encoding, notices: [] };
    if (bytesRead === 0) break;
    check.add(piece.subarray(0, bytesRead));
    position += bytesRead;
  }
  if (check.finish()) return { encoding: 'utf-8', notices: [] };
  return { encoding: 'windows-1252', notices: [{ code: 'notUtf8', values: [] }] };
}

/** @returns its lines, ended by LF, CR LF or CR */
export async function* readTextLines(file: FileHandle, encoding: Encoding): TextLines {
  const piece = Buffer.alloc(PIECE_BYTES);
  const decoder = new TextDecoder(encoding);
  let [rest, line, bytes] = ['', 1, 0];
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
    bytes += bytesRead;
    rest += decoder.decode(piece.subarray(0, bytesRead), { stream: bytesRead > 0 });
    // A CR at the end may be the first half of an end.
    const whole = bytesRead > 0 && rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const text = whole.split(/\r\n|\n|\r/);
    const last = bytesRead > 0 && (text.at(-1)?.length ?? 0) <= LONGEST_LINE ? (text.pop() ?? '') : '';
    rest = last + rest.slice(whole.length);
    yield { text, line, bytes };
    line += text.length;
    if (bytesRead === 0) return;
  }
}
