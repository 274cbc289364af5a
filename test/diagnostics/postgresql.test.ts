import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import type { Inspection } from '../../src/core/store.ts';
import type { PostgresqlConfig } from '../../src/stores/postgresql/address.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../support/postgresql-server.ts';
import {
  ACCOUNT,
  createDatabaseFor,
  openFilled,
  postgresqlConfig,
} from '../stores/postgresql/filled-store.ts';
import { inspectAll } from './inspect-all.ts';

const SOUND = {
  lists: [{ list_id: 1, name: 'one' }],
  leads: [{ lead_id: 1, list_id: 1, phone_number: '5500000001' }],
  users: [{ name: 'ana', password: { verifier: 'x' } }],
};

const inspectionsOf = (config: PostgresqlConfig) => inspectAll(config, [ACCOUNT.password]);

function has(
  found: readonly Inspection[],
  level: Inspection['level'],
  subject: string,
  message: RegExp,
): string {
  const same = found.filter((one) => one.level === level && one.subject === subject);
  const inspection = same.find((one) => message.test(one.message));
  assert.ok(inspection, `${level} ${subject} ${String(message)} in ${JSON.stringify(found, undefined, 1)}`);
  return inspection.advice ?? '';
}

describe('a check of a store in PostgreSQL', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  before(async () => {
    server = await startPostgresql({ isDurable: true });
    await createDatabaseFor(server);
  });
  after(() => server.stop());

  const within = (config: PostgresqlConfig, changes: Partial<PostgresqlConfig['database']>) => ({
    ...config,
    database: { ...config.database, ...changes },
  });

  it('says version, encoding, what can be lost, rights, indexes, sizes and how far the words are', async () => {
    const config = postgresqlConfig(server, { workers: 4 });
    const store = await openFilled(config, SOUND);
    has(await inspectionsOf(config), 'advice', 'search', /leads that wait for the index of words: 1 at most/);
    await store.indexWords();
    await store.close();
    const found = await inspectionsOf(config);
    for (const [subject, message] of [
      ['server', /answers: PostgreSQL 1[5-9]/],
      ['tls', /does not leave this machine/],
      ['database', /^the database calls: UTF8, collation C, \d+ MiB/],
      ['durability', /survives a crash of the server; there is no standby/],
      ['connections', /of 60 connections .+ opens 9 at most/],
      ['store', /numbers of MX/],
      ['rights', /may read, write and make tables/],
      ['indexes', /all there/],
      ['leads', /lists: 1, on the disk \d+ MiB/],
      ['search', /all leads are in the index/],
    ] as const)
      has(found, 'ok', subject, message);
    has(found, 'problem', 'users', /the stored password of ana cannot be read/);
  });

  it('names what is not there, not usable, and not allowed', async () => {
    const config = postgresqlConfig(server);
    await (await openFilled(config, SOUND)).close();
    const { schema } = config.database;
    await server.runSql(
      `DROP INDEX ${schema}.notes_by_lead;
       UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${schema}.lead_numbers_by_key'::regclass;
       ALTER TABLE ${schema}.tokens OWNER TO postgres;
       ALTER ROLE ${ACCOUNT.user} SET synchronous_commit = off;`,
      'calls',
    );
    const found = await inspectionsOf(config);
    await server.runSql(`ALTER ROLE ${ACCOUNT.user} RESET synchronous_commit`);
    has(found, 'problem', 'indexes', /^not there: notes_by_lead$/);
    const advice = has(found, 'problem', 'indexes', /^not usable: lead_numbers_by_key$/);
    assert.equal(advice, `REINDEX INDEX ${schema}.lead_numbers_by_key`);
    has(found, 'problem', 'rights', /may not read and write these tables: tokens$/);
    has(found, 'problem', 'durability', /synchronous_commit is off/);
  });

  it('explains why it cannot look', async () => {
    const config = postgresqlConfig(server);
    has(await inspectionsOf(config), 'problem', 'store', /^there is no store in the schema/);
    for (const [changes, message] of [
      [{ servers: [{ host: '127.0.0.1', port: 1 }] }, /nothing listens at this address/],
      [{ password: 'wrong' }, /the account callercard was refused/],
      [{ database: 'nowhere' }, /there is no database nowhere/],
      [{ tls: 'on' as const }, /TLS is asked for and the server has none/],
    ] as const) {
      const found = await inspectionsOf(within(config, changes));
      has(found, 'problem', 'server', message);
      assert.equal(found.length, 1);
    }
  });
});
