import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it, type TestContext } from 'node:test';

import { openStore } from '../../src/stores/open-store.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { fillEmbedded } from '../stores/described-store.ts';
import { bearer } from '../support/authorization.ts';
import { runCallercard, startCallercard } from '../support/command.ts';
import { fillDistinctLeads } from '../support/distinct-leads.ts';
import { targetOf } from '../support/filled-folder.ts';
import { startTraffic, wordsOf } from '../support/load/traffic.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { runSql } from '../support/run-sql.ts';
import { isAnswering, send, temporaryFolder, testConfig } from '../support/test-app.ts';
import { timeOf, until } from '../support/until.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';

/** Promised: it is noticed within a second. Commands take longer than that to begin, on a busy machine. */
const NOTICED_MS = 1_000;
const LEADS = 50;

/** A store whose leads have `kind` in every text; there are so many that they are on several pages. */
async function makeStore(path: string, kind: string, leads = LEADS): Promise<void> {
  const store = openStore(testConfig(path), { create: true });
  await fillEmbedded(store, {
    lists: [{ list_id: 1, name: kind }],
    leads: Array.from({ length: leads }, (_, at) => ({
      lead_id: at + 1,
      list_id: 1,
      first_name: `${kind} ${at + 1}`,
      last_name: `${kind} ${at + 1}`,
      comments: `${kind} ${at + 1} `.repeat(20),
      phone_number: String(5_500_000_000 + at + 1),
    })),
    users: ['crm', 'ana'].map((name) => ({ name, password: PASSWORD })),
  });
  await store.close();
}

/** Of which store an answer is; in one that is put together of both, no kind fits. */
function kindOf(body: string): string | undefined {
  const [, kind = '', leadId = ''] = /"first_name":"(\w+) (\d+)"/.exec(body) ?? [];
  const isWhole =
    body.includes(`"lead_id":${leadId},`) &&
    body.includes(`"last_name":"${kind} ${leadId}"`) &&
    body.includes(`"comments":"${`${kind} ${leadId} `.repeat(20).trimEnd()}`);
  return isWhole ? kind : undefined;
}

/** A server in a folder of its own over `old`, and `new` beside it, not open. */
async function startOverOld(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const cwd = temporaryFolder();
  const path = join(cwd, 'data', 'callercard.db');
  await makeStore(path, 'old');
  await makeStore(join(cwd, 'new.db'), 'new', 3 * LEADS);
  const server = await startCallercard(['serve'], { cwd, env });
  t.after(() => server.kill('SIGKILL'));
  const answers = (target = targetOf(7)) => send(server.url, target);
  const countLogged = (words: RegExp) => server.said().match(new RegExp(words, 'g'))?.length ?? 0;
  const untilLogged = (words: RegExp, times = 1) =>
    until(`logged: ${String(words)}`, () => countLogged(words) === times);
  return { cwd, path, fresh: join(cwd, 'new.db'), server, answers, countLogged, untilLogged };
}

/** What is in a store that nobody has open, which must be sound. */
function contentOf(path: string, sql: string): readonly unknown[] {
  using database = new DatabaseSync(path);
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  return database
    .prepare(sql)
    .all()
    .map((row) => Object.values(row)[0]);
}

const KINDS_OF_LEADS = "SELECT DISTINCT substr(first_name, 1, instr(first_name, ' ') - 1) FROM leads";

describe('a store that is replaced by rename under a running server', { timeout: 240_000 }, () => {
  for (const workers of [1, 2]) {
    it(`55: every request is answered right, by the former one or the new one, with ${workers === 1 ? 'one process' : `${workers} workers`}`, async (t) => {
      const { cwd, path, fresh, server, untilLogged } = await startOverOld(t, {
        CALLERCARD_WORKERS: String(workers),
        CALLERCARD_RATE_LIMIT: '1000000',
      });
      // Changes that are in the write-ahead log alone: read with it, the new file would be a mixture.
      runSql(
        path,
        "UPDATE leads SET city = 'logged'; INSERT INTO lists (list_id, name) VALUES (9, 'logged')",
      );
      const isNew = (body: string) => kindOf(body) === 'new';
      const requests = Array.from({ length: LEADS }, (_, at) => ({
        target: targetOf(at + 1),
        expected: (body: string) => kindOf(body) === 'old' || isNew(body),
      }));
      const traffic = startTraffic(server.url, requests, { clients: 8, newcomers: 4 });
      t.after(() => traffic.stop());
      await traffic.untilRight(200);
      renameSync(path, join(cwd, 'old.db'));
      renameSync(fresh, path);
      await untilLogged(/was replaced; requests are answered from the new/, workers);
      await traffic.untilRight(200);
      const figures = await traffic.stop();
      t.diagnostic(wordsOf(figures));
      assert.deepEqual([figures.wrong, figures.refused], [[], 0]);
      for (const { target } of requests) assert.ok(isNew((await send(server.url, target)).text), target);
      server.kill('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      assert.deepEqual(
        readdirSync(join(cwd, 'data')).filter((name) => !name.endsWith('-audit')),
        ['callercard.db'],
      );
      assert.deepEqual(contentOf(path, KINDS_OF_LEADS), ['new']);
      // The former one, moved away, has everything that was committed.
      assert.deepEqual(contentOf(join(cwd, 'old.db'), KINDS_OF_LEADS), ['old']);
      assert.deepEqual(contentOf(join(cwd, 'old.db'), 'SELECT DISTINCT city FROM leads'), ['logged']);
    });
  }

  it('55: "user disable" counts within a second, given at once after the rename', async (t) => {
    const { cwd, path, fresh, answers } = await startOverOld(t, { CALLERCARD_WORKERS: '2' });
    runSql(path, "UPDATE users SET lists = '[1]'");
    assert.equal(kindOf((await answers()).text), 'old');
    renameSync(fresh, path);
    const { code, stderr } = await runCallercard(['user', 'disable', 'crm'], { cwd });
    assert.deepEqual([code, stderr], [0, 'disabled user crm\n']);
    const took = await timeOf(() =>
      until('it counts', async () => !(await answers()).text.includes('"lead_info"'), 1),
    );
    assert.ok(took < NOTICED_MS, `${took} ms`);
    assert.match((await answers()).text, /"Invalid Username\/Password"/);
    assert.equal(kindOf((await answers(targetOf(7).replace('goUser=crm', 'goUser=ana'))).text), 'new');
  });

  it('55: that cannot be used is said once, is not ready, and answers nothing wrong; a good one is taken at once', async (t) => {
    const { cwd, path, fresh, server, answers, untilLogged } = await startOverOld(t);
    const isReady = () => isAnswering(server.url, '/readyz');
    const unusable =
      /was replaced by a file that cannot be used; requests are still answered from the former one/;
    for (const [name, content] of [
      ['foreign', 'SQLite format 3\0'.padEnd(8192, '\0')],
      ['text', 'no store'],
    ] as const) {
      writeFileSync(join(cwd, name), content);
      renameSync(join(cwd, name), path);
      await until('it is not ready', async () => !(await isReady()));
      assert.equal(kindOf((await answers()).text), 'old');
      assert.notEqual(
        (await runCallercard(['user', 'disable', 'crm'], { cwd })).code,
        0,
        'no command is in vain',
      );
    }
    await untilLogged(unusable);
    assert.match(server.said(), /callercard\.db belongs to another program/);
    renameSync(fresh, path);
    const took = await timeOf(() => until('it is ready', isReady, 1));
    assert.ok(took < NOTICED_MS, `${took} ms`);
    assert.equal(kindOf((await answers()).text), 'new');
    await untilLogged(/callercard\.db was replaced; requests are answered from the new file/);
    await untilLogged(unusable);
  });

  it('55: may be away for a moment, as a move in two steps; one that stays away is said', async (t) => {
    const { cwd, path, server, answers, untilLogged } = await startOverOld(t);
    const isReady = () => isAnswering(server.url, '/readyz');
    const away = join(cwd, 'away.db');
    renameSync(path, away);
    assert.equal(kindOf((await answers()).text), 'old');
    assert.equal(await isReady(), true, 'for a moment it is nothing to say');
    await until('it is not ready', async () => !(await isReady()));
    assert.equal(kindOf((await answers()).text), 'old');
    await untilLogged(/callercard\.db is missing; requests are still answered from the file that was there/);
    renameSync(away, path);
    await until('it is ready', isReady);
    await untilLogged(/callercard\.db is back/);
    assert.equal((await runCallercard(['user', 'disable', 'crm'], { cwd })).code, 0);
    assert.match((await answers()).text, /"Invalid Username\/Password"/);
  });

  it('55: is noticed, too, when it was deleted and another one copied to its place', async (t) => {
    const { path, fresh, answers } = await startOverOld(t);
    runSql(path, "UPDATE leads SET city = 'logged'");
    rmSync(path);
    copyFileSync(fresh, path);
    await until('it is the new one', async () => kindOf((await answers()).text) === 'new');
  });

  it('55: of an older version is brought up to date, after a copy, as by a start', async (t) => {
    const { path, cwd, answers } = await startOverOld(t);
    copyFileSync(join(import.meta.dirname, '..', 'fixtures', '0.1', 'store.db'), join(cwd, 'older.db'));
    renameSync(join(cwd, 'older.db'), path);
    await until('it is that one', async () => (await answers()).text.includes('"Invalid Username'));
    assert.ok(existsSync(`${path}.schema-2`));
  });

  it('55: leaves nothing of the former one behind for the next start, when the server ends meanwhile', async (t) => {
    const { cwd, path, fresh, server } = await startOverOld(t);
    runSql(path, "UPDATE leads SET city = 'logged'");
    renameSync(path, join(cwd, 'old.db'));
    server.kill('SIGTERM');
    await server.ended();
    renameSync(fresh, path);
    assert.deepEqual(contentOf(path, KINDS_OF_LEADS), ['new']);
    assert.deepEqual(contentOf(path, 'SELECT DISTINCT city FROM leads'), [null]);
    assert.deepEqual(contentOf(join(cwd, 'old.db'), 'SELECT DISTINCT city FROM leads'), ['logged']);
  });
});

describe('a state file that is replaced beside a dialer', { skip: mariadbSkip, timeout: 240_000 }, () => {
  let dialer: MariadbServer;
  before(async () => {
    dialer = await startMariadb();
    await fillDistinctLeads(dialer);
  });
  after(() => dialer.stop());

  for (const workers of [1, 2]) {
    it(`55: a token that was revoked in the new one is refused within a second, and no request is lost (workers: ${workers})`, async (t) => {
      const cwd = temporaryFolder();
      const { user, password } = READER;
      const env = {
        CALLERCARD_DATABASE: `mariadb://${user}:${password}@${dialer.host}:${dialer.port}/asterisk`,
        CALLERCARD_STATE_FILE: 'state.db',
        CALLERCARD_WORKERS: String(workers),
        CALLERCARD_RATE_LIMIT: '1000000',
      };
      const token = async (...args: readonly string[]) => {
        const ran = await runCallercard(['token', ...args], { cwd, env });
        assert.equal(ran.code, 0, ran.stderr);
        return ran.stdout.trim();
      };
      const secret = await token('create', 'phones');
      copyFileSync(join(cwd, 'state.db'), join(cwd, 'restored.db'));
      await token('revoke', 'phones', '--state-file', 'restored.db');
      const server = await startCallercard(['serve'], { cwd, env });
      t.after(() => server.kill('SIGKILL'));
      await until('it is ready', () => isAnswering(server.url, '/readyz'));
      const ask = () => send(server.url, '/v1/leads/7', { headers: bearer(secret) });
      assert.equal((await ask()).status, 200);
      const traffic = startTraffic(server.url, [
        { target: targetOf(7), expected: (body) => body.includes('"first_name":"Name 7"') },
      ]);
      t.after(() => traffic.stop());
      await traffic.untilRight(50);
      renameSync(join(cwd, 'restored.db'), join(cwd, 'state.db'));
      const took = await timeOf(() => until('it is refused', async () => (await ask()).status === 401, 1));
      assert.ok(took < NOTICED_MS, `${took} ms`);
      await until(
        'everybody noticed',
        () => server.said().split('state.db was replaced').length === workers + 1,
      );
      assert.equal((await ask()).status, 401);
      await traffic.untilRight(50);
      const figures = await traffic.stop();
      t.diagnostic(wordsOf(figures));
      assert.deepEqual([figures.wrong, figures.refused], [[], 0]);
      server.kill('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
    });
  }
});
