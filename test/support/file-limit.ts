import { spawnSync } from 'node:child_process';

import { findProgram, skipWithout } from './programs.ts';

/** What `skip` of a test gets where the size of files cannot be limited. */
export const skipWithoutFileLimit = skipWithout(
  'prlimit',
  findProgram('prlimit') !== undefined,
  'util-linux',
);

/**
 * How large a file of a running process may get; what would be larger fails as on a full disk. Any user may do that to
 * a process of its own.
 */
export function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  if (status !== 0) throw new Error(String(stderr));
}

/** A small file system of its own in that folder; `undefined` where this user may not mount one. */
export function mountSmall(folder: string, size: string): SmallDisk | undefined {
  const mount = (options: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status;
  if (mount(`size=${size}`) !== 0) return undefined;
  return {
    remount(options) {
      if (mount(`remount,${options}`) !== 0) throw new Error(`${folder} was not remounted`);
    },
    unmount: () => void spawnSync('umount', ['-l', folder]),
  };
}

export interface SmallDisk {
  /** Such as `size=1m`, `ro`. */
  remount(options: string): void;
  unmount(): void;
}
