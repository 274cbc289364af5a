import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { MAX_FAILURES } from '../../src/auth/lockout.ts';
import { runCallercard, startCallercard, type RunningServer } from '../support/command.ts';
import { findServerPort } from '../support/server-port.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { freezeProcess } from '../support/freeze-process.ts';
import { childrenOf, processTreeSkip, untilGone } from '../support/process-tree.ts';
import { isAnswering, send, temporaryFolder } from '../support/test-app.ts';
import { untilSaid } from '../support/until.ts';
import { assertRefused } from '../cli/customers.ts';

let cwd: string;
before(async () => {
  cwd = await createFilledFolder();
});

async function start(t: TestContext, args: readonly string[], folder = cwd): Promise<RunningServer> {
  const server = await startCallercard(['serve', ...args], { cwd: folder });
  t.after(async () => {
    server.kill('SIGTERM');
    await server.ended();
  });
  return server;
}

describe('several workers', { skip: processTreeSkip, timeout: 240_000 }, () => {
  it('say once where they answer, and each of them answers there', async (t) => {
    const server = await start(t, ['--workers', '3', '--log-level', 'warn']);
    assert.match(
      server.said(),
      /^callercard answers at http:\/\/127\.0\.0\.1:\d+ \(database: sqlite:data\/callercard\.db, 3 workers\)\n$/,
    );
    assert.equal(childrenOf(server.pid).length, 3);
    for (let at = 0; at < 6; at += 1) {
      assert.equal((await send(server.url, '/healthz')).status, 200);
      assert.equal((await send(server.url, '/readyz')).status, 200);
      assert.equal((await send(server.url, targetOf(at + 1))).status, 200);
    }
  });

  it('are as many as there are cores with "auto"; a demo has none, nor has one that is alone', async (t) => {
    if (availableParallelism() > 1) {
      const server = await start(t, ['--workers', 'auto']);
      assert.match(server.said(), new RegExp(`, ${availableParallelism()} workers\\)`));
    }
    const alone = await start(t, []);
    assert.deepEqual(childrenOf(alone.pid), []);
    assert.doesNotMatch(alone.said(), /worker/);
    const demo = await startCallercard(['demo'], {
      cwd: temporaryFolder(),
      env: { CALLERCARD_WORKERS: '2' },
    });
    assert.deepEqual(childrenOf(demo.pid), []);
    demo.kill('SIGTERM');
    assert.equal((await demo.ended()).code, 0);
  });

  it('end with code 0 on SIGTERM and SIGINT, and leave no process', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await startCallercard(['serve', '--workers', '2'], { cwd });
      const workers = childrenOf(server.pid);
      server.kill(signal);
      assert.deepEqual(await server.ended(), { code: 0, signal: null });
      assert.equal(server.said().split(`callercard: ${signal}`).length, 2, 'said once');
      await untilGone(workers);
      assert.equal(await isAnswering(server.url, '/healthz'), false);
    }
  });

  it('39: end at once on a second signal', async () => {
    const server = await startCallercard(['serve', '--workers', '2'], { cwd });
    const workers = childrenOf(server.pid);
    // Stopped workers cannot end in order.
    for (const pid of workers) freezeProcess(pid);
    server.kill('SIGTERM');
    await untilSaid(server, /SIGTERM/);
    // Sooner it would count as the same press.
    await pause(150);
    const second = performance.now();
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended(), { code: 130, signal: null });
    assert.ok(performance.now() - second < 3_000);
    await untilGone(workers);
  });

  it('do not outlive the one that started them, even when that is killed', async () => {
    const server = await startCallercard(['serve', '--workers', '2'], { cwd });
    const workers = childrenOf(server.pid);
    server.kill('SIGKILL');
    await server.ended();
    await untilGone(workers);
  });

  it('are replaced at the same port, also when all end, and later when they end again at once', async (t) => {
    const port = await findServerPort();
    const server = await start(t, ['--workers', '2', '--port', String(port)]);
    for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGKILL');
    await untilSaid(server, /worker \d \(process \d+\) answers at /, 2);
    assert.equal((await send(server.url, targetOf(1))).status, 200);
    const [again = 0] = childrenOf(server.pid);
    process.kill(again, 'SIGKILL');
    const said = await untilSaid(server, /was ended by SIGKILL; another one starts in 1 s$/);
    assert.equal(said.split('another one starts now').length, 3);
    assert.ok(childrenOf(server.pid).length < 2, 'it was replaced before its pause was over');
    const all = await untilSaid(server, /answers at /, 4);
    assert.equal(all.split(`answers at ${server.url}`).length, 5, all);
    assert.equal(childrenOf(server.pid).length, 2);
    assert.equal((await send(server.url, '/healthz')).status, 200);
  });

  it('share the count of failed logins', async (t) => {
    const folder = await createFilledFolder();
    const server = await start(t, ['--workers', '2'], folder);
    for (let attempt = 0; attempt < MAX_FAILURES; attempt += 1) {
      await send(server.url, targetOf(1, `wrong ${attempt}`));
    }
    for (let at = 0; at < 4; at += 1) {
      assert.doesNotMatch((await send(server.url, targetOf(1))).text, /"success"/);
    }
  });

  it('let a user have the rate of one, however many there are', async (t) => {
    const server = await start(t, ['--workers', '2', '--rate-limit', '4']);
    const statuses: number[] = [];
    for (let at = 0; at < 40; at += 1) statuses.push((await send(server.url, targetOf(1))).status);
    const granted = statuses.filter((status) => status === 200).length;
    // The burst of 8, and what comes back while the test asks.
    assert.ok(granted >= 8 && granted < 30, `${granted} granted`);
    assert.ok(statuses.includes(429));
  });
});

describe('workers that cannot serve', () => {
  it('say once that the port is taken, with code 1, and leave no process', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address() as AddressInfo;
      const ran = await runCallercard(['serve', '--workers', '3'], { cwd, env: { PORT: String(port) } });
      assertRefused(ran, 1, new RegExp(`^callercard: port ${port} on 127\\.0\\.0\\.1 is taken.+--port`));
    } finally {
      other.close();
    }
  });

  it('say once that the store is not there, and that the address is none of this machine', async () => {
    const folder = temporaryFolder();
    assertRefused(
      await runCallercard(['serve', '--workers', '3'], { cwd: folder }),
      1,
      /data\/callercard\.db/,
    );
    const ran = await runCallercard(['serve', '--workers', '3', '--host', '192.0.2.1'], { cwd });
    assertRefused(ran, 1, /192\.0\.2\.1 is no address of this machine/);
  });

  it('say what is wrong with their number', async () => {
    for (const number of ['0', '65', 'many', '']) {
      const ran = await runCallercard(['serve', '--workers', number], { cwd });
      assertRefused(
        ran,
        2,
        /^callercard: workers \(flag --workers\) must be a whole number from 1 to 64, or auto$/m,
      );
    }
  });
});

describe('SIGHUP with several workers', { skip: processTreeSkip, timeout: 240_000 }, () => {
  it('gives all of them the same settings, and those that start later as well', async (t) => {
    const folder = await createFilledFolder();
    const write = (settings: object) =>
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ workers: 2, ...settings }));
    write({ rateLimit: 100_000 });
    const server = await start(t, ['--config', 'config.json'], folder);
    const origin = 'https://crm.example.com';
    const allowed = async () => {
      const headers = await Promise.all(
        Array.from({ length: 6 }, () => send(server.url, targetOf(1), { headers: { origin } })),
      );
      return new Set(headers.map(({ headers: of }) => of['access-control-allow-origin']));
    };
    assert.deepEqual(await allowed(), new Set([undefined]));

    write({ rateLimit: 100_000, corsOrigins: [origin], workers: 3, logLevel: 'debug' });
    server.kill('SIGHUP');
    await untilSaid(server, /SIGHUP: read the settings again: changed default$/);
    const said = await untilSaid(server, /SIGHUP: workers, logLevel will count at the next start$/);
    assert.doesNotMatch(said, /cannot take/);
    assert.deepEqual(await allowed(), new Set([origin]));

    process.kill(childrenOf(server.pid)[0] ?? 0, 'SIGKILL');
    await untilSaid(server, /worker 1 \(process \d+\) answers at /);
    assert.deepEqual(await allowed(), new Set([origin]));
    assert.equal(childrenOf(server.pid).length, 2);
  });

  it('says so when a worker refuses them, and all keep the former ones', async (t) => {
    const folder = await createFilledFolder();
    const write = (settings: object) =>
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ workers: 2, ...settings }));
    write({});
    const server = await start(t, ['--config', 'config.json'], folder);
    write({ database: 'sqlite:nowhere.db' });
    server.kill('SIGHUP');
    await untilSaid(server, /nowhere\.db/);
    await untilSaid(server, /SIGHUP: the settings cannot be used, so those from before go on$/);
    appendFileSync(join(folder, 'config.json'), 'broken');
    server.kill('SIGHUP');
    await untilSaid(server, /the config file config\.json is no JSON/);
    const said = await untilSaid(server, /those from before go on$/, 2);
    assert.doesNotMatch(said, /another one starts/);
    for (let at = 0; at < 4; at += 1) {
      assert.equal((await send(server.url, targetOf(at + 1))).status, 200);
    }
  });
});
