import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from './command.ts';

const CACHE = join(ROOT, 'node_modules', '.cache');

/**
 * A folder whose making costs much more than a copy of it, made by whoever comes first and kept for later runs.
 *
 * @param from all that it depends on: where that is different, another folder is made
 * @param make makes it; returns where it is
 * @returns its path; it is to be copied, never changed
 */
export async function keptFolder(
  name: string,
  from: readonly unknown[],
  make: () => Promise<string>,
): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(from)).digest('hex');
  const kept = join(CACHE, name, key.slice(0, 16));
  if (existsSync(kept)) return kept;
  const made = await make();
  mkdirSync(join(CACHE, name), { recursive: true });
  const copy = mkdtempSync(`${kept}-`);
  try {
    await promisify(execFile)('cp', ['-R', made, join(copy, 'data')]);
    renameSync(join(copy, 'data'), kept);
  } catch (cause) {
    // Another process was faster.
    if (!existsSync(kept)) throw cause;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return kept;
}
