/**
 * deploy/Containerfile, step by step in a folder: its copies, its build and its command are done as it says. Only what
 * `npm ci` would fetch comes from the packages that are installed here, and no image is below it.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';

import { plainEnvironment, ROOT, watchServer } from '../support/command.ts';
import { findFreePort } from '../support/free-port.ts';
import { send, temporaryFolder } from '../support/test-app.ts';

const FILE = 'deploy/Containerfile';
const HOME = '/opt/callercard';
const DATA = '/var/lib/callercard';

interface Step {
  readonly word: string;
  readonly rest: string;
}

/** The steps of each stage, its name first. */
function readStages(): readonly (readonly Step[])[] {
  const text = readFileSync(join(ROOT, FILE), 'utf8').replace(/\\\n/g, ' ');
  const steps = [...text.matchAll(/^([A-Z]+) (.+)$/gm)].map(([, word = '', rest = '']) => ({ word, rest }));
  const starts = steps.flatMap(({ word }, at) => (word === 'FROM' ? [at] : []));
  // What comes before the first stage is for the builder alone: which image is below.
  return starts.map((start, at) => steps.slice(start, starts[at + 1]));
}

/** The file system of an image, below a folder. */
class Image {
  readonly root = temporaryFolder();
  readonly #env: Record<string, string> = {};
  #folder = '/';
  #command: readonly string[] = [];
  #health: readonly string[] = [];

  follow(steps: readonly Step[], stages: ReadonlyMap<string, Image>): void {
    for (const { word, rest } of steps) {
      if (word === 'WORKDIR') mkdirSync(this.at((this.#folder = rest)), { recursive: true });
      else if (word === 'COPY') this.#copy(rest, stages);
      else if (word === 'RUN' && rest.startsWith('case ')) this.#checkBase(rest);
      else if (word === 'RUN') for (const command of rest.split(' && ')) this.#run(command);
      else if (word === 'ENV') Object.assign(this.#env, Object.fromEntries([rest.split('=')]));
      else if (word === 'ENTRYPOINT') this.#command = JSON.parse(rest) as readonly string[];
      else if (word === 'HEALTHCHECK') this.#health = JSON.parse(/\[.*\]/.exec(rest)?.[0] ?? '') as string[];
      else assert.ok(['FROM', 'ARG', 'VOLUME', 'EXPOSE', 'USER', 'CMD'].includes(word), word);
    }
  }

  at(path: string): string {
    return join(this.root, path.startsWith('/') ? path : join(this.#folder, path));
  }

  /** Runs ENTRYPOINT with arguments, or the health check. */
  start(what: 'command' | 'health', args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [program, ...own] = what === 'command' ? this.#command : this.#health;
    assert.equal(program, 'node');
    const words = own.map((arg) => (arg.startsWith('/') ? this.at(arg) : arg));
    const options = { cwd: this.at(this.#folder), env: plainEnvironment({ ...this.#env, ...env }) };
    return { args: [...words, ...args], options };
  }

  #copy(rest: string, stages: ReadonlyMap<string, Image>): void {
    const [, from, paths = ''] = /^(?:--from=(\S+) )?(.+)$/.exec(rest) ?? [];
    const words = paths.split(' ');
    const to = words.pop() ?? '';
    for (const source of words) {
      const path = from === undefined ? join(ROOT, source) : (stages.get(from)?.at(source) ?? '');
      const target = to.endsWith('/') ? join(this.at(to), basename(source)) : this.at(to);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(path, target, { recursive: true, dereference: false });
      // As from a checkout that everybody may write to.
      if (from === undefined) execFileSync('chmod', ['-R', 'go+w', target]);
    }
  }

  #run(command: string): void {
    if (command.startsWith('npm ci ')) this.#install(command);
    else if (command.startsWith('node ')) {
      execFileSync(process.execPath, command.split(' ').slice(1), { cwd: this.at('.') });
    } else if (command.startsWith('mkdir -p ')) {
      mkdirSync(this.at(command.slice('mkdir -p '.length)), { recursive: true });
    } else if (command.startsWith('chmod ')) {
      execFileSync(
        'chmod',
        command
          .split(' ')
          .slice(1)
          .map((word) => (word.startsWith('/') ? this.at(word) : word)),
      );
    } else assert.match(command, /^chown /, 'a step that this test does not know');
  }

  #checkBase(script: string): void {
    const BASE = `node@sha256:${'0'.repeat(64)}`;
    execFileSync('sh', ['-c', script], { env: { ...process.env, BASE } });
  }

  /** As from the registry, and nothing that the lock file does not name for this. */
  #install(command: string): void {
    assert.match(command, / --ignore-scripts\b/);
    const { packages } = JSON.parse(readFileSync(this.at('package-lock.json'), 'utf8')) as {
      packages: Readonly<Record<string, { readonly dev?: boolean }>>;
    };
    const target = this.at('node_modules');
    if (!command.includes(' --omit=dev')) {
      symlinkSync(join(ROOT, 'node_modules'), target);
      return;
    }
    execFileSync('rm', [target]);
    for (const [folder, { dev }] of Object.entries(packages)) {
      if (folder !== '' && dev !== true) cpSync(join(ROOT, folder), this.at(folder), { recursive: true });
    }
  }
}

function rightsOf(path: string): { readonly othersWrite: boolean; readonly othersRead: boolean } {
  const { mode } = statSync(path);
  return { othersWrite: (mode & 0o022) !== 0, othersRead: (mode & 0o044) === 0o044 };
}

/** Every file with its size and its time. */
function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, about: statSync(join(folder, name)) }))
    .map(({ name, about }) => `${name} ${about.isFile() ? `${about.size} ${about.mtimeMs}` : 'folder'}`)
    .sort();
}

describe('the steps of the container', { timeout: 120_000 }, () => {
  const stages = new Map<string, Image>();
  let image: Image;

  before(() => {
    for (const steps of readStages()) {
      image = new Image();
      image.follow(steps, stages);
      stages.set(/ AS (\w+)$/.exec(steps[0]?.rest ?? '')?.[1] ?? 'last', image);
    }
    assert.deepEqual([...stages.keys()], ['build', 'last']);
  });

  function run(args: readonly string[], input = '') {
    const { args: all, options } = image.start('command', args);
    return spawnSync(process.execPath, all, { ...options, input, encoding: 'utf8' });
  }

  it('45: give a command that runs with the run-time packages alone, all of them without a script', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const { status, stdout, stderr } = run(['--version']);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.ok(stdout.startsWith(version), stdout);
    assert.ok(!readdirSync(image.at(`${HOME}/node_modules`)).includes('typescript'));
    assert.ok(!readdirSync(image.at(HOME)).includes('src'));
  });

  it('leave the code to root: nobody else may change a file or put one there, whatever the checkout allows', () => {
    const open = readdirSync(image.at(HOME), { recursive: true, encoding: 'utf8' })
      .map((name) => join(image.at(HOME), name))
      .filter((path) => !lstatSync(path).isSymbolicLink())
      .map((path) => ({ path, ...rightsOf(path) }));
    assert.ok(open.length > 1000, String(open.length));
    assert.deepEqual(
      open.filter(({ othersWrite, othersRead }) => othersWrite || !othersRead),
      [],
    );
    // No step gives anything but the data to another user.
    const steps = readStages().flat();
    const owned = steps.filter(({ word, rest }) => /^(?:RUN|COPY|ADD)$/.test(word) && rest.includes('chown'));
    assert.deepEqual(
      owned.map(({ rest }) => rest),
      [`mkdir -p ${DATA} && chown node:node ${DATA} && chmod 700 ${DATA}`],
    );
  });

  it('give a server that answers, is found alive, ends in order, and writes nothing but to its own folder', async () => {
    const program = listFiles(image.at(HOME));
    assert.deepEqual(readdirSync(image.at(DATA)), []);
    writeFileSync(join(image.at(DATA), 'leads.csv'), 'phone,list,first_name\n5512345678,1001,Ana\n');
    const imported = run(['import', 'leads.csv']);
    assert.equal(imported.status, 0, imported.stderr);
    const added = run(['user', 'add', 'crm', '--password-stdin'], 'a long password');
    assert.equal(added.status, 0, added.stderr);

    const port = String(await findFreePort());
    const env = { CALLERCARD_HOST: '127.0.0.1', CALLERCARD_PORT: port };
    const { args, options } = image.start('command', ['serve'], env);
    const server = await watchServer(spawn(process.execPath, args, options));
    const body = new URLSearchParams({
      goAction: 'goGetCustomerInfo',
      goUser: 'crm',
      goPass: 'a long password',
      responsetype: 'json',
      phone_number: '5512345678',
    }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await send(server.url, '/goAPIv2/goAgent/goAPI.php', { method: 'POST', headers, body });
    const health = image.start('health', [], env);
    const alive = spawnSync(process.execPath, health.args, health.options);
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended(), { code: 0, signal: null });
    assert.match(answer.text, /^\{"result":"success","lead_info":\{"lead_id":1,/);
    assert.equal(alive.status, 0);
    assert.deepEqual(listFiles(image.at(HOME)), program);
    assert.deepEqual(readdirSync(image.root).sort(), ['opt', 'var']);
  });
});

describe('the build context of the container', () => {
  it('holds what the build copies, and no data', () => {
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => /^[^#]/.test(line));
    const [all, ...allowed] = ignored;
    assert.equal(all, '*');
    const copied = readStages()
      .flat()
      .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
    assert.deepEqual(allowed.map((line) => line.slice(1)).sort(), [...new Set(copied)].sort());
  });
});
