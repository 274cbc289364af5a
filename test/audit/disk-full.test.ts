import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { startCallercard, type RunningServer } from '../support/command.ts';
import { limitFiles, mountSmall, skipWithoutFileLimit } from '../support/file-limit.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { mariadbSkip, startMariadb, type MariadbServer } from '../support/mariadb-server.ts';
import { isAnswering, send, temporaryFolder, type Answer } from '../support/test-app.ts';
import { READER } from '../stores/vicidial/dialer-fixture.ts';
import { fillDistinctLeads } from '../support/distinct-leads.ts';
import { until } from '../support/until.ts';
import { faultsOf, filesOf, recordsOf } from './audit-fixture.ts';

/** Promised: no lead data within 100 ms, and back within 5 s of the repair. */
const REFUSED_MS = 100;
const BACK_MS = 5_000;

interface Asked extends Answer {
  readonly ms: number;
}

async function ask(server: RunningServer, leadId: number): Promise<Asked> {
  const began = performance.now();
  const answer = await send(server.url, targetOf(leadId));
  return { ...answer, ms: performance.now() - began };
}

/** The disk gets full, and has room again; in between every answer is refused in time. */
async function liveThrough(
  t: TestContext,
  server: RunningServer,
  audit: string,
  disk: { readonly fill: () => void; readonly clear: () => void },
): Promise<void> {
  for (let leadId = 1; leadId <= 20; leadId += 1) assert.equal((await ask(server, leadId)).status, 200);
  disk.fill();
  let refused: Asked | undefined;
  for (let tries = 0; refused === undefined && tries < 500; tries += 1) {
    const answer = await ask(server, 1);
    if (answer.status !== 200) refused = answer;
  }
  const took: number[] = [];
  for (let leadId = 1; leadId <= 20; leadId += 1) {
    const { status, text, headers, ms } =
      leadId === 1 ? (refused ?? assert.fail()) : await ask(server, leadId);
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
    assert.equal(text, '{"result":"error","message":"The service is not available"}');
    took.push(ms);
  }
  // The one in the middle: any of them may have had to wait for others on this machine.
  const middle = took.sort((one, other) => one - other)[took.length / 2] ?? NaN;
  assert.ok(middle < REFUSED_MS, `${took.join(', ')} ms`);
  const missing = await send(server.url, targetOf(99_999));
  assert.equal(missing.status, 503, 'a not-found answer left without a record');
  assert.equal((await send(server.url, '/readyz')).status, 503);
  assert.equal((await send(server.url, '/healthz')).status, 200);
  disk.clear();
  const began = performance.now();
  while ((await send(server.url, '/readyz')).status !== 200) {
    assert.ok(performance.now() - began < BACK_MS, 'not back in time');
    await pause(20);
  }
  t.diagnostic(
    `refused after ${refused?.ms.toFixed(1)} ms, back after ${Math.round(performance.now() - began)} ms`,
  );
  assert.equal((await ask(server, 2)).status, 200);
  const unrecorded = recordsOf(audit, 'unrecorded').reduce((sum, { count }) => sum + Number(count), 0);
  assert.equal(unrecorded, 21, 'each refused lookup is counted');
  server.kill('SIGTERM');
  assert.deepEqual(await server.ended(), { code: 0, signal: null });
  for (const words of ['the audit cannot be written in', 'the audit can be written again in'])
    assert.equal(server.said().split(words).length, 2, `logged once: ${words}`);
  assert.deepEqual(await faultsOf(audit), []);
}

/** Files of the server may not grow beyond the middle of a record to come, so that a write is cut short. */
function liveThroughLimit(t: TestContext, server: RunningServer, audit: string): Promise<void> {
  return liveThrough(t, server, audit, {
    fill: () => limitFiles(server.pid, statSync(join(audit, filesOf(audit)[0] ?? '')).size + 1_000),
    clear: () => limitFiles(server.pid, 'unlimited'),
  });
}

describe('an audit without disk space', { timeout: 240_000 }, () => {
  it(
    '28: answers 503 in time and recovers by itself, with a limit on file size',
    { skip: skipWithoutFileLimit },
    async (t) => {
      const cwd = await createFilledFolder();
      const server = await startCallercard(['serve'], { cwd });
      t.after(() => server.kill('SIGKILL'));
      await liveThroughLimit(t, server, join(cwd, 'data', 'callercard-audit'));
    },
  );

  it(
    '28: answers 503 in time and recovers by itself, when records are synced',
    { skip: skipWithoutFileLimit },
    async (t) => {
      const cwd = await createFilledFolder();
      const env = { CALLERCARD_AUDIT_DURABILITY: 'synced' };
      const server = await startCallercard(['serve'], { cwd, env });
      t.after(() => server.kill('SIGKILL'));
      await liveThroughLimit(t, server, join(cwd, 'data', 'callercard-audit'));
    },
  );

  it('28, 42: answers 503 in time and recovers by itself, on a full disk', async (t) => {
    const small = temporaryFolder();
    const disk = mountSmall(small, '128k');
    if (disk === undefined) {
      t.skip('this user may not mount');
      return;
    }
    t.after(() => disk.unmount());
    const cwd = await createFilledFolder();
    const audit = join(small, 'audit');
    const server = await startCallercard(['serve', '--audit', audit], { cwd });
    t.after(() => server.kill('SIGKILL'));
    await liveThrough(t, server, audit, {
      fill: () => spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'ballast')}`, 'bs=1k']),
      clear: () => disk.remount('size=1m'),
    });
  });
});

describe('an audit beside a dialer, without disk space', { skip: mariadbSkip, timeout: 240_000 }, () => {
  let dialer: MariadbServer;
  before(async () => {
    dialer = await startMariadb();
    await fillDistinctLeads(dialer);
  });
  after(() => dialer.stop());

  it('28: answers 503 in time and recovers by itself', { skip: skipWithoutFileLimit }, async (t) => {
    const cwd = temporaryFolder();
    const { user, password } = READER;
    const database = `mariadb://${user}:${password}@${dialer.host}:${dialer.port}/asterisk`;
    const server = await startCallercard(['serve'], { cwd, env: { CALLERCARD_DATABASE: database } });
    t.after(() => server.kill('SIGKILL'));
    await until('ready again', () => isAnswering(server.url, '/readyz'));
    const [audit = ''] = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('-audit'),
    );
    await liveThroughLimit(t, server, join(cwd, audit));
  });
});
