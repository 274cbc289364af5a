import type { FileHandle } from 'node:fs/promises';

import { createDecoder, swapLineEnds } from './encoding.ts';
import type { OnBadRow, SourceProgress } from './lead-source.ts';
import { PlainRows } from './plain-rows.ts';
import type { OnRow } from './cells.ts';
import type { LeadTable } from './survey.ts';

const PIECE_BYTES = 64 * 1024;
const LEAST_PIECE_BYTES = 4 * 1024;
/** Whose rows take longer than this is followed by a smaller one: between two pieces others get their turn. */
const SLOW_MS = 20;

/**
 * Reads the rows below the header of a text file, a piece of the file at a time.
 *
 * @yields after each piece, when all rows that end in it were handed over: the bytes so far, and the line in which the last
 *   row ends
 */
export async function* readLeadFile(
  file: FileHandle,
  table: LeadTable,
  onRow: OnRow,
  onBadRow: OnBadRow,
): AsyncGenerator<SourceProgress> {
  const { hasCrLines } = table;
  const rows = hasCrLines
    ? new PlainRows(
        table.shape,
        table.linesBefore,
        (cells, line) =>
          onRow(
            cells.map((cell) => (cell === null ? null : swapInValue(cell))),
            line,
          ),
        (raw, line, reason) => onBadRow(swapInValue(raw), line, reason),
      )
    : new PlainRows(table.shape, table.linesBefore, onRow, onBadRow);
  const decode = createDecoder(table.encoding);
  // One for all: the garbage of a new one for each piece came to 100 MB.
  const piece = Buffer.alloc(PIECE_BYTES);
  let size = PIECE_BYTES;
  for (let bytes = table.start; ;) {
    const { bytesRead } = await file.read(piece, 0, size, bytes);
    bytes += bytesRead;
    const began = performance.now();
    const decoded = decode(piece.subarray(0, bytesRead), bytesRead === 0);
    rows.add(hasCrLines ? swapLineEnds(decoded) : decoded);
    if (bytesRead === 0) rows.finish();
    const isSlow = performance.now() - began > SLOW_MS;
    size = isSlow ? Math.max(LEAST_PIECE_BYTES, size / 2) : Math.min(PIECE_BYTES, size * 2);
    yield { bytes, line: rows.endLine };
    if (bytesRead === 0) return;
  }
}

function swapInValue(text: string): string {
  return /[\r\n]/.test(text) ? swapLineEnds(Buffer.from(text)).toString() : text;
}
