import { AUDIT_LIMITS } from '../audit/audit-limits.ts';
import { AuditWriter } from '../audit/audit-writer.ts';
import { auditFolderOf } from '../config/domains.ts';
import type { Config } from '../config/settings.ts';
import { NO_AUDIT } from '../core/audit-trail.ts';
import type { Clock } from '../core/clock.ts';
import { StoreFailure } from '../core/lead-store.ts';
import type { Store, LogStoreEvent } from '../core/store.ts';
import { claimFile, openStore } from '../stores/open-store.ts';

export interface DomainStoreOptions {
  readonly clock: Clock;
  readonly log: LogStoreEvent;
  /** Called before the store is opened, to make room for it. */
  readonly makeRoom: () => void;
  /** A store that could not be opened is tried again after this time at the earliest. */
  readonly retryMs: number;
  /** Whether the process serves no other store. */
  readonly isAlone: boolean;
}

/** The store of one domain, which opens and closes while the process runs. */
export type DomainStore = ReturnType<typeof createDomainStore>;

/** @param opened a store that is open already, whose owner this becomes */
export function createDomainStore(
  config: Config,
  { clock, log, makeRoom, retryMs, isAlone }: DomainStoreOptions,
  opened?: Store,
) {
  let closing = Promise.resolve();
  let failed: { readonly cause: unknown; readonly at: number } | undefined;
  const self = {
    /** The store, while it is open. */
    current: opened,

    /** @throws what `openStore` throws */
    open(): void {
      if (self.current !== undefined) return;
      makeRoom();
      self.current = openStore(config, { country: config.chosenCountry, log, mapped: isAlone });
      if (failed !== undefined) log({ level: 'info', message: 'the store can be used again' });
      failed = undefined;
    },

    /** Opens it, unless that failed less than `retryMs` ago. */
    tryOpen(): void {
      const now = clock.monotonic();
      if (failed !== undefined && now - failed.at < retryMs) return;
      try {
        self.open();
      } catch (cause) {
        // Logged once, not for each try: every lookup that fails by it logs the cause.
        if (failed === undefined) log({ level: 'error', message: 'the store cannot be used', cause });
        failed = { cause, at: now };
      }
    },

    /** Why there is no store. */
    failure: () => new StoreFailure(failed?.cause),

    /** Whether it could be used, as far as is known: one that was not asked for yet counts as good. */
    isReady: () => (self.current === undefined ? failed === undefined : self.current.isReady()),

    /** Closes it until it is opened again; resolves when everything that was opened so far is closed. Never throws. */
    close(): Promise<void> {
      const { current } = self;
      if (current !== undefined) closing = Promise.all([closing, end(current, log)]).then(() => undefined);
      self.current = undefined;
      return closing;
    },
  };
  return self;
}

async function end(store: Store, log: LogStoreEvent): Promise<void> {
  try {
    await store.close();
  } catch (cause) {
    log({ level: 'error', message: 'the store was not closed as it should be', cause });
  }
}

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
