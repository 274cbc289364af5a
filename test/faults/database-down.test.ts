import assert from 'node:assert/strict';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { createApp } from '../../src/app.ts';
import { createLog } from '../../src/observe/log.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { dialerConfig } from '../support/dialer-config.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';
import { fillDistinctLeads, leadTarget } from '../support/distinct-leads.ts';
import { timeOf, until } from '../support/until.ts';
import { endAll, startFaultApp } from './fault-dialer.ts';
import { BACK_MS, FIRST_MS, HANGS_MS, REFUSED_MS } from './fault-limits.ts';

describe('started without its database', { skip: mariadbSkip, timeout: HANGS_MS }, () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadb();
    await fillDistinctLeads(server);
  });
  after(() => server.stop());
  afterEach(endAll);
  beforeEach(async () => {
    // The process that runs may be the one that an earlier test has ended.
    await server.kill();
    await server.restart();
  });

  /** What it is while there is no database; how long the answers took, in milliseconds. */
  async function assertAliveAndNotReady(url: string): Promise<readonly number[]> {
    const took: number[] = [];
    for (let tries = 0; tries < 5; tries += 1) {
      took.push(
        await timeOf(async () => {
          const answer = await send(url, leadTarget());
          assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1']);
          assert.match(answer.text, /"The database is not available"/);
        }),
      );
      assert.equal((await send(url, '/healthz')).status, 200);
      assert.equal((await send(url, '/readyz')).status, 503);
    }
    const [first = NaN, ...others] = took;
    assert.ok(first <= FIRST_MS, `${first} ms`);
    assert.ok(Math.max(...others) <= REFUSED_MS, `${others.join(', ')} ms`);
    return took;
  }

  /** How long after now an answer is right and the server ready. */
  async function timeUntilRight(url: string): Promise<number> {
    const back = await timeOf(() =>
      until('a right answer', async () => (await send(url, leadTarget())).status === 200),
    );
    assert.ok(back <= BACK_MS, `${back} ms`);
    const { text } = await send(url, leadTarget());
    assert.match(text, /"lead_id":1,.*"first_name":"Name 1"/);
    assert.equal((await send(url, '/readyz')).status, 200);
    return back;
  }

  it('36: it is alive and not ready, answers 503 at once, and works when the database is there', async (t) => {
    await server.kill();
    const app = await startFaultApp(server);
    const { url } = app;
    const took = await assertAliveAndNotReady(url);
    await server.restart();
    const back = await timeUntilRight(url);
    t.diagnostic(`answered after ${took.map(Math.round).join(', ')} ms`);
    t.diagnostic(`right ${Math.round(back)} ms after the database's start`);
    assert.deepEqual(app.serverMessages(), [
      `warn: the database server 127.0.0.1:${server.port} failed and is left out`,
      `info: the database server 127.0.0.1:${server.port} answers again`,
    ]);
  });

  it('36: with a wrong password it is the same; the log says why, and holds no password', async (t) => {
    const wrong = 'planted-secret that is wrong';
    const file = join(temporaryFolder(), 'log');
    const config = dialerConfig(server, { ...READER, password: wrong }, { logLevel: 'debug' });
    const app = createApp(config, { log: createLog('debug', openSync(file, 'w')) });
    const url = await app.listen();
    try {
      await assertAliveAndNotReady(url);
      await until('the log is written', () => readFileSync(file, 'utf8').includes('store_unavailable'));
      const log = readFileSync(file, 'utf8');
      assert.match(log, /127\.0\.0\.1:\d+: .*Access denied for user 'callercard'/);
      assert.match(log, /"code":"ER_ACCESS_DENIED_ERROR"/);
      for (const secret of [wrong, encodeURIComponent(wrong), READER.password, PASSWORD]) {
        assert.ok(!log.includes(secret), `the log holds ${secret}`);
      }
      assert.doesNotMatch(log, /\bSELECT\b|vicidial_/);

      await server.runRootSql("SET PASSWORD FOR callercard@'%' = PASSWORD(?)", [wrong]);
      t.diagnostic(`right ${Math.round(await timeUntilRight(url))} ms after the password was set`);
    } finally {
      await app.close();
      await server.runRootSql("SET PASSWORD FOR callercard@'%' = PASSWORD(?)", [READER.password]);
    }
  });

  it("36: without the dialer's tables it is the same, and they are found when they come", async (t) => {
    await server.runRootSql('DROP DATABASE asterisk');
    const { url } = await startFaultApp(server);
    await assertAliveAndNotReady(url);
    await fillDistinctLeads(server);
    t.diagnostic(`right ${Math.round(await timeUntilRight(url))} ms after the tables were there`);
  });
});
