import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A word that is another as soon as a file or its content is. */
export function folderBytes(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    hash.update(name).update(statSync(path).isFile() ? readFileSync(path) : 'folder');
  }
  return hash.digest('hex');
}
