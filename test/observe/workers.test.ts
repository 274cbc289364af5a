import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { startCallercard, type RunningServer } from '../support/command.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { freezeProcess } from '../support/freeze-process.ts';
import { childrenOf, processTreeSkip } from '../support/process-tree.ts';
import { send } from '../support/test-app.ts';
import { parseExposition, sumOf, type Exposed } from './exposition-parser.ts';

const WAITS_MS = 20_000;
const FOUND = ['callercard_lookups_total', 'result="found"'] as const;
const WORKERS = 'callercard_workers';

type Metrics = ReadonlyMap<string, Exposed>;

/** What any of the workers answers; one that hangs may have been asked, so it is asked again. */
async function scrape(url: string): Promise<Metrics> {
  for (;;) {
    const sent = send(url, '/metrics', { signal: AbortSignal.timeout(2_500) });
    const answer = await sent.catch((cause: unknown) => {
      if (cause instanceof assert.AssertionError) throw cause;
      return undefined;
    });
    if (answer === undefined) continue;
    assert.equal(answer.status, 200);
    return parseExposition(answer.text);
  }
}

async function scrapeUntil(url: string, isSo: (metrics: Metrics) => boolean): Promise<Metrics> {
  const limit = performance.now() + WAITS_MS;
  for (;;) {
    const metrics = await scrape(url);
    if (isSo(metrics)) return metrics;
    if (performance.now() > limit) assert.fail(JSON.stringify([...(metrics.get(WORKERS)?.samples ?? [])]));
    await pause(20);
  }
}

describe('the metrics of several workers', { skip: processTreeSkip, timeout: 240_000 }, () => {
  let cwd: string;
  before(async () => {
    cwd = await createFilledFolder();
  });

  async function start(t: TestContext): Promise<RunningServer> {
    const server = await startCallercard(['serve', '--workers', '2', '--metrics', '127.0.0.1'], { cwd });
    t.after(async () => {
      for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGCONT');
      server.kill('SIGTERM');
      await server.ended();
    });
    return server;
  }

  const askTimes = async (url: string, times: number) => {
    for (let turn = 0; turn < times; turn += 1)
      assert.equal((await send(url, targetOf(turn + 1))).status, 200);
  };

  it('are merged to the last lookup, whichever worker is asked', async (t) => {
    const server = await start(t);
    await askTimes(server.url, 11);
    for (let turn = 0; turn < 4; turn += 1) {
      const metrics = await scrape(server.url);
      assert.equal(sumOf(metrics, ...FOUND), 11);
      assert.equal(sumOf(metrics, 'callercard_lookup_duration_seconds_count'), 11);
      assert.equal(sumOf(metrics, WORKERS, 'state="answering"'), 2);
      assert.equal(sumOf(metrics, WORKERS, 'state="silent"'), 0);
      assert.equal(sumOf(metrics, WORKERS, 'state="missing"'), 0);
      assert.equal(sumOf(metrics, 'callercard_domains'), 1);
      assert.equal(sumOf(metrics, 'callercard_stores_open'), 2);
    }
  });

  it('do not fall when workers are killed and replaced', async (t) => {
    const server = await start(t);
    await askTimes(server.url, 10);
    const before = await scrape(server.url);
    assert.equal(sumOf(before, ...FOUND), 10);
    for (let round = 1; round <= 2; round += 1) {
      const [first = 0] = childrenOf(server.pid);
      process.kill(first, 'SIGKILL');
      const isReplaced = (metrics: Metrics) =>
        sumOf(metrics, 'callercard_worker_exits_total') === round &&
        sumOf(metrics, WORKERS, 'state="answering"') === 2;
      const metrics = await scrapeUntil(server.url, (found) => {
        assert.equal(sumOf(found, ...FOUND), 10, 'it fell');
        const cpu = 'process_cpu_seconds_total';
        assert.ok(sumOf(found, cpu) >= sumOf(before, cpu), 'the time of the processor fell');
        return isReplaced(found);
      });
      assert.equal(sumOf(metrics, WORKERS, 'state="silent"'), 0);
    }
    await askTimes(server.url, 4);
    assert.equal(sumOf(await scrape(server.url), ...FOUND), 14);
  });

  it('are served in time when one hangs, with its counters and without its gauges', async (t) => {
    const server = await start(t);
    await askTimes(server.url, 8);
    assert.equal(sumOf(await scrape(server.url), ...FOUND), 8);
    const [, second = 0] = childrenOf(server.pid);
    freezeProcess(second);
    const metrics = await scrapeUntil(server.url, (found) => sumOf(found, WORKERS, 'state="silent"') === 1);
    assert.equal(sumOf(metrics, WORKERS, 'state="answering"'), 1);
    assert.equal(sumOf(metrics, 'callercard_stores_open'), 1);
    assert.equal(sumOf(metrics, ...FOUND), 8);
    process.kill(second, 'SIGCONT');
    const again = await scrapeUntil(server.url, (found) => sumOf(found, WORKERS, 'state="answering"') === 2);
    assert.equal(sumOf(again, ...FOUND), 8);
  });
});
