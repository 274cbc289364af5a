import { readFileSync } from 'node:fs';

import type { MariadbAddress, ServerAddress } from '../../config/addresses.ts';
import type { Config } from '../../config/settings.ts';
import { whyUnreadable } from '../../core/problem.ts';
import { StoreRefusal } from '../../core/store.ts';

export type DialerConfig = Config & { readonly database: MariadbAddress };

export type PoolAddress = ReturnType<typeof poolAddress>;

/** For people: `host:port`. */
export function serverName({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * How the servers of a dialer's database are reached, by the settings.
 *
 * @param probe reads what every request reads: a node that is out of step, or a table under lock, does not answer it
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function poolAddress(
  { databaseTls, databaseCa, databasePasswordFile: file, databaseConnections: connections }: Config,
  { servers, user, password: given, database }: MariadbAddress,
  probe = 'SELECT lead_id FROM vicidial_list LIMIT 1',
) {
  const password = file === '' ? given : readNamedFile('databasePasswordFile', file).replace(/\r?\n$/, '');
  const address = { servers, user, password, database, connections, probe };
  if (databaseTls === 'off') return { ...address, tls: undefined };
  const ca = databaseCa === '' ? {} : { ca: readNamedFile('databaseCa', databaseCa) };
  return { ...address, tls: { rejectUnauthorized: databaseTls === 'on', ...ca } };
}

function readNamedFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StoreRefusal(`the file ${path} of ${setting} ${whyUnreadable(cause)}`, { cause });
  }
}
