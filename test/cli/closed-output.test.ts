import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, describe, it } from 'node:test';

import { EXIT } from '../../src/process/exit-code.ts';
import { plainEnvironment, ROOT, runCallercard } from '../support/command.ts';
import { createFilledFolder, targetOf } from '../support/filled-folder.ts';
import { readPage } from '../support/markdown.ts';
import { skipWithout } from '../support/programs.ts';
import { send } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const COMMAND = join(ROOT, 'bin', 'callercard');
const PASSWORD = 'planted-secret of a user';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the stream that was open got. */
  readonly said: string;
}

/** Runs a command whose output nobody reads from the beginning, as after `| true`. @param closed the stream */
async function runUnread(
  args: readonly string[],
  closed: 'stdout' | 'stderr',
  { cwd, env = {}, input = '' }: { cwd: string; env?: Readonly<Record<string, string>>; input?: string },
): Promise<Ended> {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env: plainEnvironment(env) });
  child[closed].destroy();
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = once(child, 'close') as Promise<[Ended['code'], Ended['signal']]>;
  const said = await text(closed === 'stdout' ? child.stderr : child.stdout);
  const [code, signal] = await ended;
  return { code, signal, said };
}

describe('a command whose output nobody reads', { timeout: 480_000 }, () => {
  let cwd: string;
  before(async () => {
    cwd = await createFilledFolder();
    writeFileSync(join(cwd, 'leads.csv'), 'phone_number,list_id\n5599990000,1\n');
    assert.equal((await runCallercard(['token', 'create', 'there'], { cwd })).code, EXIT.ok);
    assert.equal((await runCallercard(['lookup', '--lead', '1'], { cwd })).code, EXIT.ok);
  });

  /** All that print and end by themselves; what they did decides their exit code. */
  const CASES: readonly (readonly [code: number, ...args: readonly string[]])[] = [
    [EXIT.ok, '--help'],
    [EXIT.ok, '--version'],
    [EXIT.usage],
    [EXIT.usage, 'no-such-command'],
    [EXIT.ok, 'import', 'leads.csv', '--json'],
    [EXIT.ok, 'imports', '--json'],
    [EXIT.ok, 'export'],
    [EXIT.ok, 'export', '--format', 'vcf'],
    [EXIT.ok, 'export', '--format', 'xlsx'],
    [EXIT.ok, 'lookup', '--lead', '1'],
    [EXIT.attention, 'lookup', '--lead', '999'],
    [EXIT.ok, 'lead', 'show', '2'],
    [EXIT.attention, 'lead', 'delete', '999'],
    [EXIT.ok, 'person', 'find', '--phone', '5500000002'],
    [EXIT.ok, 'person', 'export', '--lead', '2', '--out', '-'],
    [EXIT.attention, 'person', 'erase', '--lead', '999', '--yes'],
    [EXIT.failed, 'backup', 'leads.csv', '--json'],
    [EXIT.failed, 'restore', 'leads.csv', '--replace', '--json'],
    [EXIT.ok, 'list', 'list', '--json'],
    [EXIT.ok, 'list', 'rename', '1', 'one'],
    [EXIT.attention, 'list', 'delete', '999'],
    [EXIT.failed, 'copy', '--from', 'sqlite:none.db', '--to', 'sqlite:other.db', '--json'],
    [EXIT.ok, 'retention', '--yes', '--json', '--retention', '*=30000'],
    [EXIT.ok, 'user', 'list'],
    [EXIT.ok, 'user', 'password', 'crm', '--password-stdin'],
    [EXIT.ok, 'user', 'disable', 'crm'],
    [EXIT.ok, 'user', 'enable', 'crm'],
    [EXIT.ok, 'user', 'set', 'crm', '--rights', 'card,read'],
    [EXIT.ok, 'user', 'set', 'crm', '--extension', '1001'],
    [EXIT.ok, 'user', 'unlock', 'crm'],
    [EXIT.failed, 'user', 'remove', 'nobody'],
    [EXIT.failed, 'user', 'add', 'crm', '--password-stdin'],
    [EXIT.ok, 'token', 'list'],
    [EXIT.failed, 'token', 'create', 'there', '--json'],
    [EXIT.ok, 'token', 'revoke', 'there'],
    [EXIT.ok, 'audit', 'search'],
    [EXIT.ok, 'audit', 'verify'],
    [EXIT.ok, 'check'],
    [EXIT.ok, 'settings'],
    [EXIT.usage, 'settings', '--port', 'none'],
    [EXIT.ok, 'completion', 'bash'],
    [EXIT.usage, 'completion', 'tcsh'],
    [EXIT.usage, 'demo', '--host', '0.0.0.0'],
    [EXIT.failed, 'serve', '--database', 'sqlite:none.db'],
  ];

  function test(code: number, args: readonly string[], closed: 'stdout' | 'stderr'): void {
    it(`63: ends with its own exit code, and without a word about it (${closed}): ${args.join(' ')}`, async () => {
      const ended = await runUnread(args, closed, { cwd, input: `${PASSWORD}\n` });
      assert.deepEqual([ended.code, ended.signal], [code, null], ended.said);
      assert.doesNotMatch(ended.said, /EPIPE|unexpected|node:|Error:|\n +at /);
    });
  }

  for (const [code, ...args] of CASES) test(code, args, 'stdout');
  // Whatever a command says there goes through one function: of each kind that says something, one.
  test(EXIT.ok, ['import', 'leads.csv'], 'stderr');
  test(EXIT.ok, ['audit', 'search'], 'stderr');
  test(EXIT.attention, ['lookup', '--lead', '999'], 'stderr');
  test(EXIT.usage, ['no-such-command'], 'stderr');
  test(EXIT.failed, ['serve', '--database', 'sqlite:none.db'], 'stderr');

  it('63: is any command that there is', () => {
    const headings = readPage('docs/commands.md').text.matchAll(/^## callercard (.+)$/gm);
    const names = [...headings].map(([, name = '']) => name);
    for (const name of names.filter((each) => !names.some((other) => other.startsWith(`${each} `))))
      assert.ok(
        CASES.some(([, ...args]) => `${args.join(' ')} `.startsWith(`${name} `)),
        name,
      );
  });

  it('63: goes on where it serves', async (t) => {
    const child = spawn(process.execPath, [COMMAND, 'serve', '--workers', '2'], {
      cwd,
      env: plainEnvironment({ PORT: '0' }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
    const urlOf = () => /callercard answers at (\S+)/.exec(said)?.[1];
    await until('it answers', () => urlOf() !== undefined);
    child.stderr.destroy();
    const url = urlOf() ?? '';
    for (let lead = 1; lead < 40; lead += 1) assert.equal((await send(url, targetOf(lead))).status, 200);
    const exited = once(child, 'exit');
    child.kill('SIGHUP');
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [EXIT.ok, null]);
  });
});

const fullSkip = skipWithout('/dev/full (Linux)', process.platform === 'linux', 'linux-image-amd64');

it(
  '63: results that cannot be written are a failure with one line, as on a full disk',
  { skip: fullSkip },
  async () => {
    const cwd = await createFilledFolder();
    for (const args of [
      ['user', 'list'],
      ['lookup', '--lead', '1', '--json'],
      ['export'],
      ['audit', 'search'],
      ['--help'],
    ]) {
      const full = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [COMMAND, ...args], {
        cwd,
        env: plainEnvironment(),
        stdio: ['ignore', full, 'pipe'],
      });
      closeSync(full);
      assert.ok(child.stderr !== null);
      const [said, [code]] = await Promise.all([
        text(child.stderr),
        once(child, 'close') as Promise<[number | null]>,
      ]);
      assert.equal(code, EXIT.failed, args.join(' '));
      assert.match(said, /^callercard: .*(?:ENOSPC|no space).*\n$/i, args.join(' '));
    }
  },
);
