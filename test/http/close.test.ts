import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';

import { GRACE_MS } from '../../src/http/listener.ts';
import type { TestApp } from '../support/test-app.ts';
import {
  exchange,
  openSocket,
  PATH,
  queryFor,
  readToEnd,
  splitAnswers,
  startFilledApp,
} from './raw-socket.ts';

function keepAliveRequest(leadId: number): string {
  return `GET ${PATH}?${queryFor({ lead_id: String(leadId) })} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** A client with a connection that it keeps after its first answer. */
async function openKeptConnection(url: string): Promise<Socket> {
  const socket = await openSocket(url);
  socket.write(keepAliveRequest(1));
  await once(socket, 'readable');
  assert.match(String(socket.read()), /^HTTP\/1\.1 200 /);
  return socket;
}

/** Holds every look at an account until it is released; tells when so many wait. */
function holdVisits({ store }: TestApp, count: number) {
  const read = store.accounts.read.bind(store.accounts);
  const held = Promise.withResolvers<undefined>();
  const reached = Promise.withResolvers<undefined>();
  let waiting = 0;
  store.accounts.read = async (...parameters) => {
    waiting += 1;
    if (waiting === count) reached.resolve(undefined);
    await held.promise;
    return read(...parameters);
  };
  return {
    reached: reached.promise,
    release() {
      held.resolve(undefined);
    },
  };
}

describe('closing the server', () => {
  it('answers every request that was accepted, ends idle connections and is done before its grace ends', async () => {
    const running = await startFilledApp();
    const idle = await Promise.all(Array.from({ length: 20 }, () => openKeptConnection(running.url)));
    const silent = await Promise.all(Array.from({ length: 5 }, () => openSocket(running.url)));
    const busy = await Promise.all(Array.from({ length: 10 }, () => openKeptConnection(running.url)));
    const gate = holdVisits(running, busy.length * 2);
    // Two requests on each: the second waits behind the first.
    busy.forEach((socket, at) => socket.write(keepAliveRequest(at + 1) + keepAliveRequest(at + 101)));
    await gate.reached;

    const started = performance.now();
    const closed = running.close();
    await Promise.all([...idle, ...silent].map(readToEnd));
    gate.release();
    const answers = await Promise.all(busy.map(async (socket) => splitAnswers(await readToEnd(socket))));
    await closed;
    assert.ok(performance.now() - started < GRACE_MS, 'only the end of the grace closed the connections');

    for (const [at, both] of answers.entries()) {
      assert.deepEqual(
        both.map(({ status }) => status),
        [200, 200],
      );
      assert.match(both[0]?.text ?? '', new RegExp(`"lead_id":${at + 1},`));
      assert.match(both[1]?.text ?? '', new RegExp(`"lead_id":${at + 101},`));
    }
  });

  it('takes no new connections', async () => {
    const running = await startFilledApp();
    await running.close();
    await assert.rejects(exchange(running.url, keepAliveRequest(1)), { code: 'ECONNREFUSED' });
  });

  it('closes the store after the last answer', async () => {
    const running = await startFilledApp();
    const socket = await openKeptConnection(running.url);
    const gate = holdVisits(running, 1);
    socket.write(keepAliveRequest(2));
    await gate.reached;
    const closed = running.close();
    gate.release();
    const [answer] = splitAnswers(await readToEnd(socket));
    assert.equal(answer?.status, 200);
    await closed;
    assert.throws(() => running.store.archive.countLeads(), /not open/);
  });

  it('is quick when nobody is there', async () => {
    const running = await startFilledApp();
    const started = performance.now();
    await running.close();
    assert.ok(performance.now() - started < GRACE_MS);
  });
});
