import { hash } from 'node:crypto';

import type { CleanedFiles, ErasedRows } from '../core/person-store.ts';
import { printable } from '../process/terminal.ts';

/** What an erasure did, and what it could not reach. It has no field of a lead but ids. */
export interface ErasureReceipt {
  readonly erasureReceipt: 1;
  readonly domain: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `local:` and the account of the machine. */
  readonly by: string;
  readonly leadIds: readonly number[];
  readonly removed: ErasedRows;
  readonly files: {
    /** Nothing of it is left in the store's file and its log. */
    readonly areClean: boolean;
    readonly deleted: readonly string[];
    /** Why they are not clean: clauses. */
    readonly left: readonly string[];
  };
  /** What remains, and where: sentences for whoever must go there. */
  readonly remains: readonly string[];
  /** SHA-256 (hexadecimal) of this object as JSON without `digest`. It is in the audit, too. */
  readonly digest: string;
}

/** @param files what came of the store's files */
export function receiptOf(
  facts: Pick<ErasureReceipt, 'domain' | 'at' | 'by' | 'leadIds' | 'removed' | 'remains'>,
  { deleted, left }: CleanedFiles,
): ErasureReceipt {
  const { domain, at, by, leadIds, removed, remains } = facts;
  const files = { areClean: left.length === 0, deleted, left };
  const receipt = { erasureReceipt: 1, domain, at, by, leadIds, removed, files, remains } as const;
  return { ...receipt, digest: hash('sha256', JSON.stringify(receipt), 'hex') };
}

const ROW_NAMES: Readonly<Record<keyof ErasedRows, string>> = {
  leads: 'leads',
  numbers: 'numbers',
  notes: 'notes',
  changes: 'changes',
  externalIds: 'external ids',
  idempotencyKeys: 'keys of repeated requests',
  dailyReads: 'reads of the day',
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
  const where = domain === null ? '' : ` in ${domain}`;
  const lines = [
    `erased${where}: ${leadIds.map((leadId) => `lead ${leadId}`).join(', ')}`,
    `at ${at} by ${by}`,
    `removed: ${counts.join(', ') || 'nothing was left'}`,
    files.areClean
      ? 'files: the store was written anew, and its log is empty'
      : `files: NOT CLEAN: ${files.left.join('; ')}; run this command again`,
    ...files.deleted.map((file) => `deleted: ${file}`),
    ...remains.map((sentence) => `remains: ${sentence}`),
    `digest: ${digest}`,
  ];
  return lines.map(printable).join('\n');
}
