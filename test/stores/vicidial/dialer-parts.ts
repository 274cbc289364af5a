import type { ListScopeRule } from '../../../src/config/settings.ts';
import { createPool } from '../../../src/stores/network/pool.ts';
import { poolAddress } from '../../../src/stores/vicidial/address.ts';
import type { Parameter } from '../../../src/stores/vicidial/rows.ts';
import { createSchemaCache, type SchemaCache } from '../../../src/stores/vicidial/schema-cache.ts';
import { createCompleteWithNumbers } from '../../../src/stores/vicidial/further-numbers.ts';
import {
  type CompleteLead,
  createCompleteLead,
  createLookups,
  type DialerLookups,
} from '../../../src/stores/vicidial/lookups.ts';
import type { Read } from '../../../src/stores/vicidial/rows.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import type { Address } from '../../support/root-sql.ts';
import { READER } from './dialer-fixture.ts';

/** The lookups of the engine, put together so that every statement can be seen and time stands still. */
export interface DialerParts {
  readonly read: Read;
  readonly schemaCache: SchemaCache;
  readonly lookups: DialerLookups;
  readonly complete: CompleteLead;
  readonly completeWithNumbers: CompleteLead;
  pass(milliseconds: number): void;
  /** What was read since this was last asked. */
  takeReads(): readonly { readonly sql: string; readonly parameters: readonly Parameter[] }[];
  close(): Promise<void>;
}

export function openParts(
  server: Address,
  {
    address3IsPhone = true,
    numberBlocks = false,
    listScope = 'campaigns',
  }: { address3IsPhone?: boolean; numberBlocks?: boolean; listScope?: ListScopeRule } = {},
): DialerParts {
  const config = dialerConfig(server, READER);
  const dialer = createPool(poolAddress(config, config.database), () => undefined);
  let reads: { sql: string; parameters: readonly Parameter[] }[] = [];
  let now = 0;
  const read: Read = (sql, parameters) => {
    reads.push({ sql, parameters });
    return dialer.read(sql, parameters);
  };
  const rules = { address3IsPhone, numberBlocks, listScope, customersDatabase: 'goautodial' };
  const schemaCache = createSchemaCache(read, 'asterisk', rules, () => now);
  const complete = createCompleteLead(read, schemaCache);
  return {
    read,
    schemaCache: schemaCache,
    lookups: createLookups(read, schemaCache, 'MX'),
    complete,
    completeWithNumbers: createCompleteWithNumbers(read, schemaCache, complete),
    pass(milliseconds) {
      now += milliseconds;
    },
    takeReads() {
      const taken = reads;
      reads = [];
      return taken;
    },
    close: () => dialer.close(),
  };
}
