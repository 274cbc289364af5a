import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { AuditRecords } from '../core/audit-table.ts';
import type { Inspection } from '../core/store.ts';
import { listChains, readChainEnd } from '../audit/chain-files.ts';
import { isDenied, messageOf, RUN_AS_SERVICE } from '../core/problem.ts';
import { advise, ok, problem } from './inspection.ts';

/**
 * Looks at an audit, and writes nothing.
 *
 * @param folder undefined: it is off
 */
export function inspectAudit(folder: string | undefined): Inspection {
  if (folder === undefined) {
    return advise(
      'audit',
      'off: nobody can say later who looked at a customer',
      'leave the setting audit out: then it is kept beside the store',
    );
  }
  try {
    return ok('audit', describe(folder));
  } catch (cause) {
    return problem(
      'audit',
      `${folder} cannot be used (${messageOf(cause)})`,
      `${isDenied(cause) ? `${RUN_AS_SERVICE}; if you do, ` : ''}give this user a folder that it may write to (audit); until then nobody gets an answer`,
    );
  }
}

/** The same of one in a table. */
export async function inspectAuditTable(table: AuditRecords): Promise<Inspection> {
  try {
    const parts = await table.parts();
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const records = parts.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
    const chains = new Set(parts.map(({ chain }) => chain)).size;
    return ok(
      'audit',
      `${table.name}: ${records} records in ${chains} ${chains === 1 ? 'chain' : 'chains'}, ${Math.ceil(bytes / 1024)} KiB`,
    );
  } catch (cause) {
    return problem(
      'audit',
      `${table.name} cannot be used (${messageOf(cause)})`,
      'give this account INSERT and SELECT on it (docs/audit.md, "In PostgreSQL"); until then nobody gets an answer',
    );
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
