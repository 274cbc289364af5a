import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';

import { PASSWORD } from '../service/lookup-fixture.ts';
import { hearCalls, notifyCall } from '../endpoints/card/call-fixture.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { basic } from '../support/authorization.ts';
import { startCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { childrenOf, processTreeSkip } from '../support/process-tree.ts';
import { findServerPort } from '../support/server-port.ts';
import { redisSkip, startRedis } from '../support/redis-server.ts';
import { until, untilSaid } from '../support/until.ts';

/** More than enough that each of two workers has some: connections are dealt to them in turn. */
const CARDS = 6;

describe('a call that one of two workers receives', { timeout: 240_000 }, () => {
  let cwd: string;
  before(async () => {
    cwd = await createFilledFolder();
  });

  /** Two workers, and cards of one user on both. */
  async function openCards(t: TestContext, env: Readonly<Record<string, string>>) {
    // Workers that all end come back at the same port.
    const port = String(await findServerPort());
    const server = await startCallercard(['serve', '--workers', '2', '--port', port], { cwd, env });
    t.after(() => server.kill('SIGKILL'));
    const client = createCardClient(server.url);
    assert.equal((await client.signIn('crm', PASSWORD)).status, 303);
    const cards = await Promise.all(Array.from({ length: CARDS }, () => hearCalls(server.url, client)));
    assert.deepEqual(
      cards.map(({ status }) => status),
      cards.map(() => 200),
    );
    const notify = (leadId: number) =>
      notifyCall(server.url, { user: 'crm', lead_id: leadId }, basic('crm', PASSWORD));
    /** How many cards have heard of a lead. */
    const heard = (leadId: number) =>
      cards.filter(({ events }) => events.some(({ data }) => data.lead_id === leadId)).length;
    return { server, client, cards, notify, heard };
  }

  it('reaches the cards of both through Redis, each once', { skip: redisSkip }, async (t) => {
    const redis = await startRedis('planted-secret');
    t.after(() => redis.kill());
    const { cards, notify, heard } = await openCards(t, { CALLERCARD_REDIS: redis.url });
    for (const leadId of [1, 2, 3, 4]) {
      await notify(leadId);
      await until('every card has heard', () => heard(leadId) === CARDS);
    }
    // A call that comes back through Redis is known again.
    assert.deepEqual(
      cards.map(({ events }) => events.map(({ data }) => data.lead_id)),
      cards.map(() => [1, 2, 3, 4]),
    );
  });

  it(
    'reaches the cards of both without a server for it, each once, also when it is the last before they open',
    { skip: processTreeSkip },
    async (t) => {
      const { server, client, cards, notify, heard } = await openCards(t, {});
      for (const leadId of [1, 2, 3, 4]) {
        await notify(leadId);
        await until('every card has heard', () => heard(leadId) === CARDS);
      }
      assert.deepEqual(
        cards.map(({ events }) => events.map(({ data }) => data.lead_id)),
        cards.map(() => [1, 2, 3, 4]),
      );
      // Whoever was notified of the call is gone.
      for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGKILL');
      await untilSaid(server, /worker \d \(process \d+\) answers at /, 2);
      const later = await Promise.all(Array.from({ length: CARDS }, () => hearCalls(server.url, client)));
      await until('each has the last call', () => later.every(({ events }) => events.length > 0));
      assert.deepEqual(
        later.map(({ events }) => events.map(({ data }) => [data.lead_id, data.replayed])),
        later.map(() => [[4, true]]),
      );
    },
  );
});
