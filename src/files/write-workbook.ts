import { LeadFileFault } from './csv.ts';
import type { ExportCell, ExportTable } from './export-table.ts';
import { countLoss, gather, type Losses } from './file-pieces.ts';
import { columnName, escapeXstring } from './sheet-cells.ts';
import { ZipWriter } from './zip-writer.ts';

/** What a sheet has room for in Excel. */
const MAX_ROWS = 1_048_576;
const MAX_COLUMNS = 16_384;
const LONGEST_CELL = 32_767;

const TOO_LONG = 'longer than the 32,767 characters that a cell has in Excel (import reads them whole)';

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** The parts of every workbook; style 1 is text (`@`), which a spreadsheet never computes. */
const PARTS: readonly (readonly [name: string, xml: string])[] = [
  [
    '[Content_Types].xml',
    `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
      `<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/>` +
      `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPES}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPES}.styles+xml"/></Types>`,
  ],
  [
    '_rels/.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  ],
  [
    'xl/workbook.xml',
    `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Leads" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ],
  [
    'xl/_rels/workbook.xml.rels',
    `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>` +
      `<Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
  ],
  [
    'xl/styles.xml',
    `<styleSheet xmlns="${MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
      '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
      '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
      '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
      '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
      '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>',
  ],
];

/**
 * Leads as an Excel workbook of one sheet (ECMA-376). Every cell is text: nothing is computed, and no digit is lost.
 *
 * @param losses counts values that Excel cannot show whole
 * @throws {LeadFileFault} a sheet has no room for all of it
 */
export async function* writeWorkbook(table: ExportTable, losses: Losses): AsyncGenerator<Buffer> {
  const leads = await table.countLeads();
  if (leads >= MAX_ROWS || table.header.length > MAX_COLUMNS) throw tooLarge(`${leads} leads`);
  const zip = new ZipWriter();
  try {
    for (const [name, xml] of PARTS) yield* zip.add(name, [XML + xml]);
    yield* zip.add('xl/worksheets/sheet1.xml', gather(sheetXml(table, losses)));
    yield zip.end();
  } catch (cause) {
    throw cause instanceof RangeError ? tooLarge('4 GB') : cause;
  }
}

function tooLarge(what: string): LeadFileFault {
  return new LeadFileFault(
    `a workbook has no room for ${what} with so many columns; say --format csv or jsonl`,
  );
}

async function* sheetXml({ header, rows }: ExportTable, losses: Losses): AsyncGenerator<string> {
  const columns = [...header.keys()].map(columnName);
  yield `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`;
  yield `<cols><col min="1" max="${columns.length}" width="16" style="1" customWidth="1"/></cols><sheetData>`;
  let row = 1;
  yield rowXml(header, columns, row);
  for await (const cells of rows()) {
    for (const cell of cells) {
      if (typeof cell === 'string' && cell.length > LONGEST_CELL) countLoss(losses, TOO_LONG);
    }
    // Leads may come while they are written.
    if (++row > MAX_ROWS) throw tooLarge(`${row} rows`);
    yield rowXml(cells, columns, row);
  }
  // Numbers that are kept as text need no warning in each cell.
  yield `</sheetData><ignoredErrors><ignoredError sqref="A1:${columns.at(-1) ?? 'A'}${row}" numberStoredAsText="1"/></ignoredErrors></worksheet>`;
}

function rowXml(cells: readonly ExportCell[], columns: readonly string[], row: number): string {
  let xml = `<row r="${row}">`;
  for (const [at, cell] of cells.entries()) {
    if (cell === null) continue;
    const text = typeof cell === 'number' ? String(cell) : escapeXml(cell);
    xml += `<c r="${columns[at] ?? ''}${row}" s="1" t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
  }
  return `${xml}</row>`;
}

const XML_SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escapeXml(text: string): string {
  return escapeXstring(text).replace(/[&<>]/g, (sign) => XML_SIGNS[sign] ?? sign);
}
