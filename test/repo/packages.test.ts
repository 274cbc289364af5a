/** What people install: the packages of `npm run deb`, by dpkg in a file system of the test's own, and that of `npm pack`. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';

import { buildDeb } from '../../scripts/deb/build-deb.ts';
import { fetchNode } from '../../scripts/deb/fetch-node.ts';
import { copyRuntimePackages, layOutPackage } from '../../scripts/deb/lay-out-package.ts';
import { plainEnvironment, ROOT } from '../support/command.ts';
import { findFreePort } from '../support/free-port.ts';
import { ENVIRONMENT_FILE, InstalledMachine } from '../support/installed-machine.ts';
import { packPackage, startNpmRegistry } from '../support/npm-registry.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { scratchRootSkip, startScratchRoot } from '../support/scratch-root.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const UNIT = '/usr/lib/systemd/system/callercard.service';
const HOME = '/usr/lib/callercard';
const DATA = '/var/lib/callercard';
const TIME = 1_700_000_000;
const STORE = `${DATA}/data/callercard.db`;
const OWN = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** What comes with the machine, where that is older than callercard needs. */
const OLD_NODE = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) =>
    existsSync(path) && /^v(?:18|20|22)\./.test(execFileSync(path, ['--version'], { encoding: 'utf8' })),
);

const debSkip = skipWithout('dpkg-deb', findProgram('dpkg-deb') !== undefined, 'dpkg');

/** A package of npm with a Node.js: the one that runs this test, or a text in its place. */
function createNode(content?: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  if (content === undefined) cpSync(process.execPath, join(folder, 'bin/node'));
  else writeFileSync(join(folder, 'bin/node'), content, { mode: 0o755 });
  writeFileSync(join(folder, 'LICENSE'), 'a licence\n');
  return folder;
}

/** As scripts/build.ts makes it. */
const dist = join(temporaryFolder(), 'dist');
before(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), dist]);
});

describe('the Debian package', { skip: debSkip, timeout: 240_000 }, () => {
  function build(folder: string, version: string, architecture: string, node: string): string {
    const content = temporaryFolder();
    layOutPackage(content, { root: ROOT, dist, node, version });
    const out = join(folder, `callercard_${version}_${architecture}.deb`);
    buildDeb(content, { root: ROOT, version, architecture, time: TIME, compression: 'none', out });
    return out;
  }

  it('65: has the Node.js of the other architecture by its hash, and is built twice alike', async (t) => {
    const packed = packPackage('node-of-this-test', '24.0.0', {
      'bin/node': 'not for this machine\n',
      LICENSE: 'a licence\n',
    });
    const { name, version, integrity } = packed;
    const { env } = await startNpmRegistry(t, packed);
    const fetch = (pin: { readonly name: string; readonly version: string; readonly integrity: string }) =>
      fetchNode(temporaryFolder(), pin, temporaryFolder(), plainEnvironment(env));
    await assert.rejects(fetch({ name, version, integrity: 'sha512-another' }), /sent another package than/);
    const node = await fetch({ name, version, integrity });

    const [one, other] = [
      build(temporaryFolder(), '1.0.0', 'arm64', node),
      build(temporaryFolder(), '1.0.0', 'arm64', node),
    ];
    const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    assert.equal(digest(one), digest(other));
    assert.equal(execFileSync('dpkg-deb', ['-f', one, 'Architecture'], { encoding: 'utf8' }), 'arm64\n');
    const unpacked = temporaryFolder();
    execFileSync('dpkg-deb', ['-x', one, unpacked]);
    assert.equal(readFileSync(join(unpacked, HOME, 'node'), 'utf8'), 'not for this machine\n');
    assert.equal(statSync(join(unpacked, HOME, 'node')).mode & 0o777, 0o755);
    const listed = execFileSync('dpkg-deb', ['-c', one], { encoding: 'utf8' }).trim().split('\n');
    // Nothing that runs is for one architecture but Node.js.
    assert.deepEqual(
      listed.filter((line) => /\.(?:node|so|map)$|node_modules\/.*\.ts$/.test(line)),
      [],
    );
    assert.deepEqual(
      listed.filter((line) => !/^[-d]r[w-](?:x|-)r-[x-]r-[x-] root\/root .* 2023-11-14 /.test(line)),
      [],
    );
  });

  it(
    'installs, serves, upgrades with a copy of the store before it, and keeps the customers',
    { skip: scratchRootSkip },
    async (t) => {
      const debs = temporaryFolder();
      const node = createNode();
      for (const version of ['1.0.0', '1.1.0']) build(debs, version, OWN, node);
      const root = await startScratchRoot({ '/opt/debs': debs, '/opt/0.1': join(ROOT, 'test/fixtures/0.1') });
      if (root === undefined) {
        t.skip('this user may not make namespaces and mounts');
        return;
      }
      t.after(() => root.stop());
      const machine = new InstalledMachine(root, UNIT, HOME);
      const port = await findFreePort();
      await prepare(machine);

      await machine.run(`${DPKG} --install /opt/debs/callercard_1.0.0_${OWN}.deb`);
      assert.equal(await machine.run('cd / && callercard --version'), '1.0.0\n');
      await machine.run(`echo CALLERCARD_PORT=${port} >> ${ENVIRONMENT_FILE}`);
      await assertClosed(machine);
      const input = 'phone,first_name\n5512345678,Ana\n';
      await machine.run(`cd ${DATA} && cat > customers.csv && chown callercard customers.csv`, { input });
      await firstStart(machine);
      await machine.run('callercard import customers.csv --list 1001');
      assert.match(await machine.run('callercard lookup --phone 5512345678'), /^first_name +Ana$/m);
      await serveOnce(machine, port);

      // What 0.1 left behind is brought up to date, after a copy.
      await machine.run(`install -o callercard -m 600 /opt/0.1/store.db ${STORE}`);
      await machine.run(`${DPKG} --install /opt/debs/callercard_1.1.0_${OWN}.deb`);
      assert.equal(await machine.run('callercard --version'), '1.1.0\n');
      assert.match(
        await machine.run(`cat ${ENVIRONMENT_FILE}`),
        new RegExp(`^CALLERCARD_PORT=${port}$`, 'm'),
      );
      await assertClosed(machine);
      await serveOnce(machine, port);
      const kept = (await machine.run(`ls -A ${DATA}/data`)).split('\n');
      const copies = kept.filter((name) => /^callercard\.db\.schema-\d/.test(name));
      assert.ok(copies.length > 0, kept.join(' '));

      await assertBackup(machine);
      await machine.run(`${DPKG} --remove callercard`);
      assert.equal(await machine.run('ls /usr/lib/callercard /usr/bin/callercard 2>/dev/null || true'), '');
      assert.match(await machine.run(`cat ${ENVIRONMENT_FILE}`), /^CALLERCARD_PORT=/m);
      await machine.run(`${DPKG} --install /opt/debs/callercard_1.1.0_${OWN}.deb`);
      assert.equal(await machine.run('ls /etc/callercard'), 'environment\n');
      await machine.run(`${DPKG} --remove callercard`);
      // What dpkg runs for a purge: with nobody to ask, the customers stay.
      const purge = 'DEBIAN_FRONTEND=noninteractive /var/lib/dpkg/info/callercard.postrm purge';
      assert.equal(await machine.run(purge), `callercard: the customers stay in ${DATA}\n`);
      assert.match(await machine.run(`ls ${DATA}/data`), /^callercard\.db$/m);
      await machine.run('echo callercard callercard/remove-data boolean true | debconf-set-selections');
      await machine.run(`${DPKG} --purge callercard`);
      assert.equal(await machine.run(`ls -d ${DATA} /etc/callercard 2>/dev/null || true`), '');
      assert.equal(await machine.run('getent passwd callercard || true'), '');
      const calls = (await machine.run('cat /tmp/systemctl-calls')).trim().split('\n');
      const removed = 'disable --now callercard.service callercard-backup.timer';
      assert.deepEqual(
        calls.filter((call) => call !== 'daemon-reload'),
        [
          'enable callercard.service',
          '--quiet --system start callercard.service',
          'try-restart callercard.service',
          removed,
          // Who removed it and installs it again has it as before.
          'enable callercard.service',
          '--quiet --system start callercard.service',
          removed,
        ],
      );
      assert.equal(calls.at(-1), 'daemon-reload');
    },
  );
});

const DPKG = 'DEBIAN_FRONTEND=noninteractive dpkg --force-unsafe-io --no-triggers';

/** A machine with systemd that only notes what it is told. */
async function prepare(machine: InstalledMachine): Promise<void> {
  const systemctl = `#!/bin/sh
case "$*" in *is-enabled*) echo enabled ;; *is-active*) exit 3 ;; *) echo "$@" >> /tmp/systemctl-calls ;; esac
`;
  const path = '/usr/bin/systemctl';
  const put = `rm -f ${path} /usr/sbin/policy-rc.d; cat > ${path}; chmod 755 ${path}`;
  await machine.run(put, { input: systemctl });
  await machine.run('mkdir -p /run/systemd/system; touch /tmp/systemctl-calls');
}

/** The code is root's; customers and settings are closed to everybody but the service. */
async function assertClosed(machine: InstalledMachine): Promise<void> {
  assert.equal(await machine.run(`find ${HOME} /etc/callercard -perm /022 ! -type l`), '');
  assert.equal(await machine.run(`find ${HOME} ! -user root -o ! -group root`), '');
  const state = await machine.run(`stat -c '%a %U %G' ${DATA} /etc/callercard ${ENVIRONMENT_FILE}`);
  assert.deepEqual(state.trim().split('\n'), [
    '700 callercard callercard',
    '750 root callercard',
    '640 root callercard',
  ]);
}

/** As the package is installed: there are no customers yet, and whoever opens the link in the log is the first admin. */
async function firstStart(machine: InstalledMachine): Promise<void> {
  const server = await machine.start();
  try {
    const link = () => /^http\S+\/console\/first\?key=\S+$/m.exec(server.said())?.[0];
    await until('it says where the first admin is made', () => link() !== undefined);
    const { pathname, search } = new URL(link() ?? '');
    assert.equal((await send(server.url, pathname + search)).status, 200);
    assert.match(server.said(), /made an empty store/);
  } finally {
    server.kill('SIGTERM');
    await server.ended();
  }
}

async function serveOnce(machine: InstalledMachine, port: number): Promise<void> {
  const server = await machine.start();
  try {
    assert.equal(server.url, `http://127.0.0.1:${port}`);
    assert.equal((await send(server.url, '/readyz')).status, 200);
  } finally {
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended(), { code: 0, signal: null });
  }
}

/** What the timer starts every night: a copy that restores, and no copy older than 14 days. */
async function assertBackup(machine: InstalledMachine): Promise<void> {
  const unit = await machine.run('cat /usr/lib/systemd/system/callercard-backup.service');
  const steps = [...unit.matchAll(/^ExecStart=(.*)$/gm)].map(([, line = '']) => line.replaceAll('%%', '%'));
  await machine.run(
    `install -d -o callercard -m 700 ${DATA}/backups; touch -d '20 days ago' ${DATA}/backups/callercard-old.backup`,
  );
  for (const step of steps)
    await machine.run(
      `cd ${DATA} && exec setpriv --reuid=callercard --regid=callercard --clear-groups ${step}`,
    );
  const [copy = '', ...more] = (await machine.run(`ls ${DATA}/backups`)).trim().split('\n');
  assert.match(copy, /^callercard-\d{8}T\d{6}Z\.backup$/);
  assert.deepEqual(more, []);
  await machine.run(`callercard restore backups/${copy} --replace`);
}

describe('npm run deb', () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/deb.ts'), ...args], {
      env: plainEnvironment(env),
      encoding: 'utf8',
    });

  it('says in one line what it lacks', () => {
    const noTool = run(['--architecture', 'amd64'], { PATH: temporaryFolder() });
    assert.deepEqual([noTool.status, noTool.stderr.split('\n').length], [1, 2]);
    assert.match(noTool.stderr, /^callercard: dpkg-deb is not there: apt-get install dpkg/);
    const unknown = run(['--architecture', 'sparc']);
    assert.deepEqual(
      [unknown.status, unknown.stderr],
      [1, 'callercard: --architecture sparc is none of amd64, arm64\n'],
    );
  });
});

describe('the npm package', { timeout: 240_000 }, () => {
  /** What `npm pack` leaves in a checkout once it has built. */
  function pack(): { readonly file: string; readonly tops: readonly string[]; readonly size: number } {
    const folder = temporaryFolder();
    const { files, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      files: readonly string[];
      dependencies: Readonly<Record<string, string>>;
    };
    for (const name of ['package.json', 'README.md', 'LICENSE', ...files])
      cpSync(name === 'dist' ? dist : join(ROOT, name), join(folder, name), { recursive: true });
    copyRuntimePackages(ROOT, folder);
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const [{ filename, size, files: names, bundled }] = JSON.parse(packed) as [
      { filename: string; size: number; files: { path: string }[]; bundled: string[] },
    ];
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !bundled.includes(name)),
      [],
    );
    return {
      file: join(folder, filename),
      size,
      tops: [...new Set(names.map(({ path }) => path.split('/')[0] ?? ''))],
    };
  }

  it('45: brings the packages of the lock file, and needs nothing else, nor a new Node.js to be installed', (t) => {
    const { file, tops, size } = pack();
    const expected = [
      'CHANGELOG.md',
      'LICENSE',
      'README.es.md',
      'README.md',
      'SECURITY.md',
      'bin',
      'deploy',
      'dist',
      'docs',
      'node_modules',
      'package.json',
    ];
    assert.deepEqual(tops.toSorted(), expected.toSorted());
    assert.ok(size < 9_000_000, `${size} bytes`);
    t.diagnostic(`${size} bytes`);
    const home = temporaryFolder();
    // What npm would ask for elsewhere fails, because nobody listens there.
    const env = {
      npm_config_registry: 'http://127.0.0.1:1/',
      npm_config_cache: temporaryFolder(),
      npm_config_fetch_retries: '0',
    };
    const PATH = `${OLD_NODE === undefined ? '' : `${dirname(OLD_NODE)}:`}${process.env.PATH ?? ''}`;
    const args = [
      'install',
      '--global',
      '--prefix',
      home,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      file,
    ];
    const installed = spawnSync('npm', args, { env: plainEnvironment({ ...env, PATH }), encoding: 'utf8' });
    assert.equal(installed.status, 0, installed.stderr);
    assert.doesNotMatch(installed.stdout + installed.stderr, /warn/i);
    const ran = spawnSync(join(home, 'bin/callercard'), ['--version'], {
      env: plainEnvironment(),
      encoding: 'utf8',
    });
    assert.deepEqual([ran.status, ran.stderr], [0, '']);
  });
});
