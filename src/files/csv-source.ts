import type { FileHandle } from 'node:fs/promises';

import { unescapeFormulas } from './formulas.ts';
import type { LeadSource, SourceOptions } from './lead-source.ts';
import { readLeadFile } from './read-lead-file.ts';
import type { OnRow } from './cells.ts';
import { surveyLeadFile } from './survey.ts';

/**
 * A text file with a delimiter between its cells: CSV, TSV and their kin.
 *
 * @param handle closed with the source
 * @throws {LeadFileFault} the file is no text with a header line
 */
export async function openCsvSource(
  handle: FileHandle,
  name: string,
  options: SourceOptions,
): Promise<LeadSource> {
  const table = await surveyLeadFile(handle, name, options);
  return {
    name,
    kind: 'csv',
    size: table.size,
    header: table.header,
    headerLine: table.headerLine,
    delimiter: table.shape.dialect.delimiter,
    notices: table.notices,
    rows: (onRow, onBadRow) => {
      const onCells: OnRow = table.hasEscapedFormulas
        ? (cells, line) =>
            onRow(
              cells.map((cell) => cell && unescapeFormulas(cell)),
              line,
            )
        : onRow;
      return readLeadFile(handle, table, onCells, onBadRow);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
