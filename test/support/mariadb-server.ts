import { existsSync } from 'node:fs';

import { MariadbdProcess } from './mariadbd-process.ts';
import { answersRoot, runRootSql, type Address } from './root-sql.ts';
import { findServerPort } from './server-port.ts';

export { mariadbSkip } from './mariadbd-process.ts';

/** A MariaDB server of the test's own. Its root has no password; see runRootSql. */
export interface MariadbServer {
  readonly host: string;
  readonly port: number;
  /** Of the process that runs at the moment. */
  readonly pid: number;
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Stops it as it stands (SIGSTOP): connections stay open and nothing is answered, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** After a kill: the same data on the same port; resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
  /** Several statements as root. */
  runRootSql(sql: string, values?: readonly unknown[]): Promise<unknown>;
  /** Its error log. */
  said(): string;
}

export interface MariadbOptions {
  /** More of `mariadbd`'s own options, such as `--max-connections=20`. */
  readonly args?: readonly string[];
  /** Where the data stay when it is stopped with SIGTERM; made if it is not there. */
  readonly keptFolder?: string;
}

/** As an old dialer has it, but small. */
export const DIALER_LIKE = [
  '--sql-mode=',
  '--character-set-server=utf8mb3',
  '--collation-server=utf8mb3_unicode_ci',
  '--default-storage-engine=MyISAM',
  '--skip-name-resolve',
  '--performance-schema=OFF',
  '--key-buffer-size=16M',
  '--aria-pagecache-buffer-size=8M',
  '--innodb-buffer-pool-size=16M',
];

/** Starts a server of the test's own, on a free port of the loopback address. Takes about a second. */
export async function startMariadb({ args = [], keptFolder }: MariadbOptions = {}): Promise<MariadbServer> {
  const address = { host: '127.0.0.1', port: await findServerPort() };
  const mariadbd = new MariadbdProcess(keptFolder);
  if (keptFolder === undefined || !existsSync(keptFolder)) await mariadbd.install();
  else mariadbd.ownFolders();
  const all = [...DIALER_LIKE, ...listeningAt(address), ...args];
  const start = () => mariadbd.start(all, () => answersRoot(address));
  await start();
  return controlsOf(mariadbd, address, start);
}

export function listeningAt({ host, port }: Address): readonly string[] {
  return [`--bind-address=${host}`, `--port=${port}`];
}

/** What a test may do with a server that runs. */
export function controlsOf(
  mariadbd: MariadbdProcess,
  { host, port }: Address,
  restart: () => Promise<void>,
): MariadbServer {
  return {
    host,
    port,
    get pid() {
      return mariadbd.pid;
    },
    kill: (signal) => mariadbd.kill(signal),
    freeze: () => mariadbd.freeze(),
    thaw: () => mariadbd.thaw(),
    restart,
    stop: () => mariadbd.stop(),
    runRootSql: (sql, values) => runRootSql({ host, port }, sql, values),
    said: () => mariadbd.said(),
  };
}
