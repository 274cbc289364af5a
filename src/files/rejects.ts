import { closeSync, constants, fchmodSync, openSync, writeFileSync } from 'node:fs';

import { messageOf } from '../core/problem.ts';
import { csvLine, LeadFileFault } from './csv.ts';
import { normaliseName, REJECT_COLUMNS } from './file-field.ts';
import type { Cells } from './row.ts';
import type { LeadTable } from './survey.ts';

const WRITE_OWN_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

const FLUSH_CHARACTERS = 64 * 1024;

/**
 * The file of the rows that were not taken: their cells as they were, then the line and the reason. UTF-8 with a
 * byte order mark and CRLF, so that Excel shows it rightly; corrected, it can be imported itself.
 */
export class Rejects {
  readonly path: string;
  /** How many rows were rejected. */
  count = 0;
  /** The first one, for people who look at the terminal alone. */
  first: { readonly line: number; readonly reason: string } | undefined;
  readonly #table: LeadTable;
  /** The columns that are written: all but those of an earlier rejects file. */
  readonly #kept: readonly number[];
  #file: number | undefined;
  #text = '';

  constructor(path: string, table: LeadTable) {
    this.path = path;
    this.#table = table;
    const own: readonly string[] = REJECT_COLUMNS;
    this.#kept = [...table.header.keys()].filter(
      (at) => !own.includes(normaliseName(table.header[at] ?? '')),
    );
  }

  /**
   * @param cells cells beyond the header's come after the reason, so that none is lost
   * @throws {LeadFileFault} the file cannot be written
   */
  add(cells: Cells, line: number, reason: string): void {
    this.count++;
    this.first ??= { line, reason };
    this.#file ??= this.#create();
    const kept = this.#kept.map((at) => cells[at] ?? null);
    this.#addLine([...kept, line, reason, ...cells.slice(this.#table.header.length)]);
    if (this.#text.length >= FLUSH_CHARACTERS) this.flush();
  }

  /** Writes what was added, together with the batch in which it was found. */
  flush(): void {
    if (this.#file === undefined || this.#text === '') return;
    try {
      writeFileSync(this.#file, this.#text);
    } catch (cause) {
      throw this.#fault(cause);
    }
    this.#text = '';
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #create(): number {
    let file: number;
    try {
      // Customers' data: not through a link, and for this user alone, also where the file existed.
      file = openSync(this.path, WRITE_OWN_FILE, 0o600);
      fchmodSync(file, 0o600);
    } catch (cause) {
      throw this.#fault(cause);
    }
    this.#text = '\uFEFF';
    this.#addLine([
      ...this.#kept.map((at) => (this.#table.header[at] === '' ? null : (this.#table.header[at] ?? null))),
      ...REJECT_COLUMNS,
    ]);
    return file;
  }

  #addLine(cells: readonly (string | number | null)[]): void {
    this.#text += `${csvLine(cells, this.#table.delimiter)}\r\n`;
  }

  #fault(cause: unknown): LeadFileFault {
    return new LeadFileFault(
      `rejected rows cannot be written to ${this.path} (${messageOf(cause)}); name another file with --rejects FILE`,
      { cause },
    );
  }
}
