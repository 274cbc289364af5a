import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes the folder and those above it; by root, each for the owner of the folder above.
 *
 * @param mode the rights, such as 0o700
 * @throws what the file system says
 */
export function makeFolder(folder: string, mode: number): void {
  const path = resolve(folder);
  if (existsSync(path)) return;
  const above = dirname(path);
  // Not by Node's own `recursive`, which never ends where the system makes no folders (below /proc).
  makeFolder(above, mode);
  try {
    mkdirSync(path, mode);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    return;
  }
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  withOpen(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, (descriptor) => ownLikeFolder(descriptor, above));
  syncFolder(above);
}

/**
 * Makes an empty file, for this user alone, unless there is one. One that exists is not even opened: closing a descriptor
 * of a file releases every lock that this process has on it.
 *
 * @throws what the file system says
 */
export function makeFile(path: string): void {
  if (existsSync(path)) return;
  try {
    withOpen(path, 'wx', (descriptor) => ownLikeFolder(descriptor, dirname(path)));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}

/**
 * Gives what root made to the owner of the folder, so that the service's own user can go on with it. By the descriptor:
 * that user could put a link in the place of the name, so that root gives something else away.
 */
export function ownLikeFolder(descriptor: number, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) fchownSync(descriptor, uid, gid);
}

/** Makes a new entry of the folder survive a power cut. */
export function syncFolder(folder: string): void {
  withOpen(folder, 'r', fsyncSync);
}

function withOpen(path: string, flags: string | number, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags, 0o600);
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
