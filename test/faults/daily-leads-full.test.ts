import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';

import { startCallercard, type RunningServer } from '../support/command.ts';
import { limitFiles, skipWithoutFileLimit } from '../support/file-limit.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { send, type Answer } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const FAILS = /the leads that users read cannot be counted/g;
const WORKS = /the leads that users read are counted again/g;

async function start(t: TestContext, ...args: readonly string[]) {
  const cwd = await createFilledFolder();
  const server = await startCallercard(['serve', ...args], { cwd, env: { CALLERCARD_AUDIT: 'off' } });
  t.after(() => server.kill('SIGKILL'));
  const read = (leadId: number) => send(server.url, targetOf(leadId));
  return { server, read, path: join(cwd, 'data', 'callercard.db') };
}

function timesSaid(server: RunningServer, words: RegExp): number {
  return (server.said().match(words) ?? []).length;
}

function assertRead(leadId: number, { status, text }: Answer): void {
  assert.equal(status, 200, text);
  assert.match(text, new RegExp(`"first_name":"Name ${leadId}"`));
}

describe(
  'a server that cannot count the leads of a day',
  { skip: skipWithoutFileLimit, timeout: 240_000 },
  () => {
    it('51: without a limit answers as ever, says so once, and counts again when there is room', async (t) => {
      const { server, read, path } = await start(t);
      assertRead(1, await read(1));
      await until('it is counted', () => countLeads(path) === 1);
      limitFiles(server.pid, 1);
      let leadId = 2;
      await until('it says so', async () => {
        assertRead(leadId, await read(leadId));
        leadId += leadId < 40 ? 1 : 0;
        return timesSaid(server, FAILS) > 0;
      });
      assertRead(41, await read(41));
      limitFiles(server.pid, 'unlimited');
      await until('it says so', async () => {
        assertRead(50, await read(50));
        return timesSaid(server, WORKS) > 0;
      });
      assert.deepEqual([timesSaid(server, FAILS), timesSaid(server, WORKS)], [1, 1]);
      server.kill('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      assert.ok(countLeads(path) >= 2);
    });

    it('51: with a limit answers only for leads that were read today, and for all when there is room', async (t) => {
      const { server, read, path } = await start(t, '--daily-leads', '3');
      assertRead(1, await read(1));
      limitFiles(server.pid, 1);
      for (const leadId of [2, 3]) {
        const { status, headers, text } = await read(leadId);
        assert.deepEqual([status, headers['retry-after']], [503, '1'], text);
        assert.doesNotMatch(text, /Name|lead_info/);
        assertRead(1, await read(1));
      }
      limitFiles(server.pid, 'unlimited');
      assertRead(2, await read(2));
      assertRead(3, await read(3));
      assert.equal((await read(4)).status, 429, 'what was refused took nothing');
      server.kill('SIGTERM');
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      assert.equal(countLeads(path), 3);
    });
  },
);

function countLeads(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  assert.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
  return Number(database.prepare('SELECT count(*) AS n FROM daily_leads').get()?.n);
}
