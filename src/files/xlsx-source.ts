import type { FileHandle } from 'node:fs/promises';

import { LeadFileFault } from './csv.ts';
import { isOwnExport } from './own-export.ts';
import { findHeaderRow, type HeadRow, MAX_HEAD_ROWS } from './header-line.ts';
import type { LeadSource, OnBadRow, SourceOptions, SourceProgress } from './lead-source.ts';
import type { Cells, OnRow } from './row.ts';
import { readSheetRows } from './sheet-rows.ts';
import { openWorkbook, type Sheet, type Workbook } from './workbook.ts';
import type { ImportNotice } from './import-words.ts';

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
  const notices: ImportNotice[] = at > 0 ? [{ code: 'headerAt', values: [top.line] }] : [];
  if (others.length > 0) {
    const names = others
      .slice(0, MOST_NAMED)
      .map((other) => `"${other.name}"`)
      .join(', ');
    notices.push({ code: 'otherSheets', values: [sheet.name, names, others.length - MOST_NAMED] });
  }
  return {
    name,
    kind: 'xlsx',
    size: sheet.entry.uncompressedSize,
    header,
    headerLine: top.line,
    delimiter: ',',
    notices,
    rows: (onRow, onBadRow) => {
      const onCells = isOwnExport(header) ? onRow : withoutEmpty(onRow);
      const place = { headerLine: top.line, columns: header.length, name };
      return readBelow(workbook, sheet, place, onCells, onBadRow);
    },
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
  { headerLine, columns, name }: { headerLine: number; columns: number; name: string },
  onRow: OnRow,
  onBadRow: OnBadRow,
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
    yield* readSheetRows(workbook, sheet, onCells, (raw, line, reason) => {
      if (line > headerLine) onBadRow(raw, line, reason);
    });
  } catch (cause) {
    // Of the zip file and the XML; what the import itself throws keeps its class.
    if (cause instanceof LeadFileFault || (cause as { code?: unknown }).code !== undefined) throw cause;
    throw new LeadFileFault(`${name} is a damaged workbook (${(cause as Error).message})`, { cause });
  }
}

/** Bytes of all sheets together that are read to find out which has rows. */
const MOST_LOOKED_THROUGH = 256 * 1024 * 1024;
/** Sheets that a message names. */
const MOST_NAMED = 20;

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
    const names = sheets
      .slice(0, MOST_NAMED)
      .map((each) => `"${each.name}"`)
      .join(', ');
    if (sheet === undefined) throw new LeadFileFault(`${name} has no sheet "${wanted}", but ${names}`);
    return { sheet, rows: await firstRows(workbook, sheet, name, { left: Infinity }, signal), others: [] };
  }
  let chosen: { readonly sheet: Sheet; readonly rows: readonly HeadRow[] } | undefined;
  const others: Sheet[] = [];
  const budget = { left: MOST_LOOKED_THROUGH };
  for (const sheet of [...sheets].sort((a, b) => Number(a.isHidden) - Number(b.isHidden))) {
    const rows = await firstRows(workbook, sheet, name, budget, signal);
    // A header alone is no list of leads where another sheet has rows.
    if (chosen === undefined || (chosen.rows.length < 2 && rows.length > 1)) chosen = { sheet, rows };
    else if (rows.length > 1) others.push(sheet);
  }
  if (chosen === undefined || chosen.rows.length === 0)
    throw new LeadFileFault(`${name} has no sheet with rows`);
  return { ...chosen, others };
}

/** @param budget bytes of all sheets that may be read to find their first rows */
async function firstRows(
  workbook: Workbook,
  sheet: Sheet,
  name: string,
  budget: { left: number },
  signal: AbortSignal | undefined,
): Promise<readonly HeadRow[]> {
  const rows: HeadRow[] = [];
  const onRow: OnRow = (cells, line) => {
    if (rows.length < MAX_HEAD_ROWS) rows.push({ cells, line });
  };
  const reading = readBelow(
    workbook,
    sheet,
    { headerLine: 0, columns: 0, name },
    withoutEmpty(onRow),
    () => undefined,
  );
  let read = 0;
  for await (const { bytes } of reading) {
    signal?.throwIfAborted();
    budget.left -= bytes - read;
    read = bytes;
    if (rows.length >= MAX_HEAD_ROWS) break;
    if (budget.left < 0) {
      const names = workbook.sheets
        .map((each) => `"${each.name}"`)
        .slice(0, MOST_NAMED)
        .join(', ');
      throw new LeadFileFault(
        `${name} has sheets with too much in them before any row; choose one with --sheet NAME: ${names}`,
      );
    }
  }
  const width = Math.max(0, ...rows.map(({ cells }) => cells.length));
  // As wide as the sheet: a title over all columns is one cell of many.
  return rows.map(({ cells, line }) => ({
    cells: [...cells, ...Array<null>(width - cells.length).fill(null)],
    line,
  }));
}
