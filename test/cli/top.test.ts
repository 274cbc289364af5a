import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { compareScrapes } from '../../src/cli/top/compare-scrapes.ts';
import { draw } from '../../src/cli/top/draw.ts';
import { createScreen } from '../../src/cli/top.ts';
import type { Terminal } from '../../src/process/terminal.ts';
import { readExposition } from '../../src/observe/exposition.ts';
import {
  plainEnvironment,
  ROOT,
  runCallercard,
  startCallercard,
  stopServer,
  type RunningServer,
} from '../support/command.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { send } from '../support/test-app.ts';

/** So many lookups as text, of which half took less than 1 ms and the other half less than 2. */
function textOf(found: number, wrong = 0, domain = 'default'): string {
  const of = `domain="${domain}",endpoint="goapi"`;
  const bucket = (le: string, count: number) =>
    `callercard_lookup_duration_seconds_bucket{${of},outcome="answered",le="${le}"} ${count}`;
  return [
    '# TYPE callercard_lookups_total counter',
    `callercard_lookups_total{${of},key="lead_id",result="found"} ${found}`,
    `callercard_lookups_total{${of},key="none",result="credentials_invalid"} ${wrong}`,
    bucket('0.001', found / 2),
    bucket('0.002', found),
    bucket('+Inf', found),
    'process_cpu_seconds_total 1',
    'callercard_workers{state="answering"} 2',
    'callercard_workers{state="silent"} 1',
  ].join('\n');
}

const scrapeOf = (at: number, ...texts: readonly string[]) => ({
  at,
  samples: texts.flatMap((text) => readExposition(text)),
});

describe('what top shows', () => {
  const before = scrapeOf(0, textOf(100, 5), textOf(0, 0, 'acme'));
  const after = scrapeOf(2_000, textOf(500, 15), textOf(40, 0, 'acme'));
  const view = compareScrapes(before, after);

  it('is what came in between, a second, with times from the buckets', () => {
    assert.equal(view.total.lookups, 225);
    assert.equal(view.total.found, 220);
    assert.deepEqual(view.total.refused, { credentials_invalid: 5 });
    assert.deepEqual(view.total.failed, {});
    assert.equal(view.total.p50?.toFixed(3), '1.000');
    assert.equal(view.total.p99?.toFixed(3), '1.980');
    assert.deepEqual(
      view.endpoints.map(({ domain, lookups }) => [domain, lookups]),
      [
        ['default', 205],
        ['acme', 20],
      ],
    );
  });

  it('is never less than nothing where a server began anew, and no time where nobody was answered', () => {
    const again = compareScrapes(after, scrapeOf(3_000, textOf(10)));
    assert.equal(again.total.found, 10);
    const still = compareScrapes(after, { ...after, at: 3_000 });
    assert.deepEqual([still.total.lookups, still.total.p50], [0, null]);
  });

  it('fits into 80 columns and the rows there are, and says what needs attention', () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      textOf(at * 1_000_000, 10 ** 9, `domain-with-a-long-name-${at}`),
    );
    const wide = compareScrapes(before, scrapeOf(1_000, ...many));
    const lines = draw('http://127.0.0.1:8080', wide, { columns: 80, rows: 24 });
    assert.ok(lines.length <= 23, String(lines.length));
    for (const line of lines) assert.ok(line.length <= 80, line);
    assert.match(lines.at(-1) ?? '', /and \d+ more/);
    const text = draw('http://127.0.0.1:8080', view, { columns: 80, rows: 24 }).join('\n');
    assert.match(text, /lookups +225\/s +p50 1\.0 ms +p99 2\.0 ms/);
    assert.match(text, /refused +credentials invalid 5\.0\/s/);
    assert.match(text, /attention +\d+ workers silent/);
    assert.match(text, /^default +goapi +205 /m);
  });

  it('gives the terminal back as it was', () => {
    let written = '';
    const stdout = {
      isTTY: true,
      write: (text: string) => (written += text) !== '',
    } as unknown as Terminal['stdout'];
    const screen = createScreen({ stdout });
    screen.leave();
    assert.equal(written, '', 'nothing was shown');
    void screen.show(['one']);
    screen.leave();
    screen.leave();
    assert.ok(written.startsWith('\u001b[?1049h\u001b[?25l') && written.endsWith('\u001b[?25h\u001b[?1049l'));
    assert.equal(written.split('\u001b[?1049l').length, 2);
  });
});

const TOKEN = 'planted-secret-of-the-metrics';

describe('callercard top', { timeout: 240_000 }, () => {
  const env = { CALLERCARD_METRICS_TOKEN: TOKEN };
  let cwd: string;
  let server: RunningServer;
  before(async () => {
    cwd = await createFilledFolder();
    writeFileSync(join(cwd, 'token'), `${TOKEN}\n`);
    // The server and top find the token in different places.
    server = await startCallercard(['serve', '--log-level', 'error', '--metrics-token-file', 'token'], {
      cwd,
    });
  });
  after(() => stopServer(server));

  it('shows one view with --once, without control characters where there is no terminal', async () => {
    const running = runCallercard(['top', '--once', '--every', '1.5', '--url', server.url], { cwd, env });
    const asking = (async () => {
      for (let turn = 0; turn < 40; turn += 1) {
        await send(server.url, targetOf(1));
        await pause(50);
      }
    })();
    const { code, stdout, stderr } = await running;
    await asking;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^callercard top +http:\/\/127\.0\.0\.1:\d+ +1 answering/);
    assert.match(stdout, /^default +goapi +\d/m);
    assert.doesNotMatch(stdout, /\p{Cc}(?<!\n)/u);
  });

  it('writes JSON for programs, and finds the server of its settings', async () => {
    const { port } = new URL(server.url);
    const { code, stdout } = await runCallercard(
      ['top', '--once', '--json', '--every', '0.2', '--port', port],
      { cwd, env },
    );
    assert.equal(code, 0);
    const view = JSON.parse(stdout) as { url: string; total: { lookups: number }; endpoints: unknown[] };
    assert.equal(view.url, server.url);
    assert.equal(view.total.lookups, 0);
    assert.equal(view.endpoints.length, 1);
  });

  it('goes on until Ctrl-C, which is no failure', async () => {
    const command = [join(ROOT, 'bin', 'callercard'), 'top', '--every', '0.1', '--json', '--url', server.url];
    const child = spawn(process.execPath, command, {
      cwd,
      env: plainEnvironment(env),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let lines = 0;
    child.stdout.on('data', () => {
      lines += 1;
      if (lines === 3) child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0);
    assert.ok(lines >= 3);
  });

  it('61: reads nothing without the token of the server, and says which setting lacks', async () => {
    for (const wrong of [{}, { CALLERCARD_METRICS_TOKEN: 'another-planted-secret' }]) {
      const { code, stdout, stderr } = await runCallercard(['top', '--once', '--url', server.url], {
        cwd,
        env: wrong,
      });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^callercard: .+ only with its token; run this with the same metricsToken/);
    }
  });

  it('says in one line why there is nothing to see', async () => {
    const silent = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const gone = await runCallercard(['top', '--once', '--url', `http://127.0.0.1:${port}`], { cwd });
    silent.close();
    assert.equal(gone.code, 1);
    assert.match(
      gone.stderr,
      /^callercard: nobody answers at http:\/\/127\.0\.0\.1:\d+ \(\w+\); is the server running\?\n$/,
    );
    const closed = await startCallercard(['serve', '--metrics', 'off'], { cwd: await createFilledFolder() });
    const hidden = await runCallercard(['top', '--once', '--url', closed.url], { cwd, env });
    await stopServer(closed);
    assert.equal(hidden.code, 1);
    assert.match(
      hidden.stderr,
      /^callercard: .+ does not serve its metrics to this machine; see the settings "metrics" and "metricsToken"/,
    );
    for (const wrong of [
      ['--url', 'nowhere'],
      ['--every', '0'],
      ['--every', 'often'],
      ['--port', '0'],
    ]) {
      const { code, stderr } = await runCallercard(['top', '--once', ...wrong], { cwd });
      assert.equal(code, 2, `${wrong.join(' ')}: ${stderr}`);
    }
  });
});
