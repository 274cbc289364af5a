import type { ErasureReceipt } from '../core/person-documents.ts';
import { type ErasedRows, NO_LEAD } from '../core/person-store.ts';
import { printable } from '../process/terminal.ts';

const ROW_NAMES: Readonly<Record<keyof ErasedRows, string>> = {
  leads: 'leads',
  numbers: 'numbers',
  notes: 'notes',
  changes: 'changes',
  externalIds: 'external ids',
  idempotencyKeys: 'keys of repeated requests',
  dailyReads: 'reads of the day',
  calls: 'calls',
  importNames: 'names of imported files',
};

/** For a person. */
export function writeReceipt({
  domain,
  at,
  by,
  leadIds,
  removed,
  files,
  remains,
  digest,
}: ErasureReceipt): string {
  const names = Object.keys(ROW_NAMES) as (keyof ErasedRows)[];
  const counts = names
    .filter((name) => removed[name] > 0)
    .map((name) => `${removed[name]} ${ROW_NAMES[name]}`);
  const leads = leadIds.filter((leadId) => leadId !== NO_LEAD).map((leadId) => `lead ${leadId}`);
  const where = domain === null ? '' : ` in ${domain}`;
  const lines = [
    `erased${where}: ${leads.join(', ') || 'calls of a number that no lead has'}`,
    `at ${at} by ${by}`,
    `removed: ${counts.join(', ') || 'nothing was left'}`,
    files.areClean
      ? `files: ${files.done.join('; ')}`
      : `files: NOT CLEAN: ${files.left.join('; ')}; run this command again`,
    ...files.deleted.map((file) => `deleted: ${file}`),
    ...remains.map((sentence) => `remains: ${sentence}`),
    `digest: ${digest}`,
  ];
  return lines.map(printable).join('\n');
}
