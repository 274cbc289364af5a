import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { createEventStreams, type EventStream } from '../../src/http/event-streams.ts';
import { openEvents } from '../support/event-stream.ts';
import { send } from '../support/test-app.ts';
import { timeOf, until } from '../support/until.ts';
import { createWatchedLog } from '../support/watched-log.ts';
import { createBareServer } from './bare-server.ts';
import { openSocket } from './raw-socket.ts';

const UNREAD_MS = 100;

describe('an answer that stays open', () => {
  async function start() {
    const streams = createEventStreams();
    const begun: EventStream[] = [];
    let ended = 0;
    const { app, listener, listen, close } = createBareServer(
      { unreadMs: UNREAD_MS, streams },
      createWatchedLog().log,
    );
    app.get<{ Params: { owner: string } }>('/stream/:owner', ({ params }, reply) => {
      const stream = streams.begin(reply, params.owner, () => (ended += 1));
      if (stream === undefined) return reply.code(503).send();
      begun.push(stream);
      return reply;
    });
    app.get('/never', () => new Promise(() => undefined));
    const url = await listen();
    return { url, streams, begun, listener, close, ended: () => ended };
  }

  it('is left alone where an answer that is not read would be broken off', async () => {
    const { url, streams, begun, listener, close } = await start();
    const open = await openEvents(url, '/stream/acme');
    assert.equal(open.headers['x-content-type-options'], 'nosniff');
    assert.equal(open.headers['cache-control'], 'no-store');
    assert.equal(open.headers['x-accel-buffering'], 'no');
    await assert.rejects(send(url, '/never'));
    assert.ok(listener.unread >= 1);
    assert.equal(open.hasEnded, false);
    assert.equal(streams.count, 1);
    begun[0]?.write('data: {"still":"here"}\n\n');
    assert.deepEqual((await open.untilEvents(1))[0]?.data, { still: 'here' });
    await close();
  });

  it('shelters nothing that was asked behind it', async () => {
    const { url, streams, listener, close } = await start();
    const socket = await openSocket(url);
    socket.write(`GET /stream/acme HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until('it is open', () => streams.count === 1);
    socket.write('GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('it is broken off', () => streams.count === 0);
    assert.equal(listener.unread, 1);
    await close();
  });

  it('ends first when the server ends, and none begins then', async () => {
    const { url, streams, close, ended } = await start();
    const open = await Promise.all([openEvents(url, '/stream/acme'), openEvents(url, '/stream/acme')]);
    const ms = await timeOf(() => close());
    assert.ok(ms < 5_000, `${ms} ms`);
    await until('both have ended', () => open.every(({ hasEnded }) => hasEnded));
    assert.deepEqual([streams.count, ended()], [0, 2]);
  });

  it('is forgotten with its client', async () => {
    const { url, streams, close, ended } = await start();
    const open = await openEvents(url, '/stream/acme');
    open.close();
    await until('it is forgotten', () => streams.count === 0 && ended() === 1);
    await close();
  });

  it('ends with its owner, and the others go on', async () => {
    const { url, streams, begun, close } = await start();
    const [one, other] = [await openEvents(url, '/stream/acme'), await openEvents(url, '/stream/beta')];
    streams.endOf(['acme', 'nobody']);
    await until('it ends', () => one.hasEnded && streams.count === 1);
    begun[1]?.write('data: {"still":"here"}\n\n');
    await other.untilEvents(1);
    await close();
  });

  it('takes nothing more once it has ended', async () => {
    const { url, begun, close } = await start();
    const open = await openEvents(url, '/stream/acme');
    begun[0]?.end();
    begun[0]?.write('data: {"too":"late"}\n\n');
    begun[0]?.end();
    await until('it ends', () => open.hasEnded);
    assert.deepEqual(open.events, []);
    await close();
  });
});
