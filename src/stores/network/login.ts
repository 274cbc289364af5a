import { readFileSync } from 'node:fs';

import type { Config } from '../../config/settings.ts';
import { whyUnreadable } from '../../core/problem.ts';
import { StoreRefusal } from '../../core/store.ts';

/** As whom, and how, a connection to a database is made. */
export interface DatabaseLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Undefined: without TLS. */
  readonly tls: { readonly rejectUnauthorized: boolean; readonly ca?: string } | undefined;
}

/**
 * @param address what the address of the database says
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function databaseLogin(
  { databaseTls, databaseCa, databasePasswordFile: file }: Config,
  { user, password: given, database }: Omit<DatabaseLogin, 'tls'>,
): DatabaseLogin {
  const password = file === '' ? given : readNamedFile('databasePasswordFile', file).replace(/\r?\n$/, '');
  if (databaseTls === 'off') return { user, password, database, tls: undefined };
  const ca = databaseCa === '' ? {} : { ca: readNamedFile('databaseCa', databaseCa) };
  return { user, password, database, tls: { rejectUnauthorized: databaseTls === 'on', ...ca } };
}

function readNamedFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StoreRefusal(`the file ${path} of ${setting} ${whyUnreadable(cause)}`, { cause });
  }
}
