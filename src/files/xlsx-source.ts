import type { FileHandle } from 'node:fs/promises';

import { LeadFileFault } from './csv.ts';
import { isOwnExport } from './own-export.ts';
import { findHeaderRow, type HeadRow, MAX_HEAD_ROWS } from './header-line.ts';
import type { LeadSource, SourceOptions, SourceProgress } from './lead-source.ts';
import type { Cells, OnRow } from './row.ts';
import { readSheetRows } from './sheet-rows.ts';
import { openWorkbook, type Sheet, type Workbook } from './workbook.ts';

/**
 * A sheet of an Excel workbook: the one that is asked for, else the first one that has rows.
 *
 * @param handle closed with the source
 * @throws {LeadFileFault} it is no workbook that can be read, or has no such sheet
 */
export async function openXlsxSource(
  handle: FileHandle,
  name: string,
  { sheet: wanted, headerLine, signal }: SourceOptions,
): Promise<LeadSource> {
  const workbook = await openWorkbook(handle, name);
  const { sheet, rows, others } = await chooseSheet(workbook, name, wanted, signal);
  const at =
    headerLine === undefined ? findHeaderRow(rows) : rows.findIndex(({ line }) => line === headerLine);
  const top = rows[at];
  if (top === undefined) {
    throw new LeadFileFault(
      headerLine === undefined
        ? `${name} has no rows`
        : `${name} has no row ${headerLine} with names of columns near the beginning of its sheet "${sheet.name}"`,
    );
  }
  const header = top.cells.map((cell) => cell ?? '');
  const notices = at > 0 ? [`the header is line ${top.line}`] : [];
  if (others.length > 0) {
    const names = others.map((other) => `"${other.name}"`).join(', ');
    notices.push(`the sheet "${sheet.name}" is read, and not ${names}; choose with --sheet NAME`);
  }
  return {
    name,
    kind: 'xlsx',
    size: sheet.entry.uncompressedSize,
    header,
    headerLine: top.line,
    delimiter: ',',
    notices,
    rows: (onRow) =>
      readBelow(
        workbook,
        sheet,
        top.line,
        header.length,
        isOwnExport(header) ? onRow : withoutEmpty(onRow),
        name,
      ),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** Programs write empty texts where nothing is; only our own export tells the two apart. */
function withoutEmpty(onRow: OnRow): OnRow {
  return (cells, line) =>
    onRow(cells.includes('') ? cells.map((cell) => (cell === '' ? null : cell)) : cells, line);
}

async function* readBelow(
  workbook: Workbook,
  sheet: Sheet,
  headerLine: number,
  columns: number,
  onRow: OnRow,
  name: string,
): AsyncGenerator<SourceProgress> {
  const onCells = (cells: Cells, line: number) => {
    if (line <= headerLine) return;
    // The empty cells at the end of a row are not in the file.
    onRow(
      cells.length >= columns ? cells : [...cells, ...Array<null>(columns - cells.length).fill(null)],
      line,
    );
  };
  try {
    yield* readSheetRows(workbook, sheet, onCells);
  } catch (cause) {
    // Of the zip file and the XML; what the import itself throws keeps its class.
    if (cause instanceof LeadFileFault || (cause as { code?: unknown }).code !== undefined) throw cause;
    throw new LeadFileFault(`${name} is a damaged workbook (${(cause as Error).message})`, { cause });
  }
}

interface Chosen {
  readonly sheet: Sheet;
  /** Its first ones. */
  readonly rows: readonly HeadRow[];
  /** Other sheets that have rows. */
  readonly others: readonly Sheet[];
}

async function chooseSheet(
  workbook: Workbook,
  name: string,
  wanted: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Chosen> {
  const { sheets } = workbook;
  if (wanted !== undefined) {
    const same = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();
    const sheet = sheets.find((each) => same(each.name, wanted)) ?? sheets[Number(wanted) - 1];
    const names = sheets.map((each) => `"${each.name}"`).join(', ');
    if (sheet === undefined) throw new LeadFileFault(`${name} has no sheet "${wanted}", but ${names}`);
    return { sheet, rows: await firstRows(workbook, sheet, name), others: [] };
  }
  let chosen: { readonly sheet: Sheet; readonly rows: readonly HeadRow[] } | undefined;
  const others: Sheet[] = [];
  for (const sheet of [...sheets].sort((a, b) => Number(a.isHidden) - Number(b.isHidden))) {
    signal?.throwIfAborted();
    const rows = await firstRows(workbook, sheet, name);
    // A header alone is no list of leads where another sheet has rows.
    if (chosen === undefined || (chosen.rows.length < 2 && rows.length > 1)) chosen = { sheet, rows };
    else if (rows.length > 1) others.push(sheet);
  }
  if (chosen === undefined || chosen.rows.length === 0)
    throw new LeadFileFault(`${name} has no sheet with rows`);
  return { ...chosen, others };
}

async function firstRows(workbook: Workbook, sheet: Sheet, name: string): Promise<readonly HeadRow[]> {
  const rows: HeadRow[] = [];
  const onRow: OnRow = (cells, line) => {
    if (rows.length < MAX_HEAD_ROWS) rows.push({ cells, line });
  };
  const reading = readBelow(workbook, sheet, 0, 0, withoutEmpty(onRow), name);
  while (rows.length < MAX_HEAD_ROWS && (await reading.next()).done !== true);
  await reading.return(undefined);
  const width = Math.max(0, ...rows.map(({ cells }) => cells.length));
  // As wide as the sheet: a title over all columns is one cell of many.
  return rows.map(({ cells, line }) => ({
    cells: [...cells, ...Array<null>(width - cells.length).fill(null)],
    line,
  }));
}
