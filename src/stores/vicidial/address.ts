import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';

import type { MariadbAddress, ServerAddress } from '../../config/addresses.ts';
import type { Config } from '../../config/settings.ts';
import { StoreRefusal } from '../../core/store.ts';

export type DialerConfig = Config & { readonly database: MariadbAddress };

/** How the servers of a dialer's database are reached. */
export interface PoolAddress {
  readonly servers: readonly ServerAddress[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** undefined: without TLS. */
  readonly tls: (SecureContextOptions & { readonly rejectUnauthorized: boolean }) | undefined;
  /** Connections to each server, at most. */
  readonly connections: number;
  /** Reads what every request reads: a node that is out of step, or a table under lock, does not answer it. */
  readonly probe: string;
}

/** For people: `host:port`. */
export function serverName({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * What the settings say of a database of the dialer's.
 *
 * @param probe a statement that shows whether its servers can answer
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function poolAddress(
  config: Config,
  { servers, user, password, database }: MariadbAddress,
  probe = 'SELECT lead_id FROM vicidial_list LIMIT 1',
): PoolAddress {
  return {
    servers,
    user,
    password: config.databasePasswordFile === '' ? password : readPassword(config.databasePasswordFile),
    database,
    tls: tlsOf(config),
    connections: config.databaseConnections,
    probe,
  };
}

function tlsOf({ databaseTls, databaseCa }: Config): PoolAddress['tls'] {
  if (databaseTls === 'off') return undefined;
  const ca = databaseCa === '' ? {} : { ca: readNamedFile('databaseCa', databaseCa) };
  return { rejectUnauthorized: databaseTls === 'on', ...ca };
}

/** One line; the end of the line is not part of it. */
function readPassword(path: string): string {
  return readNamedFile('databasePasswordFile', path).replace(/\r?\n$/, '');
}

function readNamedFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? 'unknown error'})`;
    throw new StoreRefusal(`the file ${path} of ${setting} ${reason}`, { cause });
  }
}
