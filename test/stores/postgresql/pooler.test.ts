import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Client } from 'pg';

import { pgbouncerSkip, startPgbouncer, type Pgbouncer } from '../../support/pgbouncer.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import { timeOf, until } from '../../support/until.ts';
import { DISTINCT_LEADS } from '../../support/distinct-leads.ts';
import { inspectPostgresql } from '../../../src/diagnostics/postgresql/inspect.ts';
import { AuditWriter } from '../../../src/audit/audit-writer.ts';
import { verifyChains } from '../../../src/audit/verify.ts';
import { claimFile } from '../../../src/stores/claim-file.ts';
import { openAuditTable, readAuditTable } from '../../../src/stores/store-schemas.ts';
import type { PostgresqlConfig } from '../../../src/stores/postgresql/address.ts';
import { openPostgresql } from '../../../src/stores/postgresql/open-postgresql.ts';
import { lookupEvent } from '../../audit/audit-fixture.ts';
import { createFakeClock } from '../../service/test-services.ts';
import { leadStoreContract } from '../lead-store.contract.ts';
import { recordsContract } from '../records.contract.ts';
import { searchesContract } from '../searches.contract.ts';
import { ACCOUNT, createDatabaseFor, openFilled, postgresqlConfig } from './filled-store.ts';

/** Fewer than a store has connections, so that its transactions wander between them. */
const SESSIONS = 3;

describe(
  'a store in PostgreSQL behind PgBouncer in transaction mode',
  { skip: postgresqlSkip || pgbouncerSkip },
  () => {
    let server: PostgresqlServer;
    let pooler: Pgbouncer;
    before(async () => {
      server = await startPostgresql({ isDurable: true });
      await createDatabaseFor(server);
      pooler = await startPgbouncer(server, ACCOUNT, SESSIONS);
    });
    after(async () => {
      await pooler.stop();
      await server.stop();
    });

    leadStoreContract('PgBouncer', (description, settings) =>
      openFilled(postgresqlConfig(pooler, settings), description),
    );
    searchesContract('PgBouncer', (description, settings) =>
      openFilled(postgresqlConfig(pooler, settings), description),
    );
    recordsContract('PgBouncer', (description) => openFilled(postgresqlConfig(pooler), description));

    it('leaves nothing in the sessions: no setting, no prepared statement, no lock', async () => {
      const one = await openFilled(postgresqlConfig(pooler), DISTINCT_LEADS);
      const other = await openFilled(postgresqlConfig(pooler), DISTINCT_LEADS);
      const reads = Array.from({ length: 60 }, (_, at) =>
        (at % 2 === 0 ? one : other).accounts.read(`nobody ${at}`),
      );
      await Promise.all([...reads, one.upkeep?.(), other.upkeep?.()]);
      await Promise.all([one.close(), other.close()]);

      const clients = Array.from({ length: SESSIONS }, clientOfPooler);
      await Promise.all(clients.map((client) => client.connect()));
      // Each has a session of its own while its transaction lasts.
      await Promise.all(clients.map((client) => client.query('BEGIN')));
      const left = await Promise.all(clients.map((client) => client.query<Left>(LEFT)));
      assert.deepEqual(
        left.flatMap(({ rows }) => rows),
        Array<Left>(SESSIONS).fill({ path: '"$user", public', scan: 'on', statements: 0, locks: 0 }),
      );
      await Promise.all(clients.map((client) => client.end()));
    });

    it('is known to check as one behind a pooler', async () => {
      const store = await openFilled(postgresqlConfig(pooler), DISTINCT_LEADS);
      const said: string[] = [];
      for await (const { message } of inspectPostgresql(store.config, store.database)) said.push(message);
      assert.match(said[0] ?? '', /answers: PostgreSQL .*; a pooler stands in between$/);
      await store.close();
      const direct = openPostgresql(postgresqlConfig(server), { mayMigrate: true });
      const [first] = await Array.fromAsync(inspectPostgresql(direct.config, direct.database));
      assert.doesNotMatch(first?.message ?? '', /pooler/);
      await direct.close();
    });

    it('is kept up by one process, and by another one where that loses its connection', async () => {
      const config = postgresqlConfig(pooler);
      const stores = [await openFilled(config, DISTINCT_LEADS), openPostgresql(config)];
      const keepUp = () => Promise.all(stores.map(async (store) => store.upkeep?.()));
      const holders = () =>
        server.runSql(
          `SELECT string_agg(pid::text, ' ') FROM pg_locks WHERE locktype = 'advisory' AND granted
         AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('callercard upkeep ${config.database.schema}', 0)`,
        );
      await keepUp();
      await keepUp();
      const holder = await holders();
      assert.match(holder, /^\d+$/);
      await server.runSql(`SELECT pg_terminate_backend(${holder})`);
      await until('another session has the lock', async () => {
        await keepUp();
        const next = await holders();
        return /^\d+$/.test(next) && next !== holder;
      });
      await Promise.all(stores.map((store) => store.close()));
      await until('nobody has it', async () => (await holders()) === '');
    });

    it('27: keeps an audit in the database, in one chain for each process', async () => {
      const config = postgresqlConfig(pooler);
      await (await openFilled(config, DISTINCT_LEADS)).close();
      const direct = { ...config, database: { ...config.database, servers: [server] } };
      const writers = [1, 2].map(() => openTableWriter(config));
      for (let round = 0; round < 2; round += 1)
        await Promise.all(
          writers.flatMap((writer) =>
            Array.from({ length: 20 }, () => writer.record(lookupEvent({ at: Date.now() }))),
          ),
        );
      await Promise.all(writers.map((writer) => writer.close()));
      const table = readAuditTable(direct);
      const chains = await Array.fromAsync(verifyChains(table, new Map(), () => undefined));
      await table.close();
      assert.deepEqual(
        chains.map(({ records, bad, notes }) => [records, bad, notes]),
        // The header and the record of the beginning.
        [1, 2].map(() => [42, undefined, []]),
      );
    });

    it('is used again after a kill -9 of the server behind the pooler', async () => {
      const store = await openFilled(postgresqlConfig(pooler), DISTINCT_LEADS);
      const isUsable = () =>
        store.accounts.read('crm').then(
          ({ account }) => account?.name === 'crm',
          () => false,
        );
      await server.runSql('CHECKPOINT');
      await server.kill();
      await until('it is known as failed', async () => !(await isUsable()));
      assert.ok((await timeOf(isUsable)) < 1_000);
      await server.restart();
      await until('it is used again', isUsable);
      await store.close();
    });

    function clientOfPooler(): Client {
      return new Client({ host: pooler.host, port: pooler.port, ...ACCOUNT, database: 'calls' });
    }
  },
);

function openTableWriter(config: PostgresqlConfig): AuditWriter {
  const table = openAuditTable(config);
  const limits = { retryMs: 50 };
  const common = { folder: table.name, table, durability: 'synced', claimFile, limits } as const;
  return new AuditWriter({ ...common, clock: createFakeClock(), log: () => undefined });
}

/** What a session has of others. */
interface Left {
  readonly path: string;
  readonly scan: string;
  readonly statements: number;
  readonly locks: number;
}

const LEFT = `SELECT current_setting('search_path') AS path, current_setting('enable_seqscan') AS scan,
  (SELECT count(*)::int FROM pg_prepared_statements) AS statements,
  (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`;
