import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { createCardClient } from '../endpoints/card/card-fixture.ts';
import { PASSWORD } from '../service/lookup-fixture.ts';
import { bearer } from '../support/authorization.ts';
import { runCallercard, startCallercard, type RunningServer } from '../support/command.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { findFreePort } from '../support/free-port.ts';
import { runSql } from '../support/run-sql.ts';
import { send } from '../support/test-app.ts';

const HOUR_MS = 3_600_000;

/** A real server whose wall clock is moved by what is in a file. */
async function startMovedServers(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const cwd = await createFilledFolder();
  const [moved, preload] = [join(cwd, 'moved.txt'), join(cwd, 'moved.mjs')];
  writeFileSync(
    preload,
    `import { readFileSync } from 'node:fs';
     const now = Date.now;
     Date.now = () => now() + Number(readFileSync(${JSON.stringify(moved)}, 'utf8'));`,
  );
  const move = (milliseconds: number) => writeFileSync(moved, String(milliseconds));
  move(0);
  const port = await findFreePort();
  const path = join(cwd, 'data', 'callercard.db');
  let server: RunningServer | undefined;
  t.after(() => server?.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  return {
    cwd,
    path,
    url,
    move,
    async start() {
      const options = { NODE_OPTIONS: `--import=${preload}`, PORT: String(port), ...env };
      server = await startCallercard(['serve'], { cwd, env: options });
    },
    async kill() {
      server?.kill('SIGKILL');
      await server?.ended();
    },
    isLocked: async (user: string) => {
      const target = targetOf(1).replace('goUser=crm', `goUser=${user}`);
      return (await send(url, target)).text.includes('Too many login attempts');
    },
    async lock(user: string) {
      for (let tries = 0; tries < MAX_FAILURES; tries += 1)
        await send(url, targetOf(1, `wrong ${tries}`).replace('goUser=crm', `goUser=${user}`));
    },
  };
}

describe('a real server and its clock', { timeout: 240_000 }, () => {
  it('62: restarted with a clock an hour ahead or behind, opens no lock, ends no session, and revives no token', async (t) => {
    const machine = await startMovedServers(t);
    const { code, stdout, stderr } = await runCallercard(['token', 'create', 'crm'], { cwd: machine.cwd });
    assert.equal(code, 0, stderr);
    const setEnd = (inMs: number) =>
      runSql(machine.path, `UPDATE tokens SET expires_at = ${Date.now() + inMs}`);
    const hasToken = async () =>
      (await send(machine.url, '/v1/leads/1', { headers: bearer(stdout.trim()) })).status === 200;
    await machine.start();
    setEnd(HOUR_MS / 2);
    const client = createCardClient(machine.url);
    await client.signIn('crm', PASSWORD);
    const hasSession = async () => (await client.get('/card?lead=1')).text.includes('Name 1');
    const judge = async () => ({
      locked: await machine.isLocked('somebody'),
      session: await hasSession(),
      token: await hasToken(),
    });
    await machine.lock('somebody');
    assert.deepEqual(await judge(), { locked: true, session: true, token: true });

    for (const [moved, token] of [
      [HOUR_MS, false],
      [-HOUR_MS, true],
    ] as const) {
      await machine.kill();
      machine.move(moved);
      await machine.start();
      assert.deepEqual(await judge(), { locked: true, session: true, token });
    }

    // As if the machine had been started anew, with a clock ahead; and then with one behind.
    for (const moved of [HOUR_MS, -HOUR_MS]) {
      await machine.kill();
      runSql(
        machine.path,
        "UPDATE meta SET value = json_set(value, '$.boot', 'another') WHERE name = 'clock'",
      );
      machine.move(moved);
      await machine.start();
      assert.deepEqual(await judge(), { locked: true, session: true, token: false });
    }
    await machine.kill();
  });

  it('43: an hour ahead, a lock stays for workers that have not seen it', async (t) => {
    const machine = await startMovedServers(t, { CALLERCARD_WORKERS: '2' });
    await machine.start();
    await machine.lock('somebody');
    for (const moved of [HOUR_MS, -HOUR_MS]) {
      machine.move(moved);
      // Each connection may come to another worker.
      for (let tries = 0; tries < 20; tries += 1) assert.equal(await machine.isLocked('somebody'), true);
    }
    await machine.kill();
  });
});
