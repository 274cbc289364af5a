import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { StoreRefusal } from '../../core/store.ts';
import { listMigrations } from '../migration-files.ts';
import type { Transaction } from './transactions.ts';

const FOLDER = join(import.meta.dirname, 'migrations');

/** The names of tables and indexes that a store of this version has. */
export function expectedRelations(): {
  readonly tables: readonly string[];
  readonly indexes: readonly string[];
} {
  const text = listMigrations(FOLDER)
    .map(({ path }) => readFileSync(path, 'utf8'))
    .join('\n');
  const tables = [...text.matchAll(/^CREATE TABLE (\w+) \((.*?)^\);/gms)].map(
    ([, name = '', columns = '']) => ({
      name,
      hasKey: columns.includes('PRIMARY KEY'),
    }),
  );
  const named = [...text.matchAll(/^CREATE (?:UNIQUE )?INDEX (\w+)/gm)].map(([, name = '']) => name);
  return {
    tables: tables.map(({ name }) => name),
    indexes: [...tables.flatMap(({ name, hasKey }) => (hasKey ? [`${name}_pkey`] : [])), ...named],
  };
}

/** What may be done to a store that is not of this version. */
export interface Allowed {
  /** Make it where there is none. */
  readonly mayCreate: boolean;
  /** Bring an older one up to date. */
  readonly mayMigrate: boolean;
}

/**
 * Looks whether the store is of this version, and brings it to it.
 *
 * @returns the version that it had; undefined: there was no store
 * @throws {StoreRefusal} it is not there, is older, or newer than this program
 */
export async function bringUpToDate(
  transaction: Transaction,
  schema: string,
  { mayCreate, mayMigrate }: Allowed,
): Promise<number | undefined> {
  const migrations = listMigrations(FOLDER);
  const newest = migrations.at(-1)?.version ?? 0;
  let version = await versionOf(transaction, schema);
  if (version === newest) return version;
  if (!(version === undefined ? mayCreate : mayMigrate)) throw refusalOf(schema, version, newest);
  // Two processes that start together make one store.
  await transaction.run('SELECT pg_advisory_xact_lock(hashtext($1))', [`callercard ${schema}`]);
  version = await versionOf(transaction, schema);
  if (version !== undefined && version > newest) throw refusalOf(schema, version, newest);
  if (version === undefined) await makeSchema(transaction, schema);
  for (const { version: next, path } of migrations) {
    if (next > (version ?? 0)) await transaction.runScript(readFileSync(path, 'utf8'));
  }
  await transaction.run(
    `INSERT INTO meta VALUES ('schema_version', $1) ON CONFLICT (name) DO UPDATE SET value = $1`,
    [String(newest)],
  );
  return version;
}

/** The schema may be there, made by somebody who has the right to. */
async function makeSchema({ run, runScript }: Transaction, schema: string): Promise<void> {
  const [row] = await run('SELECT to_regnamespace($1) IS NOT NULL, getdatabaseencoding()', [schema]);
  if (row?.[1] !== 'UTF8')
    throw new StoreRefusal(
      `the database has the encoding ${String(row?.[1])}; make one with ENCODING 'UTF8'`,
    );
  // Its form is checked where the address is read.
  if (row[0] !== true) await runScript(`CREATE SCHEMA "${schema}"`);
}

/** @returns undefined: there is no store in the schema */
export async function versionOf({ run }: Transaction, schema: string): Promise<number | undefined> {
  // By the tables of the catalogue: `to_regclass` may not know yet what another session has just made.
  const [there] = await run(
    `SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE nspname = $1 AND relname = 'meta'`,
    [schema],
  );
  if (there === undefined) return undefined;
  const [row] = await run(`SELECT value FROM meta WHERE name = 'schema_version'`, []);
  return row === undefined ? undefined : Number(row[0]);
}

function refusalOf(schema: string, version: number | undefined, newest: number): StoreRefusal {
  if (version === undefined)
    return new StoreRefusal(
      `there is no store in the schema ${schema} of the database; "callercard import" or "callercard user add" makes one`,
    );
  return new StoreRefusal(
    version > newest
      ? `the store in the schema ${schema} was made by a newer version of callercard (schema ${version}; this one knows ${newest})`
      : `the store in the schema ${schema} was made by an older version of callercard; "callercard serve" and "callercard import" bring it up to date`,
  );
}
