import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { createBareServer } from './bare-server.ts';
import { LIMITS } from '../../src/http/limits.ts';
import { send, type TestApp } from '../support/test-app.ts';
import { exchange, openSocket, PATH, readToEnd, splitAnswers, startFilledApp } from './raw-socket.ts';

describe('many requests at once on one connection', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp();
  });
  after(() => running.close());

  const request = `GET ${PATH}?responsetype=json HTTP/1.1\r\nHost: localhost\r\n\r\n`;

  it('are answered up to the limit, then the connection ends with a 400', async () => {
    const last = request.replace('Host', 'Connection: close\r\nHost');
    const answers = await exchange(running.url, request.repeat(LIMITS.requestsAtOnce + 49) + last);
    const [answered, beyond] = [
      answers.slice(0, LIMITS.requestsAtOnce),
      answers.slice(LIMITS.requestsAtOnce),
    ];
    assert.ok(answered.length === LIMITS.requestsAtOnce && answered.every(({ status }) => status === 200));
    // Where the machine was so slow that their turn was full, they are refused one by one as overload.
    if (beyond.every(({ status }) => status === 503)) assert.equal(beyond.length, 50);
    else
      assert.match(
        beyond.map(({ status, text }) => `${status} ${text}`).join(),
        /^400 .*too many requests at once[^,]*$/,
      );
  });

  it('do not stop the server', async () => {
    assert.equal((await send(running.url, '/healthz')).status, 200);
  });
});

describe('a client that does not read its answers', () => {
  it('is let go, and others are served meanwhile', { timeout: 25_000 }, async () => {
    const { app, listener, listen, close } = createBareServer({ unreadMs: 300 });
    const large = 'x'.repeat(32 * 1024 * 1024);
    app.get('/large', (_request, reply) => reply.send(large));
    app.get('/small', (_request, reply) => reply.send('small'));
    const url = await listen();
    try {
      const socket = await openSocket(url);
      socket.pause();
      const [connection] = await Promise.all([
        once(listener.server, 'request').then(([{ socket: its }]) => its as typeof socket),
        Promise.resolve(socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n')),
      ]);
      assert.equal((await send(url, '/small')).text, 'small');
      if (!connection.closed) await once(connection, 'close');
      assert.equal((await send(url, '/small')).text, 'small');
      socket.destroy();
    } finally {
      await close();
    }
  });
});

describe('a client that keeps its side of the connection open', () => {
  const broken = {
    'a request that cannot be parsed': 'NONSENSE\r\n\r\n',
    'a header that is too long': `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${'x'.repeat(LIMITS.headerBytes)}\r\n\r\n`,
    'two lengths': 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
  };
  for (const [what, bytes] of Object.entries(broken)) {
    it(`30: is answered and closed after ${what}`, { timeout: 25_000 }, async () => {
      const { listener, listen, close } = createBareServer();
      const url = await listen();
      const accepted = once(listener.server, 'connection') as Promise<[Socket]>;
      const socket = await openSocket(url, { allowHalfOpen: true });
      try {
        const [connection] = await accepted;
        const closed = once(connection, 'close');
        socket.write(bytes);
        const [answer] = splitAnswers(await readToEnd(socket));
        assert.ok(answer !== undefined && answer.status >= 400 && answer.status < 500);
        await closed;
      } finally {
        socket.destroy();
        await close();
      }
    });
  }
});
