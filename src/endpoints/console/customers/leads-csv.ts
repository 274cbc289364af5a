import { createExportTable } from '../../../files/export-table.ts';
import { writeCsv } from '../../../files/write-csv.ts';
import type { ExportedLeads } from '../../../service/customers.ts';

/** Some leads as `export --for-spreadsheet` writes all: an import reads them back, and a spreadsheet runs nothing of them. */
export async function writeLeadsCsv({ leads, lists }: ExportedLeads): Promise<string> {
  const table = await createExportTable({
    lists: () => lists,
    leads: () => leads,
    countLeads: () => leads.length,
    hasFurtherNumbers: () => leads.some(({ further = [] }) => further.length > 0),
  });
  const lines: string[] = [];
  for await (const line of writeCsv(table, true)) lines.push(line);
  return lines.join('');
}
