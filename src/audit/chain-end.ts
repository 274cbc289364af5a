import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { dayOf, type ChainFile } from './chain-files.ts';
import { NOTHING_BEFORE, readRecord, type ReadRecord } from './seal.ts';

/** Longer than a few records: the last one is found at the first look. */
const TAIL_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Where a chain stands, so that somebody can go on with it. */
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
  /** What stands after the last record of a file and is none: a write that was cut short. By the file's number. */
  readonly torn: Readonly<Record<string, number>>;
}

/** As the files tell it. */
export interface FoundChainEnd extends ChainEnd {
  /** The last record's time; undefined: there is no record. */
  readonly at: string | undefined;
}

const NO_CHAIN: FoundChainEnd = {
  number: 0,
  day: 0,
  size: 0,
  seq: 0,
  hash: NOTHING_BEFORE,
  at: undefined,
  torn: {},
};

/**
 * Reads where a chain stands, from its last bytes.
 *
 * @throws what the file system says
 */
export function readChainEnd(folder: string, files: readonly ChainFile[]): FoundChainEnd {
  const last = files.at(-1);
  if (last === undefined) return NO_CHAIN;
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
  const { seq, hash, at } = found ?? NO_CHAIN;
  return { number: last.number, day: dayOf(Date.parse(last.day)), size: size ?? 0, seq, hash, at, torn };
}

interface FileEnd {
  readonly size: number;
  readonly record: ReadRecord | undefined;
  /** Bytes after that record. */
  readonly rest: number;
}

function readFileEnd(path: string): FileEnd {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    // A power cut may leave more than one look shows; then the whole file is looked at.
    return (
      lastRecordOf(descriptor, size, Math.max(0, size - TAIL_BYTES)) ??
      lastRecordOf(descriptor, size, 0) ?? { size, record: undefined, rest: size }
    );
  } finally {
    closeSync(descriptor);
  }
}

/** @param from where to begin to read; a line that began before it is not seen */
function lastRecordOf(descriptor: number, size: number, from: number): FileEnd | undefined {
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
