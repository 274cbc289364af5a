import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { createApp, type App } from '../../src/app.ts';
import type { PostgresqlConfig } from '../../src/stores/postgresql/address.ts';
import { openPostgresql, type PostgresqlStore } from '../../src/stores/postgresql/open-postgresql.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from '../stores/postgresql/filled-store.ts';
import { basic, bearer } from '../support/authorization.ts';
import { DISTINCT_LEADS, recordLeads } from '../support/distinct-leads.ts';
import { startTraffic, wordsOf } from '../support/load/traffic.ts';
import { madeToken } from '../support/made-token.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../support/postgresql-server.ts';
import { isAnswering, send, temporaryFolder } from '../support/test-app.ts';
import { timeOf, until } from '../support/until.ts';
import { createWatchedLog } from '../support/watched-log.ts';
import { ANSWERED_MS, BACK_MS, FIRST_MS, HANGS_MS, ROUNDS } from './fault-limits.ts';

const CLIENTS = 8;
/** Each of them waits for a start of the server after a crash. */
const STARTS = Math.ceil(ROUNDS / 3);
const USERS = ['ana', 'luis', 'eva', 'daily'].map((name) => ({
  name,
  password: { verifier: CHEAP_VERIFIER },
}));

describe('two servers over one PostgreSQL', { skip: postgresqlSkip, timeout: HANGS_MS }, () => {
  let server: PostgresqlServer;
  let store: PostgresqlStore;
  let config: PostgresqlConfig;
  let urls: readonly [string, string];
  const apps: App[] = [];
  const watched = createWatchedLog();

  async function start(): Promise<string> {
    const app = createApp({ ...config, audit: join(temporaryFolder(), 'audit') }, { log: watched.log });
    apps.push(app);
    const url = await app.listen();
    await until('it is ready', () => isAnswering(url, '/readyz'));
    return url;
  }

  before(async () => {
    server = await startPostgresql({ isDurable: true });
    await createDatabaseFor(server);
    config = postgresqlConfig(server, { dailyLeads: 6, metrics: ['127.0.0.1'] });
    const { users, ...rest } = DISTINCT_LEADS;
    await (await openFilled(config, { ...rest, users: [...users, ...USERS] })).close();
    store = openPostgresql(config);
    await store.begin?.();
    urls = [await start(), await start()];
  });
  after(async () => {
    await Promise.all([...apps.map((app) => app.close()), store.close()]);
    await server.stop();
    watched.check();
  });

  const statusOf = async (url: string, lead: number, headers: { readonly authorization: string }) =>
    (await send(url, `/v1/leads/${lead}`, { headers })).status;
  const both = (lead: number, headers: { readonly authorization: string }) =>
    Promise.all(urls.map((url) => statusOf(url, lead, headers)));

  it('13: count on the next request at each what was changed at the other', async () => {
    const ana = basic('ana', PASSWORD);
    const secret = bearer(await madeToken(store, { name: 'crm' }));
    assert.deepEqual(
      [await both(1, ana), await both(1, secret)],
      [
        [200, 200],
        [200, 200],
      ],
    );
    await store.users.change('ana', { rights: 3, lists: [200] });
    assert.deepEqual(await both(1, ana), [404, 404]);
    await store.users.setActive('ana', false);
    await store.tokens.revoke('crm');
    assert.deepEqual(
      [await both(2, ana), await both(1, secret)],
      [
        [401, 401],
        [401, 401],
      ],
    );
  });

  it('5: count failed logins together, whichever is asked', async () => {
    for (let at = 0; at < 10; at += 1)
      assert.equal(await statusOf(at % 2 === 0 ? urls[0] : urls[1], 1, basic('luis', 'wrong')), 401);
    const refused = await both(1, basic('luis', PASSWORD));
    assert.ok(!refused.includes(200), String(refused));
    await store.accounts.clearFailures('luis');
    assert.deepEqual(await both(1, basic('luis', PASSWORD)), [200, 200]);
  });

  it('know a session that the other began, and its end', async () => {
    const [one, other] = urls.map(createCardClient);
    assert.ok(one !== undefined && other !== undefined);
    await one.signIn('eva', PASSWORD);
    for (const [name, value] of one.cookies) other.cookies.set(name, value);
    assert.match((await other.get('/card')).text, /eva/);
    await store.users.setActive('eva', false);
    assert.match((await other.get('/card')).text, /type="password"/);
  });

  it('51: count the different leads of a day together', async () => {
    const daily = basic('daily', PASSWORD);
    const answers: number[] = [];
    for (let lead = 1; lead <= 8; lead += 1)
      answers.push(await statusOf(lead % 2 === 0 ? urls[0] : urls[1], lead, daily));
    assert.deepEqual(answers, [200, 200, 200, 200, 200, 200, 429, 429]);
    assert.deepEqual(await both(1, daily), [200, 200]);
  });

  it('tell in the metrics how many connections they have, and keep to the settings', async () => {
    for (const url of urls) {
      const { text } = await send(url, '/metrics');
      const [, connections] = /^callercard_database_connections\{[^}]*\} (\d+)/m.exec(text) ?? [];
      assert.ok(Number(connections) >= 1 && Number(connections) <= 9, text);
    }
  });
});

describe('a server in traffic over PostgreSQL', { skip: postgresqlSkip, timeout: HANGS_MS }, () => {
  let server: PostgresqlServer;
  let app: App;
  let url: string;
  before(async () => {
    server = await startPostgresql({ isDurable: true });
    await createDatabaseFor(server);
    const config = postgresqlConfig(server, { rateLimit: 100_000, enumerationLimit: 100_000 });
    await (await openFilled(config, DISTINCT_LEADS)).close();
    app = createApp({ ...config, audit: join(temporaryFolder(), 'audit') });
    url = await app.listen();
  });
  after(async () => {
    await app.close();
    await server.stop();
  });

  it(`37: its database is killed, then frozen, ${STARTS} times: every answer is right or a 503`, async (t) => {
    const traffic = startTraffic(url, await recordLeads(url), { clients: CLIENTS });
    await traffic.untilRight(200);
    for (let round = 1; round <= STARTS; round += 1) {
      traffic.take();
      await server.kill();
      await traffic.untilRefused(50);
      await server.restart();
      const back = await timeOf(() => traffic.untilRight());
      const killed = traffic.take();
      server.freeze();
      await traffic.untilRefused(50);
      server.thaw();
      const thawed = await timeOf(() => traffic.untilRight());
      const frozen = traffic.take();
      t.diagnostic(
        `round ${round}: killed, right again after ${Math.round(back)} ms, ${wordsOf(killed)}; frozen, after ${Math.round(thawed)} ms, ${wordsOf(frozen)}`,
      );
      assert.deepEqual([killed.wrong, frozen.wrong], [[], []]);
      assert.ok(back <= BACK_MS && thawed <= BACK_MS, `${back} and ${thawed} ms`);
      assert.ok(Math.max(killed.slowestMs, frozen.slowestMs) <= ANSWERED_MS);
      await traffic.untilRight(200);
    }
    await traffic.stop();
  });

  it('36: its database is down: it is alive, not ready, and answers 503 soon', async () => {
    await server.kill();
    await until('it is not ready', async () => !(await isAnswering(url, '/readyz')));
    assert.ok(await isAnswering(url, '/healthz'));
    let status = 0;
    const waited = await timeOf(async () => {
      status = (await send(url, '/v1/leads/1', { headers: basic('crm', PASSWORD) })).status;
    });
    assert.equal(status, 503);
    assert.ok(waited <= FIRST_MS, `${waited} ms`);
    await server.restart();
    await until('it is ready again', () => isAnswering(url, '/readyz'));
  });
});
