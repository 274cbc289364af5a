import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface NodePin {
  readonly name: string;
  readonly version: string;
  /** The hash of what npm downloads, as in a lock file. */
  readonly integrity: string;
}

/**
 * The folder of a package with a Node.js: that of the launcher where it has fetched it (`.node/`), else from npm's registry
 * into a scratch folder. `npm pack` brings those of other architectures, too, and runs nothing; hence the hash is compared here.
 *
 * @throws {Error} npm could not get it, or it is another one than bin/node-packages.json says
 */
export async function fetchNode(
  launchers: string,
  pin: NodePin,
  scratch: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const there = join(launchers, 'node_modules', pin.name);
  if (versionOf(there) === pin.version) return there;
  mkdirSync(scratch, { recursive: true });
  const spec = `${pin.name}@${pin.version}`;
  const options = { cwd: scratch, env };
  try {
    await execute('npm', ['pack', '--ignore-scripts', '--loglevel=error', spec], options);
  } catch (error) {
    throw new Error(`npm could not get ${spec}`, { cause: error });
  }
  const packed = `${pin.name}-${pin.version}.tgz`;
  const content = readFileSync(join(scratch, packed));
  const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  if (integrity !== pin.integrity)
    throw new Error(
      `npm's registry sent another package than the ${spec} whose hash is in bin/node-packages.json`,
    );
  await execute('tar', ['-x', '-z', '-f', packed, '--no-same-owner'], options);
  return join(scratch, 'package');
}

function versionOf(folder: string): string | undefined {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
