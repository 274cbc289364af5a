import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { LIMITS } from '../../src/http/limits.ts';
import { LEADS, PATH, queryFor, startFilledApp } from '../http/raw-socket.ts';
import { openBadClients } from '../support/load/bad-clients.ts';
import { runClients } from '../support/load/clients.ts';
import type { LoadFigures } from '../support/load/plan.ts';
import type { TestApp } from '../support/test-app.ts';

const MiB = 1024 * 1024;
/** The clients of this process and its server share the limit on open files. */
const EACH = 200;
const IDLE = 1_000;

describe('connections that somebody holds', () => {
  let running: TestApp;
  before(async () => {
    running = await startFilledApp({ config: { rateLimit: 1_000_000, enumerationLimit: 0 } });
  });
  after(() => running.close());

  const targetOf = (leadId: number) => `${PATH}?${queryFor({ lead_id: String(leadId) })}`;
  async function askMeanwhile(seconds: number): Promise<LoadFigures> {
    const [figures] = await runClients({
      url: running.url,
      connections: 8,
      seconds,
      perSecond: 200,
      targets: Array.from({ length: LEADS }, (_, at) => targetOf(at + 1)),
      order: 'random',
    });
    return figures;
  }

  it('31: take little memory while nothing happens on them, each less than 10 KiB', async () => {
    await askMeanwhile(1);
    const before = process.memoryUsage().rss;
    const idle = await openBadClients(running.url, 'idle', IDLE, '');
    await pause(200);
    assert.equal(idle.closedAfter.length, 0);
    // This process holds the other ends, too.
    const grown = process.memoryUsage().rss - before;
    idle.end();
    assert.ok(grown < 2 * 10 * 1024 * IDLE + 32 * MiB, `${(grown / MiB).toFixed(0)} MiB more`);
  });

  it(
    '30: are closed when headers or bodies do not come, hundreds of them, and others are answered as usual',
    { timeout: 90_000 },
    async () => {
      const usual = await askMeanwhile(2);
      const started = performance.now();
      const slow = await Promise.all([
        openBadClients(running.url, 'slow headers', EACH, targetOf(1)),
        openBadClients(running.url, 'slow body', EACH, targetOf(1)),
      ]);
      const meanwhile = await askMeanwhile(4);
      for (const { wrong, wrongWords, answered, overloaded } of [usual, meanwhile]) {
        assert.equal(wrong + overloaded.count, 0, wrongWords.join('; '));
        assert.ok(answered.count > 50);
      }
      // What a slow day does, it does to both; twice as long is for a machine of one's own (npm run flood).
      assert.ok(
        meanwhile.answered.p99 < 20 * Math.max(usual.answered.p99, 10),
        `p99 ${meanwhile.answered.p99} ms, usually ${usual.answered.p99} ms`,
      );
      for (const each of slow) {
        while (each.closedAfter.length < EACH && performance.now() - started < 60_000) await pause(50);
        each.end();
        const closed = each.closedAfter.toSorted((one, other) => one - other);
        assert.equal(closed.length, EACH, 'closed by the server');
        // Not before their time; how late depends on the machine.
        assert.ok((closed[0] ?? 0) >= LIMITS.headersMs - 500, `the first after ${closed[0]} ms`);
      }
    },
  );
});
