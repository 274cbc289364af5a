import { statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { Inspection } from '../core/store.ts';
import { advise, problem } from './inspection.ts';

const MIB = 1024 * 1024;
/** An import of a large file takes as much. */
const ENOUGH_BYTES = 1024 * MIB;
/** An audit of a busy day takes as much. */
const LEAST_BYTES = 128 * MIB;

/** Disks on which little room is left: without any, nothing is recorded, and so nobody gets an answer. @param files where something is written */
export function inspectDisk(files: readonly string[]): readonly Inspection[] {
  const seen = new Set<string>();
  return files.flatMap((file) => {
    const found = roomFor(resolve(file));
    if (found === undefined || found.free >= ENOUGH_BYTES || seen.has(found.disk)) return [];
    seen.add(found.disk);
    const message = `${Math.floor(found.free / MIB)} MiB are left where ${file} is`;
    const advice =
      'make room: move old files of the audit away (docs/audit.md), or delete old copies of the store';
    return [(found.free < LEAST_BYTES ? problem : advise)('disk', message, advice)];
  });
}

/** @returns undefined: it cannot be known, which other inspections say */
function roomFor(path: string): { readonly free: number; readonly disk: string } | undefined {
  try {
    const { bavail, bsize, blocks, type } = statfsSync(path);
    return { free: bavail * bsize, disk: `${type} ${blocks} ${bavail}` };
  } catch {
    const above = dirname(path);
    return above === path ? undefined : roomFor(above);
  }
}
