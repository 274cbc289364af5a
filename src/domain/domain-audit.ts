import { AUDIT_LIMITS } from '../audit/audit-limits.ts';
import { AuditWriter } from '../audit/audit-writer.ts';
import { auditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { NO_AUDIT } from '../core/audit-trail.ts';
import { claimFile } from '../stores/open-store.ts';
import type { DomainStoreOptions } from './domain-store.ts';

/** The audit of one domain, which opens and closes while the process runs. */
export type DomainAudit = Pick<
  AuditWriter,
  'record' | 'note' | 'open' | 'isOpen' | 'isReady' | 'close' | 'state'
>;

export function createDomainAudit(
  config: Config,
  { clock, log }: Pick<DomainStoreOptions, 'clock' | 'log'>,
): DomainAudit {
  const folder = auditFolderOf(config);
  if (folder !== undefined) {
    // Shared out among the workers, so that strangers cannot fill the disk faster because there are several.
    const limits = { notesPerSecond: Math.max(1, AUDIT_LIMITS.notesPerSecond / config.workers) };
    return new AuditWriter({ folder, durability: config.auditDurability, clock, claimFile, log, limits });
  }
  return {
    ...NO_AUDIT,
    open: () => undefined,
    isOpen: false,
    isReady: () => true,
    state: { isFailing: false, lagMs: 0, unrecorded: 0 },
    close: () => Promise.resolve(),
  };
}
