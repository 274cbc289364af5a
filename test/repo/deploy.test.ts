import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

import { environmentName, SETTING_NAMES } from '../../src/config/settings.ts';
import { plainEnvironment, ROOT, runCallercard, startCallercard } from '../support/command.ts';
import { createFilledFolder } from '../support/filled-folder.ts';
import { findFreePort } from '../support/free-port.ts';
import { findProgram, skipWithout } from '../support/programs.ts';
import { makeSelfSigned } from '../support/self-signed.ts';
import { temporaryFolder } from '../support/test-app.ts';

const HOME = '/opt/callercard/';
const HEALTHCHECK = 'deploy/healthcheck.mjs';
const COMMAND = 'deploy/callercard.mjs';
const BACKUP_UNITS = ['deploy/callercard-backup.service', 'deploy/callercard-backup.timer'] as const;
const FILES = [
  'deploy/callercard.service',
  ...BACKUP_UNITS,
  'deploy/debian/environment',
  'deploy/Containerfile',
  HEALTHCHECK,
  COMMAND,
  'deploy/README.md',
] as const;

const { parseEnvironment } = (await import(new URL(`../../${COMMAND}`, import.meta.url).href)) as {
  parseEnvironment: (text: string) => Readonly<Record<string, string>>;
};

const analyzeSkip = skipWithout('systemd-analyze', findProgram('systemd-analyze') !== undefined, 'systemd');

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Each setting of the unit, in order. */
function unitLines(name: string): readonly string[] {
  const lines = read('deploy/callercard.service').split('\n');
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

describe('the files of deploy/', () => {
  it('name only existing settings', () => {
    const known = new Set(['CALLERCARD_', 'CALLERCARD_CONFIG', ...SETTING_NAMES.map(environmentName)]);
    const wrong = FILES.flatMap((path) =>
      (read(path).match(/\bCALLERCARD_[A-Z_]*/g) ?? [])
        .filter((name) => !known.has(name))
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('name only existing files of this repository', () => {
    const wrong = FILES.flatMap((path) => {
      const named = [...read(path).matchAll(/(?:\/opt\/callercard\/|`)((?:bin|deploy|docs|src)\/[\w./-]+)/g)];
      return named.map(([, file = '']) => file).filter((file) => !existsSync(join(ROOT, file)));
    });
    assert.deepEqual(wrong, []);
    const copied = [...read('deploy/Containerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)];
    const sources = copied.flatMap(([, files = '']) => files.split(' '));
    assert.ok(sources.length >= 7, sources.join(' '));
    for (const source of sources) assert.ok(existsSync(join(ROOT, source)), source);
  });

  it('start an existing command', async () => {
    const [start = ''] = unitLines('ExecStart');
    assert.equal(start, `/usr/bin/node ${HOME}bin/callercard serve`);
    assert.match(
      read('deploy/Containerfile'),
      /^ENTRYPOINT \["node", "\/opt\/callercard\/bin\/callercard"\]\nCMD \["serve"\]$/m,
    );
    const ran = await runCallercard(['serve', '--help'], { cwd: temporaryFolder() });
    assert.equal(ran.code, 0, ran.stderr);
  });
});

describe('the service of systemd', () => {
  it('may write to its own folder alone, gains nothing, and is not root', () => {
    for (const [name, value] of [
      ['User', 'callercard'],
      ['StateDirectory', 'callercard'],
      ['WorkingDirectory', '%S/callercard'],
      ['ProtectSystem', 'strict'],
      ['ProtectHome', 'yes'],
      ['PrivateTmp', 'yes'],
      ['NoNewPrivileges', 'yes'],
      ['CapabilityBoundingSet', ''],
    ] as const) {
      assert.deepEqual(unitLines(name), [value], name);
    }
    assert.deepEqual(unitLines('SystemCallFilter'), [
      '@system-service',
      '~@privileged @resources',
      'setpriority',
    ]);
    // It would end the process at its first line: the engine compiles what it runs.
    assert.deepEqual(unitLines('MemoryDenyWriteExecute'), []);
    // A core dump would hold passwords and leads.
    assert.deepEqual(unitLines('LimitCORE'), ['0']);
  });

  it('may ask for the addresses of the machine, without which it cannot listen on all of them', () => {
    const [families = ''] = unitLines('RestrictAddressFamilies');
    assert.deepEqual(families.split(' '), ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK']);
  });

  it(
    'is one that systemd understands, and finds as narrow as a service that listens can be',
    { skip: analyzeSkip },
    () => {
      const folder = temporaryFolder();
      const unit = join(folder, 'callercard.service');
      // Where this Node.js is; deploy/README.md wants it as /usr/bin/node.
      writeFileSync(unit, read('deploy/callercard.service').replace('/usr/bin/node', process.execPath));
      const analyze = (...args: string[]) =>
        spawnSync('systemd-analyze', [...args, unit], { encoding: 'utf8' });
      const assertUnderstood = () => {
        const { status, stderr } = analyze('verify', '--man=no');
        assert.deepEqual([status, stderr], [0, '']);
      };
      assertUnderstood();
      // 1.3 of 10; without restrictions it is 9.6.
      const judged = analyze('security', '--offline=true', '--threshold=15', '--no-pager');
      assert.equal(judged.status, 0, judged.stdout);
      // With the lines that deploy/README.md names for a port below 1024.
      const written = readFileSync(unit, 'utf8');
      const withPort = written.replace(
        /^(AmbientCapabilities|CapabilityBoundingSet)=$/gm,
        '$1=CAP_NET_BIND_SERVICE',
      );
      assert.notEqual(withPort, written);
      writeFileSync(unit, withPort);
      assertUnderstood();
      writeFileSync(unit, '[Service]\nExecStart=/bin/true\n');
      assert.notEqual(analyze('security', '--offline=true', '--threshold=15', '--no-pager').status, 0);
    },
  );

  it('is backed up every night by units that systemd understands', { skip: analyzeSkip }, () => {
    const folder = temporaryFolder();
    const units = BACKUP_UNITS.map((path) => {
      const unit = join(folder, basename(path));
      writeFileSync(unit, read(path).replaceAll('/usr/bin/node', process.execPath));
      return unit;
    });
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('ends and reloads by the signals that serve knows, and waits longer than serve takes', () => {
    assert.deepEqual(unitLines('KillSignal'), ['SIGTERM']);
    assert.deepEqual(unitLines('KillMode'), ['mixed']);
    assert.deepEqual(unitLines('ExecReload'), ['/bin/kill -HUP $MAINPID']);
    assert.ok(Number(unitLines('TimeoutStopSec')[0]) > 10);
    assert.deepEqual(unitLines('Restart'), ['on-failure']);
    assert.deepEqual(unitLines('RestartPreventExitStatus'), ['2']);
    // Five failures in ten seconds would otherwise be the end.
    assert.deepEqual(unitLines('StartLimitIntervalSec'), ['0']);
    assert.deepEqual(unitLines('OOMPolicy'), ['continue']);
    assert.deepEqual(unitLines('MemoryMax'), ['2G']);
  });
});

describe('the command of the service', () => {
  it('has the user, the folder and the settings of the unit', () => {
    const text = read(COMMAND);
    const valueOf = (name: string) => new RegExp(`^const ${name} = '(.+)';$`, 'm').exec(text)?.[1];
    assert.deepEqual(unitLines('User'), [valueOf('USER')]);
    assert.deepEqual(unitLines('WorkingDirectory'), [valueOf('FOLDER')?.replace('/var/lib', '%S')]);
    assert.deepEqual(unitLines('EnvironmentFile'), [`-${valueOf('ENVIRONMENT_FILE') ?? ''}`]);
    // What stands elsewhere in the unit, the command would not have.
    assert.deepEqual([...unitLines('Environment'), ...unitLines('LoadCredential')], []);
    assert.equal(statSync(join(ROOT, COMMAND)).mode & 0o111, 0o111);
  });

  it('reads an environment file as systemd.exec(5) says', () => {
    const table: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['A=b\nC=d', { A: 'b', C: 'd' }],
      ['A=b\r\nC=d\r\n', { A: 'b', C: 'd' }],
      ['  A = b c \t\n', { A: 'b c' }],
      ['A=\nB=', { A: '', B: '' }],
      ['# A=1\n; B=1\nC=1 # no comment', { C: '1 # no comment' }],
      ['# goes on \\\nA=1\nB=2', { B: '2' }],
      ['A=1\nA=2', { A: '2' }],
      ['A=b=c', { A: 'b=c' }],
      ['no assignment\nA=1', { A: '1' }],
      ['1A=x\na-b=x\nexport B=x\n_c=1', { _c: '1' }],
      ['A=\'b  c\'\nB="b  c"', { A: 'b  c', B: 'b  c' }],
      [`A='it is "so"'\nB="it's"`, { A: 'it is "so"', B: "it's" }],
      ['A=\'two\nlines\'\nB="two\nlines"', { A: 'two\nlines', B: 'two\nlines' }],
      ["A='b' 'c'\nB='b'c", { A: 'bc', B: 'bc' }],
      // Only what begins a value quotes it.
      [`A=b'c'\nB=b"c"`, { A: "b'c'", B: 'b"c"' }],
      ['A=b\\ c\\\\d\\ \nB=x\\\ny', { A: 'b c\\d ', B: 'xy' }],
      ['A="\\$b \\` \\" \\\\ \\n"', { A: '$b ` " \\ \\n' }],
      ['A=\'\\n\'\nB="x\\\ny"', { A: '\\n', B: 'xy' }],
      // Nothing is run and nothing is replaced, as a shell would do.
      ['A=$HOME $(id) `id` ~ *', { A: '$HOME $(id) `id` ~ *' }],
      ['P=mariadb://c:a long p$w@h/asterisk', { P: 'mariadb://c:a long p$w@h/asterisk' }],
      ['A="never closed', { A: 'never closed' }],
      ["A='never closed", { A: 'never closed' }],
      ['A=b\\', { A: 'b' }],
      ['', {}],
    ];
    for (const [text, variables] of table) assert.deepEqual(parseEnvironment(text), variables, text);
  });
});

describe('the container', () => {
  const lines = read('deploy/Containerfile').split('\n');

  it('comes from the image that is named when it is built, and runs as a user', () => {
    const images = lines.flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(images, ['${BASE}', '${BASE}']);
    assert.ok(lines.indexOf('USER node') > lines.lastIndexOf('FROM ${BASE}'));
  });

  it('is built from an image by its digest only, and says so before anything else is done', () => {
    const [first = ''] = lines.flatMap((line) => /^RUN (.+)$/.exec(line)?.[1] ?? []);
    const build = (base: string) =>
      spawnSync('sh', ['-c', first], { env: { ...process.env, BASE: base }, encoding: 'utf8' });
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    for (const base of [`node@${digest}`, `node:24-slim@${digest}`, `localhost:5000/node@${digest}`])
      assert.equal(build(base).status, 0, base);
    const [, byDefault = ''] = /^ARG BASE=(.+)$/m.exec(read('deploy/Containerfile')) ?? [];
    for (const base of [byDefault, 'node:24-slim', '', 'node@sha256']) {
      const { status, stderr } = build(base);
      assert.equal(status, 1, base);
      assert.match(
        stderr,
        /^BASE is .*; name the image by its digest, as deploy\/README\.md says: --build-arg BASE=/,
      );
    }
  });

  it('runs no script of a package when it is built', () => {
    for (const line of lines.filter((text) => text.includes('npm '))) assert.match(line, /--ignore-scripts/);
  });

  it('is built by the steps of the published package', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    assert.ok(scripts.prepack?.includes('scripts/build.ts'));
    assert.ok(lines.includes('RUN node scripts/build.ts'));
  });
});

describe('the health check of the container', () => {
  async function check(env: Readonly<Record<string, string>>): Promise<number | null> {
    const child = spawn(process.execPath, [join(ROOT, HEALTHCHECK)], { env: plainEnvironment(env) });
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  }

  async function start(t: TestContext, env: Readonly<Record<string, string>>): Promise<string> {
    const server = await startCallercard(['serve'], { cwd: await createFilledFolder(), env });
    t.after(async () => {
      server.kill('SIGTERM');
      await server.ended();
    });
    return new URL(server.url).port;
  }

  it('reports a server as alive, with and without TLS', async (t) => {
    assert.equal(await check({ CALLERCARD_PORT: await start(t, {}) }), 0);
    const { tlsCert, tlsKey } = await makeSelfSigned();
    const env = { CALLERCARD_TLS_CERT: tlsCert, CALLERCARD_TLS_KEY: tlsKey };
    assert.equal(await check({ ...env, PORT: await start(t, env) }), 0);
  });

  it('reports a server as dead that is missing, answers with an error, or does not answer', async (t) => {
    assert.equal(await check({ CALLERCARD_PORT: String(await findFreePort()) }), 1);
    let silent = false;
    const broken = createServer((_request, response) => {
      if (!silent) response.writeHead(500).end();
    }).listen(0, '127.0.0.1');
    t.after(() => {
      broken.closeAllConnections();
      broken.close();
    });
    await once(broken, 'listening');
    const { port } = broken.address() as AddressInfo;
    assert.equal(await check({ CALLERCARD_PORT: String(port) }), 1);
    silent = true;
    assert.equal(await check({ CALLERCARD_PORT: String(port) }), 1);
  });
});
