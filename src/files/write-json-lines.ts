import type { ExportTable } from './export-table.ts';

/**
 * Leads as JSON lines: an object for each, with the names of the columns. The first one has all of them, so that a reader has
 * their order; in the others what is not stored is left out.
 *
 * @yields lines
 */
export async function* writeJsonLines({ header, rows }: ExportTable): AsyncGenerator<string> {
  let isFirst = true;
  for await (const cells of rows()) {
    const members: string[] = [];
    for (const [at, cell] of cells.entries()) {
      if (cell === null && !isFirst) continue;
      // Put together by hand: in an object, names such as `2024` would move to the beginning.
      members.push(`${JSON.stringify(header[at])}:${JSON.stringify(cell)}`);
    }
    isFirst = false;
    yield `{${members.join(',')}}\n`;
  }
}
