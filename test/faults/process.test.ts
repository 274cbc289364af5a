import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { createFilledFolder, FILLED_LEADS, targetOf } from '../support/filled-folder.ts';
import { startFilledApp } from '../http/raw-socket.ts';
import { startCallercard, type RunningServer } from '../support/command.ts';
import { childrenOf, processTreeSkip, untilGone } from '../support/process-tree.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { send } from '../support/test-app.ts';
import { startKeenClients } from './keen-clients.ts';

/** Promised for a process that is told to end. */
const ENDED_MS = 10_000;
/** A worker answers again; promised: 2 s. */
const REPLACED_MS = 5_000;
/** So long may a process take that ends by a fault; promised: 2 s to answer, and what starting and ending take. */
const FAILED_MS = 4_000;
const CLIENTS = 32;

const targets = new Map(Array.from({ length: FILLED_LEADS }, (_, at) => [targetOf(at + 1), at + 1]));
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

/** Waits until the server has said something; how long that took. */
async function untilSaid(server: RunningServer, words: RegExp, limitMs: number): Promise<number> {
  const started = performance.now();
  while (!words.test(server.said())) {
    if (performance.now() - started > limitMs)
      throw new Error(`not said: ${String(words)}\n${wordsOf(server)}`);
    await pause(5);
  }
  return performance.now() - started;
}

/** How many lookups were worked on to the end, as the log says. */
function lookupsOf(server: RunningServer): number {
  return server.said().split('"result":"found"').length - 1;
}

describe('a server that is told to end under full load', { timeout: 120_000 }, () => {
  for (const workers of [1, 2]) {
    for (const scheme of ['http', 'https']) {
      it(`39: answers every accepted request, by ${workers} over ${scheme}, and is gone in time`, async (t) => {
        const { tlsCert, tlsKey, pem } = makeSelfSigned();
        const isTls = scheme === 'https';
        const env = isTls ? { CALLERCARD_TLS_CERT: tlsCert, CALLERCARD_TLS_KEY: tlsKey } : {};
        const server = await start(t, workers, env);
        assert.ok(server.url.startsWith(`${scheme}://`), server.url);
        const clients = startKeenClients(server.url, targets, { clients: CLIENTS, ca: pem });
        await clients.untilRight(1_000);
        const told = performance.now();
        server.kill('SIGTERM');
        const [ended, figures] = await Promise.all([server.ended(), clients.ended()]);
        const took = performance.now() - told;
        const accepted = lookupsOf(server);
        t.diagnostic(
          `${accepted} accepted, ${figures.right} answered, too late: ${JSON.stringify([...figures.unanswered])}; ` +
            `ended after ${Math.round(took)} ms`,
        );
        assert.deepEqual(ended, { code: 0, signal: null });
        assert.deepEqual([figures.right, figures.wrong], [accepted, []]);
        // Who comes too late finds nobody, or a connection that was idle and ends.
        for (const code of figures.unanswered.keys())
          assert.match(code, /^(?:ECONNRESET|ECONNREFUSED|EPIPE)$/);
        assert.ok(took < ENDED_MS, `${took} ms`);
        assert.doesNotMatch(wordsOf(server), /unexpected|by force|another one starts/);
      });
    }
  }
});

describe('an error that nobody expected', { skip: processTreeSkip, timeout: 60_000 }, () => {
  const env = { NODE_OPTIONS: PRELOAD };
  const TOLD =
    /callercard: unexpected fault, so this process ends: PlantedError PLANTED < faults\/fault-on-signal\.ts:\d+/;

  for (const [what, signal] of [
    ['an error', 'SIGUSR2'],
    ['a failed promise', 'SIGWINCH'],
  ] as const) {
    it(`44: ${what} ends a process alone in order, with code 1, and its message is not in the log`, async (t) => {
      const server = await start(t, 1, env);
      const clients = startKeenClients(server.url, targets, { clients: 8 });
      await clients.untilRight(100);
      const began = performance.now();
      server.kill(signal);
      const [ended, figures] = await Promise.all([server.ended(), clients.ended()]);
      t.diagnostic(`ended after ${Math.round(performance.now() - began)} ms`);
      assert.ok(performance.now() - began < FAILED_MS);
      assert.deepEqual(ended, { code: 1, signal: null });
      assert.deepEqual([figures.right, figures.wrong], [lookupsOf(server), []]);
      assert.match(wordsOf(server), TOLD);
      assert.equal(wordsOf(server).split('unexpected').length, 2, 'told once');
      assertNothingPlanted(server);
    });

    it(`44: ${what} in one of two workers: it is replaced, and the other goes on`, async (t) => {
      const server = await start(t, 2, env);
      const [first = 0, second = 0] = childrenOf(server.pid);
      const clients = startKeenClients(server.url, targets, { clients: 8 });
      await clients.untilRight(100);
      process.kill(first, signal);
      const took = await untilSaid(server, /worker 1 \(process \d+\) answers/, REPLACED_MS);
      t.diagnostic(`replaced after ${Math.round(took)} ms`);
      await clients.untilRight(100);
      assert.ok(childrenOf(server.pid).includes(second), 'the other one goes on');
      server.kill('SIGTERM');
      const [ended, figures] = await Promise.all([server.ended(), clients.ended()]);
      assert.deepEqual(ended, { code: 0, signal: null });
      assert.deepEqual([figures.right, figures.wrong], [lookupsOf(server), []]);
      assert.match(wordsOf(server), TOLD);
      assert.match(
        wordsOf(server),
        /worker 1 \(process \d+\) had an unexpected fault; another one starts now/,
      );
      assertNothingPlanted(server);
    });
  }

  it('44: a worker that is killed is replaced within 2 s, and those who ask again are answered', async (t) => {
    const server = await start(t, 2);
    const clients = startKeenClients(server.url, targets, { clients: 8 });
    await clients.untilRight(100);
    process.kill(childrenOf(server.pid)[0] ?? 0, 'SIGKILL');
    const took = await untilSaid(server, /worker 1 \(process \d+\) answers/, REPLACED_MS);
    t.diagnostic(`replaced after ${Math.round(took)} ms`);
    await clients.untilRight(100);
    server.kill('SIGTERM');
    const [ended, figures] = await Promise.all([server.ended(), clients.ended()]);
    assert.deepEqual([ended, figures.wrong], [{ code: 0, signal: null }, []]);
  });

  it('44: in the primary ends all of them in order, with code 1', async (t) => {
    const server = await start(t, 2, env);
    const workers = childrenOf(server.pid);
    server.kill('SIGUSR2');
    assert.deepEqual(await server.ended(), { code: 1, signal: null });
    await untilGone(workers);
    assert.match(wordsOf(server), TOLD);
    assertNothingPlanted(server);
  });

  it('44: a worker that stands still is ended by force when all are to end', async (t) => {
    const server = await start(t, 2, env);
    const [first = 0] = childrenOf(server.pid);
    process.kill(first, 'SIGPWR');
    const began = performance.now();
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended(), { code: 1, signal: null });
    assert.ok(performance.now() - began < ENDED_MS + 1_000);
    assert.match(wordsOf(server), /a worker did not end in time, and was ended by force/);
  });
});

describe('a fault within one request', () => {
  it('44: that a hook throws is answered in general words, and the next one is served', async () => {
    let isFaulty = true;
    const running = await startFilledApp({
      onEvent: () => {
        if (isFaulty) throw new Error("goPass=planted-secret at SELECT '1'");
      },
    });
    try {
      for (const path of [targetOf(1), `${targetOf(1)}&responsetype=xml`]) {
        const { status, text } = await send(running.url, path);
        assert.deepEqual([status, /lead_id|planted|SELECT/.test(text)], [500, false], text);
      }
      assert.equal((await send(running.url, '/healthz')).status, 200);
      isFaulty = false;
      assert.equal((await send(running.url, targetOf(1))).status, 200);
    } finally {
      await running.close();
    }
  });
});

function assertNothingPlanted(server: RunningServer): void {
  assert.ok(!/planted-secret|SELECT|goPass/.test(server.said()), wordsOf(server));
}

/** What it said for people: its log is long. */
function wordsOf(server: RunningServer): string {
  const lines = server.said().split('\n');
  return lines.filter((line) => !line.startsWith('{')).join('\n');
}
