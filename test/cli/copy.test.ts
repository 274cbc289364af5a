import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';

import { recordsOf } from '../audit/audit-fixture.ts';
import { copyOwnStore, type StoreDigest } from '../../src/stores/copied-store.ts';
import { claimFile } from '../../src/stores/claim-file.ts';
import { openStore } from '../../src/stores/open-store.ts';
import { makeStoreFile, readStoreFile } from '../../src/stores/store-files.ts';
import { makeSchema, readSchema } from '../../src/stores/store-schemas.ts';
import { isServed } from '../../src/stores/postgresql/lock.ts';
import { openPostgresql, type PostgresqlStore } from '../../src/stores/postgresql/open-postgresql.ts';
import { until } from '../support/until.ts';
import { type Ran, runCallercard } from '../support/command.ts';
import { postgresqlSkip, type PostgresqlServer, startPostgresql } from '../support/postgresql-server.ts';
import { temporaryFolder, testConfig } from '../support/test-app.ts';
import { CONTRACT_DATA } from '../stores/contract-data.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { ACCOUNT, createDatabaseFor, postgresqlConfig } from '../stores/postgresql/filled-store.ts';
import { assertRefused } from './customers.ts';

const NASTY_TEXT = 'tab\t line\n \\N \\ "ñ" 😀 \u0001 ; $1 {1,2}';

/** One row for each table that has none, with the edges of its types. */
function fillEmptyTables(path: string): void {
  using database = new DatabaseSync(path);
  const tables = database
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_index%'
       AND name <> 'granted_rights'`,
    )
    .all();
  for (const { name } of tables) {
    if (database.prepare(`SELECT 1 FROM ${String(name)} LIMIT 1`).get() !== undefined) continue;
    const columns = database.prepare('SELECT name, type, "notnull" AS needed, pk FROM pragma_table_info(?)');
    const values = columns.all(String(name)).map((column) => {
      if (column.name === 'lists') return '[7,99999999999999]';
      if (column.type === 'INTEGER') return String(column.name).endsWith('at') ? 2 ** 53 - 1 : 1;
      return column.needed === 0 && column.pk === 0 ? null : NASTY_TEXT;
    });
    database
      .prepare(`INSERT INTO ${String(name)} VALUES (${values.map(() => '?').join(', ')})`)
      .run(...values);
  }
}

async function fillStore(path: string): Promise<void> {
  const store = openStore(testConfig(path), { create: true });
  try {
    await fillEmbedded(store, CONTRACT_DATA);
    const by = { user: 'ana', endpoint: 'v1', requestId: 'request' } as const;
    const stored = await store.records.read(11, 'every list');
    assert.ok(stored !== undefined);
    await store.records.addNote(10, NASTY_TEXT, by);
    await store.records.remove(11, stored.state, by, {});
    await store.records.putList(
      { listId: 200, name: NASTY_TEXT, statuses: ['NEW', 'ñ'], masked: ['email'] },
      false,
    );
    await Array.fromAsync(store.archive.indexSearch());
  } finally {
    await store.close();
  }
  fillEmptyTables(path);
}

/** As by a server, which keeps its store up. */
function untilServed(store: PostgresqlStore): Promise<void> {
  return until('it is kept up', async () => {
    await store.upkeep?.();
    return isServed(store.database.read, store.config.database.schema);
  });
}

describe('a copy of a store', { skip: postgresqlSkip, timeout: 240_000 }, () => {
  let server: PostgresqlServer;
  const cwd = temporaryFolder();
  const path = join(cwd, 'data', 'callercard.db');
  const from = `sqlite:${path}`;
  before(async () => {
    server = await startPostgresql();
    await createDatabaseFor(server);
    writeFileSync(join(cwd, 'secret'), `${ACCOUNT.password}\n`);
    await fillStore(path);
  });
  after(() => server.stop());

  const schemaAt = (schema: string) =>
    `postgres://${ACCOUNT.user}@127.0.0.1:${server.port}/calls?schema=${schema}`;
  const run = (...args: readonly string[]): Promise<Ran> =>
    runCallercard(args, { cwd, env: { CALLERCARD_DATABASE_PASSWORD_FILE: 'secret' } });
  const copied = async (source: string, target: string) => {
    const { code, stdout, stderr } = await run('copy', '--from', source, '--to', target, '--json');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^copied \d+ leads and 5 users from .*: \d+ rows, read again and the same\n/);
    const { from: said, to, ...digest } = JSON.parse(stdout) as StoreDigest & { from: string; to: string };
    assert.deepEqual([said, to], [source, target]);
    return digest;
  };
  const sqlIn = (schema: string, sql: string) =>
    server.runSql(`SET search_path = ${schema}; ${sql}`, 'calls');
  const schemas = () =>
    server.runSql(`SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' ORDER BY 1`, 'calls');

  it('has every row of every table there and back, and goes on with its ids, words and times', async () => {
    const there = await copied(from, schemaAt('first'));
    const empty = Object.entries(there.tables).filter(([, { rows }]) => rows === 0);
    assert.deepEqual(empty, []);
    const again = await copied(schemaAt('first'), schemaAt('second'));
    const back = await copied(schemaAt('second'), 'sqlite:back/again.db');
    assert.deepEqual([again, back], [there, there]);
    assert.equal(statSync(join(cwd, 'back', 'again.db')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(cwd, 'back')), ['again.db']);
    for (const address of [from, schemaAt('first'), 'sqlite:back/again.db']) {
      const found = await run('lookup', '--phone', '5500000060', '--json', '--database', address);
      assert.match(found.stdout, /"lead_id": ?61/, found.stderr);
      assert.equal((await run('person', 'find', '--phone', '5500000010', '--database', address)).code, 0);
    }
    const ids = await sqlIn(
      'second',
      `SELECT nextval(pg_get_serial_sequence('users', 'user_id')) > (SELECT max(user_id) FROM users),
              nextval(pg_get_serial_sequence('notes', 'note_id')) > (SELECT max(note_id) FROM notes),
              nextval(pg_get_serial_sequence('lead_changes', 'change_id')) > (SELECT max(change_id) FROM lead_changes)`,
    );
    assert.equal(ids, 't|t|t');
    const words = (file: string) => {
      using database = new DatabaseSync(file, { readOnly: true });
      const rows = database.prepare(`SELECT rowid FROM search_index WHERE search_index MATCH 'br*'`).all();
      assert.ok(rows.length > 0);
      return [rows, database.prepare('PRAGMA integrity_check').get()?.integrity_check];
    };
    assert.deepEqual(words(join(cwd, 'back', 'again.db')), words(path));
    const clock = await sqlIn('second', `SELECT value::json->>'now' FROM meta WHERE name = 'clock'`);
    assert.ok(Math.abs(Number(clock) - Date.now()) < 60_000, clock);
  });

  it('takes the place of nothing, and is made of nothing but a whole store of our own', async () => {
    await copied(from, 'sqlite:there.db');
    await copied(from, schemaAt('there'));
    const before = await schemas();
    const refused = async (args: readonly string[], code: number, why: RegExp) => {
      const [source = '', target = ''] = args;
      assertRefused(await run('copy', '--from', source, '--to', target), code, why);
    };
    await refused([from, 'sqlite:there.db'], 1, /there\.db is there already/);
    await refused([from, from], 1, /callercard\.db is there already/);
    await refused(
      [from, schemaAt('there')],
      1,
      /a store in the schema there already, with rows in calls; .*DROP SCHEMA there CASCADE/,
    );
    await refused(['sqlite:none.db', schemaAt('new')], 1, /there is no store at none\.db/);
    await refused([schemaAt('none'), 'sqlite:new.db'], 1, /there is no store in the schema none/);
    await refused(['mariadb://u@h/asterisk', 'sqlite:new.db'], 2, /--from names a dialer/);
    await refused([from, 'postgres://u@127.0.0.1:1/x'], 1, /the database cannot be used/);
    await refused([from, 'new.db'], 2, /--to must be sqlite:PATH/);
    await refused([from, 'sqlite:secret/new.db'], 1, /secret\/new\.db/);
    const release = claimFile(`${path}-import`);
    await refused([from, schemaAt('new')], 1, /an import into .* runs/);
    release?.();
    assert.equal(await schemas(), before);
    assert.ok(!existsSync(join(cwd, 'new.db')));
  });

  it('fills a store that is there and empty, unless a server has it open, and says where one has the first', async () => {
    const { database, ...rest } = postgresqlConfig(server);
    const store = openPostgresql(
      { ...rest, database: { ...database, schema: 'empty' } },
      { mayMigrate: true, mayCreate: true },
    );
    await store.begin?.();
    await untilServed(store);
    const target = schemaAt('empty');
    const refused = await run('copy', '--from', from, '--to', target);
    assertRefused(refused, 1, /a server has the store in the schema empty open; end it/);
    await store.close();
    const there = await copied(from, target);
    assert.deepEqual(await copied(target, 'sqlite:filled.db'), there);

    const again = openPostgresql(store.config);
    await untilServed(again);
    const { code, stderr } = await run('copy', '--from', target, '--to', 'sqlite:served.db');
    await again.close();
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /a server has the store in the schema empty open; what it writes from now on is not/,
    );
  });

  it('says which value PostgreSQL cannot keep, and leaves nothing', async () => {
    await copied(from, 'sqlite:nul.db');
    {
      using database = new DatabaseSync(join(cwd, 'nul.db'));
      database.prepare('UPDATE notes SET text = ? WHERE note_id = 1').run('a\0b');
    }
    const before = await schemas();
    assertRefused(
      await run('copy', '--from', 'sqlite:nul.db', '--to', schemaAt('nul')),
      1,
      /text of note_id 1 in the table notes has U\+0000/,
    );
    assert.equal(await schemas(), before);
    await copied('sqlite:nul.db', 'sqlite:nul2.db');
  });

  it('that is stopped leaves nothing, and can be made again', async () => {
    const config = postgresqlConfig(server);
    const { schema } = config.database;
    const file = join(cwd, 'stopped.db');
    for (const make of [makeSchema(config), makeStoreFile(file)])
      for (const share of [0.1, 0.9]) {
        const stop = new AbortController();
        const onProgress = (done: number, of: number) => {
          if (done > share * of) stop.abort();
        };
        const copy = copyOwnStore(readStoreFile(path), make, { signal: stop.signal, onProgress });
        await assert.rejects(copy, { name: 'AbortError' });
      }
    assert.ok(!(await schemas()).includes(schema));
    assert.deepEqual(
      readdirSync(cwd).filter((name) => name.startsWith('stopped')),
      [],
    );
    const watch = { signal: new AbortController().signal, onProgress: () => undefined };
    const whole = await copyOwnStore(readStoreFile(path), makeSchema(config), watch);
    assert.deepEqual(await copyOwnStore(readSchema(config), makeStoreFile(file), watch), whole);
  });

  it('is in the audit, and a password in its flags is called out and shown nowhere', async () => {
    const secret = encodeURIComponent(ACCOUNT.password);
    const target = schemaAt('told').replace('@', `:${secret}@`);
    const { code, stderr } = await run('copy', '--from', from, '--to', target);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^callercard: --to shows a secret to every user of this machine/);
    assert.ok(!stderr.includes(secret) && stderr.includes('callercard:***@'), stderr);
    const acts = recordsOf(join(cwd, 'data', 'callercard-audit'), 'operator').slice(-2);
    assert.deepEqual(
      acts.map(({ action, result, subject }) => [action, result, subject]),
      [
        ['copy', undefined, 'callercard.db to calls/told'],
        ['copy', 'done', 'callercard.db to calls/told'],
      ],
    );
    assert.ok(!JSON.stringify(acts).includes(secret));
  });
});
