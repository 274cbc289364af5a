import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { AuditTable } from '../../src/core/audit-table.ts';
import { AuditWriter } from '../../src/audit/audit-writer.ts';
import { searchRecords } from '../../src/audit/search.ts';
import { createTableChain } from '../../src/audit/table-chain.ts';
import { type ChainReport, verifyChains } from '../../src/audit/verify.ts';
import { fieldsOf } from '../../src/audit/record.ts';
import type { StoreEvent } from '../../src/core/store.ts';
import { openPostgresql } from '../../src/stores/postgresql/open-postgresql.ts';
import type { PostgresqlConfig } from '../../src/stores/postgresql/address.ts';
import { AUDIT_STATEMENTS } from '../../src/stores/postgresql/audit-table.ts';
import { claimFile } from '../../src/stores/claim-file.ts';
import { openAuditTable, readAuditTable } from '../../src/stores/store-schemas.ts';
import { createFakeClock } from '../service/test-services.ts';
import { basic } from '../support/authorization.ts';
import { runCallercard, startCallercard, stopServer } from '../support/command.ts';
import { postgresqlSkip, type PostgresqlServer, startPostgresql } from '../support/postgresql-server.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { ACCOUNT, createDatabaseFor, postgresqlConfig } from '../stores/postgresql/filled-store.ts';
import { lookupEvent, recordMany } from './audit-fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('an audit in the database', { skip: postgresqlSkip, timeout: 240_000 }, () => {
  let server: PostgresqlServer;
  before(async () => {
    server = await startPostgresql({ isDurable: true });
    await createDatabaseFor(server);
  });
  after(() => server.stop());

  async function newStore(): Promise<PostgresqlConfig> {
    const config = postgresqlConfig(server);
    const store = openPostgresql(config, { mayMigrate: true });
    await store.begin?.();
    await store.close();
    return config;
  }

  function openWriter(config: PostgresqlConfig) {
    const [clock, logged, table] = [createFakeClock(), [] as StoreEvent[], openAuditTable(config)];
    const log = (event: StoreEvent) => void logged.push(event);
    const limits = { retryMs: 50 };
    const common = {
      folder: table.name,
      table,
      durability: 'synced',
      claimFile,
      clock,
      log,
      limits,
    } as const;
    return { writer: new AuditWriter(common), clock, logged };
  }

  async function verified(config: PostgresqlConfig): Promise<readonly ChainReport[]> {
    const table = readAuditTable(config);
    try {
      return await Array.fromAsync(verifyChains(table, new Map(), () => undefined));
    } finally {
      await table.close();
    }
  }

  async function requestIds(config: PostgresqlConfig, leadId: number): Promise<readonly unknown[]> {
    const table = readAuditTable(config);
    try {
      const found = searchRecords(table, { leads: new Set([leadId]) }, () => undefined);
      return (await Array.fromAsync(found)).map(({ fields }) => fields.requestId);
    } finally {
      await table.close();
    }
  }

  const sql = (config: PostgresqlConfig, text: string) =>
    server.runSql(`SET search_path = ${config.database.schema}; ${text}`, 'calls');

  it('27: has each record before its answer, in one chain for each process, over days', async () => {
    const config = await newStore();
    const writers = [openWriter(config), openWriter(config), openWriter(config)];
    const recordAll = () =>
      Promise.all(
        writers.map(async ({ writer }) => {
          for (let at = 0; at < 20; at += 1) await writer.record(lookupEvent({ at: Date.now() }));
        }),
      );
    await recordAll();
    for (const { clock } of writers) clock.pass(DAY_MS);
    await recordAll();
    assert.equal((await requestIds(config, 7)).length, 120);
    await Promise.all(writers.map(({ writer }) => writer.close()));
    const chains = await verified(config);
    assert.deepEqual(
      chains.map(({ chain, files, records, bad, notes }) => [chain, files, records, bad, notes]),
      // Two headers and the record of the beginning.
      [1, 2, 3].map((chain) => [chain, 2, 43, undefined, []]),
    );
  });

  it('is searched without reading the days that nobody asks for', async () => {
    const config = await newStore();
    const first = Math.floor(Date.UTC(2026, 5, 1) / DAY_MS);
    // As 200 days of a process would be: each with 500 records.
    await sql(
      config,
      `INSERT INTO audit_records SELECT 1, 1 + at / 500, ${first} + at / 500, at, '{}' FROM generate_series(0, 99999) AS at;
       ANALYZE audit_records`,
    );
    const table = readAuditTable(config);
    try {
      const [from, to] = [first + 150, first + 152];
      const parts = await table.parts({ first: from, last: to });
      assert.deepEqual(
        parts.map(({ day, firstSeq, lastSeq }) => [day - first, firstSeq, lastSeq]),
        [150, 151, 152].map((day) => [day, day * 500, day * 500 + 499]),
      );
      assert.equal((await table.parts()).length, 200);
      assert.equal((await table.parts({ first: -Infinity, last: first })).length, 1);
      const plan = await sql(
        config,
        `PREPARE parts AS ${AUDIT_STATEMENTS.parts};
         SET plan_cache_mode = force_generic_plan; EXPLAIN (COSTS OFF) EXECUTE parts (${from}, ${to})`,
      );
      assert.match(plan, /audit_records_by_day/);
      assert.doesNotMatch(plan, /Seq Scan/);
    } finally {
      await table.close();
    }
  });

  it('has a record that a process began to write, before anybody asks', async () => {
    const config = await newStore();
    const { writer } = openWriter(config);
    writer.open();
    await until('it is there', async () => (await sql(config, 'SELECT count(*) FROM audit_records')) === '2');
    await writer.close();
    const [chain] = await verified(config);
    assert.deepEqual([chain?.records, chain?.bad], [2, undefined]);
  });

  it('goes on with the chain of a process that has ended, and leaves one that is taken', async () => {
    const config = await newStore();
    const [at, tables] = [Date.now(), [] as AuditTable[]];
    const open = (idleMs: number) => {
      const table = openAuditTable(config);
      tables.push(table);
      return createTableChain({ table, known: undefined, onNewFile: () => undefined, idleMs });
    };
    const write = async (chain: ReturnType<typeof open>, count: number) => {
      chain.write(
        Array.from({ length: count }, () => fieldsOf(at, { kind: 'opened' })),
        at,
      );
      await chain.sync();
      return chain.chain;
    };
    const [first, second] = [open(60_000), open(-60_000)];
    assert.equal(await write(first, 3), 1);
    // It takes the first one for ended, which then finds its next number taken.
    assert.equal(await write(second, 3), 1);
    assert.equal(await write(first, 3), 2);
    assert.equal(await write(second, 3), 1);
    await Promise.all(tables.map((table) => table.close()));
    const chains = await verified(config);
    assert.deepEqual(
      chains.map(({ chain, records, bad }) => [chain, records, bad]),
      [
        [1, 10, undefined],
        [2, 4, undefined],
      ],
    );
  });

  it('28: answers nobody while it cannot be written, counts them, and goes on by itself', async () => {
    const config = await newStore();
    const { writer, logged } = openWriter(config);
    await recordMany(writer, 2);
    await server.kill();
    await assert.rejects(writer.record(lookupEvent()), { name: 'AuditFailure' });
    assert.equal(writer.isReady(), false);
    writer.note(lookupEvent({ result: 'credentials_invalid' }));
    await server.restart();
    await until('it is ready', () => writer.isReady());
    await recordMany(writer, 1);
    const unrecorded = await sql(
      config,
      `SELECT sum((record::json->>'count')::int) FROM audit_records WHERE record::json->>'kind' = 'unrecorded'`,
    );
    assert.equal(Number(unrecorded), 2);
    await writer.close();
    const [chain, ...others] = await verified(config);
    assert.deepEqual([chain?.bad, others], [undefined, []]);
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['error', 'info'],
    );
  });

  it('shows by verify what was changed, removed or moved', async () => {
    for (const [change, why] of [
      [
        `UPDATE audit_records SET record = replace(record, 'crm', 'ana') WHERE seq = 4`,
        /^record 4 is not as it/,
      ],
      ['DELETE FROM audit_records WHERE seq = 4', /^record 5 stands where record 4 belongs/],
      [
        `UPDATE audit_records SET record = other.record FROM audit_records AS other WHERE audit_records.seq = 4 AND other.seq = 5`,
        /^record 5 stands where record 4 belongs/,
      ],
    ] as const) {
      const config = await newStore();
      const { writer } = openWriter(config);
      await recordMany(writer, 5);
      await writer.close();
      await sql(config, change);
      const [chain] = await verified(config);
      assert.match(chain?.bad?.why ?? '', why);
    }
  });

  it('is written by a server that may only add and read, and read by the commands', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'secret'), `${ACCOUNT.password}\n`);
    const at = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/calls?schema=shared`;
    const env = (user: string) => ({
      CALLERCARD_DATABASE: at(user),
      CALLERCARD_DATABASE_PASSWORD_FILE: 'secret',
      CALLERCARD_AUDIT: 'database',
    });
    const run = async (...args: readonly string[]) => {
      const ran = await runCallercard(args, { cwd, env: env(ACCOUNT.user), input: 'a long password\n' });
      assert.equal(ran.code, 0, ran.stderr);
      return ran.stdout;
    };
    await run('user', 'add', 'ana', '--password-stdin', '--rights', 'card,read');
    writeFileSync(join(cwd, 'leads.csv'), 'first_name,phone_number\nZenobia,5512349876\n');
    await run('import', 'leads.csv', '--list', '1');
    await server.runSql(
      `CREATE ROLE serving LOGIN PASSWORD '${ACCOUNT.password}';
       GRANT USAGE ON SCHEMA shared TO serving;
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shared TO serving;
       GRANT USAGE ON ALL SEQUENCES IN SCHEMA shared TO serving;
       REVOKE UPDATE, DELETE ON shared.audit_records FROM serving;`,
      'calls',
    );
    const serving = await startCallercard(['serve', '--workers', '2'], { cwd, env: env('serving') });
    try {
      await until('it answers', async () => (await send(serving.url, '/readyz')).status === 200);
      for (let lookup = 0; lookup < 6; lookup += 1) {
        const found = await send(serving.url, '/v1/leads/1', { headers: basic('ana', 'a long password') });
        assert.equal(found.status, 200);
      }
    } finally {
      await stopServer(serving);
    }
    for (const act of [
      'UPDATE audit_records SET record = record',
      'DELETE FROM audit_records',
      'TRUNCATE audit_records',
    ])
      await assert.rejects(
        server.runSql(`SET ROLE serving; SET search_path = shared; ${act}`, 'calls'),
        /permission denied/,
      );
    const rows = await run('audit', 'search', '--lead', '1');
    assert.equal(rows.match(/ found lead 1 /g)?.length, 6, rows);
    assert.match(await run('audit', 'search', '--user', 'ana'), /user add +ana/);
    assert.match(await run('audit', 'search', '--user', 'operator'), /import done +leads\.csv/);
    assert.match(
      await run('audit', 'verify'),
      /^the table audit_records of the schema shared\nok +chain 1: /,
    );
    assert.match(await run('person', 'export', '--lead', '1', '--out', '-'), /"result": "found"/);
    assert.match(
      (await runCallercard(['check'], { cwd, env: env(ACCOUNT.user) })).stdout,
      /audit: the table audit_records/,
    );
    assert.ok(!existsSync(join(cwd, 'data', 'callercard-audit')));
  });

  it('needs a store in PostgreSQL', async () => {
    const { code, stderr } = await runCallercard(['settings', '--audit', 'database'], {
      cwd: temporaryFolder(),
    });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^callercard: audit \(flag --audit\) is database, which needs a store in PostgreSQL/,
    );
  });
});
