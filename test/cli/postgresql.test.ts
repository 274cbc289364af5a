import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { basic } from '../support/authorization.ts';
import { runCallercard, startCallercard, type Ran } from '../support/command.ts';
import { postgresqlSkip, startPostgresql, type PostgresqlServer } from '../support/postgresql-server.ts';
import { isAnswering, send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { ACCOUNT, createDatabaseFor } from '../stores/postgresql/filled-store.ts';

const LOCKS = "pg_locks WHERE locktype = 'advisory'";
const PASSWORD = 'a long password\n';

describe('commands on a store in PostgreSQL', { skip: postgresqlSkip }, () => {
  let server: PostgresqlServer;
  const cwd = temporaryFolder();
  before(async () => {
    server = await startPostgresql();
    await createDatabaseFor(server);
    writeFileSync(join(cwd, 'secret'), `${ACCOUNT.password}\n`);
  });
  after(() => server.stop());

  const address = (rest = '') => `postgres://${ACCOUNT.user}@127.0.0.1:${server.port}/calls${rest}`;
  const run = (args: readonly string[], input?: string, database = address()): Promise<Ran> =>
    runCallercard(args, {
      cwd,
      env: { CALLERCARD_DATABASE: database, CALLERCARD_DATABASE_PASSWORD_FILE: 'secret' },
      ...(input !== undefined && { input }),
    });
  const done = async (args: readonly string[], input?: string): Promise<string> => {
    const ran = await run(args, input);
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout;
  };

  it('make the store with the first user, and nothing before', async () => {
    const early = await run(['user', 'list']);
    assert.equal(early.code, 1);
    assert.match(
      early.stderr,
      /there is no store in the schema callercard of the database; "callercard import"/,
    );
    await done(['user', 'add', 'ana', '--password-stdin'], PASSWORD);
    assert.equal((await run(['user', 'add', 'ANA', '--password-stdin'], PASSWORD)).code, 1);
    await done(['user', 'set', 'ana', '--rights', 'card', '--lists', '1,2']);
    assert.match(await done(['user', 'list']), /ana +yes +card +1, ?2 +no/);
  });

  it('keep tokens, and answer lookups', async () => {
    await done(['token', 'create', 'crm', '--scope', 'read']);
    assert.match(await done(['token', 'list']), /crm/);
    const found = await run(['lookup', '--phone', '5512345678']);
    assert.equal(found.code, 3);
    assert.match(found.stderr, /No lead has the number/);
    // The operator's acts are recorded beside.
    assert.deepEqual(readdirSync(join(cwd, 'data')), ['callercard-audit']);
    assert.match(await done(['audit', 'search']), /user add +ana/);
  });

  it('import, export, find and erase people', async () => {
    const rows = [
      'lead_id,first_name,phone_number',
      '7,Zenobia,5512349876',
      '8,Yago,5512349877',
      '9,Xenia,no number',
    ];
    writeFileSync(join(cwd, 'people.csv'), `${rows.join('\n')}\n`);
    const imported = await run(['import', 'people.csv', '--list', '1']);
    assert.match(imported.stderr + imported.stdout, /added 2, updated 0, unchanged 0, rejected 1/);
    assert.match(await done(['imports']), /people\.csv/);
    assert.match(
      await done(['person', 'find', '--phone', '55 1234 9876']),
      /1 +1 +Zenobia +phone_number +no/,
    );
    assert.match(await done(['lead', 'show', '1']), /first_name +Zenobia/);
    const exported = await done(['person', 'export', '--lead', '1', '--out', '-']);
    assert.match(exported, /"first_name": "Zenobia"/);
    assert.match(await done(['retention', '--dry-run', '--retention', '1=1']), /1 +\d +\d/);
    assert.match(await done(['export']), /Zenobia.*\n.*Yago/);
    await done(['person', 'erase', '--lead', '1', '--yes']);
    const left = await done(['export']);
    assert.ok(!left.includes('Zenobia') && left.includes('Yago'), left);
    // An import does not bring the erased back.
    await run(['import', 'people.csv', '--list', '1']);
    assert.ok(!(await done(['export'])).includes('Zenobia'));
  });

  it('try an import before, with what it comes to, and change nothing', async () => {
    const files = {
      'trial.csv':
        'código,first_name,phone_number,puntos\nA1,Ana,5512340001,7\nA2,Luis,5512340002,8\nA3,Eva,no number,9\nA5,a\0b,5512340005,1\n',
      'trial2.csv': 'código,first_name,phone_number,puntos\nA1,Ana,5512340009,7\nA4,Ana,5512340002,1\n',
      'erased.csv': 'first_name,phone_number\nZenobia,5512349876\n',
    };
    for (const [name, rows] of Object.entries(files)) writeFileSync(join(cwd, name), rows);
    const summaryOf = ({ stdout, code }: Ran) => {
      const own = ['seconds', 'importId', 'dryRun', 'rejectsFile'];
      const entries = Object.entries(JSON.parse(stdout) as object).filter(([name]) => !own.includes(name));
      return { ...Object.fromEntries(entries), code };
    };
    for (const args of [
      ['trial.csv', '--list', '9', '--key', 'código'],
      ['trial2.csv', '--list', '9', '--key', 'código', '--replace', '--replace-most'],
      ['erased.csv', '--list', '9'],
    ]) {
      const before = await done(['export']);
      const tried = await run(['import', ...args, '--json', '--dry-run']);
      assert.match(tried.stderr, /this was a trial on a copy: nothing was changed/);
      assert.equal(await done(['export']), before);
      const imported = await run(['import', ...args, '--json']);
      assert.deepEqual(summaryOf(tried), summaryOf(imported), imported.stderr);
    }
  });

  it('serve by several workers, who share out the connections, and one of whom keeps the store up', async () => {
    const count = (what: string) =>
      server.runSql(`SELECT count(*) FROM ${what}`).then((text) => Number(text));
    const env = {
      CALLERCARD_DATABASE: address(),
      CALLERCARD_DATABASE_PASSWORD_FILE: 'secret',
      CALLERCARD_DATABASE_CONNECTIONS: '2',
    };
    const serving = await startCallercard(['serve', '--workers', '2', '--log-level', 'warn'], { cwd, env });
    try {
      await until('it is ready', () => isAnswering(serving.url, '/readyz'));
      await until('one worker keeps it up', async () => (await count(LOCKS)) === 1);
      const answers = await Promise.all(
        Array.from({ length: 40 }, () =>
          send(serving.url, '/v1/leads/1', { headers: basic('ana', 'wrong') }),
        ),
      );
      assert.ok(answers.every(({ status }) => [401, 429, 503].includes(status)));
      // One for lookups, one for transactions and one for calls of each worker, and that of the lock.
      assert.ok((await count(`pg_stat_activity WHERE usename = '${ACCOUNT.user}'`)) <= 7);
    } finally {
      serving.kill('SIGTERM');
    }
    assert.deepEqual(await serving.ended(), { code: 0, signal: null });
    await until('the lock is free', async () => (await count(LOCKS)) === 0);
  });

  it('say in plain words that the database does not answer, and what is wrong with an address', async () => {
    for (const args of [
      ['user', 'list'],
      ['lookup', '--lead', '1'],
    ]) {
      const ran = await run(args, undefined, 'postgres://ana@127.0.0.1:1/calls');
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /^callercard: [^\n]*127\.0\.0\.1:1: connect ECONNREFUSED[^\n]*\n$/);
      assert.match(ran.stderr, /"callercard check" says more/);
    }
    const wrong = await run(['user', 'list'], undefined, 'postgres://ana@db/calls?schemas=a');
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.stderr,
      /^callercard: database \(environment CALLERCARD_DATABASE\) has "schemas" behind its \?/,
    );
  });
});
