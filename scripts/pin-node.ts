/**
 * `npm run pin`: writes into bin/node-packages.json which package with a Node.js the launcher gets for each platform:
 * the newest of its major version that npm's registry has, and the hash of that package. Look at the change before you
 * commit it: the hash holds whoever serves the package later to it, and is no better than the registry that gave it today.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface NodePackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

const file = join(import.meta.dirname, '..', 'bin', 'node-packages.json');

/** The newest version of the same major, as the registry describes it. */
function newestOf({ name, version }: NodePackage): NodePackage {
  const [major = ''] = version.split('.');
  const args = ['view', `${name}@${major}`, 'version', 'dist.integrity', '--json'];
  const { status, stdout, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm view ${name}@${major} failed:\n${stderr}`);
  // One object, or a list of them in the order in which they were published.
  const found = [JSON.parse(stdout)].flat() as { version: string; 'dist.integrity': string }[];
  const [newest] = found.sort((one, other) => compareVersions(other.version, one.version));
  if (newest === undefined) throw new Error(`the registry has no ${name}@${major}`);
  return { name, version: newest.version, integrity: newest['dist.integrity'] };
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

const packages = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, NodePackage>>;
const pinned = Object.entries(packages).map(([platform, old]) => {
  const pin = newestOf(old);
  const change = pin.version === old.version ? 'as before' : `was ${old.version}`;
  console.log(`${platform}: ${pin.name}@${pin.version} (${change})`);
  if (pin.version === old.version && pin.integrity !== old.integrity)
    throw new Error(`${pin.name}@${pin.version} has another hash than before: find out why`);
  return [platform, pin] as const;
});
writeFileSync(file, `${JSON.stringify(Object.fromEntries(pinned), null, 2)}\n`);
