import { join } from 'node:path';

import { PASSWORD } from '../service/lookup-fixture.ts';
import { GOAPI_PATHS } from '../../src/endpoints/goapi/handler.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import type { CheckedRequest } from './load/traffic.ts';
import { temporaryFolder, testConfig } from './test-app.ts';

/** Leads 1 to so many are there. */
export const FILLED_LEADS = 50;

/** A folder with a store where the command looks for one, with FILLED_LEADS leads and the user `crm`. */
export async function createFilledFolder(): Promise<string> {
  const folder = temporaryFolder();
  const store = openStore(testConfig(join(folder, 'data', 'callercard.db')), { create: true });
  const leads = Array.from({ length: FILLED_LEADS }, (_, at) => ({
    lead_id: at + 1,
    list_id: 1,
    first_name: `Name ${at + 1}`,
    phone_number: String(5_500_000_000 + at + 1),
  }));
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: 'one' }],
    leads,
    users: [{ name: 'crm', password: PASSWORD }],
  });
  await store.close();
  return folder;
}

/** Path and query of the lookup of a lead in such a folder. */
export function targetOf(leadId: number, password: string = PASSWORD): string {
  const query = new URLSearchParams({
    goUser: 'crm',
    goPass: password,
    goAction: 'goGetCustomerInfo',
    responsetype: 'json',
    lead_id: String(leadId),
  });
  return `${GOAPI_PATHS[0]}?${query.toString()}`;
}

/** A lookup of each lead of such a folder. */
export const FILLED_REQUESTS: readonly CheckedRequest[] = Array.from({ length: FILLED_LEADS }, (_, at) => ({
  target: targetOf(at + 1),
  expected: (body) => body.includes(`"lead_id":${at + 1},`),
}));
