import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { startCallercard, type RunningServer } from '../support/command.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { send, temporaryFolder, type Answer } from '../support/test-app.ts';
import { faultsOf, filesOf, recordsOf } from './trail-desk.ts';

/** Promised: no lead data within 100 ms, and back within 5 s of the repair. */
const REFUSED_MS = 100;
const BACK_MS = 5_000;

const skip = skipWithout('prlimit', findProgram('prlimit') !== undefined, 'util-linux');

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
  for (let leadId = 1; leadId <= 20; leadId += 1) {
    const { status, text, headers, ms } =
      leadId === 1 ? (refused ?? assert.fail()) : await ask(server, leadId);
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
    assert.equal(text, '{"result":"error","message":"The service is not available"}');
    assert.ok(ms < REFUSED_MS, `${ms} ms`);
  }
  const missing = await send(server.url, targetOf(99_999));
  assert.equal(missing.status, 503, 'that nobody was found is told without a record');
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
    assert.equal(server.said().split(words).length, 2, `told once: ${words}`);
  assert.deepEqual(await faultsOf(audit), []);
}

describe('an audit for which there is no room', { timeout: 60_000 }, () => {
  it(
    '28: lets no answer out, in time, and comes back by itself, where files may not grow',
    { skip },
    async (t) => {
      const cwd = await createFilledFolder();
      const server = await startCallercard(['serve'], { cwd });
      t.after(() => server.kill('SIGKILL'));
      const audit = join(cwd, 'data', 'callercard-audit');
      const limitFiles = (bytes: string) => {
        const { status } = spawnSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:unlimited`]);
        assert.equal(status, 0);
      };
      await liveThrough(t, server, audit, {
        // In the middle of a record to come, so that a write is cut short.
        fill: () => limitFiles(String(statSync(join(audit, filesOf(audit)[0] ?? '')).size + 1_000)),
        clear: () => limitFiles('unlimited'),
      });
    },
  );

  it('28: and where the disk is full', async (t) => {
    const small = temporaryFolder();
    const mount = (...options: readonly string[]) =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', small]).status;
    if (mount('size=128k') !== 0) {
      t.skip('this user may not mount');
      return;
    }
    t.after(() => spawnSync('umount', ['-l', small]));
    const cwd = await createFilledFolder();
    const audit = join(small, 'audit');
    const server = await startCallercard(['serve', '--audit', audit], { cwd });
    t.after(() => server.kill('SIGKILL'));
    await liveThrough(t, server, audit, {
      fill: () => spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'ballast')}`, 'bs=1k']),
      clear: () => assert.equal(mount('remount', 'size=1m'), 0),
    });
  });
});
