import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { Inspection } from '../core/store.ts';
import { listChains, readChainEnd } from '../audit/chain-files.ts';
import { messageOf } from '../core/problem.ts';

/**
 * Looks at an audit, and writes nothing.
 *
 * @param folder undefined: it is off
 */
export function inspectAudit(folder: string | undefined): Inspection {
  const subject = 'audit';
  if (folder === undefined) {
    return {
      level: 'advice',
      subject,
      message: 'off: nobody can say later who looked at a customer',
      advice: 'leave the setting audit out: then it is kept beside the store',
    };
  }
  try {
    return { level: 'ok', subject, message: describe(folder) };
  } catch (cause) {
    return {
      level: 'problem',
      subject,
      message: `${folder} cannot be used (${messageOf(cause)})`,
      advice: 'give this user a folder that it may write to (audit); until then nobody gets an answer',
    };
  }
}

function describe(folder: string): string {
  const use = constants.R_OK | constants.W_OK | constants.X_OK;
  if (!existsSync(folder)) {
    accessSync(nearestAbove(folder), use);
    return `${folder} will be made by the first who writes`;
  }
  accessSync(folder, use);
  const chains = [...listChains(folder).values()];
  const files = chains.flat();
  const bytes = files.reduce((sum, { name }) => sum + statSync(join(folder, name)).size, 0);
  const last = chains
    .map((chain) => readChainEnd(folder, chain).at)
    .reduce((latest, at) => ((at ?? '') > (latest ?? '') ? at : latest), undefined);
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  return `${folder}: ${count}, ${Math.ceil(bytes / 1024)} KiB, last record: ${last ?? 'none'}`;
}

function nearestAbove(folder: string): string {
  const above = dirname(resolve(folder));
  return existsSync(above) ? above : nearestAbove(above);
}
