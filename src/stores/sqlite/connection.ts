import { accessSync, constants, existsSync, linkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import type { MachineClock } from '../../core/clock.ts';
import type { Country } from '../../core/phone.ts';
import { StoreFailure } from '../../core/lead-store.ts';
import { messageOf } from '../../core/problem.ts';
import { type LogStoreEvent, storeDenied, StoreRefusal } from '../../core/store.ts';
import { makeFolder } from '../../files/folders.ts';
import { isOlder, keepCopy, migrate, newestVersion } from './migrate.ts';
import { hasOldNumbers, remakeNumbers } from './remake-numbers.ts';
import { APPLICATION_ID, checkStoreFile, refusalOf } from './file-check.ts';
import { createOwnFile, identityOf, isOpenHere, noteOpen } from './own-file.ts';
import { isSoundStill } from './sound-files.ts';
import { systemMachineClock } from '../machine-clock.ts';
import { createStoreClock, type StoreClock } from './store-clock.ts';
import { BUSY_TIMEOUT_MS, createReadBatch, isBusy, type ReadBatch } from './transactions.ts';

/** Up to this size a store is read through for damage when it is opened; beyond it `callercard check` does. */
const CHECKED_BYTES = 64 * 1024 * 1024;

/**
 * Read without a system call for each page, which costs more than the rest of a lookup (measured: 8.4 us by id, 3.7 with
 * it): docs/decisions/0020-speed.md. SQLite maps 2 GiB at most; what lies beyond is read as before.
 */
const MAPPED_BYTES = 2 ** 31;

export interface Connection {
  readonly database: DatabaseSync;
  readonly readBatch: ReadBatch;
  readonly path: string;
  /** The country under which this store's numbers are compared. */
  readonly country: Country;
  readonly file: ReturnType<typeof createOwnFile>;
  readonly clock: StoreClock;
}

/**
 * @param country the country that somebody chose; undefined: take the store's own, or `fallbackCountry` in a
 *   new one
 */
export interface OpenOptions {
  readonly path: string;
  readonly country: Country | undefined;
  readonly fallbackCountry: Country;
  /** Make the store when there is no file. */
  readonly create: boolean;
  /** Read the file through the memory. */
  readonly mapped?: boolean;
  /** Bring a store of an older version to the newest schema, after a copy, which is logged. Left out: refuse it. */
  readonly onMigrate?: LogStoreEvent | undefined;
  readonly clock?: MachineClock | undefined;
}

/**
 * Opens the store's file, which then has the newest schema.
 *
 * @throws {StoreRefusal} the file cannot be used; it was left as it is
 */
export function openConnection(options: OpenOptions): Connection {
  const { path } = options;
  if (options.create && !existsSync(path)) createStoreFile(path, options.country ?? options.fallbackCountry);
  // Before anything is opened: of a file that is replaced meanwhile, this is the former one.
  const identity = identityOf(path);
  if (identity === undefined || !isOpenHere(identity)) checkStoreFile(path, newestVersion());
  if (options.onMigrate !== undefined) refuseReadOnly(path);
  refuseDamage(path);
  const database = openForThisUser(path);
  if (identity !== undefined) noteOpen(identity, database);
  if (options.mapped === true) database.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
  try {
    bringUpToDate(database, options);
    const country = readCountry(database, path, options.country);
    const readBatch = createReadBatch(database);
    const clock = createStoreClock({ database, readBatch }, options.clock ?? systemMachineClock);
    const file = createOwnFile(path, identity ?? '', { database, readBatch, clock });
    if (options.onMigrate !== undefined) beginClock(clock);
    return { database, readBatch, path, country, file, clock };
  } catch (cause) {
    database.close();
    throw cause instanceof StoreRefusal
      ? cause
      : refusalOf(path, cause, `${path} cannot be used: ${messageOf(cause)}`);
  }
}

/** A connection, as far as work on people needs it. */
export type PersonConnection = Pick<Connection, 'database' | 'readBatch' | 'path' | 'country'>;

/**
 * A further connection to a file that this process has open, for a thread. Nothing but SQLite may open the file then
 * (`isOpenHere` in own-file.ts says why), so nothing is looked at or brought up to date.
 *
 * @throws {StoreFailure} another file is at the path by now
 */
export function openBeside(path: string, identity: string): PersonConnection {
  if (identityOf(path) !== identity) throw new StoreFailure(new Error('the store was replaced'));
  const database = open(path);
  return { database, readBatch: createReadBatch(database), path, country: countryOf(database) };
}

/** Now, so that no request waits for it. Where the store cannot be written, the requests say so that need it. */
function beginClock(clock: StoreClock): void {
  try {
    clock.now();
  } catch {
    // As said.
  }
}

/** SQLite itself would open it, and fail with the first login. */
function refuseReadOnly(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'EROFS'
        ? 'its file system is read-only'
        : 'give this user the right to read and write it';
    throw new StoreRefusal(`${path} cannot be written; ${why}`, { cause });
  }
}

function bringUpToDate(database: DatabaseSync, { path, onMigrate }: OpenOptions): void {
  const isOld = isOlder(database);
  if (!isOld && !hasOldNumbers(database)) return;
  if (onMigrate === undefined) {
    throw new StoreRefusal(
      `${path} was made by an older version of callercard; "callercard serve" and "callercard import" bring it up to date, and keep a copy`,
    );
  }
  const copy = isOld ? keepCopy(database, path) : undefined;
  if (isOld) migrate(database);
  if (hasOldNumbers(database)) remakeNumbers(database, countryOf(database), onMigrate);
  if (copy === undefined) return;
  const message = `${path} was made by an older version and is now up to date; as it was, it is kept in ${copy}`;
  onMigrate({ level: 'info', message });
}

/** @throws {StoreRefusal} this user may not write to it, or not make the log beside it */
export function openForThisUser(path: string): DatabaseSync {
  try {
    return open(path);
  } catch (cause) {
    throw isUnwritable(cause) ? storeDenied(path, cause) : cause;
  }
}

/** SQLITE_READONLY or SQLITE_CANTOPEN, with whatever else is in the code: https://sqlite.org/rescode.html */
function isUnwritable(cause: unknown): boolean {
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0;
  return code === 8 || code === 14;
}

function open(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    // NORMAL in WAL mode: what was committed survives a killed process; only a power cut may take the last commits.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF');
    return database;
  } catch (cause) {
    database?.close();
    throw refusalOf(path, cause, `${path} cannot be used: ${messageOf(cause)}`);
  }
}

/**
 * The new store is made beside its place and then linked there, so that no moment shows half a store, not even
 * a kill -9, and a store that another process made meanwhile is kept.
 */
function createStoreFile(path: string, country: Country): void {
  const draft = `${path}.new-${process.pid}`;
  try {
    makeFolder(dirname(path), 0o777);
    rmSync(draft, { force: true });
    // Customers' data: for this user alone. SQLite gives its other files the same rights.
    writeFileSync(draft, '', { mode: 0o600, flag: 'wx' });
    writeEmptyStore(draft, country);
    linkSync(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST' && existsSync(path)) return;
    throw new StoreRefusal(
      `cannot make a store at ${path} (${messageOf(cause)}); choose a folder that this user may write to with --database sqlite:PATH`,
      { cause },
    );
  } finally {
    // Where the folder could not be made there is nothing to remove, and even looking fails.
    for (const suffix of ['', '-wal', '-shm', '-journal']) {
      if (existsSync(draft + suffix)) rmSync(draft + suffix, { force: true });
    }
  }
}

/** Closed when this returns: it is linked as a whole. */
export function writeEmptyStore(path: string, country: Country): void {
  using database = new DatabaseSync(path);
  // A store that grows to millions of leads wants fewer, larger pages.
  database.exec(`PRAGMA page_size = 8192; PRAGMA application_id = ${APPLICATION_ID}`);
  migrate(database);
  database.prepare("INSERT INTO meta VALUES ('default_country', ?)").run(country);
  remakeNumbers(database, country, () => undefined);
  database.exec('PRAGMA journal_mode = WAL');
}

/** Reads the file through while nothing can write to it: a damaged one is left as it is. */
function refuseDamage(path: string): void {
  if (statSync(path).size > CHECKED_BYTES || isSoundStill(path)) return;
  let result = checkWhole(path);
  // Another program may have begun to write meanwhile: then its log counts, too.
  if (result !== 'ok' && existsSync(`${path}-wal`)) result = checkWhole(path);
  if (result !== 'ok') throw refusalOf(path, result);
}

/**
 * With the indexes: one that is damaged leads from a number to another customer, and SQLite's quick check does not see
 * that.
 *
 * @returns `ok`, or what is wrong
 */
function checkWhole(path: string): unknown {
  const url = pathToFileURL(resolve(path));
  // Without a log nobody writes, and SQLite needs to make no files of its own beside the store.
  if (!existsSync(`${path}-wal`)) url.searchParams.set('immutable', '1');
  try {
    using database = new DatabaseSync(url, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    return database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  } catch (cause) {
    if (isUnwritable(cause)) throw storeDenied(path, cause);
    if (!isBusy(cause)) return cause;
    throw new StoreRefusal(`${path} is locked by another program; end it, or try again later`, { cause });
  }
}

function countryOf(database: DatabaseSync): Country {
  return database.prepare("SELECT value FROM meta WHERE name = 'default_country'").get()?.value as Country;
}

function readCountry(database: DatabaseSync, path: string, chosen: Country | undefined): Country {
  const stored = countryOf(database);
  if (chosen !== undefined && chosen !== stored) {
    throw new StoreRefusal(
      `${path} compares its numbers as those of ${stored}, not ${chosen}: set the default country to ${stored}, or export the leads and import them into a new store`,
    );
  }
  return stored;
}
