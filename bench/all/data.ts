import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { mariadbSkip } from '../../test/support/mariadb-server.ts';
import { startBenchDialer, stopBenchDialer } from '../dialer/server.ts';
import { BENCH_FOLDER, ensureBenchStore, LEADS } from '../lookups/store.ts';
import type { PartName } from './parts.ts';
import { FEW, MANY } from './sizes.ts';

/** The sizes of embedded stores that parts need. */
const STORES: Readonly<Partial<Record<PartName, readonly number[]>>> = {
  embedded: [LEADS],
  sizes: [FEW, LEADS, MANY],
  workers: [LEADS],
  served: [MANY],
  connections: [LEADS],
};

/** A run writes some gigabytes of audit beside the stores; those of earlier runs go. */
function removeAudits(): void {
  for (const name of readdirSync(BENCH_FOLDER)) {
    if (/^leads-\d+-audit$/.test(name)) rmSync(join(BENCH_FOLDER, name), { recursive: true });
  }
}

/** Makes what is not there yet: some minutes the first time, nothing later. */
export async function ensureBenchData(parts: readonly PartName[]): Promise<void> {
  const sizes = new Set(parts.flatMap((part) => STORES[part] ?? []));
  for (const leads of sizes) await ensureBenchStore(leads);
  removeAudits();
  if (!parts.includes('dialer') || mariadbSkip !== false) return;
  for (const leads of [FEW, LEADS, MANY]) await stopBenchDialer(await startBenchDialer(leads));
}
