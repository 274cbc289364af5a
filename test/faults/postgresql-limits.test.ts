import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { Client } from 'pg';

import { type App, createApp } from '../../src/app.ts';
import type { PostgresqlConfig } from '../../src/stores/postgresql/address.ts';
import { CHEAP_VERIFIER, PASSWORD } from '../service/lookup-fixture.ts';
import {
  ACCOUNT,
  createDatabaseFor,
  openFilled,
  postgresqlConfig,
} from '../stores/postgresql/filled-store.ts';
import { basic } from '../support/authorization.ts';
import { DISTINCT_LEADS } from '../support/distinct-leads.ts';
import {
  ownFolder,
  postgresqlSkip,
  startPostgresql,
  type PostgresqlServer,
} from '../support/postgresql-server.ts';
import { isAnswering, send, temporaryFolder } from '../support/test-app.ts';
import { timeOf, until } from '../support/until.ts';
import { createWatchedLog } from '../support/watched-log.ts';
import { BACK_MS, FIRST_MS, HANGS_MS } from './fault-limits.ts';

const CRM = basic('crm', PASSWORD);
const EDITOR = basic('editor', PASSWORD);
const USERS = [
  ...DISTINCT_LEADS.users,
  { name: 'editor', password: { verifier: CHEAP_VERIFIER }, rights: ['card', 'read', 'edit'] as const },
];

describe('a PostgreSQL server at its limits', { skip: postgresqlSkip, timeout: HANGS_MS }, () => {
  let server: PostgresqlServer;
  const apps: App[] = [];

  before(async () => {
    server = await startPostgresql({ settings: ['max_connections=24'] });
    await createDatabaseFor(server);
  });
  after(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await server.stop();
  });

  async function fill(changes: Partial<PostgresqlConfig['database']> = {}): Promise<PostgresqlConfig> {
    const config = postgresqlConfig(server, { rateLimit: 100_000, enumerationLimit: 0 });
    const filled = { ...config, database: { ...config.database, ...changes } };
    await (await openFilled(filled, { ...DISTINCT_LEADS, users: USERS })).close();
    return filled;
  }

  async function serve(config: PostgresqlConfig) {
    const watched = createWatchedLog();
    const app = createApp({ ...config, audit: join(temporaryFolder(), 'audit') }, { log: watched.log });
    apps.push(app);
    return { url: await app.listen(), watched };
  }

  const lookup = async (url: string) => (await send(url, '/v1/leads/1', { headers: CRM })).status;
  async function addNote(url: string, text: string): Promise<number> {
    const headers = { ...EDITOR, 'content-type': 'application/json' };
    const body = JSON.stringify({ text });
    return (await send(url, '/v1/leads/1/notes', { method: 'POST', headers, body })).status;
  }

  it('37: has no connection left: who has some goes on, who has none answers 503 and is back by itself', async () => {
    const config = await fill();
    const first = await serve(config);
    await until('it is ready', () => isAnswering(first.url, '/readyz'));
    assert.equal(await lookup(first.url), 200);
    const others: Client[] = [];
    await assert.rejects(
      async () => {
        for (;;) {
          const other = new Client({ host: server.host, port: server.port, ...ACCOUNT, database: 'calls' });
          other.on('error', () => undefined);
          await other.connect();
          others.push(other);
        }
      },
      { code: '53300' },
    );
    const second = await serve(config);
    const waited = await timeOf(async () => assert.equal(await lookup(second.url), 503));
    assert.ok(waited <= FIRST_MS, `${waited} ms`);
    assert.equal(await isAnswering(second.url, '/readyz'), false);
    assert.equal(await isAnswering(second.url, '/healthz'), true);
    const statuses = await Promise.all(Array.from({ length: 40 }, () => lookup(first.url)));
    assert.deepEqual([...new Set(statuses)], [200]);
    const failures = () =>
      second.watched.lines.filter((line) => line.includes('"msg":"the store cannot be used'));
    await until('it said so', () => failures().length > 0);
    await Promise.all(others.map((other) => other.end()));
    const back = await timeOf(() => until('it is ready', () => isAnswering(second.url, '/readyz')));
    assert.ok(back <= BACK_MS, `${back} ms`);
    assert.equal(await lookup(second.url), 200);
    const said = failures();
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', /"code":"53300"/);
    for (const { watched } of [first, second]) watched.check();
  });

  it('42: has a full disk: lookups go on, a write is whole or a 503, and all is well once there is room', async (t) => {
    const folder = temporaryFolder();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      t.skip('nothing can be mounted here: it takes root and a machine of its own');
      return;
    }
    try {
      ownFolder(folder);
      await server.runSql(
        `CREATE TABLESPACE small LOCATION '${disk}'; CREATE DATABASE small OWNER ${ACCOUNT.user} TABLESPACE small;`,
      );
      const config = await fill({ database: 'small' });
      const { url, watched } = await serve(config);
      await until('it is ready', () => isAnswering(url, '/readyz'));
      assert.equal(await addNote(url, 'before'), 201);
      await assert.rejects(
        server.runSql(
          `CREATE TABLE filler (bytes text); ALTER TABLE filler ALTER bytes SET STORAGE EXTERNAL; DO $$ BEGIN LOOP
           INSERT INTO filler SELECT repeat('x', 100000) FROM generate_series(1, 8); COMMIT; END LOOP; END $$`,
          'small',
        ),
        /No space left on device/,
      );
      const statuses: number[] = [];
      await until('a note has no room', async () => {
        statuses.push(await addNote(url, 'much text '.repeat(180)));
        return statuses.at(-1) !== 201;
      });
      assert.equal(statuses.at(-1), 503);
      assert.equal(await lookup(url), 200);
      await server.runSql('DROP TABLE filler; CHECKPOINT', 'small');
      await until('it is written again', async () => (await addNote(url, 'after')) === 201);
      const { text } = await send(url, '/v1/leads/1/notes?limit=1', { headers: EDITOR });
      const { total } = JSON.parse(text) as { readonly total: number };
      assert.equal(total, statuses.length - 1 + 2);
      watched.check();
    } finally {
      await Promise.all(apps.splice(0).map((app) => app.close()));
      await server.runSql('DROP DATABASE IF EXISTS small WITH (FORCE); DROP TABLESPACE IF EXISTS small;');
      execFileSync('umount', [disk]);
    }
  });

  it('is migrated by a newer version: who serves goes on, who starts says which version it needs', async () => {
    const config = await fill();
    const { schema } = config.database;
    const running = await serve(config);
    await until('it is ready', () => isAnswering(running.url, '/readyz'));
    assert.deepEqual([await lookup(running.url), await addNote(running.url, 'old')], [200, 201]);
    await server.runSql(
      `SET search_path = ${schema};
       ALTER TABLE leads ADD COLUMN newer text NOT NULL DEFAULT 'x'; ALTER TABLE notes ADD COLUMN newer text;
       ALTER TABLE users ADD COLUMN newer bigint; CREATE TABLE newer (newer text);
       CREATE INDEX newer_notes ON notes (at); UPDATE meta SET value = '99' WHERE name = 'schema_version';`,
      'calls',
    );
    for (let times = 0; times < 5; times += 1)
      assert.deepEqual([await lookup(running.url), await addNote(running.url, 'new')], [200, 201]);
    const started = await serve(config);
    assert.equal(await lookup(started.url), 503);
    assert.equal(await isAnswering(started.url, '/readyz'), false);
    assert.ok(
      started.watched.lines.some((line) =>
        /made by a newer version of callercard \(schema 99; this one knows \d+\)/.test(line),
      ),
    );
    for (const { watched } of [running, started]) watched.check();
  });
});
