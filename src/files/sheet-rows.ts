import type { OnBadRow, SourceProgress } from './lead-source.ts';
import { LONGEST_VALUE, type OnRow } from './cells.ts';
import { cellPlace, dateText, numberText, PLAIN_NUMBER, unescapeXstring } from './sheet-cells.ts';
import { LONGEST_SHEET, type Sheet, type Workbook } from './workbook.ts';
import { readXml } from './xml-events.ts';

/** Excel has 16,384; a file of leads with more than these is none. */
const MAX_COLUMNS = 2_000;
/** Excel has 1,048,576. */
const HIGHEST_ROW = 2 ** 31;
/** Characters; Excel has 32,767. A row with a longer value is rejected. */
const LONGEST_CELL = LONGEST_VALUE + 1;
/** Characters. */
const LONGEST_ROW = 1_000_000;

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
  onBadRow: OnBadRow,
): AsyncGenerator<SourceProgress> {
  const handler = createRowHandler(workbook, onRow, onBadRow);
  const stream = await workbook.zip.read(entry, LONGEST_SHEET);
  try {
    for await (const bytes of readXml(stream, handler)) yield { bytes, line: handler.line() };
  } finally {
    stream.destroy();
  }
}

function createRowHandler(workbook: Workbook, onRow: OnRow, onBadRow: OnBadRow) {
  const row = new SheetRow();
  let line = 0;
  function endRow(): void {
    const { cells, fault } = row;
    if (fault !== undefined) onBadRow(row.text(), line, fault);
    else if (cells.some((value) => value !== null && value.trim() !== '')) onRow(cells, line);
  }
  let isText = false;
  let isPhonetic = false;
  const cell: CellState = { type: 'n', style: 0, column: -1, value: '' };
  return {
    line: () => line,
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === 'c') beginCell(cell, attributes);
      else if (name === 'row') {
        row.begin();
        line = lineOf(attributes.r, line);
        cell.column = -1;
      } else if (name === 'rPh') isPhonetic = true;
      // A formula's own text is in `f`; what it came to, in `v`.
      else isText = name === 'v' || (name === 't' && !isPhonetic);
    },
    text: (piece: string) => {
      if (isText) cell.value += piece.slice(0, LONGEST_CELL - cell.value.length);
    },
    close: (name: string) => {
      isText = false;
      if (name === 'rPh') isPhonetic = false;
      else if (name === 'c') row.put(cell.column, cellText(cell, workbook));
      else if (name === 'row') endRow();
    },
  };
}

function beginCell(cell: CellState, { r, t, s }: Readonly<Record<string, string>>): void {
  cell.column = (r === undefined ? undefined : cellPlace(r)?.column) ?? cell.column + 1;
  cell.type = t ?? 'n';
  cell.style = Number(s ?? 0);
  cell.value = '';
}

/** A row that is not numbered, or not above the one before it, is the next one: it must not be taken for another. */
function lineOf(number: string | undefined, last: number): number {
  const line = Number(number);
  return Number.isInteger(line) && line > last && line <= HIGHEST_ROW ? line : last + 1;
}

/** The cells of a row as they come. */
class SheetRow {
  cells: (string | null)[] = [];
  /** Why it cannot be taken, as a clause. */
  fault: string | undefined;
  #size = 0;

  begin(): void {
    [this.cells, this.fault, this.#size] = [[], undefined, 0];
  }

  put(column: number, value: string | null): void {
    if (value === null || (value === '' && column >= MAX_COLUMNS) || this.#size > LONGEST_ROW) return;
    const { cells } = this;
    this.#size += value.length;
    if (this.#size > LONGEST_ROW)
      this.fault ??= `has more than ${LONGEST_ROW} characters; its beginning is here`;
    else if (column >= MAX_COLUMNS) {
      this.fault ??= `has a cell in column ${column + 1}; at most ${MAX_COLUMNS} columns are read`;
    } else if ((cells[column] ?? null) !== null) this.fault ??= `has two cells in column ${column + 1}`;
    else {
      while (cells.length < column) cells.push(null);
      cells[column] = value;
    }
  }

  /** Its beginning, for the rejects. */
  text(): string {
    return this.cells
      .map((cell) => cell ?? '')
      .join(' ')
      .slice(0, LONGEST_VALUE)
      .trim();
  }
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
