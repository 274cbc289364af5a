import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder, for this user alone, and those above it.
 *
 * @throws what the file system says
 */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  if (existsSync(path)) return;
  const above = dirname(path);
  // Not by Node's own `recursive`, which never ends where the system makes no folders (below /proc).
  makeFolder(above);
  try {
    mkdirSync(path, 0o700);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    return;
  }
  ownLikeFolder(path, above);
}

/** What root makes beside others' files belongs to them, so that the service's own user can go on with it. */
export function ownLikeFolder(path: string, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) chownSync(path, uid, gid);
}
