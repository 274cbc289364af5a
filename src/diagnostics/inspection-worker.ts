import { parentPort, workerData } from 'node:worker_threads';

import { messageOf } from '../core/problem.ts';
import type { Config } from '../config/settings.ts';
import type { Inspection } from '../core/store.ts';
import { loadStore } from '../stores/load-store.ts';
import {
  closeAuditPlace,
  inspectAuditPlace,
  inspectContent,
  inspectFiles,
  openAuditPlace,
} from './domain.ts';
import { problem } from './inspection.ts';
import { inspectInstallation } from './installation.ts';
import type { InspectionErrand } from './inspection-thread.ts';

// The thread that `runInspection` starts, for one inspection.
parentPort?.postMessage(await inspect(workerData as InspectionErrand));

async function inspect({ config, isAlone }: InspectionErrand): Promise<readonly Inspection[]> {
  const found: Inspection[] = [];
  try {
    if (isAlone) for await (const inspection of inspectInstallation(config)) found.push(inspection);
    await inspectDomain(config, isAlone, found);
  } catch (cause) {
    found.push(problem('store', messageOf(cause), '"callercard check" says more'));
  }
  return found.filter(({ level }) => level !== 'ok');
}

async function inspectDomain(config: Config, isAlone: boolean, found: Inspection[]): Promise<void> {
  const audit = await openAuditPlace(config);
  try {
    // The rights of files and the room on disks are the whole installation's matter.
    if (!isAlone) found.push(await inspectAuditPlace(audit));
    else for await (const inspection of inspectFiles(config, audit)) found.push(inspection);
    const options = { country: config.chosenCountry, forOperator: true, isPatient: true };
    const store = await loadStore(config, options);
    try {
      for await (const inspection of inspectContent(config, store, audit)) found.push(inspection);
    } finally {
      await store.close();
    }
  } finally {
    await closeAuditPlace(audit);
  }
}
