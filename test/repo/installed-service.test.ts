/**
 * deploy/README.md, followed as it is printed, and what it gives: in a root of the test's own, in which nothing of the machine
 * is changed. What systemd does when it starts the unit, the test does by what stands in the unit.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';

import { ROOT } from '../support/command.ts';
import { findFreePort } from '../support/free-port.ts';
import { ENVIRONMENT_FILE, InstalledMachine } from '../support/installed-machine.ts';
import { packPackage, startNpmRegistry } from '../support/npm-registry.ts';
import { childrenOf } from '../support/process-tree.ts';
import { scratchRootSkip, startScratchRoot } from '../support/scratch-root.ts';
import { send, temporaryFolder } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'correct horse battery';
const UNIT = '/etc/systemd/system/callercard.service';

/** What comes with the machine, where that is older than callercard needs. */
const OLD_NODE = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) =>
    existsSync(path) && /^v(?:18|20|22)\./.test(execFileSync(path, ['--version'], { encoding: 'utf8' })),
);

/** A checkout as an administrator has put it there, with the packages of run time. */
function createCheckout(): string {
  const checkout = temporaryFolder();
  for (const name of ['bin', 'src', 'deploy', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const needed = Object.keys(packages).filter((folder) => folder !== '' && packages[folder]?.dev !== true);
  for (const folder of [...needed, 'node_modules/.package-lock.json'])
    cpSync(join(ROOT, folder), join(checkout, folder), { recursive: true });
  return checkout;
}

/** What `callercard --version` is to fetch where the machine's Node.js is too old: the one that runs this test. */
async function offerNode(t: TestContext, checkout: string): Promise<Readonly<Record<string, string>>> {
  const programs = { 'bin/node': { copyOf: process.execPath } };
  const node = packPackage('node-of-this-test', process.versions.node, programs);
  const { name, version, integrity } = node;
  const pins = { [`${process.platform}-${process.arch}`]: { name, version, integrity } };
  writeFileSync(join(checkout, 'bin/node-packages.json'), JSON.stringify(pins));
  return (await startNpmRegistry(t, node)).env;
}

/** The commands under `## systemd` that are to be typed. */
function readSteps(): readonly string[] {
  const text = readFileSync(join(ROOT, 'deploy/README.md'), 'utf8');
  const section = /^## systemd$([^]*?)^## /m.exec(text)?.[1] ?? '';
  return [...section.matchAll(/^```console\n([^]*?)^```$/gm)].map(([, script = '']) => script);
}

/** Follows the steps. @returns what the first one, which installs, said */
async function install(
  machine: InstalledMachine,
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  await machine.run('cat > /usr/local/sbin/systemctl && chmod 755 /usr/local/sbin/systemctl', {
    input: '#!/bin/sh\necho "$@" >> /tmp/systemctl-calls\n',
  });
  await machine.run('mkdir /tmp/here && cat > /tmp/here/customers.csv', {
    input: 'phone,first_name\n5512345678,Ana\nno number,Luis\n',
  });
  const cwd = '/tmp/here';
  const [first = '', second = '', third = '', ...more] = readSteps();
  assert.deepEqual(more, []);
  // Even where root's files are for root alone.
  const said = await machine.run(`umask 077\n${first}`, { cwd, env });
  await machine.run(second, { cwd });
  const settings = `CALLERCARD_PORT=${port}\n# not 500\nCALLERCARD_RATE_LIMIT="77"\n`;
  await machine.run(`cat >> ${ENVIRONMENT_FILE}`, { input: settings });
  // A rejected row is exit code 3. And what a person types when asked for a password.
  const typed = third
    .replace(/^callercard import .*$/m, '$& || [ $? = 3 ]')
    .replace('user add crm', 'user add crm --password-stdin');
  const checked = await machine.run(typed, {
    cwd,
    input: PASSWORD,
    env: { CALLERCARD_PORT: '1', PORT: '2' },
  });
  assert.match(
    checked,
    /^ok +file rights: closed to other users of this machine: data\/callercard\.db(?:, data\/callercard-audit)?$/m,
  );
  assert.doesNotMatch(checked, /^PROBLEM/m);
  assert.deepEqual((await machine.run('cat /tmp/systemctl-calls')).split('\n'), [
    'daemon-reload',
    'enable callercard',
    'start callercard',
    '',
  ]);
  return said;
}

async function isServed(port: number): Promise<boolean> {
  const body = new URLSearchParams({
    goAction: 'goGetCustomerInfo',
    goUser: 'crm',
    goPass: PASSWORD,
    responsetype: 'json',
    phone_number: '5512345678',
  }).toString();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const path = '/goAPIv2/goAgent/goAPI.php';
  const answer = await send(`http://127.0.0.1:${port}`, path, { method: 'POST', headers, body });
  return /^\{"result":"success".*"first_name":"Ana"/.test(answer.text);
}

/** The code is root's, and the service's user can change none of it; its own folder is closed to everybody else. */
async function assertClosed(machine: InstalledMachine): Promise<void> {
  const mayWrite = 'runuser -u callercard -- find /opt/callercard /etc/callercard -writable ! -type l';
  assert.equal(await machine.run(mayWrite), '');
  assert.equal(await machine.run('find /opt/callercard ! -user root -o ! -group root'), '');
  assert.equal(await machine.run('stat -c "%a %U" /var/lib/callercard'), '700 callercard\n');
  assert.equal(await machine.run('find /var/lib/callercard ! -user callercard'), '');
  assert.equal(await machine.run('find /var/lib/callercard -type f -perm /077'), '');
  assert.match(await machine.run('ls /var/lib/callercard'), /^customers\.rejects\.csv$/m);
}

async function assertSameSettings(machine: InstalledMachine, port: number): Promise<void> {
  const env = { CALLERCARD_PORT: '1', HOST: '::' };
  const shown = await machine.run('cd / && callercard settings', { env });
  assert.match(shown, new RegExp(`^port +${port} +environment CALLERCARD_PORT `, 'm'));
  assert.match(shown, /^rateLimit +77 +environment CALLERCARD_RATE_LIMIT /m);
  assert.match(shown, /^host +127\.0\.0\.1 +default /m);
  // The service's own user gets the same without becoming another one, and nobody else gets anything.
  assert.equal(await machine.run('runuser -u callercard -- callercard settings', { env }), shown);
  const refused = await machine.run('! runuser -u daemon -- callercard settings');
  assert.equal(refused, 'callercard: run this as root, or as the user callercard\n');
}

for (const [what, node] of [
  ['a Node.js that is too old', OLD_NODE],
  ['a Node.js that is new enough', process.execPath],
] as const) {
  const missing = node === undefined && 'no Node.js before 24 is in /usr/bin or /usr/local/bin';
  const skip = scratchRootSkip === false ? missing : scratchRootSkip;

  it(`deploy/README.md gives a service on a machine with ${what}`, { skip, timeout: 240_000 }, async (t) => {
    const checkout = createCheckout();
    const isOld = node === OLD_NODE;
    const env = isOld ? await offerNode(t, checkout) : {};
    const root = await startScratchRoot({ '/opt/callercard': checkout, '/usr/bin/node': node ?? '' });
    if (root === undefined) {
      t.skip('this user may not make namespaces and mounts');
      return;
    }
    t.after(() => root.stop());
    const machine = new InstalledMachine(root, UNIT, '/opt/callercard');
    const port = await findFreePort();
    const said = await install(machine, port, env);
    assert.equal(/is too old .*; going on under Node\.js/.test(said), isOld, said);
    assert.equal(existsSync(join(checkout, '.node')), isOld);
    await assertClosed(machine);
    await assertSameSettings(machine, port);

    const server = await machine.start();
    t.after(() => server.kill('SIGKILL'));
    assert.equal(server.url, `http://127.0.0.1:${port}`);
    assert.ok(await isServed(port));
    assert.equal(childrenOf(server.pid).length, isOld ? 1 : 0);
    server.kill('SIGHUP');
    await until('it has read its settings again', () => /SIGHUP|settings/.test(server.said()));
    assert.ok(await isServed(port));
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended(), { code: 0, signal: null });
    assert.doesNotMatch(server.said(), /EROFS|EACCES|read-only/i);

    await machine.run(`echo CALLERCARD_PORT=none >> ${ENVIRONMENT_FILE}`);
    await assert.rejects(machine.start(), /no server: exit code 2\n.*port \(environment CALLERCARD_PORT\)/s);
  });
}
