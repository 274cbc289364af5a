import { createReadStream } from 'node:fs';

/** Larger pieces are slower here, and need more memory: each becomes hundreds of lines at once. */
const PIECE_BYTES = 128 * 1024;

/** Some lines of a file, without their newlines. */
export interface Lines {
  readonly lines: readonly string[];
  /** Of the file, with what was read before. */
  readonly bytes: number;
  /** Bytes after the last newline of the file; 0 before its end. */
  readonly rest: number;
}

/**
 * Reads a file of the audit piece by piece. Bytes that are no ASCII, which no record has, come as they are.
 *
 * @throws what the file system says
 */
export async function* readLines(path: string): AsyncGenerator<Lines> {
  let begun = '';
  let bytes = 0;
  for await (const piece of createReadStream(path, { encoding: 'latin1', highWaterMark: PIECE_BYTES })) {
    const lines = (begun + String(piece)).split('\n');
    bytes += String(piece).length;
    begun = lines.pop() ?? '';
    yield { lines, bytes, rest: 0 };
  }
  yield { lines: [], bytes, rest: begun.length };
}
