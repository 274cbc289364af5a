import type { MariadbAddress } from '../../config/addresses.ts';
import type { LogStoreEvent } from '../../core/store.ts';
import { createDialer } from './dialer.ts';
import { dialerAddress, type DialerConfig } from './dialer-address.ts';
import { retryAfterRefresh } from './schema-cache.ts';
import { wholeNumber } from './lead-reader.ts';
import { createCached } from './cached.ts';
import { canFindBy, CUSTOMERS_TABLE, readTables } from './schema.ts';
import { byIndex } from './statements.ts';

/** GOautodial's customers: beside the dialer's tables, on a server of their own, or nowhere. */
export interface Customers {
  /** The name of their database on the dialer's own server. */
  readonly database: string | undefined;
  /** Asks their own server. */
  readonly isCustomer: ((leadId: number) => Promise<boolean>) | undefined;
  close(): Promise<void>;
}

export function customersOf(config: DialerConfig, tell: LogStoreEvent): Customers {
  const { goautodialDatabase: place } = config;
  if (place !== 'none' && 'servers' in place) return customersElsewhere(config, place, tell);
  return {
    database: place === 'none' ? undefined : place.name,
    isCustomer: undefined,
    close: () => Promise.resolve(),
  };
}

/** A table that is not there, or that has no index to find a lead by, has nobody. */
function customersElsewhere(config: DialerConfig, place: MariadbAddress, tell: LogStoreEvent): Customers {
  const dialer = createDialer(dialerAddress(config, place, 'SELECT 1'), tell);
  const table = createCached(async () =>
    (await readTables(dialer.read, place.database, [CUSTOMERS_TABLE])).get(CUSTOMERS_TABLE),
  );
  return {
    database: undefined,
    isCustomer: async (leadId) =>
      retryAfterRefresh(
        table.get(),
        () => table.learn(),
        async (known) => {
          if (!canFindBy(known, 'lead_id')) return false;
          const statement = `SELECT 1 FROM ${CUSTOMERS_TABLE} ${byIndex(known, 'lead_id')} WHERE lead_id = ? LIMIT 1`;
          return (await dialer.read(statement, [wholeNumber(leadId)])).length > 0;
        },
      ),
    close: () => dialer.close(),
  };
}
