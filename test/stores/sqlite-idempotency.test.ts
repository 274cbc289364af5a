import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { createLeadStore } from '../../src/stores/sqlite/leads.ts';
import { createRecordStore } from '../../src/stores/sqlite/records.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { fillEmbedded } from './described-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const BY = { user: 'ana', endpoint: 'v1', requestId: 'r-1' } as const;

describe('keys of requests that are sent again', () => {
  it('are known for a day, and then forgotten a few at a time', async () => {
    const path = join(temporaryFolder(), 'keys.db');
    const store = openStore(testConfig(path), { create: true });
    await fillEmbedded(store, {
      lists: [{ list_id: 1, name: 'North' }],
      leads: [{ lead_id: 1, list_id: 1 }],
      users: [],
    });
    let now = Date.UTC(2026, 5, 1);
    const leads = createLeadStore(store.connection, { address3IsPhone: false });
    const records = createRecordStore(store.connection, leads, () => now);
    const note = (key: string) => records.addNote(1, 'n', BY, { account: '1', key, digest: key });
    const first = await note('first');
    assert.ok('id' in first);
    for (let at = 0; at < 500; at += 1) await note(`k-${at}`);
    now += DAY_MS;
    assert.deepEqual(await note('first'), { ...first, isRepeated: true });
    now += 1;
    const again = await note('first');
    assert.ok('id' in again && again.id !== first.id && again.isRepeated === undefined);
    assert.deepEqual(await note('first'), { ...again, isRepeated: true });
    const database = new DatabaseSync(path);
    const left = () => Number(database.prepare('SELECT count(*) AS keys FROM idempotency_keys').get()?.keys);
    const leftAfterOne = left();
    assert.ok(leftAfterOne > 300 && leftAfterOne < 500, String(leftAfterOne));
    for (let at = 0; at < 6; at += 1) await note(`later-${at}`);
    assert.equal(left(), 1 + 6);
    database.close();
    await store.close();
  });
});
