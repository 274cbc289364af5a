import type { AuditFound } from '../../../core/audit-reader.ts';
import { escapeFormulas } from '../../../files/formulas.ts';

const HEAD = ['time', 'user', 'address', 'endpoint', 'what', 'leads', 'about'];

/** Records as a file for a spreadsheet, which must not take a text for a formula. Where some are missing, its last line says so. */
export function writeAuditCsv({ rows, older, isCut }: AuditFound): string {
  const missing = [
    ...(older > 0 ? [`incomplete: ${older} older records are not in this file`] : []),
    ...(isCut ? ['incomplete: not all records could be read in time'] : []),
  ];
  const lines = [
    ...rows.map(({ at, user, address, endpoint, what, leads, about }) => [
      ...[at, user, address, endpoint, what, leads.join(' '), about],
    ]),
    ...missing.map((sentence) => ['', '', '', '', sentence, '', '']),
  ].map((cells) => cells.map(cellOf).join(','));
  return `\uFEFF${[HEAD.join(','), ...lines].join('\r\n')}\r\n`;
}

function cellOf(text: string): string {
  return `"${escapeFormulas(text).replaceAll('"', '""')}"`;
}
