import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ImportResult, ImportRun } from '../core/lead-archive.ts';
import { LeadFileFault } from './csv.ts';
import type { ColumnPlan } from './header.ts';
import { readLeadFile } from './read-lead-file.ts';
import type { Rejects } from './rejects.ts';
import { type Cells, type RowOptions, RowReader } from './row.ts';
import type { LeadTable } from './survey.ts';

/** Between two batches, so that a waiting writer gets its turn. */
const PAUSE_MS = 40;

export interface LeadFile {
  readonly handle: FileHandle;
  /** For messages. */
  readonly name: string;
  readonly table: LeadTable;
  readonly plan: ColumnPlan;
}

/** What became of the rows. */
export interface ImportTally {
  added: number;
  updated: number;
  unchanged: number;
  rejected: number;
  /** The last line that was read. */
  line: number;
}

export interface ImportWatch {
  readonly signal: AbortSignal;
  /** Called after each piece of the file. */
  readonly onProgress: (bytes: number, rows: number) => void;
}

/**
 * Imports a file, batch by batch. When it fails, the rows before the failure are kept.
 *
 * @param tally what is durable, counted up batch by batch
 * @returns true when all was read; false when the signal stopped it after a whole batch
 * @throws {LeadFileFault} the file cannot be read further, its rejects cannot be written, or a list that its header names
 *   cannot have the custom fields
 */
export async function importLeadFile(
  source: LeadFile,
  options: RowOptions,
  run: ImportRun,
  rejects: Rejects,
  tally: ImportTally,
  watch: ImportWatch,
): Promise<boolean> {
  const { handle, name, table, plan } = source;
  const reader = new RowReader(plan, options);
  const prepareList = createListPreparation(run, name, plan);
  const batch = new Batch(run, rejects, (cells, line) => {
    const row = reader.read(cells);
    if (typeof row === 'string') return { rejected: row };
    const fault = prepareList(row.listId, cells);
    return fault === undefined ? run.write(row, line) : { rejected: fault };
  });
  try {
    for await (const { bytes, line } of readLeadFile(handle, name, table, batch.take)) {
      batch.line = line;
      watch.onProgress(bytes, batch.rowsOf(tally));
      const stopped = watch.signal.aborted && bytes < table.size;
      if (!stopped && !run.isBatchFull()) continue;
      batch.commit(tally);
      if (stopped) return false;
      await sleep(PAUSE_MS);
    }
  } catch (cause) {
    batch.rescue(tally);
    throw cause;
  }
  batch.commit(tally);
  return true;
}

/** The rows between two commits. */
class Batch {
  line = 0;
  readonly #run: ImportRun;
  readonly #rejects: Rejects;
  readonly #write: (cells: Cells, line: number) => ImportResult;
  #counts = { added: 0, updated: 0, unchanged: 0, rejected: 0 };

  constructor(run: ImportRun, rejects: Rejects, write: (cells: Cells, line: number) => ImportResult) {
    this.#run = run;
    this.#rejects = rejects;
    this.#write = write;
  }

  /** One row of the file. */
  readonly take = (cells: Cells, line: number): void => {
    const result = this.#write(cells, line);
    if (typeof result === 'string') {
      this.#counts[result]++;
      return;
    }
    this.#rejects.add(cells, line, result.rejected);
    this.#counts.rejected++;
  };

  /** Rows of this batch and of those before it. */
  rowsOf(before: ImportTally): number {
    return rowCount(before) + rowCount(this.#counts);
  }

  commit(tally: ImportTally): void {
    // Leads first: rows whose rejection is lost are rejected again by the next run, lost leads would be lost.
    this.#run.commitBatch();
    tally.added += this.#counts.added;
    tally.updated += this.#counts.updated;
    tally.unchanged += this.#counts.unchanged;
    tally.rejected += this.#counts.rejected;
    tally.line = this.line;
    this.#counts = { added: 0, updated: 0, unchanged: 0, rejected: 0 };
    this.#rejects.flush();
  }

  /** After a failure: keeps the rows before it, where the store can still do that. */
  rescue(tally: ImportTally): void {
    try {
      this.commit(tally);
    } catch {
      // The first failure says what is wrong; the store has taken the batch back.
    }
  }
}

function rowCount({ added, updated, unchanged, rejected }: Omit<ImportTally, 'line'>): number {
  return added + updated + unchanged + rejected;
}

/**
 * Makes the lists of a file's rows, each once, with their name and custom fields; those that the header names at once.
 *
 * @returns prepares the list of one row, whose name is that of the list's first row that has one, and returns why the list
 *   cannot take rows of this file
 * @throws {LeadFileFault} a list that the header names cannot have its fields
 */
function createListPreparation(run: ImportRun, file: string, { custom, others }: ColumnPlan) {
  const prepared = new Map<number, { readonly fault: string | undefined; readonly isNamed: boolean }>();
  const fieldsOf = (listId: number) =>
    custom.filter(({ lists }) => lists === undefined || lists.has(listId)).map(({ field }) => field);

  for (const listId of new Set(custom.flatMap(({ lists }) => [...(lists ?? [])]))) {
    const fault = run.prepareList(listId, undefined, fieldsOf(listId));
    if (fault !== undefined) throw new LeadFileFault(`${file}: ${fault}`);
  }

  return (listId: number, cells: Cells): string | undefined => {
    const known = prepared.get(listId);
    if (known !== undefined && (known.isNamed || others.list_name === undefined)) return known.fault;
    const name = others.list_name === undefined ? null : (cells[others.list_name] ?? null);
    if (known !== undefined && name === null) return known.fault;
    const fault = run.prepareList(listId, name ?? undefined, fieldsOf(listId));
    prepared.set(listId, { fault, isNamed: name !== null });
    return fault;
  };
}
