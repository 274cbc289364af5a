import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { Services } from '../../src/service/services.ts';
import type { OwnStore } from '../../src/core/store.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { createTestServices } from './test-services.ts';
import { CHEAP_VERIFIER, PASSWORD } from './lookup-fixture.ts';

/** A placeholder that many leads have for a number, and how often one request asks for it. */
const NUMBER = '5500000000';
const LEADS = 4_000;
const ASKED = 300;

describe('many lookups of one request', () => {
  let store: OwnStore;
  let services: Services;
  before(async () => {
    store = openStore(testConfig(join(temporaryFolder(), 'many.db')), { create: true });
    await fillEmbedded(store, {
      lists: [{ list_id: 100, name: 'North' }],
      leads: Array.from({ length: LEADS }, (_, at) => ({
        lead_id: at + 1,
        list_id: 100,
        phone_number: NUMBER,
      })),
      users: [{ name: 'ana', password: { verifier: CHEAP_VERIFIER }, lists: [100] }],
    });
    services = createTestServices(store, { ratePerSecond: 5_000 });
  });
  after(() => store.close());

  it('let others in between, also where each takes long by itself', async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const credentials = { kind: 'user', name: 'ana', password: PASSWORD } as const;
    const began = performance.now();
    const answered = await services.lookupMany({
      requestId: 'r-1',
      address: '192.0.2.1',
      endpoint: 'v1',
      right: 'read',
      credentials: credentials,
      items: Array.from({ length: ASKED }, () => ({ phoneNumber: NUMBER })),
    });
    const took = performance.now() - began;
    isDone = true;
    assert.ok('outcomes' in answered);
    assert.equal(answered.outcomes.filter((outcome) => 'result' in outcome).length, ASKED);
    // Twice as long as a turn may take, because the last lookup of a turn begins within it.
    assert.ok(turns > took / 20, `${turns} turns in ${took} ms`);
  });
});
