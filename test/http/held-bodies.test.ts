import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { until } from '../support/until.ts';
import { createBareServer } from './bare-server.ts';
import { exchangeOne, openSocket, requestText } from './raw-socket.ts';

const KIB = 1024;
const HELD = 256 * KIB;

const post = (bytes: number) =>
  `POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;
const get = 'GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('bodies that are not whole', () => {
  const { app, listener, listen, close } = createBareServer({ heldBytes: HELD });
  let url: string;
  let answerWaiting: () => void = () => undefined;
  const sockets: Socket[] = [];
  before(async () => {
    app.post('/take', (_request, reply) => reply.send({ taken: true }));
    app.get('/wait', (_request, reply) => {
      answerWaiting = () => void reply.send({ waited: true });
      return reply;
    });
    url = await listen();
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await close();
  });

  async function openWith(text: string): Promise<Socket> {
    const socket = await openSocket(url);
    socket.on('error', () => undefined);
    sockets.push(socket);
    socket.write(text);
    return socket;
  }

  it('35, 48: take so many bytes in all; beyond them the connections with most are closed, and the others are answered', async () => {
    const large = [];
    for (let at = 0; at < 4; at += 1) large.push(await openWith(post(64 * KIB) + ' '.repeat(60 * KIB)));
    const small = await openWith(post(8) + '{"a"');
    assert.equal(listener.unread, 0);
    const closed = large.map((socket) => once(socket, 'close'));
    const one = await openWith(post(64 * KIB) + ' '.repeat(63 * KIB));
    await Promise.race([...closed, once(one, 'close')]);
    await until('a connection is closed', () => listener.unread > 0);
    assert.ok(large.concat(one).some((socket) => !socket.destroyed));
    assert.equal(small.destroyed, false);
    small.write(':1} ');
    const [answer] = (await once(small, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 200 [\s\S]*\{"taken":true\}$/);
    assert.equal((await exchangeOne(url, requestText('GET', '/nothing'))).status, 404);
  });

  it('35, 48: count behind an earlier request that is answered meanwhile, and whole ones no longer once they are answered', async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    const before = listener.unread;
    // Far more than may be held, one after the other on a connection.
    const steady = await openWith('');
    for (let round = 0; round < 10; round += 1) {
      steady.write(post(60 * KIB) + `"${' '.repeat(60 * KIB - 2)}"`);
      await once(steady, 'data');
    }
    assert.equal(listener.unread, before);
    const hidden = [];
    for (let at = 0; at < 5; at += 1) {
      const socket = await openWith(get + post(64 * KIB) + ' '.repeat(60 * KIB));
      const answered = once(socket, 'data');
      await until('the earlier request is answered', () => {
        answerWaiting();
        return socket.bytesRead > 0;
      });
      await answered;
      hidden.push(socket);
    }
    await until('a connection is closed', () => listener.unread > before);
    assert.equal(steady.destroyed, false);
  });
});
