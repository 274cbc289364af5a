import { AUDIT_LIMITS } from '../audit/audit-limits.ts';
import { AuditWriter } from '../audit/audit-writer.ts';
import { auditFolderOf, isAuditInDatabase, operatorAuditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { NO_AUDIT } from '../core/audit-trail.ts';
import { claimFile } from '../stores/claim-file.ts';
import { openAuditTable } from '../stores/store-schemas.ts';
import type { DomainStoreOptions } from './domain-store.ts';

/** The audit of one domain, which opens and closes while the process runs. */
export type DomainAudit = Pick<
  AuditWriter,
  'record' | 'note' | 'open' | 'isOpen' | 'isReady' | 'close' | 'state'
>;

export function createDomainAudit(
  config: Config,
  { clock, log, servers }: Pick<DomainStoreOptions, 'clock' | 'log' | 'servers'>,
): DomainAudit {
  // Shared out among the workers, so that strangers cannot fill the disk faster because there are several.
  const limits = { notesPerSecond: Math.max(1, AUDIT_LIMITS.notesPerSecond / config.workers) };
  if (isAuditInDatabase(config)) {
    const table = openAuditTable(config, servers);
    return new AuditWriter({
      ...{ folder: table.name, table, durability: 'synced', clock, claimFile, log, limits },
    });
  }
  const folder = auditFolderOf(config);
  if (folder !== undefined)
    return new AuditWriter({ folder, durability: config.auditDurability, clock, claimFile, log, limits });
  return actsAlone(config, { clock, log });
}

/** Where records of callers are switched off, those of admins' acts are still written, as operators' are. */
function actsAlone(config: Config, { clock, log }: Pick<DomainStoreOptions, 'clock' | 'log'>): DomainAudit {
  let writer: AuditWriter | undefined;
  const open = () => {
    const folder = operatorAuditFolderOf(config);
    return (writer ??= new AuditWriter({
      folder,
      durability: config.auditDurability,
      clock,
      claimFile,
      log,
    }));
  };
  return {
    ...NO_AUDIT,
    record: (event) => (event.act === undefined ? NO_AUDIT.record(event) : open().record(event)),
    open: () => undefined,
    get isOpen() {
      return writer?.isOpen ?? false;
    },
    isReady: () => true,
    state: { isFailing: false, lagMs: 0, unrecorded: 0 },
    close: () => writer?.close() ?? Promise.resolve(),
  };
}
