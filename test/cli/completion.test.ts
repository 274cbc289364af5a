import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { before, describe, it } from 'node:test';

import { runCommand } from '../../src/cli/run-command.ts';
import { EXIT } from '../../src/process/exit-code.ts';
import { readPage } from '../support/markdown.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { temporaryFolder } from '../support/test-app.ts';

async function run(...args: readonly string[]) {
  const said = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof said) =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await runCommand(args, Readable.from([]), sink('stdout'), sink('stderr'));
  return { code, ...said };
}

/** Every command that docs/commands.md describes, which the code writes. */
const documented = () =>
  [...readPage('docs/commands.md').text.matchAll(/^## callercard (.+)$/gm)].map(([, name = '']) => name);

describe('callercard without arguments', () => {
  it('says what to type first, in commands that exist, and that nothing was done', async () => {
    const { code, stdout, stderr } = await run();
    assert.deepEqual([code, stdout], [EXIT.usage, '']);
    const named = [...stderr.matchAll(/^ {2}callercard (\w+)/gm)].map(([, name = '']) => name);
    assert.ok(named.length >= 4, stderr);
    for (const name of named)
      assert.ok(
        documented().some((path) => path.split(' ')[0] === name),
        name,
      );
  });
});

describe('callercard completion', () => {
  it('refuses a shell that it does not know, and names those that it knows', async () => {
    const { code, stderr } = await run('completion', 'tcsh');
    assert.equal(code, EXIT.usage);
    assert.match(stderr, /bash, zsh, fish/);
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    const skip = skipWithout(shell, findProgram(shell) !== undefined, shell);
    it(`knows every command, in ${shell}`, async () => {
      const { code, stdout, stderr } = await run('completion', shell);
      assert.deepEqual([code, stderr], [EXIT.ok, '']);
      for (const path of documented()) assert.ok(stdout.includes(`'${path}'`), path);
    });
    // Only bash is among the programs that CI brings.
    it(
      `is understood by ${shell}`,
      { skip: shell === 'bash' ? skip : findProgram(shell) === undefined },
      async () => {
        const file = join(temporaryFolder(), 'completion');
        writeFileSync(file, (await run('completion', shell)).stdout);
        const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
        assert.deepEqual([status, stderr], [0, '']);
      },
    );
  }

  describe('in bash', { skip: skipWithout('bash', findProgram('bash') !== undefined, 'bash') }, () => {
    let file: string;
    before(async () => {
      file = join(temporaryFolder(), 'callercard.bash');
      writeFileSync(file, (await run('completion', 'bash')).stdout);
    });

    for (const [typed, offered, notOffered] of [
      [['us'], ['user'], ['token', '--help']],
      [
        ['user', ''],
        ['add', 'list', 'remove', '--help'],
        ['serve', '--rights'],
      ],
      [['user', 'add', 'ana', '--ri'], ['--rights'], ['--lists', 'add']],
      [['import', 'user', '--acc'], ['--accept-rejects'], ['add']],
      [['import', 'file.csv', '--on-duplicate', ''], ['update', 'skip', 'add'], ['--list']],
      [['export', '--format', 'v'], ['vcf'], ['xlsx']],
      [['completion', ''], ['bash', 'zsh', 'fish'], ['add']],
      [['import', 'no-such-file'], [], ['user']],
    ] as const) {
      it(`offers after "callercard ${typed.join(' ')}": ${offered.join(' ') || 'nothing but files'}`, () => {
        const script = `. "$1"; shift; COMP_WORDS=(callercard "$@"); COMP_CWORD=$#; _callercard; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', file, ...typed], {
          encoding: 'utf8',
        });
        assert.equal(stderr, '');
        const words = stdout.split('\n');
        for (const word of offered) assert.ok(words.includes(word), stdout);
        for (const word of notOffered) assert.ok(!words.includes(word), stdout);
      });
    }
  });
});
