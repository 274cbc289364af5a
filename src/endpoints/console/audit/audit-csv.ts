import type { AuditRow } from '../../../core/audit-reader.ts';
import { escapeFormulas } from '../../../files/formulas.ts';

const HEAD = ['time', 'user', 'address', 'endpoint', 'what', 'leads', 'about'];

/** Records as a file for a spreadsheet, which must not take a text for a formula. */
export function writeAuditCsv(rows: readonly AuditRow[]): string {
  const lines = rows.map(({ at, user, address, endpoint, what, leads, about }) =>
    [at, user, address, endpoint, what, leads.join(' '), about].map(cellOf).join(','),
  );
  return `\uFEFF${[HEAD.join(','), ...lines].join('\r\n')}\r\n`;
}

function cellOf(text: string): string {
  return `"${escapeFormulas(text).replaceAll('"', '""')}"`;
}
