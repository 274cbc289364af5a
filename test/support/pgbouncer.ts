import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { asServer, ownFolder, type PostgresqlServer } from './postgresql-server.ts';
import { hasEnded } from './process-tree.ts';
import { findProgram, skipWithout } from './programs.ts';
import { findServerPort } from './server-port.ts';
import { takesConnections } from './takes-connections.ts';
import { temporaryFolder } from './test-app.ts';
import { until } from './until.ts';

/** Why tests with a pooler are skipped; false where they run. */
export const pgbouncerSkip = skipWithout('PgBouncer', findProgram('pgbouncer') !== undefined, 'pgbouncer');

/** A pooler of the test's own. */
export interface Pgbouncer {
  readonly host: string;
  readonly port: number;
  /** Its log. */
  said(): string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.prependOnceListener('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a PgBouncer that gives each transaction any of a few sessions.
 *
 * @param sessions to the server, at most
 */
export async function startPgbouncer(
  server: Pick<PostgresqlServer, 'host' | 'port'>,
  { user, password }: { readonly user: string; readonly password: string },
  sessions: number,
): Promise<Pgbouncer> {
  const [folder, port] = [temporaryFolder(), await findServerPort()];
  const [settings, users, log] = ['pgbouncer.ini', 'users', 'log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(users, `"${user}" "${password}"\n`);
  writeFileSync(
    settings,
    `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
logfile = ${log}
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${sessions}
max_client_conn = 500
server_login_retry = 1
`,
  );
  ownFolder(folder);
  const [program, ...args] = asServer(findProgram('pgbouncer') ?? 'pgbouncer', ['-q', settings]);
  const child = spawn(program, args, { cwd: folder, stdio: 'ignore' });
  child.unref();
  running.add(child);
  const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  await until('PgBouncer takes connections', () => {
    if (hasEnded(child)) throw new Error(`PgBouncer did not start:\n${said()}`);
    return takesConnections(port);
  });
  return {
    host: '127.0.0.1',
    port,
    said,
    async stop() {
      running.delete(child);
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.ref();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
