import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { StoreRefusal } from '../../core/store.ts';
import { ownLikeFolder } from '../../files/folders.ts';
import { openForThisUser } from './connection.ts';
import { APPLICATION_ID, checkStoreFile } from './file-check.ts';
import { newestVersion } from './migrate.ts';
import { BUSY_TIMEOUT_MS } from './transactions.ts';

/** Pages that are copied between two looks at Ctrl-C: 16 MB. */
const PAGES_AT_ONCE = 2_000;

/** What a copy of a store has. */
export interface CopiedStore {
  readonly leads: number;
  readonly users: number;
  /** The version of its tables. */
  readonly schema: number;
}

export interface CopyOptions {
  /** Ends it; the target is removed. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: { readonly pages: number; readonly of: number }) => void;
}

/**
 * Copies the embedded store at a path as it is at one moment, while servers read and write it, and reads the copy through.
 *
 * @param target where nothing is yet
 * @returns what the copy has, which is in no log, synced
 * @throws {StoreRefusal} the store is none, newer or damaged; or what the file system says. No target is left
 */
export async function copyLiveStore(
  path: string,
  target: string,
  options: CopyOptions,
): Promise<CopiedStore> {
  checkStoreFile(path, newestVersion());
  using source = openForThisUser(path);
  return await copyFrom(source, path, target, options);
}

/**
 * The same of a file that is nobody's store, but a copy of one: it is only read.
 *
 * @throws {StoreRefusal} as copyLiveStore does
 */
export async function copyBackup(path: string, target: string, options: CopyOptions): Promise<CopiedStore> {
  checkStoreFile(path, newestVersion(), 'name a file that "callercard backup" has made');
  const url = pathToFileURL(resolve(path));
  // Without a log it is all there is, and SQLite makes no files beside it.
  if (!existsSync(`${path}-wal`)) url.searchParams.set('immutable', '1');
  using source = new DatabaseSync(url, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  return await copyFrom(source, path, target, options);
}

async function copyFrom(
  source: DatabaseSync,
  path: string,
  target: string,
  { signal, onProgress }: CopyOptions,
): Promise<CopiedStore> {
  makeEmptyFile(target);
  try {
    // One moment of the store: without it, SQLite begins anew after each write of somebody else, and never ends beside a busy server.
    source.exec('BEGIN');
    const expected = contentOf(source);
    await backup(source, target, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted();
        onProgress({ pages: totalPages - remainingPages, of: totalPages });
      },
    });
    signal.throwIfAborted();
    const copied = readThrough(target, path);
    if (JSON.stringify(copied) !== JSON.stringify(expected))
      throw new Error(`the copy of ${path} has other content than the store`);
    syncFile(target);
    return copied;
  } catch (cause) {
    removeStoreFile(target);
    throw isDamage(cause) ? damaged(path, cause) : cause;
  }
}

/** For this user alone; SQLite takes a file that is empty. */
export function makeEmptyFile(path: string): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    ownLikeFolder(descriptor, dirname(resolve(path)));
  } finally {
    closeSync(descriptor);
  }
}

function contentOf(database: DatabaseSync): CopiedStore {
  const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  const schema = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  return { leads: count('leads'), users: count('users'), schema };
}

/** Of a copy that nobody else knows. @throws {StoreRefusal} it is damaged, and so is what it was made of */
function readThrough(copy: string, path: string): CopiedStore {
  using database = new DatabaseSync(copy);
  // One file, whatever the other one was.
  database.exec('PRAGMA journal_mode = DELETE');
  const result = database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  if (result !== 'ok') throw damaged(path, result);
  const id = database.prepare('PRAGMA application_id').get()?.application_id;
  if (id !== APPLICATION_ID) throw new Error(`the copy has the application id ${String(id)}`);
  return contentOf(database);
}

function damaged(path: string, cause: unknown): StoreRefusal {
  const refused = `${path} is damaged, and was not copied; restore it from an earlier backup`;
  return new StoreRefusal(refused, { cause });
}

/** SQLITE_CORRUPT, SQLITE_NOTADB: https://sqlite.org/rescode.html */
function isDamage(cause: unknown): boolean {
  const { errcode } = (cause ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' && [11, 26].includes(errcode & 0xff);
}

export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes a store's file that nobody has open, with what SQLite keeps beside it. */
export function removeStoreFile(path: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}
