import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { digestOf } from '../../../src/auth/secrets.ts';
import { CALL_LIMITS } from '../../../src/events/call-hub.ts';
import { parseExposition, sumOf } from '../../observe/exposition-parser.ts';
import type { EventStream } from '../../support/event-stream.ts';
import { send, type TestApp } from '../../support/test-app.ts';
import { timeOf, until } from '../../support/until.ts';
import { hearCalls, notifyCall } from './call-fixture.ts';
import { createCardClient, startCardApp, type CardClient } from './card-fixture.ts';

describe('live pop', () => {
  let target: TestApp;
  let client: CardClient;
  const opened: EventStream[] = [];

  before(async () => {
    target = await startCardApp();
    client = createCardClient(target.url);
    await client.signIn();
  });
  after(async () => {
    for (const stream of opened) stream.close();
    await target.close();
  });

  async function listen(query = '', headers = {}, by = client): Promise<EventStream> {
    const stream = await hearCalls(target.url, by, query, headers);
    opened.push(stream);
    return stream;
  }

  const notify = (call: Readonly<Record<string, unknown>>) => notifyCall(target.url, call);

  it('brings a call to every open card of the user, in any spelling of the name', async () => {
    const streams = [await listen(), await listen()];
    for (const { status, headers } of streams) {
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'text/event-stream; charset=utf-8');
      assert.match(headers['content-security-policy'] as string, /default-src 'none'/);
    }
    const id = await notify({ user: 'MYUSER', phone: '8004321000', call_id: 'c-1', direction: 'inbound' });
    for (const stream of streams) {
      const [event] = await stream.untilEvents(1);
      assert.ok(event !== undefined);
      const { at, started_at: startedAt, ...data } = event.data;
      assert.equal(startedAt, at);
      assert.deepEqual(
        { ...event, data },
        {
          id,
          event: 'call',
          data: {
            phone: '8004321000',
            call_id: 'c-1',
            direction: 'inbound',
            replayed: false,
            state: 'ringing',
          },
        },
      );
      assert.ok(Math.abs(Number(at) - Date.now()) < 600_000);
    }
  });

  it('sends a client that reconnects what it missed, once', async () => {
    const first = await notify({ user: 'MyUser', lead_id: 14246 });
    const last = await notify({ user: 'MyUser', lead_id: 14247 });
    for (const [query, headers] of [
      ['', {}],
      [`?after=${first}`, {}],
      ['', { 'last-event-id': first }],
      [`?after=${last}`, { 'last-event-id': first }],
    ] as const) {
      const [event] = await (await listen(query, headers)).untilEvents(1);
      assert.deepEqual([event?.id, event?.data.lead_id, event?.data.replayed], [last, 14247, true]);
      opened.pop()?.close();
    }
    const informed = await listen(`?after=${last}`);
    const next = await notify({ user: 'MyUser', lead_id: 14246 });
    const [event] = await informed.untilEvents(1);
    assert.deepEqual([event?.id, event?.data.replayed], [next, false]);
  });

  it('is for who is signed in, and for nobody else', async () => {
    const stranger = createCardClient(target.url);
    assert.equal((await listen('', {}, stranger)).status, 401);
    assert.equal((await listen('', { cookie: `callercard=${'A'.repeat(43)}` }, stranger)).status, 401);
    const calls = await listen();
    await notify({ user: 'somebody else', lead_id: 14246 });
    const marker = await notify({ user: 'MyUser', lead_id: 14247 });
    await until('the marker', () => calls.events.some(({ id }) => id === marker));
    assert.ok(calls.events.every(({ data }) => data.lead_id !== 14246 || data.replayed === true));
  });

  it('ends with the session, at the next call at the latest', async () => {
    const leaving = createCardClient(target.url);
    await leaving.signIn();
    const before = await notify({ user: 'MyUser', lead_id: 14246 });
    const stream = await listen(`?after=${before}`, {}, leaving);
    assert.equal(stream.status, 200);
    await target.store.credentials.dropSession(digestOf(leaving.cookies.get('callercard') ?? ''));
    await notify({ user: 'MyUser', lead_id: 14247 });
    await until('the stream ends', () => stream.hasEnded);
    assert.deepEqual(stream.events, []);
  });

  it('refuses more open cards of a user than tabs make sense, and counts those that are open', async () => {
    const own = await startCardApp({ config: { metrics: ['127.0.0.1'] } });
    const client = createCardClient(own.url);
    await client.signIn();
    const streams: EventStream[] = [];
    for (let at = 0; at <= CALL_LIMITS.cardsOfUser; at += 1) streams.push(await hearCalls(own.url, client));
    const refused = streams.at(-1);
    assert.deepEqual(
      streams.map(({ status }) => status),
      [...Array<number>(CALL_LIMITS.cardsOfUser).fill(200), 429],
    );
    assert.equal(refused?.headers['retry-after'], '10');
    await notifyCall(own.url, { user: 'MyUser', lead_id: 14_246 });
    const metrics = parseExposition((await send(own.url, '/metrics')).text);
    assert.equal(sumOf(metrics, 'callercard_cards_open'), CALL_LIMITS.cardsOfUser);
    assert.equal(sumOf(metrics, 'callercard_call_notifications_total'), 1);
    streams[0]?.close();
    await until('there is room for one', async () => {
      const next = await hearCalls(own.url, client);
      streams.push(next);
      return next.status === 200;
    });
    for (const stream of streams) stream.close();
    await own.close();
  });

  it('39: does not keep the server from ending', async () => {
    const own = await startCardApp();
    const client = createCardClient(own.url);
    await client.signIn();
    const stream = await hearCalls(own.url, client);
    const ms = await timeOf(() => own.close());
    assert.ok(ms < 5_000, `${ms} ms`);
    await until('the stream ends', () => stream.hasEnded);
  });
});
