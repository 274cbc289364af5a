import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { freezeProcess } from './freeze-process.ts';
import { keptFolder } from './kept-folder.ts';
import { childrenOf, hasEnded, untilGone } from './process-tree.ts';
import { findProgram, skipWithout } from './programs.ts';
import { findServerPort } from './server-port.ts';
import { temporaryFolder } from './test-app.ts';

/** The oldest that callercard works with. */
const OLDEST = 15;

/** Where Debian keeps the programs of each version. */
const BIN = newestBin('/usr/lib/postgresql') ?? folderOf(findProgram('postgres'));

/** Why tests with a PostgreSQL server are skipped; false where they run. */
export const postgresqlSkip = skipWithout(
  `PostgreSQL ${OLDEST} or newer`,
  BIN !== undefined && findProgram('setpriv') !== undefined,
  'postgresql',
);

/** A PostgreSQL server of the test's own. Its superuser `postgres` comes in by the socket alone, without a password. */
export interface PostgresqlServer {
  /** Where its socket is. */
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** Of the process that runs at the moment. */
  readonly pid: number;
  /**
   * SIGKILL, to all of its processes; SIGINT: it ends its sessions and then itself. Resolves when all have ended.
   *
   * @throws {Error} a SIGKILL for a server without `isDurable`: commits of the last moments would be undone
   */
  kill(signal?: 'SIGKILL' | 'SIGINT'): Promise<void>;
  /** Stops all of its processes as they stand (SIGSTOP): connections stay open and nothing is answered, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** After a kill: the same data on the same port; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it for good, and takes its folder away. */
  stop(): Promise<void>;
  /**
   * Several statements by `psql`, as the superuser.
   *
   * @returns the rows: one a line, with `|` between columns
   */
  runSql(sql: string, database?: string): Promise<string>;
  /** Its log. */
  said(): string;
}

export interface PostgresqlOptions {
  /** More of `postgres`' own settings, such as `max_connections=20`. */
  readonly settings?: readonly string[];
  /** Writes reach the disk when they are committed: for tests that kill it. */
  readonly isDurable?: boolean;
  /** A copy of this one, which follows it until `pg_promote()`. Both need REPLICATED among their settings. */
  readonly standbyOf?: Pick<PostgresqlServer, 'folder' | 'port'>;
}

/** Settings of a server that standbys follow, and of these. */
export const REPLICATED = ['wal_level=replica', 'max_wal_senders=4'];

/** Longer than any start takes on a busy machine. */
const START_MS = 60_000;

/** The server refuses to run as root; Debian's packages make this user. */
const asRoot = process.getuid?.() === 0;

const SMALL = [
  'shared_buffers=16MB',
  'max_connections=60',
  'max_worker_processes=2',
  'max_wal_senders=0',
  'wal_level=minimal',
];
const FORGETFUL = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

const running = new Set<ChildProcess>();

/** Before temporaryFolder's own listener, which then removes what no process writes any more. */
process.prependOnceListener('exit', () => {
  // Its processes end at once, and it gives its shared memory back, which it cannot after a SIGKILL.
  for (const child of running) child.kill('SIGQUIT');
});

/** Starts a server of the test's own, on a free port of the loopback address. Takes about a second. */
export async function startPostgresql({
  settings = [],
  isDurable = false,
  standbyOf,
}: PostgresqlOptions = {}): Promise<PostgresqlServer> {
  const [folder, port] = [temporaryFolder(), await findServerPort()];
  const [dataFolder, log] = [join(folder, 'data'), join(folder, 'log')];
  if (standbyOf === undefined) await promisify(execFile)('cp', ['-R', await installedOnce(), dataFolder]);
  ownFolder(folder);
  if (standbyOf !== undefined) await copyPrimary(standbyOf, dataFolder);
  const all = [...SMALL, ...(isDurable ? [] : FORGETFUL), ...settings];
  const args = [
    ...['-D', dataFolder, '-p', String(port), '-h', '127.0.0.1', '-k', folder],
    ...all.flatMap((setting) => ['-c', setting]),
  ];
  let child: ChildProcess | undefined;
  const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');

  async function start(): Promise<void> {
    const [program, ...rest] = asServer(pathOf('postgres'), args);
    // Through a shell, which opens the log as the file that it is and gives its place to the server.
    const started = spawn('sh', ['-c', 'exec "$@" >>"$0" 2>&1', log, program, ...rest], {
      cwd: folder,
      stdio: 'ignore',
    });
    // A forgotten server is no reason for a test process to wait for ever.
    started.unref();
    running.add(started);
    started.once('exit', () => running.delete(started));
    child = started;
    const latest = Date.now() + START_MS;
    while (!isReady(dataFolder, started.pid)) {
      if (hasEnded(started)) throw new Error(`PostgreSQL did not start:\n${said()}`);
      if (Date.now() > latest) throw new Error(`PostgreSQL is not ready after ${START_MS} ms:\n${said()}`);
      await pause(10);
    }
  }

  function pidOf(): number {
    if (child?.pid === undefined) throw new Error('PostgreSQL was not started');
    return child.pid;
  }

  async function kill(signal: 'SIGKILL' | 'SIGINT' | 'SIGQUIT' = 'SIGKILL'): Promise<void> {
    if (child === undefined || hasEnded(child)) return;
    if (signal === 'SIGKILL' && !isDurable) throw new Error('a server that is killed must be durable');
    const [ended, pid] = [once(child, 'exit'), pidOf()];
    const all = childrenOf(pid);
    child.ref();
    // It first: it would start a new one for each child that ends.
    child.kill(signal);
    if (signal === 'SIGKILL') for (const one of all) signalTo(one, 'SIGKILL');
    await ended;
    await untilGone(all);
  }

  await start();
  return {
    ...{ host: '127.0.0.1', port, folder, kill, restart: start, said },
    get pid() {
      return pidOf();
    },
    freeze() {
      for (const pid of [pidOf(), ...childrenOf(pidOf())]) freezeProcess(pid);
    },
    thaw() {
      for (const pid of [...childrenOf(pidOf()), pidOf()]) signalTo(pid, 'SIGCONT');
    },
    async stop() {
      await kill('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
    async runSql(sql, database = 'postgres') {
      const from = ['-h', folder, '-p', String(port), '-U', 'postgres', '-d', database];
      const plain = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'];
      const asked = promisify(execFile)(pathOf('psql'), [...from, ...plain]);
      // By its input, of which each statement is a transaction of its own: a database is made in none.
      asked.child.stdin?.end(sql);
      return (await asked).stdout.trimEnd();
    },
  };
}

/** With the settings by which it follows the primary (`standby.signal`, `primary_conninfo`). */
async function copyPrimary(
  { folder, port }: Pick<PostgresqlServer, 'folder' | 'port'>,
  dataFolder: string,
): Promise<void> {
  const from = ['-h', folder, '-p', String(port), '-U', 'postgres', '-c', 'fast', '--no-sync', '-R'];
  const [program, ...args] = asServer(pathOf('pg_basebackup'), [...from, '-D', dataFolder]);
  await promisify(execFile)(program, args, { cwd: join(dataFolder, '..') });
}

/** By the server's own file: the last line of it says when connections are taken. */
function isReady(dataFolder: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

/** With segments of 1 MB, because the folder is copied. */
const INITDB = [
  ...[
    '--username=postgres',
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ],
  ...['--wal-segsize=1', '--no-sync', '--no-instructions'],
];

/** The data folder as `initdb` leaves it, to be copied. */
async function installedOnce(): Promise<string> {
  const { stdout: version } = await promisify(execFile)(pathOf('postgres'), ['--version']);
  return keptFolder('callercard-postgresql', [version, INITDB], async () => {
    const draft = temporaryFolder();
    ownFolder(draft);
    const [program, ...args] = asServer(pathOf('initdb'), [...INITDB, '-D', join(draft, 'data')]);
    await promisify(execFile)(program, args, { cwd: draft });
    return join(draft, 'data');
  });
}

/** The server's user must be able to write there, and it wants a data folder that is closed to others. */
export function ownFolder(folder: string): void {
  if (existsSync(join(folder, 'data'))) chmodSync(join(folder, 'data'), 0o700);
  if (asRoot) execFileSync('chown', ['-R', 'postgres:postgres', folder]);
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** The command that runs a program as the server's user, and ends it when this process ends, however that happens. */
export function asServer(program: string, args: readonly string[]): [string, ...string[]] {
  const user = asRoot ? ['--reuid=postgres', '--regid=postgres', '--init-groups'] : [];
  return [findProgram('setpriv') ?? 'setpriv', '--pdeathsig=QUIT', ...user, '--', program, ...args];
}

function pathOf(name: string): string {
  if (BIN === undefined) throw new Error(`${name} is not there: apt-get install postgresql`);
  return join(BIN, name);
}

function newestBin(folder: string): string | undefined {
  const versions = globSync(join(folder, '*/bin/postgres'))
    .map((path) => ({ path, version: Number(path.split('/').at(-3)) }))
    .filter(({ version }) => version >= OLDEST)
    .sort((a, b) => b.version - a.version);
  return folderOf(versions[0]?.path);
}

function folderOf(program: string | undefined): string | undefined {
  return program === undefined ? undefined : join(program, '..');
}
