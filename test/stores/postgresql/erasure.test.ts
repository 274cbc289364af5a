import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { withValues } from '../../../src/core/lead-state.ts';
import { DatabaseFailure } from '../../../src/stores/network/failure.ts';
import { cleanTables } from '../../../src/stores/postgresql/clean-tables.ts';
import type { PostgresqlStore } from '../../../src/stores/postgresql/open-postgresql.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';
import type { StoreDescription } from '../described-store.ts';
import { createDatabaseFor, indexWords, openFilled, postgresqlConfig } from './filled-store.ts';

const BY = { user: 'ana', endpoint: 'v1', requestId: 'r' } as const;

/** Texts that are nowhere else. */
const PLANTED = {
  first_name: 'Zenobia-planted',
  last_name: 'Quetzal-planted',
  phone_number: '5512349876',
  email: 'zenobia@planted.example',
  comments: 'comment planted',
};
const [FORMER, NOTE, VALUE, OTHER_ID] = ['5512348765', 'note planted', 'value planted', 'id-planted'];
const TEXTS = [...Object.values(PLANTED), FORMER, NOTE, VALUE, OTHER_ID, 'zenobia'];

/** Leads enough for several pages of a table and its indexes; 7 is the one who is erased. */
const DATA: StoreDescription = {
  lists: [{ list_id: 1, name: 'North', fields: [{ label: 'plan', type: 'TEXT' }] }],
  leads: [
    {
      ...{ lead_id: 7, list_id: 1, ...PLANTED, phone_number: FORMER, custom: [['plan', VALUE]] as const },
      further: [{ number: '5512347654' }],
    },
    ...Array.from({ length: 500 }, (_, at) => ({
      ...{
        lead_id: 100 + at,
        list_id: 1,
        first_name: `Other${at}`,
        phone_number: String(5_599_000_000 + at),
      },
      email: `other${at}@planted.example`,
    })),
  ],
  users: [],
};

describe('an erasure in PostgreSQL', { skip: postgresqlSkip, timeout: 120_000 }, () => {
  let server: PostgresqlServer;
  let store: PostgresqlStore;
  let folder: string;
  before(async () => {
    const settings = ['wal_level=replica', 'archive_mode=on', 'archive_command=true', 'wal_keep_size=3'];
    server = await startPostgresql({ settings: [...settings, 'autovacuum=off'] });
    await createDatabaseFor(server);
    folder = await server.runSql('SHOW data_directory');
    store = await openFilled(postgresqlConfig(server), DATA);
  });
  after(async () => {
    await store.close();
    await server.stop();
  });

  /**
   * Those of the texts that are in a file, of all that the server has written but its write-ahead log: what was done remains there
   * until its segments are used again, which the receipt says.
   */
  const foundInFiles = (texts: readonly string[]): readonly string[] => {
    const found = new Set<string>();
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (!entry.isFile() || file.includes('pg_wal')) continue;
      const bytes = readFileSync(file);
      for (const text of texts) if (bytes.includes(text)) found.add(text);
    }
    return texts.filter((text) => found.has(text));
  };

  const plant = async () => {
    const { state } = (await store.records.read(7, 'every list')) ?? {};
    assert.ok(state);
    await store.records.change(7, state, withValues(state, { phone_number: PLANTED.phone_number }), BY, {});
    await store.records.addNote(7, NOTE, BY);
    await store.database.write(`INSERT INTO external_ids VALUES ('ERP', 1, '${OTHER_ID}', 7)`, []);
    await store.database.write(
      `INSERT INTO imports (started_at, state, is_whole, file_name) VALUES ('2026-01-01 00:00:00', 'done', true, '${PLANTED.phone_number}.csv')`,
      [],
    );
    await store.database.write(
      `INSERT INTO last_calls VALUES ('acme ana', 0, 0, 9e15, '{"phone":"${FORMER}"}'), ('acme bo', 0, 0, 9e15, '{"at":1,"leadId":7}'),
        ('acme cy', 0, 0, 9e15, '{"leadId":77}')`,
      [],
    );
    await store.database.write(`UPDATE leads SET last_name = '${PLANTED.last_name}-2' WHERE lead_id = 7`, []);
    await indexWords(store);
    await server.runSql('ANALYZE; VACUUM; CHECKPOINT', 'calls');
  };

  it('leaves nothing of the person in the files of the server but its write-ahead log', async () => {
    await plant();
    assert.deepEqual(foundInFiles(TEXTS), TEXTS);
    const task = { what: 'erase', leadIds: [7], at: Date.now() } as const;
    const { removed, files } = await store.runPersonTask<'erase'>(task);
    assert.deepEqual([removed.leads, removed.notes, removed.externalIds, removed.importNames], [1, 1, 1, 1]);
    assert.deepEqual(files.left, []);
    assert.match(files.done.join(), /leads.*search_texts were written anew \(VACUUM FULL\)/);
    await server.runSql('CHECKPOINT');
    assert.deepEqual(foundInFiles([...TEXTS, 'Other499']), ['Other499']);
    assert.deepEqual(await store.persons.uncleaned(), []);
    const hashes = await store.database.read('SELECT number_hash FROM erased_numbers', []);
    assert.equal(hashes.length, 2);
    const calls = await store.database.read('SELECT user_key FROM last_calls', []);
    assert.deepEqual(calls, [['acme cy']]);
  });

  it('names where the server keeps it for a while', async () => {
    const { remains } = await cleanTables(store.database);
    const all = remains.join('\n');
    assert.match(all, /pg_wal\).*after 64MB or 5min at the latest; 3MB of them are always kept/);
    assert.match(all, /archive of the write-ahead log \(archive_mode\)/);
    assert.match(all, /backups and snapshots of the database server/);
    assert.doesNotMatch(all, /standbys|replication slots|statistics|with their values/);
  });

  it('is not at its end while somebody may still read the person', async () => {
    await store.persons.erase([100], Date.now() - 1, 'wish');
    await store.database.transaction(async ({ run, runScript }) => {
      await runScript('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      await run('SELECT 1', []);
      await store.persons.erase([101], Date.now(), 'wish');
      const { left } = await cleanTables(store.database, { patienceMs: 0 });
      assert.match(left.join('\n'), /^the table leads keeps [1-9]\d* deleted rows, because sessions/m);
      await run('SELECT 1 FROM leads', []);
      const locked = await cleanTables(store.database, { patienceMs: 0 });
      assert.match(
        locked.left.join('\n'),
        /^the table leads could not be written anew, because others use it$/m,
      );
    });
    assert.deepEqual(await store.persons.uncleaned(), [100, 101]);
    assert.deepEqual((await store.persons.cleanFiles()).left, []);
    assert.deepEqual(await store.persons.uncleaned(), []);
  });

  it('leaves tables that are too large for it to the operator, while a server serves', async () => {
    const { left, done } = await cleanTables(store.database, { mostBytes: 1_000 });
    assert.deepEqual(done, []);
    assert.match(left.join('\n'), /^the table leads is too large .* "callercard person erase" does it$/m);
  });

  it('says so where the server fails after the rows are deleted', async () => {
    const maintain = () => Promise.reject(new DatabaseFailure('lost', '10.0.0.1:5432: it ended', '57P01'));
    const { left } = await cleanTables({ maintain });
    assert.deepEqual(left, ['the tables could not be written anew (57P01)']);
  });

  it('says what an account cannot clean that does not own the database', async () => {
    await server.runSql('CREATE DATABASE others; GRANT CREATE ON DATABASE others TO callercard');
    const { database, ...config } = postgresqlConfig(server);
    const other = await openFilled({ ...config, database: { ...database, database: 'others' } }, DATA);
    try {
      const task = { what: 'erase', leadIds: [7], at: Date.now() } as const;
      const { files } = await other.runPersonTask<'erase'>(task);
      assert.deepEqual(files.left, []);
      assert.match(files.remains.join('\n'), /^the statistics of the planner/m);
    } finally {
      await other.close();
    }
  });

  it('is whole or nothing where a row cannot be deleted', async () => {
    const refuse = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`;
    await store.database.write(refuse, []);
    await store.database.write(
      'CREATE TRIGGER refuse BEFORE DELETE ON leads FOR EACH ROW EXECUTE FUNCTION refuse()',
      [],
    );
    await assert.rejects(store.persons.erase([102, 103], Date.now(), 'wish'));
    await store.database.write('DROP TRIGGER refuse ON leads', []);
    assert.equal((await store.persons.read(102))?.state.first_name, 'Other2');
    assert.deepEqual(await store.persons.uncleaned(), []);
  });
});
