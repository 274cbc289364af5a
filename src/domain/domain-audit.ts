import { NO_AUDIT } from '../core/audit-trail.ts';
import { AUDIT_LIMITS } from '../audit/audit-limits.ts';
import { FileTrail } from '../audit/file-trail.ts';
import { auditFolderOf } from '../config/audit-folder.ts';
import type { DomainConfig } from '../config/settings.ts';
import { claimFile } from '../stores/open-store.ts';
import type { DomainStoreOptions } from './domain-store.ts';

/** The audit of one domain, which opens and closes while the process runs. */
export type DomainAudit = Pick<
  FileTrail,
  'record' | 'note' | 'open' | 'isOpen' | 'isReady' | 'close' | 'state'
>;

const NOT_FAILING = { isFailing: false, lagMs: 0, unrecorded: 0 } as const;

export function createDomainAudit(
  config: DomainConfig['config'],
  { clock, tell }: Pick<DomainStoreOptions, 'clock' | 'tell'>,
): DomainAudit {
  const folder = auditFolderOf(config);
  if (folder !== undefined) {
    // Shared out among the workers, so that strangers cannot fill the disk faster because there are several.
    const limits = { notesPerSecond: Math.max(1, AUDIT_LIMITS.notesPerSecond / config.workers) };
    return new FileTrail({ folder, durability: config.auditDurability, clock, claimFile, tell, limits });
  }
  const nothing = () => undefined;
  return {
    ...NO_AUDIT,
    open: nothing,
    isOpen: false,
    isReady: () => true,
    state: NOT_FAILING,
    close: () => Promise.resolve(),
  };
}
