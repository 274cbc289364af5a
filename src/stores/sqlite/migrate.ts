import { closeSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { listMigrations } from '../migration-files.ts';
import { createLoginKeys } from './login-keys.ts';
import { BUSY_TIMEOUT_MS, writeWhole } from './transactions.ts';

const FOLDER = join(import.meta.dirname, 'migrations');

/** The newest schema version that this program knows. */
export function newestVersion(): number {
  return listMigrations(FOLDER).at(-1)?.version ?? 0;
}

/** Brings the schema to the newest version: each migration whole or not at all, also when two processes try. */
export function migrate(database: DatabaseSync): void {
  // For 004-logins.sql, which makes the secret before it hashes.
  let keys: ReturnType<typeof createLoginKeys> | undefined;
  database.function('keyed_hash', (text) => (keys ??= createLoginKeys(database))(String(text)));
  for (const { version, path } of listMigrations(FOLDER)) {
    if (versionOf(database) >= version) continue;
    writeWhole(database, () => {
      if (versionOf(database) >= version) return;
      database.exec(readFileSync(path, 'utf8'));
      database.exec(`PRAGMA user_version = ${version}`);
    });
  }
}

/** Whether a store was made by an older version of this program. */
export function isOlder(database: DatabaseSync): boolean {
  return versionOf(database) < newestVersion();
}

/**
 * Keeps a store as it is beside it, before it is migrated.
 *
 * @returns the path of the copy; undefined where another process has migrated the store meanwhile
 * @throws the system's error: there is no room, or the folder may not be written to
 */
export function keepCopy(database: DatabaseSync, path: string): string | undefined {
  const draft = `${path}.copy-${process.pid}`;
  try {
    // Customers' data: for this user alone. SQLite takes a file that is empty.
    closeSync(openSync(draft, 'wx', 0o600));
    database.prepare('VACUUM INTO ?').run(draft);
    const version = readVersion(draft);
    if (version >= newestVersion()) return undefined;
    const copy = `${path}.schema-${version}`;
    renameSync(draft, copy);
    return copy;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Copies an embedded store as it is now, also while it is used.
 *
 * @param target where no file is yet
 * @throws the system's error: there is no room
 */
export function copyStore(path: string, target: string): void {
  closeSync(openSync(target, 'wx', 0o600));
  using database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  database.prepare('VACUUM INTO ?').run(target);
}

function readVersion(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  return versionOf(database);
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}
