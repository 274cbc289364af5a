import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { freezeProcess } from './freeze-process.ts';
import { keptFolder } from './kept-folder.ts';
import { hasEnded } from './process-tree.ts';
import { findProgram, skipWithout } from './programs.ts';
import { temporaryFolder } from './test-app.ts';

const PROGRAMS = ['mariadbd', 'mariadb-install-db', 'setpriv'] as const;

/** Why tests with a MariaDB server are skipped; false where they run. */
export const mariadbSkip = skipWithout(
  'MariaDB server',
  PROGRAMS.every((name) => findProgram(name) !== undefined),
  'mariadb-server',
);

/** Longer than any start takes on a busy machine. */
const START_MS = 60_000;

/** The server refuses to run as root; Debian's packages make this user. */
const asRoot = process.getuid?.() === 0;

const running = new Set<ChildProcess>();

/** Before temporaryFolder's own listener, which then removes what no process writes any more. */
process.prependOnceListener('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A data folder of its own and the process that serves it; the same folder again after a kill. */
export class MariadbdProcess {
  readonly folder = temporaryFolder();
  readonly dataFolder: string;
  readonly socket = join(this.folder, 'sock');
  readonly #log = join(this.folder, 'log.err');
  #child: ChildProcess | undefined;

  /** @param keptFolder where the data stay when it is stopped; undefined: in a folder that goes with it */
  constructor(keptFolder?: string) {
    this.dataFolder = keptFolder ?? join(this.folder, 'data');
  }

  /** An empty data folder, for a node that gets its data from another. */
  makeFolder(): void {
    mkdirSync(this.dataFolder);
    this.ownFolders();
  }

  /** The server's user must be able to write there. */
  ownFolders(): void {
    if (asRoot) execFileSync('chown', ['-R', 'mysql:mysql', this.folder, this.dataFolder]);
  }

  /** Makes the data folder, with a root without password who comes from this machine only. */
  async install(): Promise<void> {
    for (const name of PROGRAMS) pathOf(name);
    await promisify(execFile)('cp', ['-R', await installedOnce(), this.dataFolder]);
    this.ownFolders();
  }

  /** Starts the server; `isReady` is asked until it says yes. */
  async start(args: readonly string[], isReady: () => Promise<boolean>): Promise<void> {
    const [program, ...rest] = this.#command([`--log-error=${this.#log}`, ...args]);
    const child = spawn(program, rest, { cwd: this.folder, stdio: 'ignore' });
    // A forgotten server is no reason for a test process to wait for ever.
    child.unref();
    running.add(child);
    child.once('exit', () => running.delete(child));
    this.#child = child;
    const latest = Date.now() + START_MS;
    while (!(await isReady())) {
      if (hasEnded(child)) throw new Error(`MariaDB did not start:\n${this.said()}`);
      if (Date.now() > latest) throw new Error(`MariaDB is not ready after ${START_MS} ms:\n${this.said()}`);
      await pause(20);
    }
  }

  /** Runs the server's program for a task that ends by itself; gives what it said. */
  async runOnce(args: readonly string[]): Promise<string> {
    const [program, ...rest] = this.#command(args);
    const { stderr } = await promisify(execFile)(program, rest, { cwd: this.folder });
    return stderr;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('MariaDB was not started');
    return pid;
  }

  /** Sends a signal that ends it, and waits for the end. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill(signal);
    await ended;
  }

  /** The process stays and its sockets too, but nothing is answered any more. */
  freeze(): void {
    freezeProcess(this.pid);
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it for good, and takes its folder away. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command(args: readonly string[]): [string, ...string[]] {
    return asServer('mariadbd', [
      '--no-defaults',
      `--datadir=${this.dataFolder}`,
      // A server that starts removes the temporary tables of all others from a common folder.
      `--tmpdir=${this.dataFolder}`,
      `--socket=${this.socket}`,
      `--pid-file=${join(this.folder, 'pid')}`,
      ...SMALL_LOGS,
      ...args,
    ]);
  }

  /** What it wrote to its log. */
  said(): string {
    try {
      return readFileSync(this.#log, 'utf8');
    } catch {
      return '';
    }
  }
}

/** Both for the making of the folder and for the server: what is made with one size does not open with another. */
const SMALL_LOGS = ['--innodb-log-file-size=4M', '--innodb-flush-log-at-trx-commit=0'];

const INSTALL = [
  '--skip-test-db',
  '--auth-root-authentication-method=normal',
  '--skip-name-resolve',
  ...SMALL_LOGS,
];

/**
 * The data folder as an installation leaves it, to be copied. Making it costs ten times as much as a copy of it, and nothing in
 * it depends on where it is.
 */
async function installedOnce(): Promise<string> {
  const run = promisify(execFile);
  const { stdout: version } = await run(pathOf('mariadbd'), ['--version']);
  return keptFolder('callercard-mariadb', [version, INSTALL], async () => {
    const draft = new MariadbdProcess();
    draft.makeFolder();
    const folders = [`--datadir=${draft.dataFolder}`, `--tmpdir=${draft.dataFolder}`];
    const [program, ...args] = asServer('mariadb-install-db', ['--no-defaults', ...folders, ...INSTALL]);
    await run(program, args, { cwd: draft.folder });
    return draft.dataFolder;
  });
}

/**
 * The command that runs a program as the server's user. The kernel ends it when this process ends, however that
 * happens: a test runner that is interrupted runs no listener of ours.
 */
function asServer(name: (typeof PROGRAMS)[number], args: readonly string[]): [string, ...string[]] {
  const user = asRoot ? ['--reuid=mysql', '--regid=mysql', '--init-groups'] : [];
  return [pathOf('setpriv'), '--pdeathsig=KILL', ...user, '--', pathOf(name), ...args];
}

function pathOf(name: (typeof PROGRAMS)[number]): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not there: apt-get install mariadb-server`);
  return path;
}
