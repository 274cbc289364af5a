import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';

import {
  ACQUIRE_MS,
  chooseServer,
  createCircuitBreaker,
  createConcurrencyLimit,
  createPool,
} from '../../../src/stores/network/pool.ts';
import { poolAddress } from '../../../src/stores/vicidial/address.ts';
import { DatabaseFailure, type FailureKind } from '../../../src/stores/network/failure.ts';
import { createPending } from '../../../src/stores/network/connection.ts';
import { dialerConfig } from '../../support/dialer-config.ts';
import { findServerPort } from '../../support/server-port.ts';
import { READER } from './dialer-fixture.ts';

function failureOf(kind: FailureKind): DatabaseFailure {
  return new DatabaseFailure(kind, `a failure: ${kind}`);
}

/** Lets everything run that waits for nothing but its turn. */
async function tick(): Promise<void> {
  await new Promise(setImmediate);
}

describe('a breaker', () => {
  /** A breaker whose timers a test moves on, and whose probes it answers. */
  function openBreaker() {
    mock.timers.enable({ apis: ['setTimeout'] });
    const seen: string[] = [];
    let probe: PromiseWithResolvers<undefined> | undefined;
    const breaker = createCircuitBreaker({
      probe() {
        seen.push('probe');
        probe = Promise.withResolvers();
        return probe.promise;
      },
      onFailed: ({ kind }) => seen.push(`failed: ${kind}`),
      onBack: () => seen.push('back'),
    });
    return {
      breaker,
      note: (kind: FailureKind) => breaker.noteFailure(failureOf(kind)),
      /** What happened since this was last asked. */
      takeSeen: () => seen.splice(0),
      async pass(milliseconds: number) {
        mock.timers.tick(milliseconds);
        await tick();
      },
      async answerProbe(failure?: DatabaseFailure) {
        if (failure === undefined) probe?.resolve(undefined);
        else probe?.reject(failure);
        await tick();
      },
      end() {
        breaker.close();
        mock.timers.reset();
      },
    };
  }

  for (const kind of ['unreachable', 'not ready', 'silent'] as const) {
    it(`opens at once when the server is ${kind}, and logs it once`, () => {
      const fixture = openBreaker();
      fixture.note(kind);
      fixture.note('silent');
      fixture.note(kind);
      assert.equal(fixture.breaker.failure()?.kind, kind);
      assert.deepEqual(fixture.takeSeen(), [`failed: ${kind}`]);
      fixture.end();
    });
  }

  for (const kind of ['lost', 'busy', 'schema', 'statement'] as const) {
    it(`does not open for what is no fault of the server: ${kind}`, async () => {
      const fixture = openBreaker();
      for (let times = 0; times < 100; times += 1) fixture.note(kind);
      await fixture.pass(10_000);
      assert.equal(fixture.breaker.failure(), undefined);
      assert.deepEqual(fixture.takeSeen(), []);
      fixture.end();
    });
  }

  it('opens for the third statement in a row that was too slow, and not if one was answered between', () => {
    const fixture = openBreaker();
    for (let times = 0; times < 10; times += 1) {
      fixture.note('slow');
      fixture.note('slow');
      fixture.note('lost');
      assert.equal(fixture.breaker.failure(), undefined);
      fixture.breaker.noteAnswer();
    }
    for (let times = 0; times < 3; times += 1) fixture.note('slow');
    assert.equal(fixture.breaker.failure()?.kind, 'slow');
    assert.deepEqual(fixture.takeSeen(), ['failed: slow']);
    fixture.end();
  });

  it('tries the server every 250 ms, one probe at a time, until it answers, and never gives it up', async () => {
    const fixture = openBreaker();
    fixture.note('unreachable');
    fixture.takeSeen();
    for (let tries = 0; tries < 1_000; tries += 1) {
      await fixture.pass(249);
      assert.deepEqual(fixture.takeSeen(), []);
      await fixture.pass(1);
      assert.deepEqual(fixture.takeSeen(), ['probe']);
      // However long it takes, no other one is sent.
      await fixture.pass(5_000);
      assert.deepEqual(fixture.takeSeen(), []);
      await fixture.answerProbe(failureOf('unreachable'));
      assert.equal(fixture.breaker.failure()?.kind, 'unreachable');
    }
    await fixture.pass(250);
    await fixture.answerProbe();
    assert.equal(fixture.breaker.failure(), undefined);
    assert.deepEqual(fixture.takeSeen(), ['probe', 'back']);
    await fixture.pass(10_000);
    assert.deepEqual(fixture.takeSeen(), []);
    fixture.end();
  });

  it('begins to count anew when the server is back, and opens again when it fails again', async () => {
    const fixture = openBreaker();
    for (let times = 0; times < 3; times += 1) fixture.note('slow');
    await fixture.pass(250);
    await fixture.answerProbe();
    fixture.takeSeen();
    fixture.note('slow');
    fixture.note('slow');
    assert.equal(fixture.breaker.failure(), undefined);
    fixture.note('silent');
    assert.deepEqual(fixture.takeSeen(), ['failed: silent']);
    fixture.end();
  });

  it('that is closed runs nothing and logs nothing any more', async () => {
    const fixture = openBreaker();
    fixture.note('silent');
    await fixture.pass(250);
    fixture.takeSeen();
    fixture.breaker.close();
    await fixture.answerProbe(failureOf('silent'));
    await fixture.pass(10_000);
    assert.deepEqual(fixture.takeSeen(), []);
    fixture.end();

    const quiet = openBreaker();
    quiet.breaker.close();
    quiet.note('silent');
    await quiet.pass(10_000);
    assert.deepEqual(quiet.takeSeen(), []);
    quiet.end();
  });
});

describe('permits', () => {
  it('are given at once while there are some, then in the order of asking', async () => {
    const limit = createConcurrencyLimit(2);
    await Promise.all([limit.acquire('a'), limit.acquire('a')]);
    const order: string[] = [];
    const third = limit.acquire('a').then(() => order.push('third'));
    const fourth = limit.acquire('a').then(() => order.push('fourth'));
    assert.equal(limit.count(), 4);
    await tick();
    assert.deepEqual(order, []);
    limit.release();
    await tick();
    assert.deepEqual(order, ['third']);
    limit.release();
    await Promise.all([third, fourth]);
    assert.deepEqual(order, ['third', 'fourth']);
    assert.equal(limit.count(), 2);
    limit.release();
    limit.release();
    assert.equal(limit.count(), 0);
    await Promise.all([limit.acquire('a'), limit.acquire('a')]);
  });

  it('are waited for no longer than a second; a refused caller takes none later', async () => {
    const limit = createConcurrencyLimit(1);
    void limit.acquire('a');
    const late = limit.acquire('a');
    const refused = assert.rejects(late, { kind: 'busy' });
    limit.expire(performance.now() + ACQUIRE_MS - 100);
    assert.equal(limit.count(), 2);
    limit.expire(performance.now() + ACQUIRE_MS + 1);
    await refused;
    assert.equal(limit.count(), 1);
    limit.release();
    assert.equal(limit.count(), 0);
    await limit.acquire('a');
  });

  it('are refused at once when 1,024 wait already', async () => {
    const limit = createConcurrencyLimit(1);
    for (let at = 0; at <= 1_024; at += 1) void limit.acquire('a');
    await assert.rejects(limit.acquire('a'), { kind: 'busy' });
    assert.equal(limit.count(), 1_025);
  });
});

describe('statements under way', () => {
  const asLost = () => failureOf('lost');

  it('are counted until each has its answer or its failure', async () => {
    const underWay = createPending();
    const works = [1, 2].map(() => Promise.withResolvers<string>());
    const [one, two] = works.map(({ promise }) => underWay.add(promise, asLost));
    const failed = assert.rejects(two ?? assert.fail(), { kind: 'lost' });
    assert.equal(underWay.count(), 2);
    works[0]?.resolve('its answer');
    assert.equal(await one, 'its answer');
    assert.equal(underWay.count(), 1);
    works[1]?.reject(new Error('what the connector says'));
    await failed;
    await underWay.whenIdle();
    assert.equal(underWay.count(), 0);
  });

  it('that are given up fail at once, and what comes later reaches nobody', async () => {
    const underWay = createPending();
    const work = Promise.withResolvers<string>();
    const result = underWay.add(work.promise, asLost);
    underWay.abandon(failureOf('silent'));
    work.resolve('late');
    await assert.rejects(result, { kind: 'silent' });
    await underWay.whenIdle();
    assert.deepEqual([underWay.isOver(), underWay.count()], [true, 0]);
  });

  it('say for how long nothing came, and for how long the oldest waits; both 0 when nothing is awaited', async () => {
    const underWay = createPending();
    const ahead = () => performance.now() + 1_000;
    const ages = () => [underWay.stillSince(ahead()), underWay.oldestSince(ahead())];
    assert.deepEqual(ages(), [0, 0]);
    const works = [1, 2].map(() => Promise.withResolvers<string>());
    const results = works.map(({ promise }) => underWay.add(promise, asLost));
    const begun = performance.now();
    while (performance.now() < begun + 30);
    works[1]?.resolve('the second');
    await results[1];
    const [still = NaN, oldest = NaN] = ages();
    assert.ok(still >= 1_000 && oldest >= still + 25, `${still} ms, ${oldest} ms`);
    works[0]?.resolve('the first');
    await results[0];
    assert.deepEqual(ages(), [0, 0]);
  });
});

describe('the choice of a server', () => {
  const server = (load: number, failure?: DatabaseFailure) => ({ load, failure });
  const none: ReadonlySet<ReturnType<typeof server>> = new Set();

  it('rotates among those with equally much to do', () => {
    const servers = [server(0), server(0), server(0)];
    const chosen = [0, 1, 2, 3, 4, 5].map((at) =>
      servers.indexOf(chooseServer(servers, none, at) ?? server(0)),
    );
    assert.deepEqual(chosen, [0, 1, 2, 0, 1, 2]);
  });

  it('takes the one with the least to do, whichever is next in the rotation', () => {
    const [one, two, three] = [server(3), server(1), server(2)];
    for (let at = 0; at < 6; at += 1) assert.equal(chooseServer([one, two, three], none, at), two);
  });

  it('leaves out those that failed, however little they have to do', () => {
    const [failed, busy] = [server(0, failureOf('silent')), server(200)];
    for (let at = 0; at < 4; at += 1) assert.equal(chooseServer([failed, busy], none, at), busy);
    assert.equal(chooseServer([failed], none, 0), undefined);
    assert.equal(chooseServer([], none, 0), undefined);
  });

  it('takes one that was tried only if there is no other', () => {
    const [tried, other] = [server(0), server(200)];
    for (let at = 0; at < 4; at += 1) assert.equal(chooseServer([tried, other], new Set([tried]), at), other);
    for (let at = 0; at < 4; at += 1) assert.ok(chooseServer([tried, other], new Set([tried, other]), at));
    assert.equal(chooseServer([tried], new Set([tried]), 0), tried);
  });
});

describe('a dialer of which no server can be reached', () => {
  it('says so at once, for reading and for writing, and logs each server once', async () => {
    const ports = await Promise.all([findServerPort(), findServerPort(), findServerPort()]);
    const config = dialerConfig(
      ports.map((port) => ({ host: '127.0.0.1', port })),
      READER,
    );
    const logged: string[] = [];
    const dialer = createPool(poolAddress(config, config.database), ({ message }) => logged.push(message));
    const reads = Array.from({ length: 50 }, () => dialer.read('SELECT 1', []));
    for (const read of await Promise.allSettled(reads)) {
      assert.ok(read.status === 'rejected');
      assert.deepEqual(
        [(read.reason as DatabaseFailure).kind, read.reason instanceof DatabaseFailure],
        ['unreachable', true],
      );
    }
    await assert.rejects(dialer.write('DO 1', []), { kind: 'unreachable' });
    assert.deepEqual(
      logged.toSorted(),
      ports.map((port) => `the database server 127.0.0.1:${port} failed and is left out`).toSorted(),
    );
    assert.deepEqual(
      dialer.servers.map(({ load }) => load),
      [0, 0, 0],
    );
    await dialer.close();
  });
});
