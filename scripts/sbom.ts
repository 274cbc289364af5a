/**
 * `npm run --silent sbom` writes what callercard needs at run time to standard output, as CycloneDX 1.6 in JSON;
 * `npm run sbom -- --out FILE` into a file. It reads package.json and package-lock.json and nothing else, so it needs no
 * network, and the same lock file always gives the same bytes: neither time nor chance is in it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');

/** What package-lock.json says of a package, by the folder it is installed in; the folder of the root is ''. */
export interface LockedPackage {
  readonly name?: string;
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}
export type Lock = Readonly<Record<string, LockedPackage>>;

export interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly purl: string;
  readonly scope?: 'required';
  readonly licenses?: readonly [
    { readonly license: { readonly id: string } } | { readonly expression: string },
  ];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

export interface Bom {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly lifecycles: readonly [{ readonly phase: 'pre-build' }];
    readonly component: Component;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const MODULES = 'node_modules/';

/** @throws {Error} the lock file lacks a package that another one needs */
export function bomOf(lock: Lock): Bom {
  const runtime = Object.entries(lock).filter(([, { dev }]) => dev !== true);
  const components = new Map<string, Component>();
  const needs = new Map<string, Set<string>>();
  for (const [folder, locked] of runtime) {
    const component = componentOf(folder, locked);
    const ref = component['bom-ref'];
    components.set(ref, component);
    // One version of a package may stand in several folders, and find different packages from each.
    needs.set(ref, new Set([...(needs.get(ref) ?? []), ...refsOfNeeded(lock, folder)]));
  }
  const [self, ...others] = [...components.values()];
  if (self === undefined) throw new Error('package-lock.json has no packages');
  const content = {
    metadata: { lifecycles: [{ phase: 'pre-build' }] as const, component: self },
    components: others.sort((one, other) => compare(one.purl, other.purl)),
    dependencies: [...needs]
      .map(([ref, needed]) => ({ ref, dependsOn: [...needed].sort(compare) }))
      .sort((one, other) => compare(one.ref, other.ref)),
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  };
}

function componentOf(folder: string, { name, version, license, integrity }: LockedPackage): Component {
  const fullName = name ?? nameOf(folder);
  const [, group, ownName = fullName] = /^(@[^/]+)\/(.+)$/.exec(fullName) ?? [];
  const purl = purlOf(fullName, version);
  return {
    type: folder === '' ? 'application' : 'library',
    'bom-ref': purl,
    ...(group === undefined ? {} : { group }),
    name: ownName,
    version,
    ...(folder === '' ? {} : { scope: 'required' }),
    ...(license === undefined ? {} : { licenses: [licenseOf(license)] }),
    ...(integrity === undefined ? {} : { hashes: hashesOf(integrity) }),
    purl,
  };
}

function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf(MODULES) + MODULES.length);
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** One name of SPDX's list, or several joined by words. */
function licenseOf(license: string): { license: { id: string } } | { expression: string } {
  return /[\s()]/.test(license) ? { expression: license } : { license: { id: license } };
}

/** `sha512-BASE64`, maybe several. */
function hashesOf(integrity: string): readonly { alg: string; content: string }[] {
  return integrity.split(' ').map((text) => {
    const [, bits = '', base64 = ''] = /^sha(\d+)-(.+)$/.exec(text) ?? [];
    return { alg: `SHA-${bits}`, content: Buffer.from(base64, 'base64').toString('hex') };
  });
}

/** As Node.js looks for them: in the package's own folder, then in each one around it. */
function refsOfNeeded(lock: Lock, folder: string): readonly string[] {
  const { dependencies = {}, optionalDependencies, peerDependencies } = lock[folder] ?? {};
  return Object.keys({ ...optionalDependencies, ...peerDependencies, ...dependencies }).flatMap((name) => {
    for (let around = folder; ; around = around.slice(0, Math.max(around.lastIndexOf(`/${MODULES}`), 0))) {
      const found = lock[`${around === '' ? '' : `${around}/`}${MODULES}${name}`];
      if (found !== undefined) return [purlOf(found.name ?? name, found.version)];
      if (around === '') break;
    }
    // What is optional may be for another kind of machine, or left out.
    if (!(name in dependencies) || name in (optionalDependencies ?? {})) return [];
    throw new Error(`package-lock.json has no ${name}, which ${folder} needs`);
  });
}

/** A UUID (version 8, RFC 9562) made of the content's hash. */
function uuidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** By code units: no language of a machine changes the order. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Lock;
  };
  const text = `${JSON.stringify(bomOf(packages), null, 2)}\n`;
  if (values.out === undefined) process.stdout.write(text);
  else writeFileSync(values.out, text);
}
