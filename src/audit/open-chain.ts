import type { AuditTable } from '../core/audit-table.ts';
import type { LogStoreEvent } from '../core/store.ts';
import type { ChainEnd } from './chain-files.ts';
import type { ChainWriter } from './chain-writer.ts';
import { claimChain, type ClaimFile } from './claim-chain.ts';
import { createTableChain } from './table-chain.ts';

/** One chain, in files or in a table. */
export type Chain = Pick<ChainWriter, 'chain' | 'end' | 'write' | 'sync' | 'isIntact' | 'close'>;

/** Where an audit is written. */
export interface AuditPlaceOptions {
  /** In a table: what that is called in messages. */
  readonly folder: string;
  /** Undefined: files of the folder. */
  readonly table?: AuditTable | undefined;
  /**
   * `synced`: an answer waits until its record is on the disk, or has been committed in a table, which always is so; `written`:
   * until the system has it.
   */
  readonly durability: 'written' | 'synced';
  readonly claimFile: ClaimFile;
  readonly log: LogStoreEvent;
}

/**
 * Claims a chain.
 *
 * @param known the chain that this process wrote before: it goes on even where its files are gone
 * @throws what the file system says
 */
export function openChain(
  { folder, table, durability, claimFile, log }: AuditPlaceOptions,
  known: { readonly chain: number; readonly end: ChainEnd } | undefined,
  maxBytes: number,
): Chain {
  // The log is often kept elsewhere, where this line proves all records before it.
  const onNewFile = (path: string, { seq, hash }: ChainEnd) => {
    const message = `the audit goes on in ${path}, after record ${seq} with the hash ${hash}`;
    if (seq > 0) log({ level: 'info', message });
  };
  if (table !== undefined) return createTableChain({ table, known, onNewFile });
  const isSynced = durability === 'synced';
  return claimChain({ folder, claimFile, known, isSynced, maxBytes, onNewFile });
}
