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

import { ownLikeFolder, syncFolder } from '../files/folders.ts';
import { type ChainEnd, nameOfFile } from './chain-files.ts';
import { dayOf, fieldsOf, seal } from './record.ts';

export interface ChainWriterOptions {
  readonly folder: string;
  readonly chain: number;
  /** Where the chain ends. */
  readonly end: ChainEnd;
  /** Whether the last file may be appended to, if it is not full or of another day. */
  readonly mayAppend: boolean;
  /** A file of this size is followed by another. */
  readonly maxBytes: number;
  /** Whether new files must survive a power cut. */
  readonly isSynced: boolean;
  /** Notified of a file that begins and of where the chain ended before. */
  readonly onNewFile: (path: string, before: ChainEnd) => void;
  /** Lets others write the chain. */
  readonly unlock: () => void;
}

type OpenFile = ReturnType<typeof openFile>;

const syncData = promisify(fdatasync);

/** The only writer of one chain. After an error it is of no more use: a new one goes on from the files. */
export class ChainWriter {
  readonly #options: ChainWriterOptions;
  #end: ChainEnd;
  #file: OpenFile | undefined;

  /** @throws what the file system says */
  constructor(options: ChainWriterOptions) {
    const { folder, chain, end, mayAppend } = options;
    this.#options = options;
    this.#end = end;
    if (mayAppend) this.#file = openFile(join(folder, nameOfFile(chain, end.number, end.day)), 'a');
  }

  get chain(): number {
    return this.#options.chain;
  }

  get end(): ChainEnd {
    return this.#end;
  }

  /**
   * Writes records with one system call; the system has them then.
   *
   * @param records the fields of each
   * @param at the wall clock's time
   * @throws what the file system says; then none of them is written, as far as that could be undone
   */
  write(records: readonly string[], at: number): void {
    // Another day may be an earlier one, where the clock was set back.
    if (this.#file === undefined || this.#end.size >= this.#options.maxBytes || dayOf(at) !== this.#end.day) {
      this.#beginFile(records, at);
      return;
    }
    const { text, seq, hash } = sealAll(this.#end, records);
    this.#append(this.#file, text, { ...this.#end, seq, hash });
  }

  /** Resolves when what was written is on the disk. */
  sync(): Promise<void> {
    return this.#file === undefined ? Promise.resolve() : syncData(this.#file.descriptor);
  }

  /** Whether the file still has its name and size: records written to a removed file would be lost in silence. */
  isIntact(): boolean {
    if (this.#file === undefined) return true;
    const found = statSync(this.#file.path, { throwIfNoEntry: false });
    return found?.ino === this.#file.inode && found.size === this.#end.size;
  }

  /** Closes the file and lets others write the chain. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
    this.#options.unlock();
  }

  #append({ descriptor }: OpenFile, text: string, next: ChainEnd): void {
    writeAll(descriptor, text, next.size);
    this.#end = { ...next, size: next.size + text.length };
  }

  #beginFile(records: readonly string[], at: number): void {
    const { folder, chain, isSynced, onNewFile } = this.#options;
    const before = this.#end;
    const [number, day] = [before.number + 1, dayOf(at)];
    const { hash: previous, torn } = before;
    const header = fieldsOf(at, { kind: 'file', format: 1, chain, number, previous, torn });
    const { text, seq, hash } = sealAll(before, [header, ...records]);
    const file = openFile(join(folder, nameOfFile(chain, number, day)), 'ax');
    try {
      ownLikeFolder(file.descriptor, folder);
      this.#append(file, text, { number, day, size: 0, seq, hash, torn: {} });
      if (isSynced) syncFolder(folder);
    } catch (cause) {
      this.#end = before;
      closeSync(file.descriptor);
      unlinkSync(file.path);
      throw cause;
    }
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = file;
    onNewFile(file.path, before);
  }
}

function openFile(path: string, flags: 'a' | 'ax') {
  const descriptor = openSync(path, flags, 0o600);
  return { path, descriptor, inode: fstatSync(descriptor).ino };
}

function sealAll(end: ChainEnd, records: readonly string[]): { text: string; seq: number; hash: string } {
  let { seq, hash } = end;
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
 * Writes all of the text or, as far as that is possible, nothing.
 *
 * @param text ASCII
 * @param size of the file
 */
function writeAll(descriptor: number, text: string, size: number): void {
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
      // The next writer finds the torn record and reports it.
    }
    throw cause;
  }
}
