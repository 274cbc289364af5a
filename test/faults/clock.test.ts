import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { createCircuitBreaker, createConcurrencyLimit } from '../../src/stores/network/pool.ts';
import { DatabaseFailure } from '../../src/stores/network/failure.ts';
import { createCached } from '../../src/stores/vicidial/schema-cache.ts';
import { createPending } from '../../src/stores/network/connection.ts';
import { countHashes } from '../service/test-services.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { faultsOf, recordsOf } from '../audit/audit-fixture.ts';
import { PATH, queryFor, startFilledApp } from '../http/raw-socket.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { wordsOf } from '../support/load/traffic.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { fillDistinctLeads } from '../support/distinct-leads.ts';
import { until } from '../support/until.ts';
import { endAll, startFaultApp, startLeadTraffic } from './fault-dialer.ts';
import { HANGS_MS } from './fault-limits.ts';

const HOUR_MS = 3_600_000;
const WAYS = [
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS],
] as const;
/** More than none of these takes by the monotonic clock, even on a busy machine. */
const SOON_MS = 5_000;

describe('when the clock on the wall jumps', () => {
  afterEach(() => mock.timers.reset());

  for (const [way, jump] of WAYS) {
    function jumpClock(): void {
      mock.timers.enable({ apis: ['Date'], now: Date.now() + jump });
    }

    it(`43: an hour ${way}, a server that failed is tried again as soon as ever, and not at once`, async () => {
      let probes = 0;
      const back = Promise.withResolvers<undefined>();
      const breaker = createCircuitBreaker({
        probe: () => Promise.resolve((probes += 1)),
        onFailed: () => undefined,
        onBack: () => back.resolve(undefined),
      });
      breaker.noteFailure(new DatabaseFailure('silent', 'nothing came'));
      jumpClock();
      await pause(20);
      assert.deepEqual([probes, breaker.failure()?.kind], [0, 'silent']);
      const started = performance.now();
      const alive = setInterval(() => undefined, 100);
      await back.promise;
      clearInterval(alive);
      assert.equal(breaker.failure(), undefined);
      assert.ok(performance.now() - started < SOON_MS);
      breaker.close();
    });

    it(`43: an hour ${way}, what is cached is neither old nor young by it`, async () => {
      let reads = 0;
      const cached = createCached(() => Promise.resolve((reads += 1)));
      assert.equal(await cached.get(), 1);
      jumpClock();
      assert.equal(await cached.get(), 1);
      await pause(20);
      assert.equal(reads, 1);
    });

    it(`43: an hour ${way}, nobody who waits for a permit is refused, and nothing is taken for silence`, async () => {
      const limit = createConcurrencyLimit(1);
      await limit.acquire('server');
      const waiting = limit.acquire('server');
      const underWay = createPending();
      const work = Promise.withResolvers<string>();
      const result = underWay.add(work.promise, () => new DatabaseFailure('lost', 'ended'));
      jumpClock();
      limit.expire(performance.now());
      const now = performance.now();
      for (const since of [underWay.stillSince(now), underWay.oldestSince(now)]) {
        assert.ok(since >= 0 && since < SOON_MS, `${since} ms`);
      }
      limit.release();
      await waiting;
      work.resolve('done');
      assert.equal(await result, 'done');
    });
  }

  describe('in front of a store of its own', () => {
    for (const [way, jump] of WAYS) {
      it(`43: an hour ${way}, locks and series of failures stay, who is known stays known, and the audit goes on`, async () => {
        const folder = temporaryFolder();
        const running = await startFilledApp({}, folder);
        try {
          const ask = async (goUser: string, goPass: string) =>
            (await send(running.url, `${PATH}?${queryFor({ goUser, goPass, lead_id: '1' })}`)).text;
          const fail = async (name: string, count: number) => {
            for (let tries = 0; tries < count; tries += 1) {
              assert.match(await ask(name, `wrong-${tries}`), /"Invalid Username\/Password"/);
            }
          };
          await fail('locked', MAX_FAILURES);
          await fail('half', MAX_FAILURES / 2);
          assert.match(await ask('crm', PASSWORD), /"lead_id":1,/);
          const hashes = countHashes();

          mock.timers.enable({ apis: ['Date'], now: Date.now() + jump });
          for (let tick = 0; tick < 3; tick += 1) {
            assert.match(await ask('locked', 'wrong'), /"Too many login attempts/);
            assert.match(await ask('crm', PASSWORD), /"lead_id":1,/);
          }
          assert.equal(
            countHashes(),
            hashes,
            'who is locked is not tried, and who is known is not tried again',
          );
          await fail('half', MAX_FAILURES / 2);
          assert.match(await ask('half', 'wrong'), /"Too many login attempts/);
        } finally {
          mock.timers.reset();
          await running.close();
        }
        assert.deepEqual(await faultsOf(join(folder, 'test-audit')), []);
        assert.equal(recordsOf(join(folder, 'test-audit'), 'lookup').length, 2 * MAX_FAILURES + 8);
      });
    }
  });

  describe('in traffic', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
    let server: MariadbServer;
    before(async () => {
      server = await startMariadb();
      await fillDistinctLeads(server);
    });
    after(() => server.stop());
    afterEach(endAll);

    it('43: to and fro, every request is answered right', async (t) => {
      const app = await startFaultApp(server);
      const traffic = await startLeadTraffic(app.url);
      const wall = Date.now();
      mock.timers.enable({ apis: ['Date'], now: wall });
      for (const jump of [HOUR_MS, -HOUR_MS, HOUR_MS, 0]) {
        mock.timers.setTime(wall + jump);
        await traffic.untilRight(100);
      }
      const figures = traffic.take();
      t.diagnostic(wordsOf(figures));
      assert.deepEqual([figures.wrong, figures.refused, app.serverMessages()], [[], 0, []]);
      // And what fails is found and found again, whatever the clock on the wall says.
      mock.timers.setTime(wall - HOUR_MS);
      await server.kill();
      await traffic.untilRefused(10);
      mock.timers.setTime(wall + HOUR_MS);
      mock.timers.reset();
      await server.restart();
      await traffic.untilRight(100);
      assert.deepEqual(traffic.take().wrong, []);
      await until('it was logged', () => app.serverMessages().length === 2);
    });
  });
});
