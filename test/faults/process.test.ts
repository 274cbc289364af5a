import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { openSocket, PATH, startFilledApp } from '../http/raw-socket.ts';
import { startCallercard, type RunningServer } from '../support/command.ts';
import { endUnderLoad, faultsOfEnd, lookupsOf } from '../support/end-under-load.ts';
import { createFilledFolder, FILLED_REQUESTS, targetOf } from '../support/filled-folder.ts';
import { startTraffic, UNTIL_GONE } from '../support/load/traffic.ts';
import { childrenOf, processTreeSkip, untilGone } from '../support/process-tree.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { send, type TestApp } from '../support/test-app.ts';
import { timeOf, untilSaid, wordsOf } from '../support/until.ts';

/** The limit for a process to end after a signal; promised: 10 s. */
const ENDED_MS = 15_000;
/** A worker answers again; promised: 2 s. */
const REPLACED_MS = 10_000;
/** For a process that ends by a fault; promised: 2 s to answer, and what ending takes. */
const FAILED_MS = 10_000;
const CLIENTS = 32;

const PRELOAD = `--import ${join(import.meta.dirname, 'fault-on-signal.ts')}`;

let cwd: string;
before(async () => {
  cwd = await createFilledFolder();
});

async function start(
  t: TestContext,
  workers: number,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const args = ['serve', '--workers', String(workers), '--rate-limit', '1000000'];
  const server = await startCallercard(args, { cwd, env });
  t.after(() => {
    server.kill('SIGKILL');
  });
  return server;
}

describe('a server that gets a signal to end under full load', { timeout: 240_000 }, () => {
  for (const workers of [1, 2]) {
    for (const scheme of ['http', 'https']) {
      it(`39: answers every accepted request, by ${workers} over ${scheme}, and is gone in time`, async (t) => {
        const { tlsCert, tlsKey, pem } = await makeSelfSigned();
        const isTls = scheme === 'https';
        const env = isTls ? { CALLERCARD_TLS_CERT: tlsCert, CALLERCARD_TLS_KEY: tlsKey } : {};
        const server = await start(t, workers, env);
        assert.ok(server.url.startsWith(`${scheme}://`), server.url);
        const ca = isTls ? { ca: pem } : {};
        const end = await endUnderLoad(server, { clients: CLIENTS, rightBefore: 1_000, ...ca });
        t.diagnostic(
          `${end.accepted} accepted, ${end.figures.right} answered, ${end.figures.lost.length} too late; ` +
            `ended after ${Math.round(end.tookMs)} ms`,
        );
        assert.deepEqual(end.ended, { code: 0, signal: null });
        assert.deepEqual(faultsOfEnd(end), []);
        assert.ok(end.tookMs < ENDED_MS, `${end.tookMs} ms`);
        assert.doesNotMatch(end.words, /unexpected|by force|another one starts/);
      });
    }
  }
});

describe(
  'a server that gets a signal to end while a client never sends the rest of its request',
  { timeout: 240_000 },
  () => {
    /** The head of a request, read by the server, which then asks for the body. */
    async function sendHead({ url }: RunningServer): Promise<Socket> {
      const client = await openSocket(url);
      client.on('error', () => undefined);
      const type = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100';
      client.write(`POST ${PATH} HTTP/1.1\r\nHost: localhost\r\n${type}\r\nExpect: 100-continue\r\n\r\n`);
      await once(client, 'data');
      return client;
    }

    it('39: waits for it and then ends with code 0 all the same; a second signal ends it at once, with 130', async (t) => {
      const [patient, hurried] = [await start(t, 1), await start(t, 1)];
      const clients = [await sendHead(patient), await sendHead(hurried)];
      for (const server of [patient, hurried]) {
        server.kill('SIGTERM');
        await untilSaid(server, /SIGTERM/);
      }
      const signalledAt = performance.now();
      const patientEnd = patient.ended().then((end) => ({ ...end, ms: performance.now() - signalledAt }));
      // Sooner it would count as the same press.
      await pause(150);
      hurried.kill('SIGTERM');
      const hurriedEnd = { ...(await hurried.ended()), ms: performance.now() - signalledAt };
      const { ms, ...ended } = await patientEnd;
      t.diagnostic(`ended after ${Math.round(ms)} ms; hurried, after ${Math.round(hurriedEnd.ms)} ms`);
      assert.deepEqual([ended.code, hurriedEnd.code], [0, 130]);
      assert.ok(hurriedEnd.ms < ms / 2 && ms < ENDED_MS, `${hurriedEnd.ms} and ${ms} ms`);
      for (const client of clients) client.destroy();
    });
  },
);

describe('an error that nobody expected', { skip: processTreeSkip, timeout: 240_000 }, () => {
  const env = { NODE_OPTIONS: PRELOAD };
  const LOGGED =
    /callercard: unexpected fault, so this process ends: PlantedError PLANTED < faults\/fault-on-signal\.ts:\d+/;

  for (const [what, signal] of [
    ['an error', 'SIGUSR2'],
    ['a failed promise', 'SIGWINCH'],
  ] as const) {
    it(`44: ${what} ends a process alone in order, with code 1, and its message is not in the log`, async (t) => {
      const server = await start(t, 1, env);
      const clients = startTraffic(server.url, FILLED_REQUESTS, { ...UNTIL_GONE, clients: 8 });
      await clients.untilRight(100);
      const began = performance.now();
      server.kill(signal);
      const [ended, figures] = await Promise.all([server.ended(), clients.ended()]);
      t.diagnostic(`ended after ${Math.round(performance.now() - began)} ms`);
      assert.ok(performance.now() - began < FAILED_MS);
      assert.deepEqual(ended, { code: 1, signal: null });
      assert.deepEqual([figures.right, figures.refused, figures.wrong], [lookupsOf(server), 0, []]);
      assert.match(wordsOf(server), LOGGED);
      assert.equal(wordsOf(server).split('unexpected').length, 2, 'logged once');
      assertNothingPlanted(server);
    });

    it(`44: ${what} in one of two workers: it is replaced, and the other goes on`, async (t) => {
      const server = await start(t, 2, env);
      const [first = 0, second = 0] = childrenOf(server.pid);
      const clients = startTraffic(server.url, FILLED_REQUESTS, { ...UNTIL_GONE, clients: 8 });
      await clients.untilRight(100);
      process.kill(first, signal);
      const took = await timeOf(() => untilSaid(server, /worker 1 \(process \d+\) answers/));
      t.diagnostic(`replaced after ${Math.round(took)} ms`);
      assert.ok(took < REPLACED_MS);
      await clients.untilRight(100);
      assert.ok(childrenOf(server.pid).includes(second), 'the other one goes on');
      server.kill('SIGTERM');
      const [ended, figures] = await Promise.all([server.ended(), clients.ended()]);
      assert.deepEqual(ended, { code: 0, signal: null });
      assert.deepEqual([figures.right, figures.refused, figures.wrong], [lookupsOf(server), 0, []]);
      assert.match(wordsOf(server), LOGGED);
      assert.match(
        wordsOf(server),
        /worker 1 \(process \d+\) had an unexpected fault; another one starts now/,
      );
      assertNothingPlanted(server);
    });
  }

  it('44: a worker that is killed is replaced within 2 s, and those who ask again are answered', async (t) => {
    const server = await start(t, 2);
    const clients = startTraffic(server.url, FILLED_REQUESTS, { ...UNTIL_GONE, clients: 8 });
    await clients.untilRight(100);
    process.kill(childrenOf(server.pid)[0] ?? 0, 'SIGKILL');
    const took = await timeOf(() => untilSaid(server, /worker 1 \(process \d+\) answers/));
    t.diagnostic(`replaced after ${Math.round(took)} ms`);
    assert.ok(took < REPLACED_MS);
    await clients.untilRight(100);
    server.kill('SIGTERM');
    const [ended, figures] = await Promise.all([server.ended(), clients.ended()]);
    assert.deepEqual([ended, figures.refused, figures.wrong], [{ code: 0, signal: null }, 0, []]);
  });

  it('44: in the primary ends all of them in order, with code 1', async (t) => {
    const server = await start(t, 2, env);
    const workers = childrenOf(server.pid);
    server.kill('SIGUSR2');
    assert.deepEqual(await server.ended(), { code: 1, signal: null });
    await untilGone(workers);
    assert.match(wordsOf(server), LOGGED);
    assertNothingPlanted(server);
  });

  it('44: a worker that stands still is ended by force when all are to end', async (t) => {
    const server = await start(t, 2, env);
    const [first = 0] = childrenOf(server.pid);
    process.kill(first, 'SIGPWR');
    await untilSaid(server, /it stands still/);
    const began = performance.now();
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended(), { code: 1, signal: null });
    assert.ok(performance.now() - began < ENDED_MS);
    assert.match(wordsOf(server), /a worker did not end in time, and was ended by force/);
  });
});

describe('a fault within one request', () => {
  /** Each part of the way, and how it is made to fail: at once, or by a promise. */
  const PARTS: Readonly<Record<string, (app: TestApp, fail: () => never) => void>> = {
    'the store of accounts throws': ({ store }, fail) => {
      store.accounts.read = fail;
    },
    'the store of accounts rejects': ({ store }, fail) => {
      store.accounts.read = () => Promise.resolve().then(fail);
    },
  };
  const cause = () => {
    throw new TypeError("goPass=planted-secret at SELECT '1' FROM users");
  };

  async function assertGeneral(url: string): Promise<void> {
    for (const path of [targetOf(1), targetOf(1).replace('responsetype=json', 'responsetype=xml')]) {
      const { status, text } = await send(url, path);
      assert.deepEqual([status, /lead_id|planted|SELECT|TypeError/.test(text)], [500, false], text);
    }
    assert.equal((await send(url, '/healthz')).status, 200);
  }

  async function assertServed(url: string): Promise<void> {
    const { status, text } = await send(url, targetOf(1));
    assert.deepEqual([status, text.includes('"lead_id":1,')], [200, true], text);
  }

  it('44: that a hook throws is answered in general words, and the next one is served', async () => {
    let isFaulty = true;
    const onEvent = () => {
      if (isFaulty) cause();
    };
    const running = await startFilledApp({ onEvent });
    try {
      await assertGeneral(running.url);
      isFaulty = false;
      await assertServed(running.url);
    } finally {
      await running.close();
    }
  });

  for (const [what, breakIt] of Object.entries(PARTS)) {
    it(`44: that ${what} is answered in general words, and the next one is served`, async () => {
      const running = await startFilledApp();
      const { accounts } = running.store;
      const read = accounts.read.bind(accounts);
      try {
        breakIt(running, cause);
        await assertGeneral(running.url);
        accounts.read = read;
        await assertServed(running.url);
      } finally {
        await running.close();
      }
    });
  }
});

function assertNothingPlanted(server: RunningServer): void {
  assert.ok(!/planted-secret|SELECT|goPass/.test(server.said()), wordsOf(server));
}
