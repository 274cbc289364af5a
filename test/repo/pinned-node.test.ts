/** Which Node.js bin/with-node.mjs gets where the machine's is too old: with the npm of this machine and a registry on it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';

import { plainEnvironment, ROOT } from '../support/command.ts';
import { packPackage, startNpmRegistry, type PackedPackage } from '../support/npm-registry.ts';
import { temporaryFolder } from '../support/test-app.ts';

const PINS = 'bin/node-packages.json';
const PLATFORM = `${process.platform}-${process.arch}`;
const NAME = 'node-of-this-test';
const { node: VERSION } = process.versions;

interface Pin {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** A package whose Node.js is the one that runs this test, and leaves a trace in `ran` when it is run. */
function packNode(ran: string, version = VERSION): PackedPackage {
  return packPackage(NAME, version, {
    'bin/node': `#!/bin/sh\necho run >> '${ran}'\nexec '${process.execPath}' "$@"\n`,
  });
}

/** A checkout without packages to install, which wants this package. */
function createCheckout({ name, version, integrity }: Pin): string {
  const checkout = temporaryFolder();
  cpSync(join(ROOT, 'bin'), join(checkout, 'bin'), { recursive: true });
  for (const folder of ['src', 'node_modules']) mkdirSync(join(checkout, folder));
  const lock = JSON.stringify({ lockfileVersion: 3, packages: { '': {} } });
  writeFileSync(join(checkout, 'package.json'), '{ "name": "callercard", "type": "module" }');
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json'])
    writeFileSync(join(checkout, file), lock);
  writeFileSync(join(checkout, PINS), JSON.stringify({ [PLATFORM]: { name, version, integrity } }));
  return checkout;
}

/** `node bin/with-node.mjs -p 1+1` by a Node.js that calls itself an old one. */
async function runAsOld(checkout: string, env: Readonly<Record<string, string>>) {
  const versions = '{value:{...process.versions,node:"20.20.2"}}';
  const pretend = `data:text/javascript,Object.defineProperty(process,"versions",${versions})`;
  const args = ['--import', pretend, 'bin/with-node.mjs', '-p', '1+1'];
  const child = spawn(process.execPath, args, { cwd: checkout, env: plainEnvironment(env) });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, code };
}

describe('the Node.js of the launcher', () => {
  it('65: is one version and one hash for each platform, from whatever registry npm is set to', () => {
    const written = readFileSync(join(ROOT, PINS), 'utf8');
    assert.doesNotMatch(written, /https?:|registry/);
    const pins = Object.entries(JSON.parse(written) as Record<string, Pin>);
    assert.deepEqual(
      pins.map(([platform]) => platform),
      ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64'],
    );
    for (const [platform, pin] of pins) {
      assert.deepEqual(Object.keys(pin), ['name', 'version', 'integrity'], platform);
      assert.match(pin.name, /^node-(?:bin-)?(?:darwin|linux|win)-(?:x64|arm64)$/, platform);
      const [, major = '', minor = ''] = /^(\d+)\.(\d+)\.\d+$/.exec(pin.version) ?? [];
      assert.ok(Number(major) > 24 || (Number(major) === 24 && Number(minor) >= 7), pin.version);
      assert.match(pin.integrity, /^sha512-[A-Za-z0-9+/]{86}==$/, platform);
    }
    assert.equal(new Set(pins.map(([, { integrity }]) => integrity)).size, pins.length);
  });

  it('65: is fetched and run when the registry has the package of that hash', async (t) => {
    const ran = join(temporaryFolder(), 'ran');
    const right = packNode(ran);
    const checkout = createCheckout(right);
    const { env } = await startNpmRegistry(t, right);
    const { stdout, stderr, code } = await runAsOld(checkout, env);
    assert.deepEqual({ stdout, code }, { stdout: '2\n', code: 0 }, stderr);
    assert.ok(existsSync(ran));
    assert.deepEqual(readdirSync(join(checkout, '.node')), [PLATFORM]);
  });

  /** Neither run nor kept: nothing in the checkout has changed. */
  async function assertRefused(
    t: TestContext,
    sent: PackedPackage,
    claims: string,
    ran: string,
    says: RegExp,
  ) {
    const wanted = packNode(join(temporaryFolder(), 'never'));
    const checkout = createCheckout(wanted);
    const { env } = await startNpmRegistry(t, sent, claims === '' ? wanted.integrity : claims);
    // Where npm is told to ignore lock files, too.
    const { stdout, stderr, code } = await runAsOld(checkout, { ...env, npm_config_package_lock: 'false' });
    assert.deepEqual({ stdout, code }, { stdout: '', code: 1 });
    const [first, second, ...more] = stderr.split('\n');
    assert.match(first ?? '', /is too old .*; going on under Node\.js .* from the npm registry$/);
    assert.match(second ?? '', says);
    assert.deepEqual(more, ['']);
    assert.ok(!existsSync(ran), 'it was run');
    assert.deepEqual(readdirSync(join(checkout, '.node')), []);
    assert.deepEqual(readdirSync(join(checkout, 'node_modules')), ['.package-lock.json']);
  }

  const REFUSED = new RegExp(
    `^callercard: npm's registry sent another package than the ${NAME}@${VERSION} whose hash is in ${PINS}; ` +
      'it was not installed\\. See which registry npm uses \\(npm config get registry\\), or install Node\\.js 24 from ',
  );

  it('65: is refused when the registry has another package under that name, and says so openly', async (t) => {
    const ran = join(temporaryFolder(), 'ran');
    const other = packNode(ran);
    await assertRefused(t, other, other.integrity, ran, REFUSED);
  });

  it('65: is refused when the registry says the right hash and sends another package', async (t) => {
    const ran = join(temporaryFolder(), 'ran');
    await assertRefused(t, packNode(ran), '', ran, REFUSED);
  });

  it('65: is no other version, though the registry has a newer one', async (t) => {
    const ran = join(temporaryFolder(), 'ran');
    const newer = packNode(ran, `${String(Number.parseInt(VERSION, 10) + 1)}.0.0`);
    const says = new RegExp(
      `^callercard: npm could not get ${NAME}@${VERSION} \\(ETARGET\\); install Node\\.js 24`,
    );
    await assertRefused(t, newer, newer.integrity, ran, says);
  });
});
