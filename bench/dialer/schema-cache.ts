import { createPool, type DatabasePool } from '../../src/stores/network/pool.ts';
import { poolAddress } from '../../src/stores/vicidial/address.ts';
import { createSchemaCache, type SchemaCache } from '../../src/stores/vicidial/schema-cache.ts';
import { dialerConfig } from '../../test/support/dialer-config.ts';
import type { Address } from '../../test/support/root-sql.ts';
import { READER } from './data.ts';

/** What the product learns of a dialer, and with it the very statements of its lookups. */
export async function withSchemaCache<Result>(
  server: Address,
  work: (cache: SchemaCache, read: DatabasePool['read']) => Promise<Result>,
): Promise<Result> {
  const config = dialerConfig(server, READER);
  const dialer = createPool(poolAddress(config, config.database), () => undefined);
  try {
    const rules = {
      address3IsPhone: false,
      numberBlocks: false,
      listScope: 'campaigns',
      customersDatabase: 'goautodial',
    } as const;
    return await work(createSchemaCache(dialer.read, 'asterisk', rules), dialer.read);
  } finally {
    await dialer.close();
  }
}
