import type { SourceProgress } from './lead-source.ts';
import type { OnRow } from './row.ts';
import { cellPlace, dateText, numberText, PLAIN_NUMBER, unescapeXstring } from './sheet-cells.ts';
import { LONGEST_SHEET, type Sheet, type Workbook } from './workbook.ts';
import { readXml } from './xml-events.ts';

/** Columns that Excel has. */
const MAX_COLUMNS = 16_384;
/** Characters; Excel has 32,767. */
const LONGEST_CELL = 1_000_000;

interface CellState {
  type: string;
  style: number;
  column: number;
  value: string;
}

/**
 * Reads the rows of a sheet, in which empty rows and the empty cells at the end of a row are not written at all. A cell whose
 * text is empty is an empty string, one without a text is null.
 *
 * @yields after each piece of the sheet
 */
export async function* readSheetRows(
  workbook: Workbook,
  { entry }: Sheet,
  onRow: OnRow,
): AsyncGenerator<SourceProgress> {
  const handler = createRowHandler(workbook, onRow);
  const stream = await workbook.zip.read(entry, LONGEST_SHEET);
  try {
    for await (const bytes of readXml(stream, handler)) yield { bytes, line: handler.line() };
  } finally {
    stream.destroy();
  }
}

function createRowHandler(workbook: Workbook, onRow: OnRow) {
  let cells: (string | null)[] = [];
  let line = 0;
  let isText = false;
  let isPhonetic = false;
  const cell: CellState = { type: 'n', style: 0, column: -1, value: '' };
  return {
    line: () => line,
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === 'c') beginCell(cell, attributes);
      else if (name === 'row') {
        cells = [];
        line = Number(attributes.r ?? line + 1);
        cell.column = -1;
      } else if (name === 'rPh') isPhonetic = true;
      // A formula's own text is in `f`; what it came to, in `v`.
      else isText = name === 'v' || (name === 't' && !isPhonetic);
    },
    text: (piece: string) => {
      if (isText && cell.value.length < LONGEST_CELL) cell.value += piece;
    },
    close: (name: string) => {
      isText = false;
      if (name === 'rPh') isPhonetic = false;
      else if (name === 'c') putCell(cells, cell.column, cellText(cell, workbook));
      else if (name === 'row' && cells.some((value) => value !== null && value.trim() !== ''))
        onRow(cells, line);
    },
  };
}

function beginCell(cell: CellState, { r, t, s }: Readonly<Record<string, string>>): void {
  cell.column = (r === undefined ? undefined : cellPlace(r)?.column) ?? cell.column + 1;
  cell.type = t ?? 'n';
  cell.style = Number(s ?? 0);
  cell.value = '';
}

function putCell(cells: (string | null)[], column: number, value: string | null): void {
  if (value === null || column >= MAX_COLUMNS) return;
  while (cells.length < column) cells.push(null);
  cells[column] = value;
}

function cellText({ type, style, value }: CellState, { strings, formats, is1904 }: Workbook): string | null {
  if (value === '') return type === 'inlineStr' ? '' : null;
  switch (type) {
    case 's':
      return unescapeXstring(strings.get(Number(value)) ?? '');
    case 'inlineStr':
    case 'str':
      return unescapeXstring(value);
    case 'b':
      return value === '1' || value === 'true' ? '1' : '0';
    case 'd':
      return value.replace(/T00:00:00(?:\.0+)?$/, '').replace(/T(\d\d:\d\d:\d\d)(?:\.\d+)?$/, ' $1');
    // What a formula could not work out (#N/A) is no value.
    case 'e':
      return null;
    default: {
      const format = formats[style] ?? PLAIN_NUMBER;
      return format.kind === 'number' ? numberText(value, format) : dateText(value, format.kind, is1904);
    }
  }
}
