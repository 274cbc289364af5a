import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { digestOf } from '../../../src/auth/secrets.ts';
import { runSql } from '../../support/run-sql.ts';
import { send, temporaryFolder, type TestApp } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { hearCalls, notifyCall } from './call-fixture.ts';
import { createCardClient, startCardApp, type CardClient } from './card-fixture.ts';

describe('a card whose session cannot be shown to be good', () => {
  let target: TestApp;
  let path: string;
  before(async () => {
    const folder = temporaryFolder();
    path = join(folder, 'test.db');
    target = await startCardApp({ heartbeatMs: 20 }, folder);
  });
  after(() => target.close());

  async function signIn(): Promise<CardClient> {
    const client = createCardClient(target.url);
    await client.signIn();
    return client;
  }

  const sessionOf = (client: CardClient) => digestOf(client.cookies.get('callercard') ?? '');
  const call = (lead_id: number) => notifyCall(target.url, { user: 'MyUser', lead_id });
  const heartbeatsOf = ({ text }: { readonly text: string }) => text.split(':\n\n').length - 1;

  /** So many that the next wrong key is answered 429. */
  async function sendWrongKeys(): Promise<void> {
    const headers = { authorization: `Bearer cc_${'A'.repeat(43)}` };
    const sendOne = () => send(target.url, '/v1/leads/1', { headers });
    await until('they are slowed', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, sendOne));
      return answers.some(({ status }) => status === 429);
    });
  }

  it('gets no call when others on its network send wrong keys', async () => {
    const client = await signIn();
    const seen = await call(14_246);
    const stream = await hearCalls(target.url, client, `?after=${seen}`);
    assert.equal(stream.status, 200);
    await sendWrongKeys();
    await target.store.credentials.dropSession(sessionOf(client));
    await call(14_247);
    await until('the stream ends', () => stream.hasEnded);
    assert.deepEqual(stream.events, []);
  });

  it('gets its own answer whoever else sends wrong keys', async () => {
    const client = await signIn();
    await target.store.users.setActive('MyUser', false);
    try {
      await sendWrongKeys();
      assert.equal((await hearCalls(target.url, client)).status, 401);
    } finally {
      await target.store.users.setActive('MyUser', true);
    }
  });

  it('hears no call while the store is away, and the last one when it is back; heartbeats go on', async () => {
    const client = await signIn();
    const seen = await call(14_246);
    const stream = await hearCalls(target.url, client, `?after=${seen}`);
    runSql(path, 'ALTER TABLE sessions RENAME TO sessions_away');
    try {
      assert.equal((await hearCalls(target.url, client)).status, 503);
      const before = heartbeatsOf(stream);
      await until('heartbeats come', () => heartbeatsOf(stream) > before + 2);
      assert.equal(stream.hasEnded, false);
      await call(14_247);
      await until('the stream ends', () => stream.hasEnded);
      assert.deepEqual(stream.events, []);
    } finally {
      runSql(path, 'ALTER TABLE sessions_away RENAME TO sessions');
    }
    const again = await hearCalls(target.url, client, '', { 'last-event-id': seen });
    const [event] = await again.untilEvents(1);
    assert.deepEqual([event?.data.lead_id, event?.data.replayed], [14_247, true]);
    again.close();
  });

  it('ends at a heartbeat, without any call', async () => {
    const client = await signIn();
    const stream = await hearCalls(target.url, client);
    await sendWrongKeys();
    await target.store.credentials.dropSession(sessionOf(client));
    await until('the stream ends', () => stream.hasEnded);
  });
});
