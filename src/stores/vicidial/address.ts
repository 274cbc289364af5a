import type { MariadbAddress } from '../../config/addresses.ts';
import type { Config } from '../../config/settings.ts';
import type { PoolAddress } from '../network/connector.ts';
import { databaseLogin } from '../network/login.ts';
import { dialerFailure } from './dialer-failure.ts';
import { openConnection } from './open-connection.ts';

export type DialerConfig = Config & { readonly database: MariadbAddress };

/**
 * How the servers of a dialer's database are reached, by the settings.
 *
 * @param probe reads what every request reads: a node that is out of step, or a table under lock, does not answer it
 * @throws {StoreRefusal} a file that the settings name cannot be read
 */
export function poolAddress(
  config: Config,
  { servers, ...account }: MariadbAddress,
  probe = 'SELECT lead_id FROM vicidial_list LIMIT 1',
): PoolAddress {
  const login = databaseLogin(config, account);
  return {
    ...{ servers, connections: config.databaseConnections, probe },
    open: (server) => openConnection(login, server),
    explain: dialerFailure,
  };
}
