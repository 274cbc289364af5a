import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';

import { createLog, LOG_LIMITS } from '../../src/observe/log.ts';
import { parseExposition, sumOf, type Exposed } from './exposition-parser.ts';
import { plainEnvironment, ROOT } from '../support/command.ts';
import { findFreePort } from '../support/free-port.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { freezeProcess } from '../support/freeze-process.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { isAnswering, send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const DROPPED = 'callercard_log_lines_dropped_total';
const WAITING = 'callercard_log_buffered_bytes';
const MIB = 1024 * 1024;

const pipeSkip = skipWithout('mkfifo', findProgram('mkfifo') !== undefined, 'coreutils');

/** /dev/full refuses every byte as a full disk does. */
const fullDiskSkip = skipWithout('/dev/full (Linux)', process.platform === 'linux', 'linux-image-amd64');

async function scrape(url: string): Promise<ReadonlyMap<string, Exposed>> {
  return parseExposition((await send(url, '/metrics')).text);
}

describe('a log', () => {
  it('63: is ASCII, on one line each, whatever its fields hold', async () => {
    const path = join(temporaryFolder(), 'log');
    const file = openSync(path, 'w');
    const log = createLog('info', file, { writeEveryMs: 1 });
    const user = 'Ñandú\u001b[31m\u009b31m\u007f\u2028\u202e\r\n{"level":60}';
    log.warn({ user, err: new Error(user) }, user);
    await until('it is written', () => readFileSync(path, 'latin1').endsWith('\n'));
    closeSync(file);
    const line = readFileSync(path, 'latin1');
    assert.match(line, /^[ -~]+\n$/);
    const { user: read, msg } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    assert.deepEqual([read, msg], [user, user]);
  });

  it(
    '28: keeps its limit while nobody reads, counts and reports drops once, and recovers with whole lines',
    { skip: pipeSkip },
    async (t) => {
      const { log, reader } = await createPipe(t, { bufferedBytes: 256 * 1024 });
      for (let line = 0; line < 5_000; line += 1) log.info({ line, ballast: 'x'.repeat(200) }, 'before');
      const { droppedLines, bufferedBytes } = log.lines;
      assert.ok(droppedLines > 1_000 && droppedLines < 5_000, String(droppedLines));
      assert.ok(bufferedBytes > 200 * 1024 && bufferedBytes <= 256 * 1024, String(bufferedBytes));
      const lines: Record<string, unknown>[] = [];
      createInterface({ input: reader.stdout }).on('line', (line) => {
        lines.push(JSON.parse(line) as Record<string, unknown>);
      });
      reader.kill('SIGCONT');
      await until('the drops are told', () => lines.some(({ lines: lost }) => lost !== undefined));
      log.info('after');
      await until('what comes after', () => lines.at(-1)?.msg === 'after');
      const reports = lines.filter(({ lines: lost }) => lost !== undefined);
      assert.deepEqual(
        reports.map(({ level, msg, lines: lost }) => ({ level, msg, lost })),
        [{ level: 40, msg: 'log lines were dropped because nobody read them', lost: droppedLines }],
      );
      assert.equal(lines.length, 5_000 - droppedLines + 2, 'what was kept came, each line once');
      assert.equal(log.lines.bufferedBytes, 0);
    },
  );

  it('28: buffers at most 16 MiB, however much is written', { skip: pipeSkip }, async (t) => {
    assert.equal(LOG_LIMITS.bufferedBytes, 16 * MIB);
    const { log } = await createPipe(t, {});
    const line = `${JSON.stringify({ ballast: 'x'.repeat(1_000) })}\n`;
    const before = process.memoryUsage().rss;
    for (let bytes = 0; bytes < 400 * MIB; bytes += line.length) log.writeLine(line);
    const grown = (process.memoryUsage().rss - before) / MIB;
    t.diagnostic(`400 MiB of lines, ${grown.toFixed(0)} MiB more memory`);
    assert.ok(grown < 100, `${grown.toFixed(0)} MiB more`);
    assert.ok(log.lines.bufferedBytes <= 16 * MIB && log.lines.bufferedBytes > 15 * MIB);
    assert.ok(log.lines.droppedLines > 300_000);
  });

  it('42: buffers while the disk is full, and throws nothing', { skip: fullDiskSkip }, () => {
    const full = openSync('/dev/full', 'w');
    const log = createLog('info', full, { faultRetryMs: 10, writeEveryMs: 1 });
    for (let line = 0; line < 100; line += 1) log.info({ line }, 'kept');
    for (let tries = 0; tries < 3; tries += 1) log.flush();
    assert.equal(log.lines.droppedLines, 0);
    assert.ok(log.lines.bufferedBytes > 1_000);
    closeSync(full);
  });

  it('writes whole lines in order into a file, whatever characters they hold', () => {
    const path = join(temporaryFolder(), 'log');
    const file = openSync(path, 'w');
    const log = createLog('info', file);
    for (let line = 0; line < 1_000; line += 1) log.info({ line, text: 'ñ😀\u2028\n' }, 'one');
    log.flush();
    closeSync(file);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { line: number }).line),
      Array.from({ length: 1_000 }, (_, line) => line),
    );
  });
});

describe('a server whose log nobody reads', { timeout: 90_000 }, () => {
  it('28: keeps answering, exposes the buffered bytes, and exits cleanly at once', async (t) => {
    const cwd = await createFilledFolder();
    const port = await findFreePort();
    const url = `http://127.0.0.1:${port}`;
    const server = spawn(
      process.execPath,
      [
        join(ROOT, 'bin', 'callercard'),
        'serve',
        '--port',
        String(port),
        '--rate-limit',
        '100000',
        '--metrics',
        '127.0.0.1',
      ],
      // Nothing of it is read before the end.
      { cwd, env: plainEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] },
    );
    t.after(() => server.kill('SIGKILL'));
    const closed = once(server, 'close') as Promise<[number | null]>;
    await until('an answer', () => isAnswering(url, '/healthz'));
    let asked = 0;
    for (; ; asked += 200) {
      await Promise.all(Array.from({ length: 200 }, (_, at) => askOnce(url, targetOf((at % 50) + 1))));
      if (sumOf(await scrape(url), WAITING) > 300_000) break;
      assert.ok(asked < 50_000, 'the log is read by somebody');
    }
    assert.equal((await send(url, targetOf(1))).status, 200);
    assert.equal(sumOf(await scrape(url), DROPPED), 0);
    const end = performance.now();
    server.kill('SIGTERM');
    await once(server, 'exit');
    assert.ok(performance.now() - end < 9_000, 'it waited for the reader of its log');
    let log = '';
    server.stderr.setEncoding('utf8').on('data', (piece: string) => (log += piece));
    assert.equal((await closed)[0], 0);
    const whole = log.split('\n').slice(0, -1);
    assert.ok(whole.filter((line) => line.startsWith('{')).length > 100, 'what the pipe held is there');
  });
});

async function askOnce(url: string, target: string): Promise<void> {
  assert.equal((await send(url, target)).status, 200);
}

/** A log that writes into a pipe, whose reader stands still. */
async function createPipe(t: TestContext, limits: Parameters<typeof createLog>[2]) {
  const path = join(temporaryFolder(), 'pipe');
  await once(spawn('mkfifo', [path]), 'exit');
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => reader.kill('SIGKILL'));
  const writing = openSync(path, 'w');
  t.after(() => closeSync(writing));
  freezeProcess(Number(reader.pid));
  return { log: createLog('info', writing, limits), reader };
}
