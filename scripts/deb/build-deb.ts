import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];

export interface DebOptions {
  /** Of the checkout. */
  readonly root: string;
  readonly version: string;
  /** As Debian calls it. */
  readonly architecture: string;
  /** Every file has this time, in seconds, so that two builds are alike. */
  readonly time: number;
  readonly compression: 'xz' | 'none';
  /** What becomes the package. */
  readonly out: string;
}

/**
 * Makes a Debian package of a folder that has each file where it will be (layOutPackage). Built again from the same files it is
 * the same, byte by byte.
 */
export function buildDeb(
  folder: string,
  { root, version, architecture, time, compression, out }: DebOptions,
): void {
  const files = listPaths(folder);
  const size = files.reduce((sum, path) => sum + Math.ceil(lstatSync(path).size / 1024), 0);
  const control = join(folder, 'DEBIAN');
  const debian = join(root, 'deploy/debian');
  mkdirSync(control);
  const values = new Map([
    ['VERSION', version],
    ['ARCHITECTURE', architecture],
    ['SIZE', String(size)],
  ]);
  const template = readFileSync(join(debian, 'control'), 'utf8');
  writeFileSync(
    join(control, 'control'),
    template.replace(/@(\w+)@/g, (_, name: string) => values.get(name) ?? ''),
  );
  writeFileSync(join(control, 'conffiles'), '/etc/callercard/environment\n');
  for (const name of [...SCRIPTS, 'templates']) cpSync(join(debian, name), join(control, name));
  makeAlike(folder, time);
  const args = ['--root-owner-group', `-Z${compression}`, '--threads-max=1', '--build', folder, out];
  const { status, stderr } = spawnSync('dpkg-deb', args, {
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: String(time), LC_ALL: 'C' },
  });
  if (status !== 0) throw new Error(`dpkg-deb failed\n${stderr}`);
}

/** Gives every file one time, and the modes that do not depend on the umask of who builds. */
function makeAlike(folder: string, time: number): void {
  for (const path of [...listPaths(folder), folder]) {
    const entry = lstatSync(path);
    const isRun = entry.isDirectory() || (entry.mode & 0o100) !== 0;
    if (!entry.isSymbolicLink()) chmodSync(path, isRun ? 0o755 : 0o644);
    lutimesSync(path, time, time);
  }
}

/** Files and folders in a folder, what is in a folder before the folder. */
function listPaths(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [...listPaths(path), path] : [path];
  });
}
