import { closeSync, constants, fchmodSync, openSync, writeFileSync } from 'node:fs';

import { messageOf } from '../core/problem.ts';
import { csvLine, LeadFileFault } from './csv.ts';
import { normaliseName, REJECT_COLUMNS } from './file-field.ts';
import { ESCAPED_COLUMN, escapeFormulas } from './formulas.ts';
import type { Cells } from './row.ts';
import { findLayout, type LeadTable } from './survey.ts';

const WRITE_OWN_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

const FLUSH_CHARACTERS = 64 * 1024;

export type Rejects = ReturnType<typeof createRejects>;

/**
 * The file of the rows that were not taken: their cells as they were, then the line and the reason. UTF-8 with a
 * byte order mark and CRLF, so that Excel shows it rightly, and nothing in it that Excel would run (`escapeFormulas`);
 * corrected, it can be imported itself.
 */
export function createRejects(path: string, { header, delimiter: original }: LeadTable) {
  const own: readonly string[] = [...REJECT_COLUMNS, ESCAPED_COLUMN];
  /** The columns that are written: all but those of an earlier file of ours. */
  const kept = [...header.keys()].filter((at) => !own.includes(normaliseName(header[at] ?? '')));
  const names = kept.map((at) => (header[at] === '' ? null : (header[at] ?? null)));
  const delimiter = delimiterFor(escaped([...names, ...REJECT_COLUMNS]), original);
  let file: number | undefined;
  let text = '';
  let first: { readonly line: number; readonly reason: string } | undefined;

  function addLine(cells: Cells): void {
    text += `${csvLine(escaped(cells), delimiter)}\r\n`;
  }

  function create(): number {
    const created = orRefuse(path, () => {
      // Customers' data: not through a link, and for this user alone, also where the file existed.
      const descriptor = openSync(path, WRITE_OWN_FILE, 0o600);
      fchmodSync(descriptor, 0o600);
      return descriptor;
    });
    text = '\uFEFF';
    addLine([...names, ...REJECT_COLUMNS]);
    return created;
  }

  /** Writes what was added, together with the batch in which it was found. */
  function flush(): void {
    if (file === undefined || text === '') return;
    const descriptor = file;
    orRefuse(path, () => writeFileSync(descriptor, text));
    text = '';
  }

  return {
    path,
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
