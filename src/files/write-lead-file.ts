import type { LeadArchive } from '../core/lead-archive.ts';
import type { ExportFormat } from './export-formats.ts';
import { createExportTable, type ExportTable } from './export-table.ts';
import { gather, type Losses } from './file-pieces.ts';
import { writeCsv } from './write-csv.ts';
import { writeJsonLines } from './write-json-lines.ts';
import { writeVcards } from './write-vcards.ts';
import { writeWorkbook } from './write-workbook.ts';

export interface WriteOptions {
  readonly format: ExportFormat;
  /** Of CSV: whether a spreadsheet is to open it. */
  readonly forSpreadsheet: boolean;
}

/** A piece of the file, and how many leads were written up to its end. */
export interface FilePiece {
  readonly content: string | Buffer;
  readonly leads: number;
}

/**
 * Writes every lead. Memory does not grow with the store.
 *
 * @param losses what the format cannot hold is counted here
 * @throws {LeadFileFault} the format has no room for so many leads
 */
export async function* writeLeadFile(
  archive: LeadArchive,
  { format, forSpreadsheet }: WriteOptions,
  losses: Losses,
): AsyncGenerator<FilePiece> {
  const all = await createExportTable(archive);
  let leads = 0;
  const counted: ExportTable = {
    ...all,
    async *rows() {
      for await (const cells of all.rows()) {
        leads++;
        yield cells;
      }
    },
  };
  for await (const content of piecesOf(counted, format, forSpreadsheet, losses)) yield { content, leads };
}

function piecesOf(
  table: ExportTable,
  format: ExportFormat,
  forSpreadsheet: boolean,
  losses: Losses,
): AsyncIterable<string | Buffer> {
  switch (format) {
    case 'csv':
      return gather(writeCsv(table, forSpreadsheet));
    case 'jsonl':
      return gather(writeJsonLines(table));
    case 'vcf':
      return gather(writeVcards(table, losses));
    case 'xlsx':
      return writeWorkbook(table, losses);
  }
}
