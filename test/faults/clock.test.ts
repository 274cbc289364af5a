import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { createBreaker } from '../../src/store/vicidial/breaker.ts';
import { DialerFailureError } from '../../src/store/vicidial/dialer-failure.ts';
import { createPlaces } from '../../src/store/vicidial/places.ts';
import { remember } from '../../src/store/vicidial/remembered.ts';
import { createUnderWay } from '../../src/store/vicidial/under-way.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { wordsOf } from '../support/steady-traffic.ts';
import { endAll, fillFaultDialer, startFaultApp, startLeadTraffic, until } from './fault-dialer.ts';
import { HANGS_MS } from './fault-limits.ts';

const HOUR_MS = 3_600_000;
/** More than none of these takes by the monotonic clock, even on a busy machine. */
const SOON_MS = 5_000;

describe('when the clock on the wall jumps', () => {
  afterEach(() => mock.timers.reset());

  for (const [way, jump] of [
    ['ahead', HOUR_MS],
    ['back', -HOUR_MS],
  ] as const) {
    function jumpClock(): void {
      mock.timers.enable({ apis: ['Date'], now: Date.now() + jump });
    }

    it(`43: an hour ${way}, a server that failed is tried again as soon as ever, and not at once`, async () => {
      let probes = 0;
      const back = Promise.withResolvers<undefined>();
      const breaker = createBreaker({
        probe: () => Promise.resolve((probes += 1)),
        onFailed: () => undefined,
        onBack: () => back.resolve(undefined),
      });
      breaker.noteFailure(new DialerFailureError('silent', 'nothing came'));
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

    it(`43: an hour ${way}, what was learnt is neither old nor young by it`, async () => {
      let learnt = 0;
      const remembered = remember(() => Promise.resolve((learnt += 1)));
      assert.equal(await remembered.get(), 1);
      jumpClock();
      assert.equal(remembered.get(), 1);
      await pause(20);
      assert.equal(learnt, 1);
    });

    it(`43: an hour ${way}, nobody who waits for a place is sent away, and nothing is taken for silence`, async () => {
      const places = createPlaces(1);
      await places.take('server');
      const waiting = places.take('server');
      const underWay = createUnderWay();
      const work = Promise.withResolvers<string>();
      const result = underWay.add(work.promise, () => new DialerFailureError('lost', 'ended'));
      jumpClock();
      places.expire(performance.now());
      const now = performance.now();
      for (const since of [underWay.stillSince(now), underWay.oldestSince(now)]) {
        assert.ok(since >= 0 && since < SOON_MS, `${since} ms`);
      }
      places.giveBack();
      await waiting;
      work.resolve('done');
      assert.equal(await result, 'done');
    });
  }

  describe('in traffic', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
    let server: MariadbServer;
    before(async () => {
      server = await startMariadb();
      await fillFaultDialer(server);
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
      assert.deepEqual([figures.wrong, figures.refused, app.toldOfServers()], [[], 0, []]);
      // And what fails is found and found again, whatever the clock on the wall says.
      mock.timers.setTime(wall - HOUR_MS);
      await server.kill();
      await traffic.untilRefused(10);
      mock.timers.setTime(wall + HOUR_MS);
      mock.timers.reset();
      await server.restart();
      await traffic.untilRight(100);
      assert.deepEqual(traffic.take().wrong, []);
      await until('it was told', () => app.toldOfServers().length === 2);
    });
  });
});
