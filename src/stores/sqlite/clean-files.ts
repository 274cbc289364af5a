import { readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { CleanedFiles } from '../../core/person-store.ts';
import { messageOf } from '../../core/problem.ts';
import type { PersonConnection } from './connection.ts';
import { isBusy, writeAtOnce } from './transactions.ts';

/** So long other processes are waited for that read or write. */
const PATIENCE_MS = 20_000;
const RETRY_MS = 50;

/** A copy that is being made is written to within this time; what is older, a process left behind that was killed. */
const LEFT_AFTER_MS = 10 * 60 * 1000;

/**
 * Takes what was deleted out of the files of a store: out of unused parts of its pages, out of its log, and with the copies
 * beside it. While the file is written anew, others can read and not write: docs/decisions/0045-erasure.md.
 */
export async function cleanFiles(
  connection: PersonConnection,
  patienceMs = PATIENCE_MS,
): Promise<CleanedFiles> {
  const { deleted, left } = deleteCopies(connection.path);
  const rewritten = await rewrite(connection, patienceMs);
  const emptied = await emptyLog(connection, patienceMs);
  const done = [
    ...(rewritten.length === 0 ? ['the store was written anew'] : []),
    ...(emptied.length === 0 ? ['its log is empty'] : []),
  ];
  return { done, deleted, left: [...left, ...rewritten, ...emptied], remains: [] };
}

/** Copies before migrations, and what was left of copies and new stores. The log of a replaced file is `-wal.former`. */
const COPY = /^\.schema-\d+(?:-wal|-shm|-journal)?$/;
const LEFTOVER = /^(?:\.(?:copy|new)-\d+(?:-wal|-shm|-journal)?|-(?:wal|shm)\.former)$/;

function deleteCopies(path: string): {
  readonly deleted: readonly string[];
  readonly left: readonly string[];
} {
  const deleted: string[] = [];
  const left: string[] = [];
  // A link's copies are beside the link; SQLite's files are beside the file itself.
  for (const store of new Set([path, realpathSync(path)])) {
    for (const name of readdirSync(dirname(store))) {
      if (!name.startsWith(basename(store))) continue;
      const suffix = name.slice(basename(store).length);
      const file = join(dirname(store), name);
      if (!COPY.test(suffix) && !LEFTOVER.test(suffix)) continue;
      const reason = deleteCopy(file, LEFTOVER.test(suffix));
      if (reason === undefined) deleted.push(file);
      else left.push(reason);
    }
  }
  return { deleted, left };
}

/** @returns why it is still there */
function deleteCopy(file: string, mayBeInUse: boolean): string | undefined {
  try {
    const age = Date.now() - statSync(file).mtimeMs;
    if (mayBeInUse && age < LEFT_AFTER_MS)
      return `${file} was written just now, by a process that may still need it`;
    rmSync(file);
    return undefined;
  } catch (cause) {
    return `${file} cannot be deleted (${messageOf(cause)})`;
  }
}

/** Indexes of full texts: words that were taken out stay in them until their parts are merged. */
const SELECT_FULL_TEXTS =
  "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'";

/** Every page anew: deleted rows stay in unused parts of pages, also where SQLite overwrites what it deletes. */
function rewrite(connection: PersonConnection, patienceMs: number): Promise<readonly string[]> {
  const { database } = connection;
  return untilDone(connection, patienceMs, 'the file could not be written anew', () => {
    for (const { name } of database.prepare(SELECT_FULL_TEXTS).all()) {
      const table = `"${String(name).replaceAll('"', '""')}"`;
      database.exec(`INSERT INTO ${table} (${table}) VALUES ('optimize')`);
    }
    database.exec('VACUUM');
    return true;
  });
}

/** Copies the log into the file and cuts it off: that waits for whoever still reads an earlier state. */
function emptyLog(connection: PersonConnection, patienceMs: number): Promise<readonly string[]> {
  const checkpoint = connection.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
  return untilDone(
    connection,
    patienceMs,
    'its log could not be emptied',
    () => checkpoint.get()?.busy === 0,
  );
}

/** @param work false: others are in the way. @returns why it could not be done */
async function untilDone(
  { database, readBatch }: PersonConnection,
  patienceMs: number,
  failed: string,
  work: () => boolean,
): Promise<readonly string[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      readBatch.end();
      if (writeAtOnce(database, work)) return [];
    } catch (cause) {
      if (!isBusy(cause)) return [`${failed} (${messageOf(cause)})`];
    }
    if (performance.now() > deadline) return [`${failed}, because other processes use it`];
    await pause(RETRY_MS);
  }
}
