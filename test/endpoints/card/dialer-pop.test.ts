import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { createApp, type App } from '../../../src/app.ts';
import { createReadOnlyUser } from '../../support/dialer-accounts.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { type FloorAgent, setFloor } from '../../support/dialer-floor.ts';
import type { EventStream } from '../../support/event-stream.ts';
import { fillDialer } from '../../support/fill-dialer.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { until } from '../../support/until.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { hearCalls } from './call-fixture.ts';
import { createCardClient } from './card-fixture.ts';
import { listenReady } from '../../support/test-app.ts';

const READER = { user: 'callercard', password: 'planted-secret of the database' } as const;
const PASSWORD = 'planted-secret of an agent';
const LOCK_HOLDER = `SELECT IS_USED_LOCK('callercard pop default asterisk') AS id`;

describe('cards that open by the calls of a dialer', { skip: mariadbSkip }, () => {
  const watched = createWatchedLog();
  let server: MariadbServer;
  const apps: App[] = [];
  const cards: EventStream[] = [];
  let calls = 0;
  before(async () => {
    server = await startMariadb();
    await fillDialer(server, {
      lists: [{ list_id: 100, name: 'One' }],
      leads: [{ lead_id: 7, list_id: 100, phone_number: '5511112222' }],
      users: ['ana', 'luis'].map((name) => ({ name, password: PASSWORD })),
    });
    await createReadOnlyUser(server, READER.user, READER.password);
  });
  after(async () => {
    await server.stop();
    watched.check();
  });
  beforeEach(() => setFloor(server, []));
  afterEach(async () => {
    for (const card of cards.splice(0)) card.close();
    for (const app of apps.splice(0)) await app.close();
  });

  async function start(changes: Parameters<typeof dialerConfig>[2] = {}): Promise<string> {
    const app = createApp(dialerConfig(server, READER, changes), { log: watched.log });
    apps.push(app);
    return listenReady(app);
  }

  async function openCard(url: string, user: string): Promise<EventStream> {
    const client = createCardClient(url);
    // A login that a busy machine puts off gets 503.
    await until('the agent is signed in', async () => {
      const { status } = await client.signIn(user, PASSWORD);
      assert.ok(status === 303 || status === 503, String(status));
      return status === 303;
    });
    const card = await hearCalls(url, client);
    cards.push(card);
    return card;
  }

  /** The floor with a new call at this agent, and no other one. */
  async function ring(user: string, changes: Omit<FloorAgent, 'user'> = {}): Promise<string> {
    calls += 1;
    const callerid = `Y${String(calls).padStart(19, '0')}`;
    const agent = { user, callerid, status: 'QUEUE', lead_id: 7, comments: 'INBOUND', ...changes };
    const call = { callerid, phone_number: '5511112222', campaign_id: 'SALESLINE', call_type: 'IN' };
    await setFloor(server, [agent, { user: user === 'ana' ? 'luis' : 'ana' }], [call]);
    return callerid;
  }

  /** Until somebody reads the floor. */
  const isRead = () =>
    until('the floor is read', async () => {
      const [row] = (await server.runRootSql(LOCK_HOLDER)) as readonly { id: unknown }[];
      return row?.id !== null;
    });
  const states = ({ events }: EventStream) => events.map(({ data }) => data.state ?? 'ringing');

  it('gets the call at the agent’s card, as it rings, is answered and ends, and at nobody else’s', async () => {
    const url = await start();
    const [ana, luis] = [await openCard(url, 'ana'), await openCard(url, 'luis')];
    await isRead();
    const callId = await ring('ana');
    const [{ data } = assert.fail()] = await ana.untilEvents(1);
    const { at, ...about } = data;
    assert.ok(typeof at === 'number' && Math.abs(at - Date.now()) < 60_000);
    assert.partialDeepStrictEqual(about, {
      ...{ phone: '5511112222', lead_id: 7, call_id: callId, direction: 'inbound', line: 'SALESLINE' },
      ...{ state: 'ringing', replayed: false },
    });
    await ring('luis');
    await luis.untilEvents(1);
    await ana.untilEvents(2);
    await setFloor(server, []);
    await luis.untilEvents(2);
    assert.deepEqual(
      [states(ana), states(luis)],
      [
        ['ringing', 'ended'],
        ['ringing', 'ended'],
      ],
    );
    assert.equal(new Set(ana.events.map(({ data }) => data.call_id)).size, 1);
  });

  it('shows the lead that an agent looks at before it is dialed, which has no number yet', async () => {
    const url = await start();
    const ana = await openCard(url, 'ana');
    await isRead();
    await setFloor(server, [{ user: 'ana', status: 'PAUSED', preview_lead_id: 7 }]);
    const [{ data } = assert.fail()] = await ana.untilEvents(1);
    assert.partialDeepStrictEqual(data, { lead_id: 7, direction: 'outbound', line: 'L1' });
    assert.equal(data.phone, undefined);
  });

  it('goes on when its connection to the dialer is cut', async () => {
    const url = await start();
    const ana = await openCard(url, 'ana');
    await isRead();
    await ring('ana');
    await ana.untilEvents(1);
    const [row] = (await server.runRootSql(LOCK_HOLDER)) as readonly { id: unknown }[];
    await server.runRootSql(`KILL ${String(row?.id)}`);
    const callId = await ring('ana');
    await until('the next call', () => ana.events.some(({ data }) => data.call_id === callId));
    const ids = ana.events.filter(({ data }) => (data.state ?? 'ringing') === 'ringing').map(({ id }) => id);
    assert.equal(ids.length, 2, 'each call rings once');
  });

  it('hears each call once, of two processes on one dialer, and when the one that reads it ends', async () => {
    const urls = [await start(), await start()];
    const both = [await openCard(urls[0] ?? '', 'ana'), await openCard(urls[1] ?? '', 'ana')];
    const rings = () =>
      both.flatMap(({ events }) => events).filter(({ data }) => (data.state ?? 'ringing') === 'ringing');
    await isRead();
    for (const expected of [1, 2]) {
      await ring('ana');
      await until('it rings', () => rings().length >= expected);
      assert.equal(rings().length, expected);
    }
    const reader = both.findIndex(({ events }) => events.length > 0);
    assert.equal(both.filter(({ events }) => events.length > 0).length, 1);
    await apps[reader]?.close();
    const callId = await ring('ana');
    await until('the other one has it', () =>
      (both[1 - reader]?.events ?? []).some(({ data }) => data.call_id === callId),
    );
  });

  it('asks nothing of the dialer without a card, where it is switched off, and where it may not', async () => {
    await start();
    const off = await start({ dialerPop: 'off' });
    const card = await openCard(off, 'ana');
    await ring('ana');
    const [row] = (await server.runRootSql(LOCK_HOLDER)) as readonly { id: unknown }[];
    assert.equal(row?.id, null);
    assert.deepEqual(card.events, []);
    await server.runRootSql(`REVOKE SELECT ON asterisk.vicidial_live_agents FROM callercard@'%'`);
    try {
      const denied = await start();
      await openCard(denied, 'luis');
      await until('the log says so', () => watched.lines.join('').includes('may not read the calls'));
    } finally {
      await server.runRootSql(`GRANT SELECT ON asterisk.vicidial_live_agents TO callercard@'%'`);
    }
  });
});
