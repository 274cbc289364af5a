import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { openConnection, type Connection } from '../../src/stores/sqlite/connection.ts';
import { inspectSqlite, requestStatements, scansOf } from '../../src/diagnostics/sqlite.ts';
import { temporaryFolder } from '../support/test-app.ts';

describe('the statements of a request', () => {
  let connection: Connection;
  before(() => {
    const path = join(temporaryFolder(), 'plans.db');
    connection = openConnection({ path, country: undefined, fallbackCountry: 'MX', create: true });
  });
  after(() => connection.database.close());

  it('are those of lookups, custom fields, accounts and failed logins', () => {
    const statements = requestStatements().join('\n');
    for (const part of ['lead_id = ?', 'key = ?1', 'part <> 2', 'part = ?2 AND reading = ?3', 'json_each']) {
      assert.ok(statements.includes(part), part);
    }
    for (const table of ['custom_fields', 'users', 'login_failures', 'known_networks'])
      assert.ok(statements.includes(table), table);
    assert.ok(requestStatements().length >= 14);
  });

  for (const statement of requestStatements()) {
    it(`read by an index: ${statement.replace(/\s+/g, ' ').replace(/^SELECT lead_id.+?custom/, 'SELECT …')}`, () => {
      assert.deepEqual(scansOf(connection, statement), []);
    });
  }

  // SQLite takes a bare parameter there for a part of the plan: each binding made it prepare the statement anew.
  it('bind no bare parameter as their limit', () => {
    const folder = join(import.meta.dirname, '..', '..', 'src', 'stores', 'sqlite');
    const bare = globSync('**/*.ts', { cwd: folder }).flatMap((file) =>
      Array.from(
        readFileSync(join(folder, file), 'utf8').matchAll(/LIMIT [?:@].*/g),
        ([found]) => `${file}: ${found}`,
      ),
    );
    assert.deepEqual(
      bare.filter((found) => !/LIMIT \?\d* \+ 0/.test(found)),
      [],
    );
  });

  it('would be caught if they read a whole table', () => {
    const scanning = [
      'SELECT lead_id FROM leads WHERE comments = ?',
      'SELECT lead_id FROM lead_numbers WHERE key = ? OR number = ?',
      'SELECT lead_id FROM leads WHERE phone_number = ? AND list_id IN (SELECT value FROM json_each(?))',
      'SELECT count(*) FROM leads',
      'SELECT city FROM leads ORDER BY city',
      'SELECT user_id FROM users WHERE name = ?1 OR identity = ?1',
      'SELECT user_id FROM users JOIN lists ON users.name = lists.name WHERE identity = ?2 AND lists.name = ?1',
      'DELETE FROM login_failures WHERE count > ?',
      'INSERT INTO lists (list_id, name) SELECT lead_id, city FROM leads',
    ];
    for (const statement of scanning) assert.notDeepEqual(scansOf(connection, statement), [], statement);
  });
});

describe('callercard check', () => {
  it('reports that an index is gone', () => {
    const path = join(temporaryFolder(), 'unindexed.db');
    const connection = openConnection({ path, country: undefined, fallbackCountry: 'MX', create: true });
    try {
      const levelOfIndexes = () =>
        [...inspectSqlite(connection)].find(({ subject }) => subject === 'indexes')?.level;
      assert.equal(levelOfIndexes(), 'ok');
      connection.database.exec('DROP INDEX lead_numbers_by_key');
      assert.equal(levelOfIndexes(), 'problem');
    } finally {
      connection.database.close();
    }
  });
});
