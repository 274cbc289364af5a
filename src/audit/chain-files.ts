import {
  closeSync,
  createReadStream,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

import { DAY_MS, dayOf, NO_HASH, readRecord, type ReadRecord, type TornBytes } from './record.ts';

/** One file of a chain. */
export interface ChainFile {
  readonly name: string;
  /** The UTC day on which its records were written, by the clock of then. */
  readonly day: string;
  readonly chain: number;
  /** Files of a chain are numbered from 1 without gaps. */
  readonly number: number;
}

const NAME = /^audit-(\d{4}-\d\d-\d\d)-c(\d{1,4})-(\d{6,12})\.jsonl$/;

/** `audit-2026-11-25-c1-000001.jsonl`: the day first, for people who look for one or archive old ones. */
export function nameOfFile(chain: number, number: number, day: number): string {
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  return `audit-${date}-c${chain}-${String(number).padStart(6, '0')}.jsonl`;
}

/**
 * The files of a folder by chain, each chain's in order.
 *
 * @throws what the file system says
 */
export function listChains(folder: string): ReadonlyMap<number, readonly ChainFile[]> {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => isFile(folder, entry))
    .flatMap(({ name }) => {
      const [, day, chain, number] = NAME.exec(name) ?? [];
      return day === undefined ? [] : [{ name, day, chain: Number(chain), number: Number(number) }];
    })
    .sort((one, other) => one.chain - other.chain || one.number - other.number);
  return Map.groupBy(files, ({ chain }) => chain);
}

/** Links to files count; pipes, which would block their reader, do not. */
function isFile(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isFile() === true;
}

/** Larger pieces are slower, and need more memory: each becomes hundreds of lines at once. */
const PIECE_BYTES = 128 * 1024;

/**
 * Reads a file piece by piece. Bytes that are not ASCII, which no record has, are kept as they are.
 *
 * @yields some lines, without their newlines; the bytes of the file that were read so far; and how many of them come
 *   after the file's last newline, 0 before its end
 * @throws what the file system says
 */
export async function* readLines(path: string) {
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

/** Where a chain ends, so that a writer can go on with it. */
export interface ChainEnd {
  /** The number of the last file; 0: there is none. */
  readonly number: number;
  /** The day of the last file, as `dayOf` counts. */
  readonly day: number;
  /** Bytes of the last file. */
  readonly size: number;
  /** The last record, and its hash. */
  readonly seq: number;
  readonly hash: string;
  /** The last record's time, where the chain was read. */
  readonly at?: string | undefined;
  readonly torn: TornBytes;
}

/** Longer than a few records, so that the first read finds the last one. */
const TAIL_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads where a chain ends, from its last bytes.
 *
 * @throws what the file system says
 */
export function readChainEnd(folder: string, files: readonly ChainFile[]): ChainEnd {
  const torn: Record<string, number> = {};
  let size: number | undefined;
  let found: ReadRecord | undefined;
  for (const file of files.toReversed()) {
    const end = readFileEnd(join(folder, file.name));
    size ??= end.size;
    found = end.record;
    if (end.rest > 0 || found === undefined) torn[file.number] = end.rest;
    if (found !== undefined) break;
  }
  const { number = 0, day: date } = files.at(-1) ?? {};
  const day = date === undefined ? 0 : dayOf(Date.parse(date));
  const { seq = 0, hash = NO_HASH, at } = found ?? {};
  return { number, day, size: size ?? 0, seq, hash, at, torn };
}

/** The last record of a file, and how many bytes come after it. */
function readFileEnd(path: string) {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    // A power cut may leave more than the tail unreadable; then the whole file is read.
    return (
      lastRecordOf(descriptor, size, Math.max(0, size - TAIL_BYTES)) ??
      lastRecordOf(descriptor, size, 0) ?? { size, record: undefined, rest: size }
    );
  } finally {
    closeSync(descriptor);
  }
}

/** @param from where to begin to read; a line that began before is ignored */
function lastRecordOf(descriptor: number, size: number, from: number) {
  const bytes = Buffer.alloc(size - from);
  const tail = bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, from));
  let end = tail.lastIndexOf(NEWLINE);
  while (end >= 0) {
    const begin = end === 0 ? 0 : tail.lastIndexOf(NEWLINE, end - 1) + 1;
    const record = readRecord(tail.toString('latin1', begin, end));
    if (record !== undefined) return { size, record, rest: size - from - end - 1 };
    end = begin - 1;
  }
  return undefined;
}
