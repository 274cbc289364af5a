/**
 * `npm run deb`: makes the Debian packages dist/deb/callercard_VERSION_ARCHITECTURE.deb, each with its own Node.js: that of
 * bin/node-packages.json, by its hash. Built again from the same commit they are the same, byte by byte. Needs dpkg-deb.
 *
 *   npm run deb -- --architecture amd64   one of them; else amd64 and arm64
 *               -- --out FOLDER           another folder
 *               -- --compression none     bigger, and quicker to make
 *               -- --release 0.2.0        another version than that of package.json
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { buildDeb } from './deb/build-deb.ts';
import { fetchNode, type NodePin } from './deb/fetch-node.ts';
import { layOutPackage } from './deb/lay-out-package.ts';

const root = join(import.meta.dirname, '..');

/** Debian's names of architectures, and those of Node.js. */
const ARCHITECTURES = { amd64: 'linux-x64', arm64: 'linux-arm64' } as const;
type Architecture = keyof typeof ARCHITECTURES;

const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as unknown;

const { values } = parseArgs({
  options: {
    architecture: { type: 'string', multiple: true, default: Object.keys(ARCHITECTURES) },
    out: { type: 'string', default: join(root, 'dist', 'deb') },
    compression: { type: 'string', default: 'xz' },
    release: { type: 'string', default: (read('package.json') as { version: string }).version },
  },
});

/** The time of the commit, which is the same wherever it is built; SOURCE_DATE_EPOCH outweighs it. */
function timeOfSource(): number {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) return Number(given);
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  const time = Number(stdout);
  if (!time)
    throw new Error(
      'git does not say when this was committed; set SOURCE_DATE_EPOCH to the seconds since 1970',
    );
  return time;
}

function isArchitecture(name: string): name is Architecture {
  return Object.hasOwn(ARCHITECTURES, name);
}

async function make(scratch: string): Promise<void> {
  const { compression, release: version } = values;
  if (compression !== 'xz' && compression !== 'none') throw new Error('--compression is xz or none');
  const unknown = values.architecture.find((name) => !isArchitecture(name));
  if (unknown !== undefined) throw new Error(`--architecture ${unknown} is none of amd64, arm64`);
  if (spawnSync('dpkg-deb', ['--version']).status !== 0)
    throw new Error('dpkg-deb is not there: apt-get install dpkg, or use a Debian machine');
  const time = timeOfSource();
  const out = resolve(values.out);
  const dist = join(scratch, 'dist');
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.ts'), dist], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('scripts/build.ts failed');
  mkdirSync(out, { recursive: true });
  const pins = read('bin/node-packages.json') as Readonly<Record<string, NodePin>>;
  for (const architecture of values.architecture.filter(isArchitecture)) {
    const platform = ARCHITECTURES[architecture];
    const pin = pins[platform];
    if (pin === undefined) throw new Error(`bin/node-packages.json has no Node.js for ${platform}`);
    const node = await fetchNode(join(root, '.node', platform), pin, join(scratch, platform));
    const folder = join(scratch, architecture);
    const file = join(out, `callercard_${version}_${architecture}.deb`);
    layOutPackage(folder, { root, dist, node, version });
    buildDeb(folder, { root, version, architecture, time, compression, out: file });
    console.log(file);
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'callercard-deb-'));
try {
  await make(scratch);
} catch (error) {
  console.error(`callercard: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
