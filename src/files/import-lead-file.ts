import { setTimeout as sleep } from 'node:timers/promises';

import type { ImportResult, ImportRun } from '../core/lead-archive.ts';
import { LeadFileFault } from './csv.ts';
import type { ColumnPlan } from './header.ts';
import type { LeadSource, OnBadRow } from './lead-source.ts';
import type { Rejects } from './rejects.ts';
import type { Cells, OnRow } from './cells.ts';
import { type RowOptions, RowReader } from './row.ts';
import type { RowWarning } from './row-warning.ts';

/** Between two batches, so that a waiting writer, who tries every 5 ms, gets its turn. */
const PAUSE_MS = 15;

export interface PlannedSource {
  readonly source: LeadSource;
  readonly plan: ColumnPlan;
}

/** What became of the rows. */
export interface ImportTally {
  added: number;
  updated: number;
  unchanged: number;
  rejected: number;
  /** Leads that were no longer in the file. */
  removed: number;
  /** The last line that was read. */
  line: number;
}

export interface ImportWatch {
  readonly signal: AbortSignal;
  /** Called after each piece of the file. */
  readonly onProgress: (bytes: number, rows: number) => void;
  /** Called for a row that is taken, but not with all that it has; the array is the next row's then. */
  readonly onWarnings: (line: number, warnings: readonly RowWarning[]) => void;
}

/**
 * Imports a file, batch by batch. When it fails, the rows before the failure are kept.
 *
 * @param tally what is durable, counted up batch by batch
 * @returns whether all was read, or the signal stopped it after a whole batch; and the lists that rows named
 * @throws {LeadFileFault} the file cannot be read further, its rejects cannot be written, or a list that its header names
 *   cannot have the custom fields
 */
export async function importLeadFile(
  { source, plan }: PlannedSource,
  options: RowOptions,
  run: ImportRun,
  rejects: Rejects,
  tally: ImportTally,
  watch: ImportWatch,
): Promise<{ readonly isDone: boolean; readonly lists: ReadonlySet<number> }> {
  const reader = new RowReader(plan, options);
  const lists = new Set<number>();
  const prepareList = createListPreparation(run, source.name, plan);
  const batch = createBatch(run, rejects, tally, watch.onWarnings);
  const write = (cells: Cells, line: number): ImportResult | undefined => {
    const row = reader.read(cells);
    if (typeof row === 'string') return { rejected: row };
    const fault = prepareList(row.listId, cells);
    if (fault !== undefined) return { rejected: fault };
    lists.add(row.listId);
    return run.write(row, line);
  };
  const onRow: OnRow = (cells, line) => batch.count(write(cells, line), cells, line, reader.warnings);
  const onBadRow: OnBadRow = (raw, line, reason) => batch.count({ rejected: reason }, [raw], line, []);
  let lastLine = 0;
  try {
    for await (const { bytes, line } of source.rows(onRow, onBadRow)) {
      lastLine = line;
      watch.onProgress(bytes, batch.rows());
      const stopped = watch.signal.aborted && bytes < source.size;
      if (!stopped && !run.isBatchFull()) continue;
      await batch.commit(line);
      if (stopped) return { isDone: false, lists };
      await sleep(PAUSE_MS);
    }
  } catch (cause) {
    try {
      await batch.commit(lastLine);
    } catch {
      // The first failure says what is wrong; the store has taken the batch back.
    }
    throw cause;
  }
  await batch.commit(lastLine);
  return { isDone: true, lists };
}

const NO_ROWS = { added: 0, updated: 0, unchanged: 0, rejected: 0 };

/** A row whose result is not known before its batch is committed. */
interface WaitingRow {
  readonly result: ImportResult | undefined;
  readonly cells: Cells;
  readonly line: number;
  readonly warnings: readonly RowWarning[];
}

/** The rows between two commits. */
function createBatch(
  run: ImportRun,
  rejects: Rejects,
  tally: ImportTally,
  onWarnings: ImportWatch['onWarnings'],
) {
  let counts = { ...NO_ROWS };
  /** The first whose result is not known, and those behind it: rejects are in the order of their lines. */
  let waiting: WaitingRow[] = [];

  function settle(result: ImportResult, cells: Cells, line: number, warnings: readonly RowWarning[]): void {
    if (typeof result !== 'string') rejects.add(cells, line, result.rejected);
    else if (warnings.length > 0) onWarnings(line, warnings);
    counts[typeof result === 'string' ? result : 'rejected'] += 1;
  }

  return {
    /** Rows of this batch and of those before it. */
    rows: () => rowCount(tally) + rowCount(counts) + waiting.length,
    /** @param warnings of a row that may be taken; the array is the next row's then */
    count(
      result: ImportResult | undefined,
      cells: Cells,
      line: number,
      warnings: readonly RowWarning[],
    ): void {
      if (result !== undefined && waiting.length === 0) settle(result, cells, line, warnings);
      else waiting.push({ result, cells, line, warnings: warnings.length === 0 ? warnings : [...warnings] });
    },
    /** @param line the last one that was read */
    async commit(line: number): Promise<void> {
      // Leads first: rows whose rejection is lost are rejected again by the next run, lost leads would be lost.
      const results = (await run.commitBatch()).values();
      for (const row of waiting) {
        const result = row.result ?? results.next().value;
        if (result === undefined) throw new Error(`nothing is known of the row of line ${row.line}`);
        settle(result, row.cells, row.line, row.warnings);
      }
      waiting = [];
      tally.added += counts.added;
      tally.updated += counts.updated;
      tally.unchanged += counts.unchanged;
      tally.rejected += counts.rejected;
      tally.line = line;
      counts = { ...NO_ROWS };
      rejects.flush();
    },
  };
}

/** How many rows of the file were counted. */
export function rowCount({
  added,
  updated,
  unchanged,
  rejected,
}: Omit<ImportTally, 'line' | 'removed'>): number {
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
