import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

import { isDenied } from '../../core/problem.ts';
import { storeDenied, StoreRefusal } from '../../core/store.ts';

/** "CLRC": marks a database file as callercard's (SQLite's application id). */
export const APPLICATION_ID = 0x434c5243;

const HEADER_BYTES = 100;

/**
 * Looks at a database file without SQLite, so that a file that is not ours stays untouched to the byte.
 * Offsets: https://sqlite.org/fileformat2.html#the_database_header
 *
 * @param newestVersion the newest schema version that this program knows
 * @throws {StoreRefusal} the file is missing, unreadable, empty, damaged, of another program or newer
 */
export function checkStoreFile(path: string, newestVersion: number): void {
  const { header, size } = readHeader(path);
  if (size === 0)
    throw new StoreRefusal(`${path} is empty (0 bytes); delete it, or restore the store from a backup`);
  if (size < HEADER_BYTES || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw new StoreRefusal(`${path} is no callercard store; name another file with --database sqlite:PATH`);
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    throw new StoreRefusal(
      `${path} belongs to another program; name another file with --database sqlite:PATH`,
    );
  }
  const version = header.readUInt32BE(60);
  if (version > newestVersion) {
    throw new StoreRefusal(
      `${path} was written by a newer callercard (schema ${version}, this one knows ${newestVersion}); update callercard`,
    );
  }
  const stored = header.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  // With a log beside it, pages may still be in there.
  const logBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (size < header.readUInt32BE(28) * pageSize && logBytes === 0) {
    throw new StoreRefusal(`${path} is damaged (cut short); restore it from a backup`);
  }
}

function readHeader(path: string): { header: Buffer; size: number } {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    if (isDenied(cause)) throw storeDenied(path, cause);
    throw new StoreRefusal(reasonOf(path, cause), { cause });
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new StoreRefusal(`${path} is not a file; name one with --database sqlite:PATH`);
    readSync(file, header, 0, HEADER_BYTES, 0);
    return { header, size: stat.size };
  } finally {
    closeSync(file);
  }
}

function reasonOf(path: string, cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') {
    return `there is no store at ${path}; fill one with "callercard import FILE", or name another with --database sqlite:PATH`;
  }
  return `${path} cannot be opened (${code ?? 'unknown error'})`;
}
