import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

const PIECE = Buffer.alloc(4 * 1024 * 1024);

/** Reads a file, or all that is in a folder, so that it is in the system's page cache, as with a server that runs for long. */
export function readThrough(path: string): void {
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path)) readThrough(join(path, name));
    return;
  }
  const file = openSync(path, 'r');
  try {
    while (readSync(file, PIECE) > 0);
  } finally {
    closeSync(file);
  }
}
