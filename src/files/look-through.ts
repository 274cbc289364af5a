import { isOpen } from './column-dates.ts';
import { type FileContent, isBlank } from './column-samples.ts';
import { LeadFileFault } from './csv.ts';
import { fieldNamed } from './file-field.ts';
import type { Cells, OnRow } from './cells.ts';
import type { LeadSource } from './lead-source.ts';

/** So many of the first rows are looked at whole. */
const SAMPLES = 2_000;
/** Not more rows are read: a column that is empty so far is then taken for one that is not, which loses nothing. */
const MOST_ROWS = 100_000;
/** Later rows that answer a question are kept, too; not more of them. */
const MOST_SAMPLES = 2 * SAMPLES;

/**
 * Looks at a file's rows before its columns are planned: at the first ones, and at further ones only as long as a question
 * is open that they can answer: whether a column that nobody knows holds anything, and which number of a date is the day.
 */
export async function lookThrough(
  { header, rows }: Pick<LeadSource, 'header' | 'rows'>,
  signal?: AbortSignal,
): Promise<FileContent> {
  const samples: Cells[] = [];
  const withValues = new Set<number>();
  /** Columns whose emptiness matters, and which are empty so far. */
  const empty = new Set([...header.keys()].filter((at) => fieldNamed(header[at] ?? '') === undefined));
  let open: readonly number[] = [];
  let count = 0;
  const onRow: OnRow = (cells) => {
    count++;
    let answers = samples.length < SAMPLES;
    for (const at of empty) {
      if (isBlank(cells[at])) continue;
      empty.delete(at);
      answers = true;
    }
    answers ||= open.some((at) => !isOpen([cells[at]?.trim() ?? '', OPEN_DATE]));
    if (!answers || samples.length >= MOST_SAMPLES) return;
    samples.push(cells);
    for (const [at, cell] of cells.entries()) if (!isBlank(cell)) withValues.add(at);
  };
  const openDates = () =>
    [...header.keys()].filter((at) => isOpen(samples.map((cells) => cells[at]?.trim() ?? '')));
  let isWhole = true;
  try {
    const pieces = rows(onRow, () => undefined);
    while ((await pieces.next()).done !== true) {
      signal?.throwIfAborted();
      if (samples.length < SAMPLES) continue;
      open = openDates();
      if ((empty.size > 0 || open.length > 0) && count < MOST_ROWS) continue;
      if (count >= MOST_ROWS) empty.clear();
      isWhole = false;
      await pieces.return(undefined);
      break;
    }
  } catch (cause) {
    // The import meets it again, after the rows before it.
    if (!(cause instanceof LeadFileFault)) throw cause;
  }
  const mayHaveValues = isWhole && samples.length < SAMPLES ? withValues : columnsBut(header, empty);
  return { samples, columnsWithValues: mayHaveValues };
}

/** A date of which nobody knows which number is the day. */
const OPEN_DATE = '1/2/2000';

function columnsBut(header: readonly string[], empty: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...header.keys()].filter((at) => !empty.has(at)));
}
