import { constants, copyFileSync, linkSync, lstatSync, openSync, type Stats } from 'node:fs';

/** What has a name; a link is a link, wherever it leads. */
export type FileKind = 'file' | 'folder' | 'link' | 'pipe' | 'socket' | 'device';

/** @returns undefined where nothing has that name */
export function kindOf(path: string): FileKind | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : kindOfStats(found);
}

function kindOfStats(found: Stats): FileKind {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  if (found.isSymbolicLink()) return 'link';
  if (found.isFIFO()) return 'pipe';
  return found.isSocket() ? 'socket' : 'device';
}

/**
 * Opens a file that this call makes, for this user alone: customers' data go into nothing that somebody put there before.
 *
 * @returns undefined where something has that name
 * @throws what the file system says
 */
export function openNewFile(path: string): number | undefined {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (cause) {
    if (isTaken(cause)) return undefined;
    throw cause;
  }
}

/**
 * Gives a finished file a second name, under which it is seen only as a whole.
 *
 * @returns false where something has that name, which stays as it is
 * @throws what the file system says
 */
export function nameFinishedFile(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (cause) {
    if (isTaken(cause)) return false;
  }
  // A file system without links, such as that of a memory stick.
  try {
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
    return true;
  } catch (cause) {
    if (isTaken(cause)) return false;
    throw cause;
  }
}

function isTaken(cause: unknown): boolean {
  return (cause as NodeJS.ErrnoException).code === 'EEXIST';
}
