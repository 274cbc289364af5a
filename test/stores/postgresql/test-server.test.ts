import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { childrenOf, untilGone } from '../../support/process-tree.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../../support/postgresql-server.ts';

describe('the test’s own PostgreSQL server', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  before(async () => {
    server = await startPostgresql({ isDurable: true, settings: ['max_connections=33'] });
  });
  after(() => server.stop());

  it('answers, at its own port and in its own folder', async () => {
    const [version, most, port, folder] = (
      await server.runSql('SHOW server_version_num; SHOW max_connections; SHOW port; SHOW data_directory')
    ).split('\n');
    assert.ok(Number(version) >= 150_000, version);
    assert.deepEqual([most, port], ['33', String(server.port)]);
    assert.match(String(folder), /^\/.*\/callercard-\w+\/data$/);
  });

  it('has after a kill what was committed, and ends with all of its processes', async () => {
    await server.runSql('CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
    const all = [server.pid, ...childrenOf(server.pid)];
    assert.ok(all.length > 3);
    await server.kill();
    await untilGone(all);
    await assert.rejects(server.runSql('SELECT 1'));
    await server.restart();
    assert.equal(await server.runSql('SELECT * FROM kept'), '1');
  });

  it('answers nothing while it is frozen', async () => {
    server.freeze();
    const answer = server.runSql('SELECT 2');
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, 'nothing'))]);
    assert.equal(first, 'nothing');
    server.thaw();
    assert.equal(await answer, '2');
  });
});
