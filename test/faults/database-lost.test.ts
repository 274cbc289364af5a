import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { createConnection, type Connection } from 'mariadb';

import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { asDatabaseRoot } from '../support/root-sql.ts';
import { send } from '../support/test-app.ts';
import { startTraffic, wordsOf, type SteadyTraffic } from '../support/load/traffic.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';
import { fillDistinctLeads, recordLeads } from '../support/distinct-leads.ts';
import { timeOf, until } from '../support/until.ts';
import { endAll, sessionsOf, startFaultApp, startLeadTraffic, type FaultApp } from './fault-dialer.ts';
import { ANSWERED_MS, BACK_MS, CLIENTS, HANGS_MS, ROUNDS } from './fault-limits.ts';

/** Connections to the server, as the settings say by default. */
const CONNECTIONS = 4;

describe('in steady traffic', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
  let server: MariadbServer;
  let app: FaultApp;
  let traffic: SteadyTraffic;
  before(async () => {
    server = await startMariadb();
    await fillDistinctLeads(server);
  });
  after(() => server.stop());
  beforeEach(async () => {
    app = await startFaultApp(server);
    traffic = await startLeadTraffic(app.url);
    await traffic.untilRight(200);
  });
  afterEach(endAll);

  it(`37: the database is killed and restarted, ${ROUNDS} times: every answer is right or a 503`, async (t) => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      traffic.take();
      await server.kill();
      await traffic.untilRefused(50);
      await server.restart();
      const back = await timeOf(() => traffic.untilRight());
      const figures = traffic.take();
      t.diagnostic(
        `round ${round}: right again ${Math.round(back)} ms after the restart; ${wordsOf(figures)}`,
      );
      assert.deepEqual(figures.wrong, []);
      assert.ok(back <= BACK_MS, `${back} ms`);
      assert.ok(figures.slowestMs <= ANSWERED_MS, wordsOf(figures));
      await traffic.untilRight(300);
      assert.deepEqual(traffic.take().wrong, []);
    }
    traffic.take();
    await traffic.untilRight(500);
    const { wrong, refused } = traffic.take();
    assert.deepEqual({ wrong, refused }, { wrong: [], refused: 0 });
    assert.ok((await sessionsOf(server)).length <= CONNECTIONS);
  });

  it('37: a connection is killed on the server, again and again: no request fails', async (t) => {
    traffic.take();
    for (let round = 0; round < 5 * ROUNDS; round += 1) {
      const [session] = await sessionsOf(server);
      assert.ok(session !== undefined);
      await server.runRootSql(`KILL ${session.ID}`);
      await traffic.untilRight(30);
    }
    const figures = traffic.take();
    t.diagnostic(wordsOf(figures));
    assert.deepEqual([figures.wrong, figures.refused], [[], 0]);
    assert.deepEqual(app.serverMessages(), []);
    assert.ok((await sessionsOf(server)).length <= CONNECTIONS);
  });

  it('37: all connections are killed at the same time: every answer is right or a 503, and right at once', async (t) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      traffic.take();
      const sessions = await sessionsOf(server);
      await server.runRootSql(sessions.map(({ ID }) => `KILL ${ID}`).join('; '));
      const back = await timeOf(() => traffic.untilRight(50));
      const figures = traffic.take();
      t.diagnostic(`${sessions.length} connections: ${wordsOf(figures)}`);
      assert.deepEqual(figures.wrong, []);
      assert.ok(back <= BACK_MS, `${back} ms`);
    }
  });

  it('37: a table is locked: 503 in time, no pile of statements is left, and right when it is free', async (t) => {
    await asDatabaseRoot(server, async (root) => {
      traffic.take();
      await root.query('LOCK TABLES asterisk.vicidial_list WRITE');
      const locked = performance.now();
      let most = 0;
      while (performance.now() - locked < 3_000) {
        most = Math.max(most, (await sessionsOf(server)).length);
        await pause(20);
      }
      const during = traffic.take();
      await root.query('UNLOCK TABLES');
      const back = await timeOf(() => traffic.untilRight());
      t.diagnostic(
        `locked: ${wordsOf(during)}, at most ${most} sessions; right again after ${Math.round(back)} ms`,
      );
      assert.deepEqual(during.wrong, []);
      assert.ok(during.refused > 0 && during.slowestMs <= ANSWERED_MS, wordsOf(during));
      // Those that were given up, and those that came after them.
      assert.ok(most <= 2 * CONNECTIONS, `${most} sessions`);
      assert.ok(back <= BACK_MS, `${back} ms`);
    });
    await traffic.untilRight(300);
    assert.deepEqual(traffic.take().wrong, []);
    const sessions = await sessionsOf(server);
    assert.ok(sessions.length <= CONNECTIONS);
    assert.ok(!sessions.some(({ STATE }) => /lock/i.test(STATE ?? '')), 'nothing waits for a lock');
  });
});

describe(
  'a lock on a table that comes over a quiet database',
  { skip: mariadbSkip, timeout: HANGS_MS },
  () => {
    it('37: every request is answered in time, however many wait one behind the other', async (t) => {
      const server = await startMariadb();
      try {
        await fillDistinctLeads(server);
        const app = await startFaultApp(server, { databaseConnections: 1 });
        const [first, ...others] = (await recordLeads(app.url)).slice(0, 12);
        assert.ok(first !== undefined);
        await asDatabaseRoot(server, async (root) => {
          await root.query('LOCK TABLES asterisk.vicidial_list WRITE');
          const waiting = others.map(async ({ target }) => {
            const started = performance.now();
            const { status } = await send(app.url, target);
            return { status, ms: performance.now() - started };
          });
          const answers = await Promise.all(waiting);
          t.diagnostic(`answered after ${answers.map(({ ms }) => Math.round(ms)).join(', ')} ms`);
          for (const { status, ms } of answers) {
            assert.equal(status, 503);
            assert.ok(ms <= ANSWERED_MS, `${ms} ms`);
          }
          // What was given up is no work for the server any more: only a probe waits.
          await pause(1_200);
          const sessions = await sessionsOf(server);
          assert.ok(sessions.length <= 1, `${sessions.length} sessions`);
          await root.query('UNLOCK TABLES');
        });
        await until(
          'it is right again',
          async () => (await send(app.url, first.target)).text === first.expected,
        );
        assert.ok((await sessionsOf(server)).length <= 1);
      } finally {
        await endAll();
        await server.stop();
      }
    });
  },
);

describe('a database that gives no more connections', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb({ args: ['--max-connections=12'] });
    await fillDistinctLeads(server);
  });
  after(() => server.stop());
  afterEach(endAll);

  it('37: is asked over those that are open, and no request fails; more are opened when it has some', async (t) => {
    const app = await startFaultApp(server);
    const asked = await recordLeads(app.url);
    const fillers: Connection[] = [];
    try {
      await asDatabaseRoot(server, async (root) => {
        assert.equal((await ownSessions(root)).length, 1);
        while (await fill(server, fillers));
        const before = await askedConnections(root);
        // Without pauses, so that the one connection has more to do than it should.
        const traffic = startTraffic(app.url, asked, { clients: CLIENTS, pauseMs: 0 });
        t.after(() => traffic.stop());
        await traffic.untilRight(500);
        await pause(1_000);
        const figures = traffic.take();
        const tries = (await askedConnections(root)) - before;
        t.diagnostic(`${wordsOf(figures)}; ${tries} connections were asked for`);
        assert.deepEqual([figures.wrong, figures.refused], [[], 0]);
        // A server without connections is not stormed for more.
        assert.ok(tries <= 10, `${tries} tries`);
        await closeAll(fillers);
        await until('more connections', async () => (await ownSessions(root)).length > 1);
        const end = await traffic.stop();
        assert.deepEqual([end.wrong, end.refused], [[], 0]);
        assert.deepEqual(app.serverMessages(), []);
        assert.ok((await ownSessions(root)).length <= CONNECTIONS);
      });
    } finally {
      await closeAll(fillers);
    }
  });

  /** Takes one connection; false when there is none to be had. */
  async function fill({ host, port }: MariadbServer, fillers: Connection[]): Promise<boolean> {
    try {
      fillers.push(await createConnection({ host, port, ...READER }));
      return true;
    } catch (cause) {
      assert.equal((cause as { code?: unknown }).code, 'ER_CON_COUNT_ERROR');
      return false;
    }
  }

  async function closeAll(fillers: Connection[]): Promise<void> {
    await Promise.all(fillers.splice(0).map((connection) => connection.end()));
  }

  /** Of the app, which works in the dialer's database; the fillers in none. */
  function ownSessions(root: Connection): Promise<readonly unknown[]> {
    return root.query<unknown[]>(
      "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ? AND DB = 'asterisk'",
      [READER.user],
    );
  }

  /** How many connections were asked for since the server's start, had or not. */
  async function askedConnections(root: Connection): Promise<number> {
    const [row] = await root.query<{ Value: string }[]>("SHOW GLOBAL STATUS LIKE 'Connections'");
    return Number(row?.Value);
  }
});

describe('a database that closes idle connections', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb({ args: ['--wait-timeout=1'] });
    await fillDistinctLeads(server);
  });
  after(() => server.stop());

  afterEach(endAll);

  it('37: is asked over a new one, and no request fails', async (t) => {
    const app = await startFaultApp(server);
    const asked = await recordLeads(app.url);
    for (let round = 0; round < ROUNDS; round += 1) {
      await until('idle connections are closed', async () => (await sessionsOf(server)).length === 0);
      const traffic = startTraffic(app.url, asked, { clients: CLIENTS });
      t.after(() => traffic.stop());
      await traffic.untilRight(200);
      const { wrong, refused } = await traffic.stop();
      assert.deepEqual([wrong, refused], [[], 0]);
    }
    assert.deepEqual(app.serverMessages(), []);
  });
});
