import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ImportResult, ImportRun } from '../core/lead-archive.ts';
import type { CustomField } from '../core/lead.ts';
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
  readonly sheet: LeadTable;
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
 * @throws {LeadFileFault} the file cannot be read further, or its rejects cannot be written
 */
export async function importLeadFile(
  source: LeadFile,
  options: RowOptions,
  run: ImportRun,
  rejects: Rejects,
  tally: ImportTally,
  watch: ImportWatch,
): Promise<boolean> {
  const { handle, name, sheet, plan } = source;
  const lists = new ListPreparation(run, plan);
  const fault = lists.prepareNamed();
  if (fault !== undefined) throw new LeadFileFault(`${name}: ${fault}`);
  const batch = new Batch(new RowReader(plan, options), lists, run, rejects);
  try {
    for await (const { bytes, line } of readLeadFile(handle, name, sheet, batch.take)) {
      batch.line = line;
      watch.onProgress(bytes, batch.rowsOf(tally));
      const stopped = watch.signal.aborted && bytes < sheet.size;
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
  readonly #reader: RowReader;
  readonly #lists: ListPreparation;
  readonly #run: ImportRun;
  readonly #rejects: Rejects;
  #counts = { added: 0, updated: 0, unchanged: 0, rejected: 0 };

  constructor(reader: RowReader, lists: ListPreparation, run: ImportRun, rejects: Rejects) {
    this.#reader = reader;
    this.#lists = lists;
    this.#run = run;
    this.#rejects = rejects;
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

  #write(cells: Cells, line: number): ImportResult {
    const row = this.#reader.read(cells);
    if (typeof row === 'string') return { rejected: row };
    const fault = this.#lists.prepare(row.listId, cells);
    return fault === undefined ? this.#run.write(row, line) : { rejected: fault };
  }
}

function rowCount({ added, updated, unchanged, rejected }: Omit<ImportTally, 'line'>): number {
  return added + updated + unchanged + rejected;
}

interface PreparedList {
  readonly fault: string | undefined;
  readonly named: boolean;
}

/** Makes the lists of a file's rows, each once, with their name and custom fields. */
export class ListPreparation {
  readonly #run: ImportRun;
  readonly #plan: ColumnPlan;
  readonly #lists = new Map<number, PreparedList>();

  constructor(run: ImportRun, plan: ColumnPlan) {
    this.#run = run;
    this.#plan = plan;
  }

  /** The lists that the header itself names. @returns why one of them cannot have its fields */
  prepareNamed(): string | undefined {
    const named = new Set(this.#plan.custom.flatMap(({ lists }) => [...(lists ?? [])]));
    for (const listId of named) {
      const fault = this.#run.prepareList(listId, undefined, this.#fieldsOf(listId));
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /**
   * The list of one row; its name is that of the list's first row that has one.
   *
   * @returns why the list cannot take rows of this file
   */
  prepare(listId: number, cells: Cells): string | undefined {
    const known = this.#lists.get(listId);
    const nameAt = this.#plan.others.list_name;
    if (known !== undefined && (known.named || nameAt === undefined)) return known.fault;
    const name = nameAt === undefined ? null : (cells[nameAt] ?? null);
    if (known !== undefined && name === null) return known.fault;
    const fault = this.#run.prepareList(listId, name ?? undefined, this.#fieldsOf(listId));
    this.#lists.set(listId, { fault, named: name !== null });
    return fault;
  }

  #fieldsOf(listId: number): readonly CustomField[] {
    return this.#plan.custom
      .filter(({ lists }) => lists === undefined || lists.has(listId))
      .map(({ field }) => field);
  }
}
