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
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  withOpen(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, (descriptor) => ownLikeFolder(descriptor, above));
  syncFolder(above);
}

/**
 * Makes an empty file in the folder, for this user alone, where there is none. One that is there is not even opened:
 * closing a descriptor of a file takes the locks from whoever has them in this process.
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
 * What root makes beside others' files belongs to them, so that the service's own user can go on with it. By the
 * descriptor: the name may lead elsewhere by now, where that user wants root to give something away.
 */
export function ownLikeFolder(descriptor: number, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  if (uid !== 0) fchownSync(descriptor, uid, gid);
}

/** So that a new file in it survives a power cut, too. */
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
