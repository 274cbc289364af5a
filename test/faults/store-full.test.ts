import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { startCallercard } from '../support/command.ts';
import { limitFiles, skipWithoutFileLimit } from '../support/file-limit.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { send } from '../support/test-app.ts';
import { until } from '../support/until.ts';

describe('a server whose store has no room', { skip: skipWithoutFileLimit, timeout: 60_000 }, () => {
  it('42: answers who is known, tries no password that it cannot count, and counts again when there is room', async (t) => {
    const cwd = await createFilledFolder();
    const server = await startCallercard(['serve'], { cwd, env: { CALLERCARD_AUDIT: 'off' } });
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
});
