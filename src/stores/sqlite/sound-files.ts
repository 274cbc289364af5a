import { existsSync, statSync } from 'node:fs';

import { BoundedMap } from '../../core/bounded-map.ts';

/** More than any installation has domains. */
const FILES = 10_000;

/** Files that this process has read through and closed, each as it was then. */
const sound = new BoundedMap<string, string>(FILES);

/**
 * To be called when a store that was checked is closed. What was written meanwhile SQLite has written, which a check at the next
 * opening would only read again: with more domains than stores may be open, that is for every few requests.
 */
export function noteSound(path: string): void {
  const state = stateOf(path);
  if (state !== undefined) sound.set(path, state);
}

/** Whether nobody has touched a file since it was noted. The time of its change (ctime) cannot be set back. */
export function isSoundStill(path: string): boolean {
  const state = stateOf(path);
  return state !== undefined && sound.get(path) === state;
}

/** Undefined: there is none, or it has a log, so that somebody may be writing. */
function stateOf(path: string): string | undefined {
  if (existsSync(`${path}-wal`)) return undefined;
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
}
