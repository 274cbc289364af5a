import { join } from 'node:path';

import { loadConfig } from '../../src/config/load.ts';
import type { DialerConfig } from '../../src/stores/vicidial/address.ts';
import type { Address } from './root-sql.ts';
import { temporaryFolder } from './test-app.ts';

/** An account of the database. */
export interface DatabaseAccount {
  readonly user: string;
  readonly password: string;
}

/** The defaults, over the dialer on these servers, without log, with a state file of the test's own. */
export function dialerConfig(
  servers: Address | readonly Address[],
  { user, password }: DatabaseAccount,
  changes: Partial<DialerConfig> = {},
): DialerConfig {
  const { config } = loadConfig({ flags: {}, environment: {} });
  return {
    ...config,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    database: {
      engine: 'mariadb',
      servers: [servers].flat().map(({ host, port }) => ({ host, port })),
      user,
      password,
      database: 'asterisk',
    },
    stateFile: join(temporaryFolder(), 'state.db'),
    ...changes,
  };
}
