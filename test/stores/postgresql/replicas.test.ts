import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { type App, createApp } from '../../../src/app.ts';
import { inspectPostgresql } from '../../../src/diagnostics/postgresql/inspect.ts';
import type { PostgresqlConfig } from '../../../src/stores/postgresql/address.ts';
import { STALE_MS } from '../../../src/stores/postgresql/freshness.ts';
import { openPostgresql, type PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import { ANSWERED_MS, HANGS_MS } from '../../faults/fault-limits.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../../service/lookup-fixture.ts';
import { basic, bearer } from '../../support/authorization.ts';
import { DISTINCT_LEADS, recordLeads } from '../../support/distinct-leads.ts';
import { startTraffic, wordsOf } from '../../support/load/traffic.ts';
import { madeToken } from '../../support/made-token.ts';
import {
  postgresqlSkip,
  REPLICATED,
  startPostgresql,
  type PostgresqlServer,
} from '../../support/postgresql-server.ts';
import { send, temporaryFolder } from '../../support/test-app.ts';
import { until } from '../../support/until.ts';
import { createWatchedLog } from '../../support/watched-log.ts';
import { createDatabaseFor, openFilled, postgresqlConfig } from './filled-store.ts';

const OPTIONS = { isDurable: true, settings: REPLICATED } as const;
const CRM = basic('crm', PASSWORD);
const USERS = [
  { name: 'editor', password: { verifier: CHEAP_VERIFIER }, rights: ['card', 'read', 'edit'] },
  { name: 'eva', password: { verifier: CHEAP_VERIFIER } },
] as const;
/** An answer of a replica is seen within as many rounds on any machine. */
const ROUNDS = 20;

describe('replicas of a PostgreSQL server', { skip: postgresqlSkip, timeout: HANGS_MS }, () => {
  let primary: PostgresqlServer;
  let [one, other]: PostgresqlServer[] = [];
  let config: PostgresqlConfig;
  /** Of another machine, which writes and has no replicas. */
  let elsewhere: PostgresqlStore;
  let app: App;
  let url: string;
  const watched = createWatchedLog((line) => line.includes('the replica '));
  const standbys = () => [one, other].filter((server) => server !== undefined);

  before(async () => {
    primary = await startPostgresql(OPTIONS);
    await createDatabaseFor(primary);
    config = postgresqlConfig(primary, { rateLimit: 100_000, enumerationLimit: 100_000 });
    const users = [...DISTINCT_LEADS.users, ...USERS];
    elsewhere = await openFilled(config, { ...DISTINCT_LEADS, users });
    [one, other] = await Promise.all([1, 2].map(() => startPostgresql({ ...OPTIONS, standbyOf: primary })));
    config = { ...config, databaseReplicas: standbys().map(({ host, port }) => ({ host, port })) };
    app = createApp({ ...config, audit: join(temporaryFolder(), 'audit') }, { log: watched.log });
    url = await app.listen();
  });
  after(async () => {
    await Promise.all([app.close(), elsewhere.close()]);
    await Promise.all([...standbys(), primary].map((server) => server.stop()));
    watched.check();
  });

  /** Whether lookups go to a replica, as the log says last. */
  function isUsed({ port }: Pick<PostgresqlServer, 'port'>): boolean {
    const about = watched.lines.filter((line) => line.includes(`the replica 127.0.0.1:${port} `));
    return about.at(-1)?.includes('answers lookups') ?? false;
  }

  const lookup = (headers: { readonly authorization: string }, target = '/v1/leads/1') =>
    send(url, target, { headers });

  /** The first name of a lead, or the status of the answer. */
  async function nameOf(headers: { readonly authorization: string }, target?: string) {
    const { status, text } = await lookup(headers, target);
    return status === 200 ? /"first_name":"([^"]*)"/.exec(text)?.[1] : status;
  }

  async function untilUsed(): Promise<void> {
    await lookup(CRM);
    await until('replicas are used', () => standbys().every(isUsed));
  }

  const pause = () =>
    Promise.all(
      standbys().map(async (server) => {
        await server.runSql('SELECT pg_wal_replay_pause()');
        await until('it stands still', async () =>
          (await server.runSql('SELECT pg_get_wal_replay_pause_state()')).startsWith('paused'),
        );
      }),
    );
  const goOn = () => Promise.all(standbys().map((server) => server.runSql('SELECT pg_wal_replay_resume()')));

  /** By nobody who asks here. */
  async function rename(name: string): Promise<number> {
    await primary.runSql(
      `UPDATE ${config.database.schema}.leads SET first_name = '${name}' WHERE lead_id = 1`,
      'calls',
    );
    return performance.now();
  }

  /**
   * Asks while nothing is replayed until the answer is another one than at first, which it has to be STALE_MS after the write.
   *
   * @param write @returns when it was done
   * @returns whether an older answer was given
   */
  async function isSeenLate<Seen>(ask: () => Promise<Seen>, write: () => Promise<number>, wanted: Seen) {
    await goOn();
    await untilUsed();
    await ask();
    await pause();
    const written = await write();
    let isLate = false;
    for (;;) {
      const asked = performance.now();
      const seen = await ask();
      if (JSON.stringify(seen) === JSON.stringify(wanted)) return isLate;
      isLate = true;
      assert.ok(asked - written < STALE_MS, `${String(seen)} ${asked - written} ms after the write`);
    }
  }

  async function untilLate(work: (round: number) => Promise<boolean>): Promise<void> {
    for (let round = 1; round <= ROUNDS; round += 1) if (await work(round)) return;
    assert.fail('no replica has answered');
  }

  it('answer lookups and searches of programs as they were 2 seconds ago at most', async () => {
    const token = bearer(await madeToken(elsewhere, { name: 'program' }));
    const number = DISTINCT_LEADS.leads[0]?.phone_number ?? '';
    for (const ask of [() => nameOf(CRM), () => nameOf(token, `/v1/leads?phone=${number}`)])
      await untilLate((round) => isSeenLate(ask, () => rename(`New ${round}`), `New ${round}`));
    await until('they are left out', () => standbys().every((server) => !isUsed(server)));
  });

  it('show at once what somebody has changed here, and to others as late as what is changed elsewhere', async () => {
    const editor = basic('editor', PASSWORD);
    await untilLate((round) =>
      isSeenLate(
        () => nameOf(CRM),
        async () => {
          await nameOf(editor);
          const body = JSON.stringify({ first_name: `Mine ${round}` });
          const headers = { ...editor, 'content-type': 'application/merge-patch+json' };
          const { status, text } = await send(url, '/v1/leads/1', { method: 'PATCH', headers, body });
          assert.equal(status, 200, text);
          const written = performance.now();
          assert.equal(await nameOf(basic('Editor', PASSWORD)), `Mine ${round}`);
          return written;
        },
        `Mine ${round}`,
      ),
    );
  });

  it('13: let nobody in 2 seconds after an account was disabled elsewhere', async () => {
    const eva = basic('eva', PASSWORD);
    await untilLate(async () => {
      await elsewhere.users.setActive('eva', true);
      await goOn();
      return isSeenLate(
        () => nameOf(eva).then((seen) => seen === 401),
        async () => {
          await elsewhere.users.setActive('eva', false);
          return performance.now();
        },
        true,
      );
    });
  });

  it('are named by check, each with how far it is behind', async () => {
    const said = async () => {
      const store = openPostgresql(config, { isPatient: true });
      const all = await Array.fromAsync(inspectPostgresql(store.config, store.database, store.replicas));
      await store.close();
      return all
        .filter(({ subject }) => subject === 'replicas')
        .map(({ level, message }) => [level, message]);
    };
    const nameOfServer = (server?: PostgresqlServer) => `127.0.0.1:${server?.port ?? 0}`;
    await goOn();
    await untilUsed();
    assert.deepEqual(
      await said(),
      standbys().map((server) => ['ok', `${nameOfServer(server)}: a standby, in step`]),
    );
    await pause();
    await rename('Behind');
    for (const [, message = ''] of await said())
      assert.match(message, /: a standby, \d+ bytes and \d+ ms behind/);
    await goOn();
  });

  it('37: may be killed and frozen: every answer is right', async (t) => {
    await rename('Name 1');
    await untilUsed();
    await until('it is shown', async () => (await nameOf(CRM)) === 'Name 1');
    const traffic = startTraffic(url, await recordLeads(url), { clients: 8 });
    try {
      await traffic.untilRight(200);
      traffic.take();
      await one?.kill();
      await traffic.untilRight(200);
      await until('it is left out', () => one !== undefined && !isUsed(one));
      const killed = traffic.take();
      await one?.restart();
      await until('it is used again', () => one !== undefined && isUsed(one));
      other?.freeze();
      await until('it is left out', () => other !== undefined && !isUsed(other));
      await traffic.untilRight(200);
      other?.thaw();
      await until('it is used again', () => other !== undefined && isUsed(other));
      const frozen = traffic.take();
      t.diagnostic(`killed: ${wordsOf(killed)}; frozen: ${wordsOf(frozen)}`);
      assert.deepEqual([killed.wrong, frozen.wrong], [[], []]);
      assert.deepEqual([killed.refused, frozen.refused], [0, 0]);
      assert.ok(Math.max(killed.slowestMs, frozen.slowestMs) <= ANSWERED_MS);
    } finally {
      other?.thaw();
      await traffic.stop();
    }
  });

  it('are no replicas any more when they are promoted', async () => {
    await untilUsed();
    await other?.runSql('SELECT pg_promote()');
    const written = await rename('After all');
    await until('it is shown', async () => {
      const asked = performance.now();
      const isShown = (await nameOf(CRM)) === 'After all';
      assert.ok(isShown || asked - written < STALE_MS);
      return isShown;
    });
    await until('it is left out', () => other !== undefined && !isUsed(other));
    await until('the other one is used', () => one !== undefined && isUsed(one));
  });

  it('27: answer nothing that is not in an audit in the database', async () => {
    const audited = createApp({ ...config, audit: 'database' }, { log: watched.log });
    const at = await audited.listen();
    const ask = async () => (await send(at, '/v1/leads/1', { headers: CRM })).status;
    try {
      await until('it answers', async () => (await ask()) === 200);
      await ask();
      await primary.kill();
      for (let times = 0; times < 20; times += 1) assert.equal(await ask(), 503);
    } finally {
      await primary.restart();
      await audited.close();
    }
  });
});
