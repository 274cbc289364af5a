import { existsSync, linkSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { type LogStoreEvent, StoreRefusal } from '../../core/store.ts';
import { messageOf } from '../../core/problem.ts';
import { syncFolder } from '../../files/folders.ts';
import { nameFinishedFile } from '../../files/new-file.ts';
import { type CopiedStore, copyBackup, type CopyOptions, removeStoreFile, syncFile } from './backup.ts';
import { eraseAgain } from './erase-again.ts';
import { openConnection, openForThisUser } from './connection.ts';
import { isDamage } from './file-check.ts';
import { migrate } from './migrate.ts';

export interface RestoreOptions extends CopyOptions {
  /** For so many days an import knows the numbers of whoever was erased. */
  readonly erasedDays: number;
  readonly log: LogStoreEvent;
}

/** A backup that is ready to become the store. */
export interface Restorable extends Disposable {
  /** As they are in it now, without those who were erased. */
  readonly content: CopiedStore;
  /** Leads that the present store had erased, and that the backup still had. */
  readonly erased: number;
  /** Why nobody can tell whom the present store had erased; undefined: it is known, or there is none. */
  readonly unknown: string | undefined;
  /**
   * Makes it the store, in one step.
   *
   * @returns where the former one is now; undefined: there was none
   * @throws {StoreRefusal} somebody reads the former one all the while, or has made one meanwhile: nothing was changed
   */
  replace(): string | undefined;
}

/**
 * Copies a backup beside the store, brings the copy up to date and leaves out who was erased since.
 *
 * @param path of the store
 * @throws {StoreRefusal} the backup is none, newer or damaged; or what the file system says. Nothing was changed
 */
export async function prepareRestore(
  file: string,
  path: string,
  options: RestoreOptions,
): Promise<Restorable> {
  const isThere = existsSync(path);
  // SQLite has its log beside the file itself, not beside a link to it.
  const store = isThere ? realpathSync(path) : resolve(path);
  if (!isThere && existsSync(`${store}-wal`))
    throw new StoreRefusal(
      `${store}-wal is the log of a store that is not at ${path} any more: move that store back, or end its servers and remove the log`,
    );
  const draft = `${store}.copy-${process.pid}`;
  const remove = () => removeStoreFile(draft);
  try {
    const content = await copyBackup(file, draft, options);
    const { schema, erased, unknown } = await makeReady(draft, isThere ? store : undefined, options);
    const replace = () => {
      if (isThere) return replaceStore(draft, store);
      if (!nameFinishedFile(draft, store)) throw new StoreRefusal(`${path} was made by somebody meanwhile`);
      syncFolder(dirname(store));
      return undefined;
    };
    const leads = content.leads - erased;
    return { content: { ...content, leads, schema }, erased, unknown, replace, [Symbol.dispose]: remove };
  } catch (cause) {
    remove();
    throw cause;
  }
}

/** @param store the present one, whose erasures count */
async function makeReady(
  draft: string,
  store: string | undefined,
  { erasedDays, log }: RestoreOptions,
): Promise<{ readonly schema: number; readonly erased: number; readonly unknown: string | undefined }> {
  {
    // Without the copy that is kept of other stores: the backup is one.
    using database = openForThisUser(draft);
    migrate(database);
    // Who was signed in then must sign in again.
    database.exec('DELETE FROM sessions');
  }
  const options = { path: draft, country: undefined, fallbackCountry: 'MX', create: false } as const;
  const connection = openConnection({ ...options, onMigrate: log });
  try {
    const schema = Number(connection.database.prepare('PRAGMA user_version').get()?.user_version);
    if (store === undefined) return { schema, erased: 0, unknown: undefined };
    return { schema, ...(await eraseAgain(connection, store, erasedDays)) };
  } finally {
    connection.file.close();
    syncFile(draft);
  }
}

const ATTEMPTS = 20;

/**
 * Puts a file in the place of a store that servers may have open; they notice it (docs/decisions/0030-replaced-store.md). Nobody
 * writes to the former one meanwhile, and its log is empty: whoever opens the new file in that moment reads nothing of the former.
 */
function replaceStore(draft: string, store: string): string {
  const former = freeName(`${store}.former-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`);
  let database: DatabaseSync;
  try {
    database = openForThisUser(store);
  } catch (cause) {
    if (!isDamage(cause)) throw new StoreRefusal(`${messageOf(cause)}; nothing was restored`, { cause });
    // It cannot be opened by anybody else, either.
    for (const suffix of ['-wal', '-shm'])
      if (existsSync(store + suffix)) renameSync(store + suffix, former + suffix);
    moveStore(draft, store, former);
    return former;
  }
  try {
    for (let tries = 1; !replaceAtOnce(database, draft, store, former); tries += 1)
      if (tries === ATTEMPTS)
        throw new StoreRefusal(
          `${store} is read by somebody all the while (an export, a backup); run this again when that has ended`,
        );
    return former;
  } catch (cause) {
    if (cause instanceof StoreRefusal) throw cause;
    throw new StoreRefusal(`${store} cannot be replaced now (${messageOf(cause)}); nothing was restored`, {
      cause,
    });
  } finally {
    database.close();
  }
}

/** @returns false: something is in its log */
function replaceAtOnce(database: DatabaseSync, draft: string, store: string, former: string): boolean {
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.exec('BEGIN IMMEDIATE');
  try {
    if ((statSync(`${store}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return false;
    moveStore(draft, store, former);
    // Whoever has the former one open still has them.
    for (const suffix of ['-wal', '-shm']) rmSync(store + suffix, { force: true });
    return true;
  } finally {
    database.exec('ROLLBACK');
  }
}

/** At no moment there is no store, where the file system has links. */
function moveStore(draft: string, store: string, former: string): void {
  let isLinked = true;
  try {
    linkSync(store, former);
  } catch {
    isLinked = false;
    renameSync(store, former);
  }
  try {
    renameSync(draft, store);
  } catch (cause) {
    if (isLinked) rmSync(former);
    else renameSync(former, store);
    throw cause;
  }
  syncFolder(dirname(store));
}

function freeName(name: string): string {
  for (let n = 1; ; n += 1) {
    const free = n === 1 ? name : `${name}-${n}`;
    if (!existsSync(free)) return free;
  }
}
