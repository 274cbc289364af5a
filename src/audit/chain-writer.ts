import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { headerFields } from './audit-record.ts';
import type { ChainEnd } from './chain-end.ts';
import { dayOf, nameOfDay, nameOfFile } from './chain-files.ts';
import { ownLikeFolder, syncFolder } from './make-folder.ts';
import { seal } from './seal.ts';

/** Writes one chain, as the only one who does. After an error it is of no more use: a new one goes on from the files. */
export interface ChainWriter {
  /** Where the chain stands. */
  readonly end: ChainEnd;
  /**
   * Writes records with one system call; it is in the hands of the system then.
   *
   * @param records the fields of each
   * @param at the wall clock's time
   * @throws what the file system says; then none of them is written, as far as that could be seen to
   */
  write(records: readonly string[], at: number): void;
  /** Resolves when what was written is on the disk. */
  sync(): Promise<void>;
  /** Whether the file is still where it was, and as long: what goes to one that was removed would be lost in silence. */
  isInPlace(): boolean;
  close(): void;
}

export interface ChainWriterOptions {
  readonly folder: string;
  readonly chain: number;
  /** Where the chain stands. */
  readonly from: ChainEnd;
  /** Whether the last file may be gone on with, if it is not full or of another day. */
  readonly mayAppend: boolean;
  /** A file of this size is followed by another. */
  readonly maxBytes: number;
  /** New files are to survive a power cut, too. */
  readonly isSynced: boolean;
  /** Told the names of a file that begins and, where there is one, of the file that ended with it. */
  readonly onNewFile: (name: string, before: ChainEnd) => void;
}

interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
  readonly inode: number;
}

/** @throws what the file system says */
export function createChainWriter(options: ChainWriterOptions): ChainWriter {
  const { folder, chain, maxBytes } = options;
  let end = options.from;
  let file = options.mayAppend ? openFile(pathOf(end), 'a') : undefined;

  function pathOf({ day, number }: Pick<ChainEnd, 'day' | 'number'>): string {
    return join(folder, nameOfFile({ day: nameOfDay(day), chain, number }));
  }

  function writeTo(target: OpenFile, text: string, next: ChainEnd): void {
    put(target.descriptor, text, next.size);
    end = { ...next, size: next.size + text.length };
  }

  function beginFile(records: readonly string[], at: number): void {
    const before = end;
    const [number, day] = [before.number + 1, dayOf(at)];
    const header = headerFields(at, { chain, number, previous: before.hash, torn: before.torn });
    const { text, seq, hash } = sealAll(before, [header, ...records]);
    const path = pathOf({ number, day });
    const begun = openFile(path, 'ax');
    try {
      ownLikeFolder(begun.descriptor, folder);
      writeTo(begun, text, { number, day, size: 0, seq, hash, torn: {} });
      if (options.isSynced) syncFolder(folder);
    } catch (cause) {
      end = before;
      closeSync(begun.descriptor);
      unlinkSync(path);
      throw cause;
    }
    if (file !== undefined) closeSync(file.descriptor);
    file = begun;
    options.onNewFile(path, before);
  }

  return {
    get end() {
      return end;
    },
    write(records, at) {
      // Also where the clock was set back: a file's name says of which day its records are.
      if (file === undefined || end.size >= maxBytes || dayOf(at) !== end.day) {
        beginFile(records, at);
        return;
      }
      const { text, seq, hash } = sealAll(end, records);
      writeTo(file, text, { ...end, seq, hash });
    },
    sync: () => (file === undefined ? Promise.resolve() : syncData(file.descriptor)),
    isInPlace() {
      if (file === undefined) return true;
      const found = statSync(file.path, { throwIfNoEntry: false });
      return found?.ino === file.inode && found.size === end.size;
    },
    close() {
      if (file !== undefined) closeSync(file.descriptor);
      file = undefined;
    },
  };
}

const syncData = promisify(fdatasync);

function openFile(path: string, flags: 'a' | 'ax'): OpenFile {
  const descriptor = openSync(path, flags, 0o600);
  return { path, descriptor, inode: fstatSync(descriptor).ino };
}

function sealAll(from: ChainEnd, records: readonly string[]) {
  let { seq, hash } = from;
  let text = '';
  for (const fields of records) {
    seq += 1;
    const sealed = seal(hash, seq, fields);
    ({ hash } = sealed);
    text += sealed.line;
  }
  return { text, seq, hash };
}

/**
 * All of it or, as far as that is possible, nothing.
 *
 * @param text ASCII
 * @param size of the file
 */
function put(descriptor: number, text: string, size: number): void {
  let rest = text;
  try {
    while (rest.length > 0) {
      const written = writeSync(descriptor, rest, null, 'latin1');
      if (written === 0) throw new Error('the system wrote nothing');
      rest = rest.slice(written);
    }
  } catch (cause) {
    try {
      ftruncateSync(descriptor, size);
    } catch {
      // Then whoever goes on finds what was cut short, and tells of it.
    }
    throw cause;
  }
}
