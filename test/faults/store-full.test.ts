import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it, type TestContext } from 'node:test';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { ROOT, startCallercard, type RunningServer } from '../support/command.ts';
import { fillDistinctLeads } from '../support/distinct-leads.ts';
import { limitFiles, mountSmall, skipWithoutFileLimit } from '../support/file-limit.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { isAnswering, send, temporaryFolder } from '../support/test-app.ts';
import { timeOf, until } from '../support/until.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';

/** The audit has a disk of its own, or none is left over for the store. */
const WITHOUT_AUDIT = { CALLERCARD_AUDIT: 'off' };
/** Longer than an answer of /readyz takes, on a busy machine. */
const READY_MS = 500;
/** Who has no rights but those of everybody. */
const NOBODY = 65_534;

/** /readyz says no while `fill` lasts, in its usual time, and yes again after `clear`; it is logged once, each way. */
async function assertReadiness(
  t: TestContext,
  server: RunningServer,
  file: string,
  { fill, clear }: { readonly fill: () => void; readonly clear: () => void },
): Promise<void> {
  const isReady = () => isAnswering(server.url, '/readyz');
  const countLogged = (words: string) => server.said().split(words).length - 1;
  assert.equal(await isReady(), true);
  for (let round = 1; round <= 2; round += 1) {
    fill();
    const noticed = await timeOf(() => until('it is not ready', async () => !(await isReady()), 50));
    const took = await Promise.all(Array.from({ length: 20 }, () => timeOf(isReady)));
    // Whatever held the server up would hold up all of them; a busy machine may do it to one.
    const middle = took.toSorted((one, other) => one - other)[took.length / 2] ?? NaN;
    assert.ok(middle < READY_MS, took.join(', '));
    assert.equal((await send(server.url, '/healthz')).status, 200);
    assert.equal((await send(server.url, targetOf(7))).status, 200, 'who is known is still answered');
    await until('it is logged', () => countLogged(`${file} cannot be written`) === round);
    clear();
    const back = await timeOf(() => until('it is ready', isReady, 50));
    await until('it is logged', () => countLogged(`${file} can be written again`) === round);
    t.diagnostic(`not ready after ${Math.round(noticed)} ms, ready again after ${Math.round(back)} ms`);
  }
}

describe('a server whose store has no room', { skip: skipWithoutFileLimit, timeout: 240_000 }, () => {
  it('42: answers who is known, tries no password that it cannot count, and counts again when there is room', async (t) => {
    const cwd = await createFilledFolder();
    const server = await startCallercard(['serve'], { cwd, env: WITHOUT_AUDIT });
    t.after(() => server.kill('SIGKILL'));
    const ask = (password?: string) => send(server.url, targetOf(7, password));
    assert.equal((await ask()).status, 200);
    limitFiles(server.pid, 1);
    for (let tries = 0; tries < MAX_FAILURES + 2; tries += 1) {
      const { status, text, headers } = await ask('wrong password');
      assert.deepEqual([status, headers['retry-after']], [503, '1'], text);
      assert.doesNotMatch(text, /Name 7|lead_info/);
    }
    const known = await ask();
    assert.equal(known.status, 200);
    assert.match(known.text, /"lead_id":7,.*"first_name":"Name 7"/);
    assert.equal((await send(server.url, '/healthz')).status, 200);

    limitFiles(server.pid, 'unlimited');
    let refused = await ask('wrong password');
    await until('it counts again', async () => {
      refused = await ask('wrong password');
      return refused.status !== 503;
    });
    assert.match(refused.text, /Invalid|incorrect|denied|password/i);
    assert.equal((await ask()).status, 200, 'what could not be counted locks nobody');
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended(), { code: 0, signal: null });
    const database = new DatabaseSync(join(cwd, 'data', 'callercard.db'));
    t.after(() => database.close());
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  });

  it('64: is not ready, and ready again by itself, where files may not grow', async (t) => {
    const cwd = await createFilledFolder();
    const server = await startCallercard(['serve'], { cwd, env: WITHOUT_AUDIT });
    t.after(() => server.kill('SIGKILL'));
    assert.equal((await send(server.url, targetOf(7))).status, 200);
    await assertReadiness(t, server, 'callercard.db', {
      fill: () => limitFiles(server.pid, 1),
      clear: () => limitFiles(server.pid, 'unlimited'),
    });
  });

  it('64: is not ready, and ready again by itself, on a full disk, with workers', async (t) => {
    const cwd = temporaryFolder();
    const disk = mountSmall(cwd, '2m');
    if (disk === undefined) {
      t.skip('this user may not mount');
      return;
    }
    t.after(() => disk.unmount());
    cpSync(await createFilledFolder(), cwd, { recursive: true });
    const env = { ...WITHOUT_AUDIT, CALLERCARD_WORKERS: '2' };
    const server = await startCallercard(['serve'], { cwd, env });
    t.after(() => server.kill('SIGKILL'));
    const ballast = join(cwd, 'ballast');
    for (let round = 0; round < 2; round += 1) {
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1k']);
      await until('none is ready', async () => {
        const answers = await Promise.all(Array.from({ length: 8 }, () => send(server.url, '/readyz')));
        return answers.every(({ status }) => status === 503);
      });
      rmSync(ballast);
      await until('all are ready', async () => {
        const answers = await Promise.all(Array.from({ length: 8 }, () => send(server.url, '/readyz')));
        return answers.every(({ status }) => status === 200);
      });
    }
  });
});

describe('a server that lost the right to write its store', { timeout: 240_000 }, () => {
  const uid = process.getuid?.() === 0 ? NOBODY : undefined;
  const launcher = join(ROOT, 'bin', 'callercard');
  const user = uid === undefined ? {} : { uid, gid: uid };
  const mayRun = spawnSync(process.execPath, [launcher, '--version'], user).status === 0;
  const skip = !mayRun && `nobody may run ${launcher}`;

  it(
    '64: is not ready, and ready again by itself; it does not start without that right',
    { skip },
    async (t) => {
      const cwd = await createFilledFolder();
      const path = join(cwd, 'data', 'callercard.db');
      if (uid !== undefined) {
        for (const file of [
          cwd,
          join(cwd, 'data'),
          ...readdirSync(join(cwd, 'data')).map((name) => join(cwd, 'data', name)),
        ])
          chownSync(file, uid, uid);
      }
      const options = { cwd, env: WITHOUT_AUDIT, ...(uid === undefined ? {} : { uid }) };
      const server = await startCallercard(['serve'], options);
      t.after(() => server.kill('SIGKILL'));
      assert.equal((await send(server.url, targetOf(7))).status, 200);
      await assertReadiness(t, server, 'callercard.db', {
        fill: () => chmodSync(path, 0o400),
        clear: () => chmodSync(path, 0o600),
      });
      server.kill('SIGTERM');
      await server.ended();
      chmodSync(path, 0o400);
      await assert.rejects(
        startCallercard(['serve'], options),
        /callercard\.db cannot be written; give this user the right to read and write it/,
      );
    },
  );
});

describe(
  'a server beside a dialer whose state file has no room',
  { skip: mariadbSkip, timeout: 240_000 },
  () => {
    let dialer: MariadbServer;
    before(async () => {
      dialer = await startMariadb();
      await fillDistinctLeads(dialer);
    });
    after(() => dialer.stop());

    it('64: is not ready, and ready again by itself', { skip: skipWithoutFileLimit }, async (t) => {
      const { user, password } = READER;
      const env = {
        ...WITHOUT_AUDIT,
        CALLERCARD_DATABASE: `mariadb://${user}:${password}@${dialer.host}:${dialer.port}/asterisk`,
        CALLERCARD_STATE_FILE: 'state.db',
      };
      const server = await startCallercard(['serve'], { cwd: temporaryFolder(), env });
      t.after(() => server.kill('SIGKILL'));
      await until('it is ready', () => isAnswering(server.url, '/readyz'));
      assert.equal((await send(server.url, targetOf(7))).status, 200);
      await assertReadiness(t, server, 'state.db', {
        fill: () => limitFiles(server.pid, 1),
        clear: () => limitFiles(server.pid, 'unlimited'),
      });
    });
  },
);
