import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { bomOf, type Bom, type Component, type Lock, type LockedPackage } from '../../scripts/sbom.ts';
import { ROOT } from '../support/command.ts';
import { temporaryFolder } from '../support/test-app.ts';

interface Locked extends LockedPackage {
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

  it('45: is known by its hash, and comes from where npm is told to get packages, nowhere else', () => {
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

  it('45: is at most 14 packages that we ask for at run time', () => {
    const direct = Object.keys(manifest.dependencies);
    assert.ok(direct.length <= 14, direct.join(', '));
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

describe('the list of what is in it (npm run sbom)', () => {
  const sbom = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'scripts/sbom.ts'), ...args], { encoding: 'utf8' });

  it('45: is the same each time, on standard output and in a file', () => {
    const { status, stdout, stderr } = sbom();
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    const file = join(temporaryFolder(), 'sbom.json');
    assert.deepEqual([sbom('--out', file).status, readFileSync(file, 'utf8')], [0, stdout]);
    assert.deepEqual(JSON.parse(stdout), bomOf(packages));
    assert.match(manifest.scripts.sbom ?? '', / scripts\/sbom\.ts$/);
  });

  it('45: is a CycloneDX 1.6 document', () => {
    assertBom(bomOf(packages));
  });

  it('45: names every package of run time with version, licence and hash, and no other', () => {
    const { components, metadata } = bomOf(packages);
    const nameOf = ({ group, name, version }: Component) =>
      `${group === undefined ? '' : `${group}/`}${name}@${version}`;
    const wanted = runtime.map(
      ([folder, { version }]) => `${folder.slice(folder.lastIndexOf('node_modules/') + 13)}@${version}`,
    );
    assert.deepEqual(components.map(nameOf).sort(), [...new Set(wanted)].sort());
    for (const component of components) {
      assert.ok(component.licenses !== undefined && component.hashes !== undefined, component.name);
    }
    assert.equal(metadata.component.name, 'callercard');
    assert.ok(!components.some(({ name }) => name === 'typescript'));
  });

  it('45: says who needs whom, so that every package is reached from callercard', () => {
    const { dependencies, metadata } = bomOf(packages);
    const needs = new Map(dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const own = metadata.component['bom-ref'];
    assert.deepEqual(
      needs.get(own)?.map((ref) => ref.replace(/@[^@]+$/, '')),
      Object.keys(manifest.dependencies)
        .map((name) => `pkg:npm/${name.replace('@', '%40')}`)
        .sort(),
    );
    const reached = new Set([own]);
    for (const ref of reached) for (const needed of needs.get(ref) ?? []) reached.add(needed);
    assert.deepEqual([...reached].sort(), [...needs.keys()].sort());
  });

  it('45: finds each package where Node.js does, and changes its number with its content', () => {
    const lock: Lock = {
      '': { name: 'own', version: '1.0.0', dependencies: { a: '^1', b: '^2' } },
      'node_modules/a': { version: '1.1.0', license: '(MIT OR Apache-2.0)', dependencies: { b: '^1' } },
      'node_modules/a/node_modules/b': { version: '1.2.0', peerDependencies: { gone: '*' } },
      'node_modules/b': { version: '2.0.0', optionalDependencies: { windows: '*' } },
      'node_modules/c': { version: '3.0.0', dev: true },
    };
    const bom = bomOf(lock);
    assert.deepEqual(bom.dependencies, [
      { ref: 'pkg:npm/a@1.1.0', dependsOn: ['pkg:npm/b@1.2.0'] },
      { ref: 'pkg:npm/b@1.2.0', dependsOn: [] },
      { ref: 'pkg:npm/b@2.0.0', dependsOn: [] },
      { ref: 'pkg:npm/own@1.0.0', dependsOn: ['pkg:npm/a@1.1.0', 'pkg:npm/b@2.0.0'] },
    ]);
    assert.deepEqual(bom.components[0]?.licenses, [{ expression: '(MIT OR Apache-2.0)' }]);
    const other = bomOf({ ...lock, 'node_modules/b': { version: '2.0.1' } });
    assert.notEqual(bom.serialNumber, other.serialNumber);
    assert.throws(() => bomOf({ ...lock, 'node_modules/b': { version: '2.0.0', dependencies: { x: '*' } } }));
  });
});

/** What the standard's schema asks for, as far as such a document has it. */
function assertBom(bom: Bom): void {
  assert.deepEqual(Object.keys(bom), [
    '$schema',
    'bomFormat',
    'specVersion',
    'serialNumber',
    'version',
    'metadata',
    'components',
    'dependencies',
  ]);
  assert.deepEqual([bom.bomFormat, bom.specVersion, bom.version], ['CycloneDX', '1.6', 1]);
  assert.match(
    bom.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.ok(!('timestamp' in bom.metadata));
  const all = [bom.metadata.component, ...bom.components];
  const refs = all.map((component) => component['bom-ref']);
  assert.equal(new Set(refs).size, refs.length, 'each reference once');
  for (const { type, name, version, purl, scope, licenses = [], hashes = [] } of all) {
    assert.ok(type === 'library' || name === 'callercard', name);
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.match(purl, /^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+[\w.-]*$/);
    assert.ok(scope === undefined || type === 'library');
    for (const licence of licenses) {
      assert.match('license' in licence ? licence.license.id : licence.expression, /^[A-Za-z0-9.() +-]+$/);
    }
    for (const { alg, content } of hashes) {
      assert.equal(alg, 'SHA-512');
      assert.match(content, /^[0-9a-f]{128}$/);
    }
  }
  const known = new Set(refs);
  const told = bom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
  assert.deepEqual(
    told.filter((ref) => !known.has(ref)),
    [],
  );
  assert.deepEqual(bom.dependencies.map(({ ref }) => ref).sort(), refs.sort());
}
