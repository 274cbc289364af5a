import { isOpen } from './column-dates.ts';
import { type FileContent, isBlank } from './column-samples.ts';
import { LeadFileFault } from './csv.ts';
import { fieldNamed } from './file-field.ts';
import { type Cells, hasLongValue, type OnRow } from './cells.ts';
import type { LeadSource } from './lead-source.ts';

/** So many of the first rows are looked at whole. */
const SAMPLES = 2_000;
/** Not more rows are read: a column that is empty so far is then taken for one that is not, which loses nothing. */
const MOST_ROWS = 100_000;
/** Later rows that answer a question are kept, too; not more of them. */
const MOST_SAMPLES = 2 * SAMPLES;
/** Characters of all rows that are looked at whole: as few as they are, they must not fill the memory. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

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
  let [count, characters] = [0, 0];
  const hasEnough = () => samples.length >= SAMPLES || characters >= MOST_CHARACTERS;
  const onRow: OnRow = (cells) => {
    count++;
    const isFew = !hasEnough();
    let answers = isFew;
    for (const at of empty) {
      if (isBlank(cells[at])) continue;
      empty.delete(at);
      answers = true;
    }
    if (isFew) for (const [at, cell] of cells.entries()) if (!isBlank(cell)) withValues.add(at);
    // Such a row is rejected, or its value left out.
    if (hasLongValue(cells)) return;
    answers ||= open.some((at) => !isOpen([cells[at]?.trim() ?? '', OPEN_DATE]));
    if (!answers || samples.length >= MOST_SAMPLES || characters >= 2 * MOST_CHARACTERS) return;
    samples.push(cells);
    for (const cell of cells) characters += 1 + (cell?.length ?? 0);
  };
  const openDates = () =>
    [...header.keys()].filter((at) => isOpen(samples.map((cells) => cells[at]?.trim() ?? '')));
  let isWhole = true;
  try {
    const pieces = rows(onRow, () => undefined);
    while ((await pieces.next()).done !== true) {
      signal?.throwIfAborted();
      if (!hasEnough()) continue;
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
  const mayHaveValues = isWhole && !hasEnough() ? withValues : columnsBut(header, empty);
  return { samples, columnsWithValues: mayHaveValues };
}

/** A date of which nobody knows which number is the day. */
const OPEN_DATE = '1/2/2000';

function columnsBut(header: readonly string[], empty: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...header.keys()].filter((at) => !empty.has(at)));
}
