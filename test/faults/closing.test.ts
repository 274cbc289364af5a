import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { GRACE_MS } from '../../src/http/listener.ts';
import { createPool } from '../../src/stores/network/pool.ts';
import { poolAddress } from '../../src/stores/vicidial/address.ts';
import { openSocket, readToEnd, splitAnswers } from '../http/raw-socket.ts';
import { plainEnvironment, ROOT } from '../support/command.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { asDatabaseRoot } from '../support/root-sql.ts';
import { startTraffic, type Asked } from '../support/load/traffic.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';
import { fillDistinctLeads, recordLeads } from '../support/distinct-leads.ts';
import { send } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { endAll, sessionsOf, startFaultApp, type FaultApp } from './fault-dialer.ts';
import { CLIENTS, HANGS_MS } from './fault-limits.ts';

/** A process without anything to do ends by then; promised: 2 s. */
const ENDED_MS = 5_000;

describe('closing while the database works', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
  let server: MariadbServer;
  let app: FaultApp;
  let asked: readonly Asked[];
  before(async () => {
    server = await startMariadb();
    await fillDistinctLeads(server);
  });
  after(() => server.stop());
  afterEach(endAll);
  beforeEach(async () => {
    app = await startFaultApp(server);
    // A server that was frozen before may be slow to take the first connections.
    await until('the database is there', async () => (await send(app.url, '/readyz')).status === 200);
    asked = await recordLeads(app.url);
  });

  /** Sends requests, each on a connection of its own that it would keep; until all are under way. */
  async function sendAll(all: readonly Asked[]) {
    const before = app.begun();
    const sockets = await Promise.all(all.map(() => openSocket(app.url)));
    for (const [at, { target }] of all.entries()) {
      sockets[at]?.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    }
    const answers = Promise.all(sockets.map(async (socket) => splitAnswers(await readToEnd(socket))));
    await until('all are under way', () => app.begun() === before + all.length);
    return { answers };
  }

  it('39: every lookup that is under way is answered right, and no connection to the database is left', async () => {
    await asDatabaseRoot(server, async (root) => {
      await root.query('LOCK TABLES asterisk.vicidial_list WRITE');
      const all = asked.slice(0, 40);
      const { answers } = await sendAll(all);
      const closed = app.close();
      await root.query('UNLOCK TABLES');
      for (const [at, [answer, ...more]] of (await answers).entries()) {
        assert.deepEqual([answer?.status, answer?.text, more], [200, all[at]?.expected, []]);
      }
      await closed;
    });
    await until('no connection is left', async () => (await sessionsOf(server)).length === 0);
  });

  it('39: in steady traffic no request that was accepted goes without its answer', async (t) => {
    const before = app.begun();
    const traffic = startTraffic(app.url, asked, { clients: CLIENTS });
    t.after(() => traffic.stop());
    await traffic.untilRight(200);
    await app.close();
    const figures = await traffic.stop();
    const accepted = app.begun() - before;
    t.diagnostic(`${accepted} accepted, ${figures.right} right, ${figures.wrong.length} came too late`);
    assert.deepEqual([figures.right, figures.refused], [accepted, 0]);
    // Who comes too late finds no server, or a connection that was idle and ends: an answer nobody gets.
    for (const words of figures.wrong) assert.match(words, /ECONNREFUSED|ECONNRESET|socket hang up/);
  });

  it('39: while the database stands still, lookups are answered 503, and the end comes in time', async (t) => {
    server.freeze();
    try {
      const { answers } = await sendAll(asked.slice(0, 20));
      const started = performance.now();
      await app.close();
      const took = performance.now() - started;
      t.diagnostic(`closed after ${Math.round(took)} ms`);
      for (const [answer] of await answers) {
        assert.deepEqual([answer?.status, answer?.headers['retry-after']], [503, '1']);
      }
      assert.ok(took < GRACE_MS, `${took} ms`);
    } finally {
      server.thaw();
    }
  });

  it('39: the store waits for statements that are under way, and takes no more', async () => {
    await app.close();
    const config = dialerConfig(server, READER);
    const dialer = createPool(poolAddress(config, config.database), () => undefined);
    const read = () => dialer.read('SELECT lead_id, SLEEP(0.3) FROM vicidial_list WHERE lead_id = ?', [7]);
    // The connection is open, the statement is known: what is under way is only its work.
    await read();
    const results = [read(), read()];
    await new Promise(setImmediate);
    await dialer.close();
    assert.deepEqual(
      (await Promise.all(results)).map(([row]) => Number(row?.[0])),
      [7, 7],
    );
    await assert.rejects(read(), { name: 'DatabaseFailure' });
    await until('no connection is left', async () => (await sessionsOf(server)).length === 0);
  });

  for (const [what, isDown] of [
    ['answered', false],
    ['is down', true],
  ] as const) {
    it(`a process that closed its store has nothing more to do, when the database ${what}`, async (t) => {
      await app.close();
      if (isDown) await server.kill();
      try {
        const { code, said, ms } = await runLookupProcess(server);
        t.diagnostic(`ended ${Math.round(ms)} ms after the close`);
        assert.deepEqual([code, said], [0, isDown ? 'failed closed' : 'found closed']);
        assert.ok(ms <= ENDED_MS, `${ms} ms`);
      } finally {
        if (isDown) await server.restart();
      }
    });
  }
});

/** A process that opens the dialer as a store, looks one lead up, closes the store, and then has nothing to do. */
async function runLookupProcess(server: MariadbServer) {
  const config = dialerConfig(server, READER);
  const script = `
    const { openStore } = await import(${JSON.stringify(join(ROOT, 'src', 'stores', 'open-store.ts'))});
    const store = openStore(${JSON.stringify(config)});
    const query = { by: 'lead_id', leadId: 2, asSent: '2' };
    const found = await store.leads.find(query, 'every list').catch(() => undefined);
    process.stdout.write(found?.lead.first_name === 'Name 2' ? 'found ' : 'failed ');
    await store.close();
    process.stdout.write('closed');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: plainEnvironment(),
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let closedAt = performance.now();
  child.stdout.on('data', () => (closedAt = performance.now()));
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number]>]);
  return { code, said, ms: performance.now() - closedAt };
}
