import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');
const launcherUrl = new URL('../../bin/with-node.mjs', import.meta.url).href;
// The launcher is plain JavaScript without declarations; this is what the tests need of it.
const { isNewEnough } = (await import(launcherUrl)) as { isNewEnough: (version: string) => boolean };

const temporary = mkdtempSync(path.join(tmpdir(), 'callercard-runtime-'));
after(() => {
  rmSync(temporary, { recursive: true, force: true });
});

/** A copy of what the launcher needs, without packages to install, so that nothing here touches the real checkout. */
function createCheckout({ sources = 'src', main = '' } = {}): string {
  const checkout = mkdtempSync(path.join(temporary, 'checkout-'));
  cpSync(path.join(root, 'bin'), path.join(checkout, 'bin'), { recursive: true });
  for (const folder of [sources, 'node_modules', 'programs']) mkdirSync(path.join(checkout, folder));
  const lock = JSON.stringify({ name: 'callercard', lockfileVersion: 3, packages: { '': {} } });
  writeFileSync(path.join(checkout, 'package.json'), '{ "name": "callercard", "type": "module" }');
  writeFileSync(path.join(checkout, 'package-lock.json'), lock);
  writeFileSync(path.join(checkout, 'node_modules/.package-lock.json'), lock);
  writeFileSync(path.join(checkout, sources, sources === 'src' ? 'main.ts' : 'main.js'), main);
  const pin = { name: 'node-of-this-test', version: process.versions.node, integrity: 'sha512-of-nothing' };
  const pins = { [`${process.platform}-${process.arch}`]: pin };
  writeFileSync(path.join(checkout, 'bin/node-packages.json'), JSON.stringify(pins));
  writeNpm(checkout, '');
  return checkout;
}

/** Puts a stand-in for npm first on the checkout's PATH; it notes that it was called, and how. */
function writeNpm(checkout: string, script: string): void {
  const file = path.join(checkout, 'programs/npm');
  writeFileSync(file, `#!/bin/sh\necho "$@" >> ${checkout}/npm-calls\n${script}\n`);
  chmodSync(file, 0o755);
}

function npmCalls(checkout: string): string[] {
  const file = path.join(checkout, 'npm-calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

function start(checkout: string, command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const PATH = `${path.join(checkout, 'programs')}${path.delimiter}${process.env.PATH ?? ''}`;
  const options = { cwd: checkout, env: { ...process.env, PATH, ...env } };
  return spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function finish(child: ReturnType<typeof start>) {
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    closed,
  ]);
  return { stdout, stderr, code, signal };
}

const run = (...args: Parameters<typeof start>) => finish(start(...args));

const withNode = (...args: string[]) => ['bin/with-node.mjs', ...args];

/** Makes a new Node.js call itself an old one, so that the way to another one is tested on every machine. */
const asOldNode = [
  '--import',
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})',
];

/** What `npm ci` would do; the package's binary is the Node.js that runs the tests. test/repo/pinned-node.test.ts has real ones. */
const npmInstallsNode = [
  'grep -q \'"node_modules/node-of-this-test":{"version":"[0-9.]*","integrity":"sha512-of-nothing"}\' package-lock.json || exit 1',
  'mkdir -p node_modules/node-of-this-test/bin',
  `ln -s ${process.execPath} node_modules/node-of-this-test/bin/node`,
].join('\n');

const tooOld = 'callercard: Node.js 20.20.2 is too old (24.7 or newer needed)';

describe('which Node.js is new enough', () => {
  const table: [string, boolean][] = [
    ['18.20.8', false],
    ['20.20.2', false],
    ['24.6.0', false],
    ['24.7.0', true],
    ['24.21.0', true],
    ['26.1.0', true],
  ];
  for (const [version, expected] of table) {
    it(`${version}: ${expected ? 'yes' : 'no'}`, () => assert.equal(isNewEnough(version), expected));
  }

  it('agrees with the engines of package.json', () => {
    const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    assert.equal(engines.node, '>=18');
  });
});

describe('with-node.mjs under a Node.js that is new enough', () => {
  it('runs Node.js with the arguments, calls no npm, fetches nothing and says nothing', async () => {
    const checkout = createCheckout();
    const result = await run(checkout, process.execPath, withNode('-p', 'process.version'));
    assert.deepEqual(result, { stdout: `${process.version}\n`, stderr: '', code: 0, signal: null });
    assert.deepEqual(npmCalls(checkout), []);
    assert.equal(existsSync(path.join(checkout, '.node')), false);
  });

  it('puts that Node.js first on PATH for whatever is started from there', async () => {
    const { stdout } = await run(createCheckout(), process.execPath, withNode('-p', 'process.env.PATH'));
    assert.equal(stdout.split(path.delimiter)[0], path.dirname(process.execPath));
  });

  it('ends with the exit code of the program', async () => {
    const { code } = await run(createCheckout(), process.execPath, withNode('-e', 'process.exit(7)'));
    assert.equal(code, 7);
  });

  it('ends by the signal that ended the program', async () => {
    const killItself = 'process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 10_000)';
    const { code, signal } = await run(createCheckout(), process.execPath, withNode('-e', killItself));
    assert.deepEqual({ code, signal }, { code: null, signal: 'SIGKILL' });
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`passes ${signal} on, once, and waits for the program to end in its own way`, async () => {
      const program = `
        let count = 0;
        process.on("${signal}", () => { count += 1; setTimeout(() => process.exit(40 + count), 200); });
        setTimeout(() => {}, 10_000);
        process.stdout.write("up");`;
      const child = start(createCheckout(), process.execPath, withNode('-e', program));
      child.stdout.once('data', () => child.kill(signal));
      assert.deepEqual(await finish(child), { stdout: 'up', stderr: '', code: 41, signal: null });
    });
  }
});

describe('the command callercard', () => {
  it('runs src/main.ts of a checkout in the same process', async () => {
    const main =
      'const pid: number = process.pid; console.log(pid, ...process.argv.slice(2)); process.exitCode = 3;';
    const child = start(createCheckout({ main }), process.execPath, ['bin/callercard', 'demo', 'a b']);
    const { stdout, code } = await finish(child);
    assert.equal(stdout, `${String(child.pid)} demo a b\n`);
    assert.equal(code, 3);
  });

  it('runs dist/main.js of the published package and leaves its packages alone', async () => {
    const checkout = createCheckout({ sources: 'dist', main: 'console.log("published")' });
    rmSync(path.join(checkout, 'node_modules'), { recursive: true });
    const { stdout } = await run(checkout, './bin/callercard', []);
    assert.equal(stdout, 'published\n');
    assert.deepEqual(npmCalls(checkout), []);
  });

  it('notices when npm, which started it, was killed together with its shell', async () => {
    const main = `
      process.on("SIGTERM", () => { console.log("told"); process.exit(); });
      setTimeout(() => {}, 10_000);
      console.log("up");`;
    const checkout = createCheckout({ main });
    const env = { npm_package_json: path.join(checkout, 'package.json') };
    const shell = start(checkout, 'sh', ['-c', `"${process.execPath}" bin/callercard & wait`], env);
    shell.stdout.once('data', () => shell.kill('SIGTERM'));
    // The output stays open for as long as the program lives, so this waits for more than the shell.
    assert.equal((await finish(shell)).stdout, 'up\ntold\n');
  });
});

describe('packages that are missing or do not fit package-lock.json', () => {
  function createStaleCheckout(): string {
    const checkout = createCheckout({ main: 'console.log("main")' });
    const packages = {
      'node_modules/needed': { version: '2.0.0' },
      'node_modules/tool': { version: '1.0.0', dev: true },
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    };
    writeFileSync(path.join(checkout, 'package-lock.json'), JSON.stringify({ packages }));
    return checkout;
  }

  /** As `npm ci` leaves it behind. */
  function install(checkout: string, packages: Record<string, { version: string }>): void {
    for (const folder of Object.keys(packages)) mkdirSync(path.join(checkout, folder), { recursive: true });
    writeFileSync(path.join(checkout, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  }

  it('are installed with the development tools for with-node.mjs, with one line about it', async () => {
    const checkout = createStaleCheckout();
    const result = await run(checkout, process.execPath, withNode('-p', '1'));
    const stderr = 'callercard: installing the packages of package-lock.json (npm ci)\n';
    assert.deepEqual(result, { stdout: '1\n', stderr, code: 0, signal: null });
    assert.match(
      npmCalls(checkout).join('\n'),
      /^ci --include=dev .*--ignore-scripts --no-audit --no-fund\b.*$/,
    );
  });

  it('are installed without the development tools for the command', async () => {
    const checkout = createStaleCheckout();
    assert.equal((await run(checkout, process.execPath, ['bin/callercard'])).stdout, 'main\n');
    assert.match(npmCalls(checkout).join('\n'), /^ci --omit=dev .*--ignore-scripts\b.*$/);
  });

  it('are noticed by their version and their folder, in what is needed only', async () => {
    const checkout = createStaleCheckout();
    install(checkout, { 'node_modules/needed': { version: '1.0.0' } });
    await run(checkout, process.execPath, ['bin/callercard']);
    assert.equal(npmCalls(checkout).length, 1, 'another version');
    install(checkout, { 'node_modules/needed': { version: '2.0.0' } });
    await run(checkout, process.execPath, ['bin/callercard']);
    assert.equal(npmCalls(checkout).length, 1, 'the command needs no development tools');
    await run(checkout, process.execPath, withNode('-p', '1'));
    assert.equal(npmCalls(checkout).length, 2, 'with-node.mjs needs them');
    rmSync(path.join(checkout, 'node_modules/needed'), { recursive: true });
    await run(checkout, process.execPath, ['bin/callercard']);
    assert.equal(npmCalls(checkout).length, 3, 'a folder is gone');
  });

  it('that cannot be installed end it, with what npm said', async () => {
    const checkout = createStaleCheckout();
    writeNpm(checkout, 'echo "npm error code ENOTFOUND" >&2; exit 1');
    const { stdout, stderr, code } = await run(checkout, process.execPath, withNode('-p', '1'));
    assert.deepEqual({ stdout, code }, { stdout: '', code: 1 });
    assert.deepEqual(stderr.split('\n').slice(1), [
      'npm error code ENOTFOUND',
      'callercard: could not install the packages: npm ci failed, see above',
      '',
    ]);
  });
});

describe('under a Node.js that is too old', () => {
  const runAsOld = (checkout: string, env?: NodeJS.ProcessEnv) =>
    run(checkout, process.execPath, [...asOldNode, ...withNode('-p', 'process.version')], env);

  it('gets Node.js from the npm registry once, and says in one line what it does', async () => {
    const checkout = createCheckout();
    writeNpm(checkout, npmInstallsNode);
    const first = await runAsOld(checkout);
    assert.equal(first.stdout, `${process.version}\n`);
    const [major = ''] = process.versions.node.split('.');
    assert.equal(first.stderr, `${tooOld}; going on under Node.js ${major} from the npm registry\n`);
    const second = await runAsOld(checkout);
    assert.equal(second.stdout, `${process.version}\n`);
    assert.equal(second.stderr, '');
    assert.equal(npmCalls(checkout).length, 1);
  });

  it('replaces one of another version than bin/node-packages.json names, though it is new enough', async () => {
    const checkout = createCheckout();
    writeNpm(checkout, npmInstallsNode);
    const platform = `${process.platform}-${process.arch}`;
    const bin = path.join(checkout, '.node', platform, 'node_modules/node-of-this-test/bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'node'), '#!/bin/sh\necho 99.0.0\n', { mode: 0o755 });
    assert.equal((await runAsOld(checkout)).stdout, `${process.version}\n`);
    assert.equal((await runAsOld(checkout)).stdout, `${process.version}\n`);
    assert.equal(npmCalls(checkout).length, 1);
  });

  it('lets two processes fetch at once', async () => {
    const checkout = createCheckout();
    writeNpm(checkout, `sleep 0.3\n${npmInstallsNode}`);
    const results = await Promise.all([runAsOld(checkout), runAsOld(checkout)]);
    assert.deepEqual(
      results.map(({ stdout }) => stdout),
      [`${process.version}\n`, `${process.version}\n`],
    );
    assert.deepEqual(readdirSync(path.join(checkout, '.node')), [`${process.platform}-${process.arch}`]);
  });

  it('takes the command there as well, with its arguments and its exit code', async () => {
    const checkout = createCheckout({ main: 'console.log(...process.argv.slice(2)); process.exitCode = 5;' });
    writeNpm(checkout, npmInstallsNode);
    const result = await run(checkout, process.execPath, [
      ...asOldNode,
      'bin/callercard',
      'lookup',
      '--lead',
      '7',
    ]);
    assert.deepEqual([result.stdout, result.code], ['lookup --lead 7\n', 5]);
  });

  it('says where to get Node.js when npm cannot', async () => {
    const checkout = createCheckout();
    writeNpm(checkout, 'echo "npm error code ENOTFOUND" >&2; exit 1');
    const { stderr, code } = await runAsOld(checkout);
    assert.match(
      stderr,
      /\ncallercard: npm could not get node-\S+ \(ENOTFOUND\); install Node\.js 24 from .*nodejs\.org/,
    );
    assert.equal(code, 1);
    assert.deepEqual(readdirSync(path.join(checkout, '.node')), []);
  });

  it('says where to get Node.js when there is no npm', async () => {
    const { stderr, code } = await runAsOld(createCheckout(), { PATH: temporary });
    assert.match(stderr, /\ncallercard: npm was not found on PATH; install Node\.js 24 from .*nodejs\.org/);
    assert.equal(code, 1);
  });

  it('says where to get Node.js when the folder cannot be written', async () => {
    const checkout = createCheckout();
    writeFileSync(path.join(checkout, '.node'), 'a file in the way: root may write to any folder');
    const { stderr, code } = await runAsOld(checkout);
    assert.match(stderr, /\ncallercard: cannot write to .*; install Node\.js 24 from .*nodejs\.org/);
    assert.equal(code, 1);
    assert.deepEqual(npmCalls(checkout), []);
  });
});

describe('under a really old Node.js of this machine', () => {
  const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find(
    (node) =>
      existsSync(node) &&
      !isNewEnough(execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })),
  );
  // Not a missing program that CI should bring: where every Node.js is new, there is nothing to go on from.
  const skip =
    oldNode === undefined && 'no Node.js before 24.7 in /usr/bin or /usr/local/bin: nothing to test here';

  it(
    'goes on under one from the npm registry, with one line about it',
    { skip, timeout: 180_000 },
    async () => {
      assert.ok(oldNode !== undefined);
      const checkout = createCheckout();
      rmSync(path.join(checkout, 'programs/npm'));
      cpSync(path.join(root, 'bin'), path.join(checkout, 'bin'), { recursive: true });
      const result = await run(checkout, oldNode, withNode('-p', 'process.version'));
      assert.match(result.stdout, /^v2\d\.\d+\.\d+\n$/);
      assert.ok(isNewEnough(result.stdout.slice(1)));
      assert.match(
        result.stderr,
        /^callercard: Node\.js \S+ is too old .*; going on under Node\.js 2\d .*\n$/,
      );
      assert.equal(result.code, 0);
    },
  );
});
