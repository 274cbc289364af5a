import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ROOT } from '../support/command.ts';

/** What package-lock.json says of a package. */
interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly link?: boolean;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, Locked>>;
};
const locked = Object.entries(packages).filter(([folder]) => folder !== '');
const runtime = locked.filter(([, { dev }]) => dev !== true);

/** The folders of packages of which something is true. */
function foldersWhere(is: (entry: Locked) => boolean): readonly string[] {
  return locked.filter(([, entry]) => is(entry)).map(([folder]) => folder);
}

describe('what comes from the registry', () => {
  it('45: runs no script when it is installed, for development neither', () => {
    assert.ok(runtime.length > 10, 'the lock file lists what run time needs');
    assert.deepEqual(
      foldersWhere(({ hasInstallScript }) => hasInstallScript === true),
      [],
    );
  });

  it("45: has a hash, and comes from npm's configured registry, nowhere else", () => {
    assert.deepEqual(
      foldersWhere(({ integrity = '' }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)),
      [],
    );
    // An address would outweigh the registry that a machine is set to.
    assert.deepEqual(
      foldersWhere(({ resolved, link }) => resolved !== undefined || link === true),
      [],
    );
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    assert.deepEqual(
      ranges.filter(([, range]) => !/^\^\d+\.\d+\.\d+$/.test(range)),
      [],
    );
  });

  it('45: is at most 15 packages that we ask for at run time', () => {
    const direct = Object.keys(manifest.dependencies);
    // The fifteenth is the connector of a third engine.
    assert.ok(direct.length <= 15, direct.join(', '));
  });

  it('45: is installed without scripts wherever something here installs it', () => {
    const installs = /\bnpm (?:ci|i|install|exec)\b|\bnpx\b/;
    for (const file of ['.ci/run', 'deploy/Containerfile', 'deploy/README.md', 'deploy/callercard.service']) {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      const commands = lines.filter((line) => installs.test(line) && !line.startsWith('#'));
      for (const line of commands) assert.match(line, / --ignore-scripts\b/, file);
    }
    // What the npm scripts install, they install by bin/with-node.mjs; test/repo/runtime.test.ts sees how.
    const launcher = readFileSync(join(ROOT, 'bin/with-node.mjs'), 'utf8');
    assert.equal(launcher.match(/\['(?:ci|install)',/g)?.length, 2);
    assert.match(launcher, /async function runNpm\(args, cwd\) \{\n {2}const quiet = \['--ignore-scripts',/);
  });

  it('45: needs no script of ours when callercard is installed', () => {
    const own = [
      'preinstall',
      'install',
      'postinstall',
      'prepublish',
      'preprepare',
      'prepare',
      'postprepare',
    ];
    assert.deepEqual(
      own.filter((name) => manifest.scripts[name] !== undefined),
      [],
    );
  });
});

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

describe('the software bill of materials (npm run sbom)', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const read = () => {
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Bom;
  };
  const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

  it('45: is a CycloneDX document about callercard', () => {
    const { bomFormat, specVersion, metadata } = read();
    assert.equal(bomFormat, 'CycloneDX');
    assert.match(specVersion, /^1\.\d$/);
    assert.equal(metadata.component.type, 'application');
    assert.equal(metadata.component.name, 'callercard');
    assert.match(metadata.component.purl, /^pkg:npm\/callercard@\d+\.\d+\.\d+$/);
  });

  it('45: names every package of run time with version, licence and hash, and no other', () => {
    const { components } = read();
    const wanted = runtime.map(([folder, { version }]) =>
      purlOf(folder.slice(folder.lastIndexOf('node_modules/') + 13), version),
    );
    assert.deepEqual(components.map(({ purl }) => purl).sort(), [...new Set(wanted)].sort());
    for (const { name, licenses = [], hashes = [] } of components) {
      assert.ok(licenses.length > 0, name);
      for (const { license, expression } of licenses)
        assert.match(license?.id ?? expression ?? '', /^[A-Za-z0-9.() +-]+$/, name);
      assert.ok(hashes.length > 0, name);
      for (const { alg, content } of hashes)
        assert.match(`${alg} ${content}`, /^SHA-512 [0-9a-f]{128}$/, name);
    }
  });

  it('45: says who needs whom, so that every package is reached from callercard', () => {
    const { components, dependencies, metadata } = read();
    const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const own = metadata.component['bom-ref'];
    assert.deepEqual(
      needs
        .get(own)
        ?.map((ref) => ref.replace(/@[^@]+$/, ''))
        .sort(),
      Object.keys(manifest.dependencies).sort(),
    );
    const reached = new Set([own]);
    for (const ref of reached) for (const needed of needs.get(ref) ?? []) reached.add(needed);
    const refs = [own, ...components.map((component) => component['bom-ref'])];
    assert.equal(new Set(refs).size, refs.length, 'each reference once');
    assert.deepEqual([...reached].sort(), [...refs].sort());
  });
});
