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
 * @param otherwise what to do where it is no store
 * @throws {StoreRefusal} the file is missing, unreadable, empty, damaged, of another program or newer
 */
export function checkStoreFile(
  path: string,
  newestVersion: number,
  otherwise = 'name another file with --database sqlite:PATH',
): void {
  const { header, size } = readHeader(path);
  if (size === 0)
    throw new StoreRefusal(`${path} is empty (0 bytes); delete it, or restore the store from a backup`);
  if (size < HEADER_BYTES || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw new StoreRefusal(`${path} is no callercard store; ${otherwise}`);
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    throw new StoreRefusal(`${path} belongs to another program; ${otherwise}`);
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

/** SQLite's result codes (https://sqlite.org/rescode.html), as far as they say what to do; the lowest byte of its extended ones. */
const RESULT = { readOnly: 8, ioError: 10, full: 13, cannotOpen: 14 } as const;
/** An extended one: there are fewer bytes than the file's header says. */
const SHORT_READ = 522;

/**
 * Why a store cannot be opened. Only what SQLite itself calls so is damage: on a full disk it cannot make its own files beside
 * a store that is sound.
 *
 * @param otherwise what it is, if it is neither the disk nor a right; a damaged file if not given
 */
export function refusalOf(
  path: string,
  cause: unknown,
  otherwise = `${path} is damaged; restore it from a backup`,
): StoreRefusal {
  const { errcode } = (cause ?? {}) as { errcode?: unknown };
  const code = typeof errcode === 'number' && errcode !== SHORT_READ ? errcode & 0xff : undefined;
  if (code === RESULT.ioError || code === RESULT.full) {
    const why =
      'the disk is full, or it fails; make room and try again (the store itself need not be damaged)';
    return new StoreRefusal(`${path} cannot be used now: ${why}`, { cause });
  }
  if (code === RESULT.readOnly || code === RESULT.cannotOpen) {
    const why = 'this user may not write to it or to its folder; give the right to';
    return new StoreRefusal(`${path} cannot be used: ${why}`, { cause });
  }
  return new StoreRefusal(otherwise, { cause });
}

/** Whether SQLite calls a file damaged, or no database: not so where it is in use, or the machine has no room or right for it. */
export function isDamage(cause: unknown): boolean {
  const { errcode } = ((cause instanceof StoreRefusal ? cause.cause : cause) ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' && (errcode === SHORT_READ || [11, 26].includes(errcode & 0xff));
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
    return `there is no store at ${path}; fill one with "callercard import FILE", make an empty one with "callercard serve --create", or name another with --database sqlite:PATH`;
  }
  return `${path} cannot be opened (${code ?? 'unknown error'})`;
}
