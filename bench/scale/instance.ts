import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { PostgresqlServer } from '../../test/support/postgresql-server.ts';
import { byLead } from '../lookups/requests.ts';
import { cpuOf, ownMemory } from '../measure/served.ts';
import { cpuOfServer } from '../postgres/cpu.ts';
import { hostOf } from './domains.ts';

const TARGET = join(import.meta.dirname, 'target.ts');
const PATIENCE_MS = 30_000;

/** What one server, and the database for it, hold at a moment. */
export interface Held {
  readonly megabytes: number;
  readonly files: number;
  readonly connections: number;
  /** Of the database's processes for these connections. */
  readonly databaseMegabytes: number;
}

/** A server over several domains, in a process of its own. */
export type Instance = Awaited<ReturnType<typeof startInstance>>;

/** @param openStores domains that may be open at a time; undefined: as the product has it */
export async function startInstance(
  database: PostgresqlServer,
  folder: string,
  domains: number,
  openStores?: number,
) {
  const address = `${database.host}:${database.port}`;
  const args = [address, folder, String(domains), ...(openStores === undefined ? [] : [String(openStores)])];
  const child = fork(TARGET, args, {
    stdio: ['ignore', openSync(devNull, 'w'), 'inherit', 'ipc'],
    execArgv: [],
  });
  const ended = once(child, 'exit');
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const agent = new Agent({ keepAlive: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('the server did not start');

  return {
    /** A lookup in one domain, again where the database takes too long on a busy machine. @returns its milliseconds */
    async lookUp(domain: number): Promise<number> {
      const began = performance.now();
      while (performance.now() - began < PATIENCE_MS) {
        const said = await ask(url, agent, domain);
        if (said.startsWith('{"result":"success"')) return performance.now() - began;
        if (!said.includes('not available')) throw new Error(`domain ${domain}: ${said}`);
      }
      throw new Error(`domain ${domain} was not available for ${PATIENCE_MS} ms`);
    },
    async held(): Promise<Held> {
      const sessions = await database.runSql(
        `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'callercard'`,
      );
      const pids = sessions
        .split('\n')
        .map(Number)
        .filter((one) => one > 0);
      return {
        megabytes: ownMemory(pid) / 1e6,
        files: readdirSync(`/proc/${pid}/fd`).length,
        connections: pids.length,
        databaseMegabytes: pids.reduce((sum, one) => sum + unlessEnded(() => ownMemory(one)), 0) / 1e6,
      };
    },
    /** Microseconds of CPU so far: of the server, and of the database. */
    cpu: () => ({ server: cpuOf([pid]), database: databaseCpu(database) }),
    async stop(): Promise<void> {
      agent.destroy();
      child.disconnect();
      await ended;
    },
  };
}

async function ask(url: string, agent: Agent, domain: number): Promise<string> {
  const asked = request(`${url}${byLead(1)}`, { agent, headers: { host: hostOf(domain) } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return text(response);
}

/** Again where one of its processes has ended meanwhile. */
function databaseCpu(database: PostgresqlServer): number {
  for (;;) {
    const cpu = unlessEnded(() => cpuOfServer(database));
    if (cpu > 0) return cpu;
  }
}

/** What is read of a process; 0: it has ended. */
function unlessEnded(read: () => number): number {
  try {
    return read();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw cause;
  }
}
