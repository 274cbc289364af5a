import type { DatabaseSync } from 'node:sqlite';

import { loginKeys } from '../login-rules.ts';

/** The keys of names and networks in a store's file. */
export function createLoginKeys(database: DatabaseSync): (text: string) => string {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'login_secret'").get();
  return loginKeys(String(row?.value));
}
