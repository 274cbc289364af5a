import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { findProgram, skipWithout } from './programs.ts';
import { temporaryFolder } from './test-app.ts';

const PROGRAMS = ['unshare', 'nsenter', 'setpriv', 'mount', 'chroot'];

/** Why tests in a root of their own are skipped; false where they run. */
export const scratchRootSkip = skipWithout(
  PROGRAMS.join(', '),
  PROGRAMS.every((program) => findProgram(program) !== undefined),
  'util-linux coreutils',
);

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The machine's file system, in which everything can be changed without a trace: changes are in memory. */
export interface ScratchRoot {
  /** Starts a program there, as root and with this environment alone. */
  start(command: readonly string[], options?: RunOptions): ChildProcessByStdio<Writable, Readable, Readable>;
  run(
    command: readonly string[],
    options?: RunOptions,
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  stop(): Promise<void>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Says that a program is in the scratch root and not in that of the machine. */
const MARK = '/.scratch-root';

/**
 * A copy on write of `/` alone: what is mounted elsewhere (`/dev`, `/run`, `/sys`, perhaps `/home`) is not there at all, so
 * nothing of it can be changed either. `/tmp` is empty, `/proc` read-only.
 *
 * @param shown what is seen there in the place of something else, by the path of that
 */
function script(folder: string, shown: Readonly<Record<string, string>>): string {
  const root = `${folder}/root`;
  const binds = Object.entries(shown).map(
    ([path, source]) =>
      `[ -d '${source}' ] && mkdir -p '${root}${path}' || { [ -e '${root}${path}' ] || touch '${root}${path}'; }\nmount --bind '${source}' '${root}${path}'`,
  );
  return `set -e
mount --make-rprivate /
mount -t tmpfs none '${folder}/memory'
mkdir '${folder}/memory/upper' '${folder}/memory/work'
mount -t overlay overlay -o 'lowerdir=/,upperdir=${folder}/memory/upper,workdir=${folder}/memory/work' '${root}'
mount -t tmpfs -o mode=1777 none '${root}/tmp'
mount -t tmpfs -o mode=755 none '${root}/run'
mount -t tmpfs -o mode=755 none '${root}/dev'
for device in null zero random urandom; do
  touch '${root}/dev/'$device
  mount --bind /dev/$device '${root}/dev/'$device
done
mount -t proc -o ro none '${root}/proc'
${binds.join('\n')}
touch '${root}${MARK}'
# From inside: before it is there, a program that enters would be in the machine's own root.
exec chroot '${root}' sh -c 'echo ready; exec sleep infinity'`;
}

/** @returns undefined where this user may not make namespaces and mounts */
export async function startScratchRoot(
  shown: Readonly<Record<string, string>> = {},
): Promise<ScratchRoot | undefined> {
  const folder = temporaryFolder();
  for (const name of ['memory', 'root']) mkdirSync(join(folder, name));
  const boot = join(folder, 'boot.sh');
  writeFileSync(boot, script(folder, shown));
  // It ends with this process, however that ends; with the last process in it the namespace goes.
  const holder = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--mount', 'sh', boot], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const closed = once(holder, 'close');
  const ready = once(holder.stdout, 'data').then(([said]) => String(said).includes('ready'));
  if (!(await Promise.race([ready, closed.then(() => false)]))) return undefined;
  const pid = String(holder.pid);

  const start: ScratchRoot['start'] = (command, { cwd = '/', input, env = {} } = {}) => {
    const guard = ['sh', '-c', `[ -e ${MARK} ] || exit 97; cd "$1" && shift && exec "$@"`, 'sh', cwd];
    const child = spawn('nsenter', ['--target', pid, '--mount', '--root', '--wd', ...guard, ...command], {
      env: { PATH, HOME: '/root', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // A program that ends without reading its input is no fault of the test.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    return child;
  };
  return {
    start,
    async run(command, options) {
      const child = start(command, options);
      const ended = once(child, 'close') as Promise<[number | null]>;
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      return { code, stdout, stderr };
    },
    async stop() {
      holder.kill('SIGKILL');
      await closed;
    },
  };
}
