import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { createPool } from '../../src/stores/network/pool.ts';
import { poolAddress } from '../../src/stores/vicidial/address.ts';
import type { DatabaseFailure } from '../../src/stores/network/failure.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { startProxy } from '../support/stalling-proxy.ts';
import { wordsOf, type SteadyTraffic } from '../support/load/traffic.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';
import { fillDistinctLeads, leadTarget } from '../support/distinct-leads.ts';
import { timeOf, until } from '../support/until.ts';
import { endAll, sessionsOf, startFaultApp, startLeadTraffic, type FaultApp } from './fault-dialer.ts';
import { ANSWERED_MS, BACK_MS, FIRST_MS, HANGS_MS, REFUSED_MS, ROUNDS } from './fault-limits.ts';

const CONNECTIONS = 4;

describe('a database that says nothing', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
  let server: MariadbServer;
  let certificate: string;
  before(async () => {
    const folder = temporaryFolder();
    const { tlsCert, tlsKey } = await makeSelfSigned(2, folder);
    certificate = tlsCert;
    // The database may run as another user.
    chmodSync(folder, 0o755);
    chmodSync(tlsKey, 0o644);
    server = await startMariadb({ args: [`--ssl-cert=${tlsCert}`, `--ssl-key=${tlsKey}`] });
    await fillDistinctLeads(server);
  });
  after(() => server.stop());
  afterEach(endAll);

  interface Silence {
    begin(): void;
    end(): void;
  }

  /** Silence in traffic, from its begin to some time after its end. */
  async function assertBridged(t: TestContext, app: FaultApp, traffic: SteadyTraffic, silence: Silence) {
    for (let round = 1; round <= ROUNDS; round += 1) {
      traffic.take();
      silence.begin();
      await app.untilLogged(/failed and is left out/);
      // Until the last of those is answered that were asked before it was known.
      await pause(300);
      const unknown = traffic.take();
      await pause(1_000);
      const known = traffic.take();
      silence.end();
      const back = await timeOf(() => traffic.untilRight());
      await traffic.untilRight(300);
      const after = traffic.take();
      t.diagnostic(`round ${round}, not yet known: ${wordsOf(unknown)}`);
      t.diagnostic(`round ${round}, known: ${wordsOf(known)}`);
      t.diagnostic(`round ${round}, right again after ${Math.round(back)} ms; ${wordsOf(after)}`);
      assert.deepEqual([unknown.wrong, known.wrong, after.wrong], [[], [], []]);
      assert.ok(unknown.slowestMs <= ANSWERED_MS, wordsOf(unknown));
      assert.ok(known.slowestMs <= REFUSED_MS && known.right === 0, wordsOf(known));
      assert.ok(known.refused > 20, 'it was still asked');
      assert.ok(back <= BACK_MS, `${back} ms`);
    }
    traffic.take();
    await traffic.untilRight(500);
    const { wrong, refused } = traffic.take();
    assert.deepEqual([wrong, refused], [[], 0]);
    await until('nothing is left of old connections', async () => {
      return (await sessionsOf(server)).length <= CONNECTIONS;
    });
  }

  for (const [how, tls] of [
    ['', 'off'],
    [' and over TLS', 'on'],
  ] as const) {
    it(`37: frozen in traffic${how}: answered in time, then at once, and right again when it goes on`, async (t) => {
      const databaseCa = tls === 'on' ? certificate : '';
      const app = await startFaultApp(server, { databaseTls: tls, databaseCa });
      const traffic = await startLeadTraffic(app.url);
      t.after(() => server.thaw());
      await assertBridged(t, app, traffic, { begin: () => server.freeze(), end: () => server.thaw() });
    });
  }

  it('37: behind a way that has gone dead: the same', async (t) => {
    const proxy = await startProxy(server);
    t.after(() => proxy.close());
    const app = await startFaultApp(proxy);
    const traffic = await startLeadTraffic(app.url);
    await assertBridged(t, app, traffic, { begin: () => proxy.stall(), end: () => proxy.resume() });
  });

  it('37: for about as long as it is waited for: late results reach no other request', async (t) => {
    const proxy = await startProxy(server);
    t.after(() => proxy.close());
    const app = await startFaultApp(proxy);
    const traffic = await startLeadTraffic(app.url);
    for (const silentMs of [900, 1_200, 1_300, 1_350, 1_400, 1_500, 1_800]) {
      await traffic.untilRight(100);
      traffic.take();
      proxy.stall();
      await pause(silentMs);
      proxy.resume();
      await traffic.untilRight(100);
      const figures = traffic.take();
      t.diagnostic(`silent for ${silentMs} ms: ${wordsOf(figures)}`);
      assert.deepEqual(figures.wrong, []);
      assert.ok(figures.slowestMs <= ANSWERED_MS, wordsOf(figures));
    }
  });

  it('37: from the middle of a login on: answered in time, and right when it speaks again', async (t) => {
    const proxy = await startProxy(server);
    t.after(() => proxy.close());
    const app = await startFaultApp(proxy);
    // A session is set after the login: the connection is there, and not yet in use.
    proxy.stallAt('max_statement_time');
    for (let tries = 0; tries < 5; tries += 1) {
      const took = await timeOf(async () => {
        assert.equal((await send(app.url, leadTarget())).status, 503);
      });
      assert.ok(took <= FIRST_MS, `${took} ms`);
      await pause(200);
    }
    proxy.resume();
    const back = await timeOf(() => untilRight(app));
    t.diagnostic(`right after ${Math.round(back)} ms`);
    assert.ok(back <= BACK_MS, `${back} ms`);
  });

  it('37: from the first connection on: answered in time, then at once', async (t) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    const app = await startFaultApp({ host: '127.0.0.1', port: (silent.address() as AddressInfo).port });
    const took: number[] = [];
    for (let tries = 0; tries < 5; tries += 1) {
      took.push(
        await timeOf(async () => {
          const { status, headers } = await send(app.url, leadTarget());
          assert.deepEqual([status, headers['retry-after']], [503, '1']);
        }),
      );
    }
    t.diagnostic(`answered after ${took.map(Math.round).join(', ')} ms`);
    const [first = NaN, ...others] = took;
    assert.ok(first <= FIRST_MS, `${first} ms`);
    assert.ok(Math.max(...others) <= REFUSED_MS, `${others.join(', ')} ms`);
    assert.equal(app.serverMessages().length, 1);
  });

  it('37: answers that come one after the other, but too late, are not waited for', async (t) => {
    const config = dialerConfig(server, READER, { databaseConnections: 1 });
    const dialer = createPool(poolAddress(config, config.database), () => undefined);
    try {
      const read = (lead: number) =>
        dialer.read('SELECT lead_id, SLEEP(0.6) FROM vicidial_list WHERE lead_id = ?', [lead]);
      await read(1);
      const results: (number | string)[] = [];
      const took = await timeOf(() =>
        Promise.all(
          [2, 3, 4, 5, 6, 7].map(async (lead) => {
            results.push(await read(lead).then(([row]) => Number(row?.[0]), kindOf));
          }),
        ),
      );
      t.diagnostic(`after ${Math.round(took)} ms: ${results.join(', ')}`);
      assert.equal(results[0], 2);
      assert.ok(results.includes('silent'), results.join(', '));
      assert.ok(took <= ANSWERED_MS, `${took} ms`);
      await until('it is asked again', () => dialer.read('SELECT 1', []).then(Boolean, () => false));
    } finally {
      await dialer.close();
    }
  });

  it('37: because callercard itself stood still: that is no silence, and nothing fails', async () => {
    const config = dialerConfig(server, READER);
    const logged: string[] = [];
    const dialer = createPool(poolAddress(config, config.database), ({ message }) => logged.push(message));
    const read = async (lead: number) => {
      const [row] = await dialer.read('SELECT lead_id FROM vicidial_list WHERE lead_id = ?', [lead]);
      return Number(row?.[0]);
    };
    try {
      const leads = Array.from({ length: 40 }, (_, at) => at + 1);
      await read(1);
      for (let round = 0; round < ROUNDS; round += 1) {
        const results = leads.map(read);
        // They leave at the end of a tick of the event loop; answers are read in the next.
        for (let tick = 0; tick < 2; tick += 1) await new Promise(setImmediate);
        const latest = performance.now() + 2_500;
        while (performance.now() < latest);
        assert.deepEqual(await Promise.all(results), leads);
      }
      assert.deepEqual(logged, []);
    } finally {
      await dialer.close();
    }
  });
});

function kindOf(cause: unknown): string {
  return (cause as DatabaseFailure).kind;
}

async function untilRight({ url }: FaultApp): Promise<void> {
  await until('a right answer', async () => (await send(url, leadTarget())).status === 200);
}
