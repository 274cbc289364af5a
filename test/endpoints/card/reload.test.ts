import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { openStore } from '../../../src/stores/open-store.ts';
import { loadDataset } from '../../support/dataset.ts';
import { temporaryFolder, testConfig } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { hearCalls, notifyCall } from './call-fixture.ts';
import { createCardClient, startCardApp, type CardClient } from './card-fixture.ts';

describe('an open card when the settings are read again', () => {
  it('is ended where its domain changed, and the next one hears the calls of the new store', async () => {
    const folder = temporaryFolder();
    const target = await startCardApp({}, folder);
    const client = await signInAt(target.url);
    const stream = await hearCalls(target.url, client);
    assert.equal(stream.status, 200);
    const other = testConfig(join(folder, 'other.db'));
    const store = openStore(other, { create: true });
    await loadDataset(store);
    await store.close();
    assert.deepEqual(target.app.reload(other).changed, ['default']);
    await until('the stream ends', () => stream.hasEnded);
    assert.equal((await hearCalls(target.url, client)).status, 401, 'the other store has no such session');
    const again = await hearCalls(target.url, await signInAt(target.url));
    await notifyCall(target.url, { user: 'MyUser', lead_id: 14_246 });
    assert.equal((await again.untilEvents(1))[0]?.data.lead_id, 14_246);
    assert.deepEqual(stream.events, []);
    again.close();
    await target.close();
  });

  it('13, 16: shows no call of the former store, whose users have the same names', async () => {
    const folder = temporaryFolder();
    const target = await startCardApp({}, folder);
    await notifyCall(target.url, { user: 'MyUser', phone: '5587654321' });
    const other = testConfig(join(folder, 'other.db'));
    const store = openStore(other, { create: true });
    await loadDataset(store);
    await store.close();
    target.app.reload(other);
    const stream = await hearCalls(target.url, await signInAt(target.url));
    await notifyCall(target.url, { user: 'MyUser', lead_id: 14_246 });
    const [first] = await stream.untilEvents(1);
    assert.deepEqual([first?.data.lead_id, first?.data.phone], [14_246, undefined]);
    stream.close();
    await target.close();
  });

  it('goes on where nothing of its domain changed', async () => {
    const folder = temporaryFolder();
    const target = await startCardApp({}, folder);
    const stream = await hearCalls(target.url, await signInAt(target.url));
    const stateFile = join(folder, 'test-state.db');
    assert.deepEqual(
      target.app.reload(testConfig(join(folder, 'test.db'), { stateFile, logLevel: 'error' })).changed,
      [],
    );
    await notifyCall(target.url, { user: 'MyUser', lead_id: 14_246 });
    await stream.untilEvents(1);
    assert.equal(stream.hasEnded, false);
    stream.close();
    await target.close();
  });
});

async function signInAt(url: string): Promise<CardClient> {
  const client = createCardClient(url);
  await client.signIn();
  return client;
}
