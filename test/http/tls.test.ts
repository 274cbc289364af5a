import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { after, before, describe, it } from 'node:test';

import { readTls, type Tls } from '../../src/http/tls.ts';
import { GRACE_MS } from '../../src/http/listener.ts';
import { LIMITS } from '../../src/http/limits.ts';
import { createBareServer } from './bare-server.ts';
import { makeSelfSigned, type SelfSigned } from '../support/self-signed.ts';
import { temporaryFolder, testConfig, type TestApp } from '../support/test-app.ts';
import { openSocket, PATH, queryFor, readToEnd, splitAnswers, startFilledApp } from './raw-socket.ts';

let signed: SelfSigned;
let tls: Tls | undefined;
before(async () => {
  signed = await makeSelfSigned();
  tls = readTls(signed);
});

function get(leadId: number, headers = ''): string {
  return `GET ${PATH}?${queryFor({ lead_id: String(leadId) })} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
}

/** A connection on which TLS is spoken, with the certificate that was trusted. */
async function openSecure(url: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const socket = connectTls({ host: hostname, port: Number(port), ca: signed.pem, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

async function exchange(url: string, bytes: string) {
  const socket = await openSecure(url);
  socket.write(bytes);
  return splitAnswers(await readToEnd(socket));
}

describe('a server with a certificate', () => {
  const folder = temporaryFolder();
  let running: TestApp;
  before(async () => {
    running = await startFilledApp({ tls }, folder);
  });
  after(() => running.close());

  it('answers over TLS 1.3 and 1.2, by HTTP/1.1 alone, at the URL that it says', async () => {
    assert.match(running.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const socket = await openSecure(running.url, {
        maxVersion: version,
        ALPNProtocols: ['h2', 'http/1.1'],
      });
      assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], [version, 'http/1.1']);
      socket.write(get(7, 'Connection: close\r\n'));
      const [answer] = splitAnswers(await readToEnd(socket));
      assert.equal(answer?.status, 200);
      assert.match(answer.text, /"lead_id":7,/);
      assert.ok(!('strict-transport-security' in answer.headers), 'it speaks for the whole host');
    }
  });

  it('speaks neither TLS 1.1 nor 1.0, nor HTTP/2 alone', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await assert.rejects(openSecure(running.url, old), /alert|version|handshake/i);
    await assert.rejects(openSecure(running.url, { ALPNProtocols: ['h2'] }), /alert|protocol/i);
  });

  it('says nothing to somebody who speaks plain HTTP, and ends the connection', async () => {
    const socket = await openSocket(running.url);
    socket.write(get(1));
    assert.equal((await readToEnd(socket).catch(() => Buffer.alloc(0))).toString(), '');
  });

  it('lets nobody stay who does not finish the handshake', { timeout: 20_000 }, async () => {
    const started = performance.now();
    const [silent, slow] = [await openSocket(running.url), await openSocket(running.url)];
    // The beginning of a handshake whose rest never comes.
    slow.write(Buffer.from('1603010200010001fc0303', 'hex'));
    await Promise.all([silent, slow].map((socket) => readToEnd(socket).catch(() => undefined)));
    const took = performance.now() - started;
    assert.ok(took >= LIMITS.handshakeMs - 100 && took < 12_000, `${took} ms`);
  });

  it('answers many requests at once on one connection in order, and ends one with more of them by a 400', async () => {
    // What is more than one record of TLS, 16 KiB, the library refuses while answers to the first are waiting.
    const all = Array.from({ length: LIMITS.requestsAtOnce }, (_, at) =>
      get(at + 1, at === LIMITS.requestsAtOnce - 1 ? 'Connection: close\r\n' : ''),
    );
    const answers = await exchange(running.url, all.join(''));
    assert.equal(answers.length, all.length);
    for (const [at, { text }] of answers.entries()) assert.match(text, new RegExp(`"lead_id":${at + 1},`));
    const last = get(1, 'Connection: close\r\n');
    const more = await exchange(running.url, get(1).repeat(LIMITS.requestsAtOnce + 49) + last);
    assert.equal(more.filter(({ text }) => text.includes('"lead_id":1,')).length, LIMITS.requestsAtOnce);
    const beyond = more.slice(LIMITS.requestsAtOnce).map(({ status }) => status);
    // Where the machine was so slow that their turn was full, they are refused one by one as overload.
    assert.ok(beyond.every((status) => status === 503) || beyond.join() === '400', beyond.join());
    const [good] = await exchange(running.url, get(3, 'Connection: close\r\n'));
    assert.equal(good?.status, 200);
  });

  it('gives new connections another certificate, and leaves the old ones alone', async () => {
    const other = await makeSelfSigned();
    const config = testConfig(join(folder, 'test.db'), other);
    const old = await openSecure(running.url);
    const { otherCertificate, atNextStart } = running.app.reload(config, readTls(other));
    assert.deepEqual([otherCertificate, atNextStart], [true, []]);
    old.write(get(2, 'Connection: close\r\n'));
    assert.equal(splitAnswers(await readToEnd(old))[0]?.status, 200);
    await assert.rejects(openSecure(running.url), /self-signed/);
    (await openSecure(running.url, { ca: other.pem })).destroy();
    assert.equal(running.app.reload(config, readTls(other)).otherCertificate, false);
    assert.equal(running.app.reload(config, tls).otherCertificate, true);
  });
});

describe('time limits of a connection with TLS', () => {
  it('end it when its headers or its body do not come', { timeout: 25_000 }, async () => {
    const { app, listener, listen, close } = createBareServer({ tls });
    assert.equal(listener.server.headersTimeout, LIMITS.headersMs);
    assert.equal(listener.server.requestTimeout, LIMITS.requestMs);
    assert.equal(listener.server.keepAliveTimeout, LIMITS.keepAliveMs);
    app.post('/slow', () => 'never');
    const url = await listen();
    listener.server.headersTimeout = 100;
    listener.server.requestTimeout = 200;
    const head = 'POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    try {
      const [lateHead, lateBody] = [`${head}X-A: `, `${head}Content-Length: 9\r\n\r\n{`];
      for (const bytes of [lateHead, lateBody]) {
        const [answer, ...others] = await exchange(url, bytes);
        assert.deepEqual([answer?.status, others], [408, []]);
      }
    } finally {
      await close();
    }
  });
});

describe('a client that does not read its answers over TLS', () => {
  it('is let go, and others are served meanwhile', { timeout: 25_000 }, async () => {
    const { app, listener, listen, close } = createBareServer({ tls, unreadMs: 300 });
    app.get('/large', (_request, reply) => reply.send('x'.repeat(32 * 1024 * 1024)));
    app.get('/small', (_request, reply) => reply.send('small'));
    const url = await listen();
    const small = 'GET /small HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    try {
      const socket = await openSecure(url);
      socket.pause();
      const [connection] = await Promise.all([
        once(listener.server, 'request').then(([{ socket: its }]) => its as TLSSocket),
        Promise.resolve(socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n')),
      ]);
      assert.equal((await exchange(url, small))[0]?.text, 'small');
      if (!connection.closed) await once(connection, 'close');
      assert.equal((await exchange(url, small))[0]?.text, 'small');
      socket.destroy();
    } finally {
      await close();
    }
  });
});

describe('closing a server with a certificate', () => {
  it('answers what was accepted, and ends handshakes and idle connections at once', async () => {
    const running = await startFilledApp({ tls });
    const bare = await Promise.all(Array.from({ length: 3 }, () => openSocket(running.url)));
    const silent = await Promise.all(Array.from({ length: 3 }, () => openSecure(running.url)));
    const kept = await Promise.all(Array.from({ length: 20 }, () => openSecure(running.url)));
    const { accounts } = running.store;
    const read = accounts.read.bind(accounts);
    const [reached, held] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    let waiting = 0;
    accounts.read = async (...parameters) => {
      waiting += 1;
      if (waiting === kept.length) reached.resolve(undefined);
      await held.promise;
      return read(...parameters);
    };
    for (const [at, socket] of kept.entries()) socket.write(get(at + 1));
    await reached.promise;
    const started = performance.now();
    const closed = running.close();
    await Promise.all([...bare, ...silent].map((socket) => readToEnd(socket).catch(() => undefined)));
    held.resolve(undefined);
    const answers = await Promise.all(kept.map(async (socket) => splitAnswers(await readToEnd(socket))));
    await closed;
    assert.ok(performance.now() - started < GRACE_MS, 'only the end of the grace closed the connections');
    for (const [at, [answer]] of answers.entries()) {
      assert.match(answer?.text ?? '', new RegExp(`"lead_id":${at + 1},`));
    }
  });
});
