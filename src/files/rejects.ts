import { closeSync, openSync, readSync, unlinkSync, writeFileSync } from 'node:fs';

import { messageOf } from '../core/problem.ts';
import { csvLine, LeadFileFault } from './csv.ts';
import { normaliseName, REJECT_COLUMNS } from './file-field.ts';
import { ESCAPED_COLUMN, escapeFormulas } from './formulas.ts';
import { type FileKind, kindOf, openNewFile } from './new-file.ts';
import type { LeadSource } from './lead-source.ts';
import type { Cells } from './cells.ts';
import { findLayout } from './survey.ts';

/** How many earlier files of rejects are looked past. */
const MAX_NUMBER = 10_000;

const FLUSH_CHARACTERS = 64 * 1024;

export type Rejects = ReturnType<typeof createRejects>;

/**
 * The file of the rows that were not taken: their cells as they were, then the line and the reason. UTF-8 with a
 * byte order mark and CRLF, so that Excel shows it rightly, and nothing in it that Excel would run (`escapeFormulas`);
 * corrected, it can be imported itself. It is made new, with the first row.
 *
 * @param isNumbered whether `customers.rejects.csv` may become `customers.2.rejects.csv`, where there is one of an earlier
 *   import
 */
export function createRejects(
  wanted: string,
  isNumbered: boolean,
  { header, delimiter: original }: Pick<LeadSource, 'header' | 'delimiter'>,
) {
  const own: readonly string[] = [...REJECT_COLUMNS, ESCAPED_COLUMN];
  /** The columns that are written: all but those of an earlier file of ours. */
  const kept = [...header.keys()].filter((at) => !own.includes(normaliseName(header[at] ?? '')));
  const names = kept.map((at) => (header[at] === '' ? null : (header[at] ?? null)));
  const delimiter = delimiterFor(escaped([...names, ...REJECT_COLUMNS]), original);
  let path = wanted;
  let file: number | undefined;
  let text = '';
  let first: { readonly line: number; readonly reason: string } | undefined;

  function addLine(cells: Cells): void {
    text += `${csvLine(escaped(cells), delimiter)}\r\n`;
  }

  function create(): number {
    const [descriptor, name] = orRefuse(wanted, () => makeRejects(wanted, isNumbered));
    path = name;
    text = '\uFEFF';
    addLine([...names, ...REJECT_COLUMNS]);
    return descriptor;
  }

  /** Writes what was added, together with the batch in which it was found. */
  function flush(): void {
    if (file === undefined || text === '') return;
    const descriptor = file;
    orRefuse(path, () => writeFileSync(descriptor, text));
    text = '';
  }

  return {
    /** Where the rows are, once there is one. */
    path: () => path,
    /** The first row that was rejected, for people who look at the terminal alone; undefined: none was. */
    first: () => first,
    /**
     * @param cells cells beyond the header's come after the reason, so that none is lost
     * @throws {LeadFileFault} the file cannot be written
     */
    add(cells: Cells, line: number, reason: string): void {
      first ??= { line, reason };
      file ??= create();
      addLine([...kept.map((at) => cells[at] ?? null), String(line), reason, ...cells.slice(header.length)]);
      if (text.length >= FLUSH_CHARACTERS) flush();
    },
    flush,
    close(): void {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** @throws {Error} another file, or whatever is no file, has the name */
function makeRejects(wanted: string, isNumbered: boolean): readonly [descriptor: number, path: string] {
  for (let number = 1; number <= MAX_NUMBER; number++) {
    const path = number === 1 ? wanted : wanted.replace(/\.rejects\.csv$/, `.${number}$&`);
    const descriptor = openNewFile(path);
    if (descriptor !== undefined) return [descriptor, path];
    const kind = kindOf(path);
    if (!isNumbered || kind !== 'file') throw new Error(whyNotTaken(kind));
  }
  throw new Error('too many files of rejects are there');
}

const HEAD_BYTES = 64 * 1024;

/**
 * Takes away the rejects that an earlier import of the same file left, once nothing of it is rejected any more.
 *
 * @returns false where there is no such file, or one that is not by its columns a file of rejects
 * @throws what the file system says
 */
export function removeOldRejects(path: string): boolean {
  if (kindOf(path) !== 'file') return false;
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r');
  let length: number;
  try {
    length = readSync(file, head);
  } finally {
    closeSync(file);
  }
  const text = head.toString('utf8', 0, length).replace(/^\uFEFF/, '');
  const names = findLayout(text, length < HEAD_BYTES).header.map(normaliseName);
  if (!REJECT_COLUMNS.every((column) => names.includes(column))) return false;
  unlinkSync(path);
  return true;
}

/** Why rejected rows are not written to what has the name: a clause that completes "…rejects.csv …". */
export function whyNotTaken(kind: FileKind | undefined): string {
  return kind === 'file' ? 'exists already' : `is a ${kind ?? 'file'} that exists already`;
}

function escaped(cells: Cells): Cells {
  return cells.map((cell) => (cell === null ? null : escapeFormulas(cell)));
}

/** The file's own delimiter where an import finds it by the header; one that only a line `sep=` names is not found. */
function delimiterFor(header: Cells, original: string): string {
  const isFound = (delimiter: string) => findLayout(csvLine(header, delimiter)).delimiter === delimiter;
  return [original, ',', ';', '\t', '|'].find(isFound) ?? original;
}

function orRefuse<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new LeadFileFault(
      `rejected rows cannot be written to ${path} (${messageOf(cause)}); name another file with --rejects FILE`,
      { cause },
    );
  }
}
