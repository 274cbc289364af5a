import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { StoreFailure } from '../../src/core/lead-store.ts';
import { recorded } from '../connectors/asterisk/scenes.ts';
import { hearCalls } from '../endpoints/card/call-fixture.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { fillOwn } from '../stores/described-store.ts';
import type { EventStream } from '../support/event-stream.ts';
import { type FakeManager, startFakeManager } from '../support/fake-manager.ts';
import { send, startTestApp, temporaryFolder, testConfig, type TestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'a password of this test';
const CALLER = '+523311110001';
const SECRET = 'planted-secret';

/** Events alone, of another call at each time. */
let calls = 0;
function eventsOf(scene: string): string {
  calls += 1;
  const other = String(1_795_900_000 + calls).slice(0, 7);
  return recorded(scene)
    .replace(/^[^]*?\n\n/, '')
    .replaceAll('1795905', other);
}

/** What a card heard of calls: number and state of each event. */
const heardBy = ({ events }: EventStream) =>
  events.map(({ data }) => [data.phone, data.state ?? 'ringing'].join(' '));

describe('the calls of Asterisk', () => {
  let manager: FakeManager;
  let app: TestApp;
  const folder = temporaryFolder();
  before(async () => {
    manager = await startFakeManager({ secret: SECRET });
    const asterisk = {
      host: '127.0.0.1',
      port: manager.port,
      tls: 'off',
      user: 'callercard',
      secret: SECRET,
    } as const;
    const users = ['ana', '1002', 'eva'].map((name) => ({ name, password: PASSWORD }));
    app = await startTestApp(
      folder,
      async (store) => {
        await fillOwn(store, {
          lists: [{ list_id: 1, name: 'one' }],
          leads: [{ lead_id: 7, list_id: 1, first_name: 'Bruno', phone_number: '3311110001' }],
          users,
        });
        await store.users.setExtension('ana', '1001');
      },
      { config: { asterisk }, asteriskTimes: { retryMs: 5, mostRetryMs: 20 } },
    );
    await until('logged in', () => manager.sessions === 1);
  });
  after(async () => {
    await app.close();
    await manager.close();
  });

  async function openCard(user: string): Promise<EventStream> {
    const client = createCardClient(app.url);
    assert.equal((await client.signIn(user, PASSWORD)).status, 303);
    return hearCalls(app.url, client);
  }

  it('open the cards of the agents at whom they ring, and of nobody else', async () => {
    const [ana, luis, eva] = [await openCard('ana'), await openCard('1002'), await openCard('eva')];
    manager.say(eventsOf('ringgroup-answered-by-second'));
    await until('over', () => heardBy(luis).length === 3 && heardBy(ana).length === 2);
    assert.deepEqual(heardBy(ana), [`${CALLER} ringing`, `${CALLER} ended`]);
    assert.deepEqual(heardBy(luis), [`${CALLER} ringing`, `${CALLER} answered`, `${CALLER} ended`]);
    assert.deepEqual(
      [...ana.events, ...luis.events].map(({ event }) => event),
      ['call', 'update', 'call', 'update', 'update'],
    );
    assert.equal(ana.events[1]?.data.answered_by, '1002');
    manager.say(eventsOf('attended-transfer') + eventsOf('internal') + eventsOf('extension-anonymous'));
    manager.say(eventsOf('outbound-by-agent'));
    await until('out', () => heardBy(ana).at(-1) === '3311110001 ended');
    assert.equal(ana.events.filter(({ event }) => event === 'call').length, 3);
    assert.equal(luis.events.filter(({ event }) => event === 'call').length, 2);
    assert.deepEqual(heardBy(eva), []);
    for (const stream of [ana, luis, eva]) stream.close();
  });

  it('are counted, and Asterisk’s connection is', async () => {
    const { text } = await send(app.url, '/metrics');
    for (const [metric, value] of [
      ['connected', '1'],
      ['reconnects_total', '0'],
      ['events_total', String.raw`[1-9]\d*`],
      ['reports_total', '13'],
    ])
      assert.match(text, new RegExp(`^callercard_asterisk_${metric}\\{domain="default"\\} ${value}$`, 'm'));
  });

  it('open cards while they cannot be kept, and are kept as soon as they can be', async () => {
    const { calls } = app.store;
    const keep = calls.report.bind(calls);
    const ana = await openCard('ana');
    const before = ana.events.length;
    Object.assign(calls, { report: () => Promise.reject(new StoreFailure(new Error('disk full'))) });
    manager.say(eventsOf('extension-answered'));
    await until('over', () => heardBy(ana).slice(before).at(-1) === `${CALLER} ended`);
    const events = ana.events.slice(before);
    assert.deepEqual(
      events.map(({ event, data }) => [event, data.state ?? 'ringing']),
      [['call', 'ringing'], ...['answered', 'ended'].map((state) => ['update', state])],
    );
    const [{ id } = assert.fail(), ...updates] = events;
    assert.deepEqual(
      updates.map(({ data }) => data.call),
      [id, id],
    );
    const newest = async () =>
      (await calls.find({ leadId: 7 }, { offset: 0, limit: 1 })).calls.map(({ state }) => state);
    const count = async () => (await calls.find({ leadId: 7 }, { offset: 0, limit: 1 })).total;
    const kept = await count();
    Object.assign(calls, { report: keep });
    await until('kept', async () => (await count()) === kept + 1 && (await newest())[0] === 'ended');
    assert.equal(ana.events.length, before + events.length);
    ana.close();
  });

  it('come from another Asterisk after a reload, and from none after the next', async () => {
    const other = await startFakeManager({ secret: SECRET });
    const config = testConfig('unused.db');
    const next = (asterisk: typeof config.asterisk) => ({
      ...config,
      database: { engine: 'sqlite', path: `${folder}/test.db` } as const,
      stateFile: `${folder}/test-state.db`,
      asterisk,
      // One user, who has two telephones.
      agents: ['eva', 'EVA'].map((user, at) => ({ extension: `100${at + 1}`, user })),
    });
    const address = {
      host: '127.0.0.1',
      port: other.port,
      tls: 'off',
      user: 'callercard',
      secret: SECRET,
    } as const;
    const changes = app.app.reload(next(address));
    assert.deepEqual([changes.changed, changes.atNextStart], [['default'], []]);
    await until('moved', () => other.sessions === 1 && manager.sessions === 0);
    const [ana, eva] = [await openCard('ana'), await openCard('eva')];
    other.say(eventsOf('ringgroup-answered-by-second'));
    await until('heard', () => heardBy(eva).at(-1) === `${CALLER} ended`);
    assert.deepEqual(
      heardBy(eva),
      ['ringing', 'answered', 'ended'].map((state) => `${CALLER} ${state}`),
    );
    assert.equal(ana.events.filter(({ data }) => data.replayed === false).length, 0);
    app.app.reload(next(undefined));
    await until('logged out', () => other.sessions === 0);
    for (const stream of [ana, eva]) stream.close();
    await other.close();
  });
});
