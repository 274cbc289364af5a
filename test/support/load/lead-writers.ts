import assert from 'node:assert/strict';

import { StoreFailure } from '../../../src/core/lead-store.ts';
import type { PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import { startWriters } from './writers.ts';

/** Adds leads one after the other, whatever happens to the database, until it is stopped. */
export function startLeadWriters({ records }: Pick<PostgresqlStore, 'records'>) {
  return startWriters(async (name) => {
    const lead = { list_id: 100, first_name: `Written ${name}`, is_customer: false };
    const by = { user: 'crm', endpoint: 'v1', requestId: name } as const;
    try {
      const written = await records.add(lead, by, {});
      return 'id' in written ? written.id : undefined;
    } catch (cause) {
      assert.ok(cause instanceof StoreFailure, String(cause));
      return undefined;
    }
  });
}
